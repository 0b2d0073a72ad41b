// Package golden keeps what a spec renders to in two small files beside it, so that
// a review shows what a change does, and CI that nothing else changed.
//
// manifests.yaml holds the Secrets, or the ExternalSecrets, of the spec, with a
// token in place of each password. The tool refuses such a token as a password.
//
// patches.yaml holds what the env patches of this environment have of their own:
// the annotations of the pods. The env vars are the wiring of the release, the same
// for every environment, and stand there by a short digest. Where an operator makes the
// pods, patches.yaml is what the APIManager must say instead.
//
// Of an installation that the spec names in spec.base or spec.template, patches.yaml
// lists the names of the objects that come out. Their content stands in the base or
// in the template already, and may hold passwords, so no golden file repeats it.
package golden

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/input"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/outdir"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// Dir is the folder of the golden files, beside the spec.
const Dir = "golden"

// Head is the first line of every golden file.
const Head = "# Golden file of threescale-redis: tokens stand for secrets. Not for a cluster.\n"

// Token is a secret.Lookup that finds a token for every secret.
func Token(v secret.Value) (string, error) { return secret.Token(v), nil }

// Files are the golden files of a result that was rendered with tokens, by name.
func Files(r format.Result) (map[string][]byte, error) {
	manifests, err := manifest.Write(decoded(r.Delivered))
	if err != nil {
		return nil, err
	}
	patches, err := patches(r.Patched)
	return map[string][]byte{
		"manifests.yaml": append([]byte(Head), manifests...),
		"patches.yaml":   append([]byte(Head), patches...),
	}, err
}

// decoded writes behind each value of a Secret what it encodes, for review.
func decoded(objects []manifest.Object) []manifest.Object {
	shown := slices.Clone(objects)
	for i, o := range shown {
		data := manifest.Field(o.Node, "data")
		if o.Kind() != "Secret" || data == nil {
			continue
		}
		shown[i].Node = manifest.Clone(o.Node)
		values := manifest.Field(shown[i].Node, "data").Content
		for n := 1; n < len(values); n += 2 {
			text, err := base64.StdEncoding.DecodeString(values[n].Value)
			text = bytes.TrimSuffix(text, []byte("\n")) // which a PEM text has
			if err == nil && len(text) > 0 && !bytes.ContainsFunc(text, unicode.IsControl) {
				values[n].LineComment = string(text)
			}
		}
	}
	return shown
}

// Compare is the difference between the files of a directory and those that should
// be there: a unified diff with masked secrets, empty where there is none.
func Compare(dir string, want map[string][]byte) (string, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return "", diag.Issues{{Pos: diag.Position{File: dir}, Message: "must be a directory"}}
	}
	have := map[string][]byte{}
	root, err := os.OpenRoot(dir)
	if err == nil {
		defer root.Close()
		have, err = read(root, dir)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	var diff strings.Builder
	for _, name := range names(have, want) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		switch {
		case have[name] == nil:
			fmt.Fprintf(&diff, "%s: is missing\n", path)
		case want[name] == nil:
			fmt.Fprintf(&diff, "%s: is left over\n", path)
		case !bytes.Equal(have[name], want[name]):
			diff.WriteString(unified(path, have[name], want[name]))
		}
	}
	return diff.String(), nil
}

// Update makes a directory hold exactly these files, and counts what it changed. A
// file that is not a golden file is an error and stays.
func Update(dir string, want map[string][]byte) (int, error) {
	return outdir.Update(dir, func(root *os.Root) (outdir.Change, error) {
		var change outdir.Change
		have, err := read(root, dir)
		if err != nil {
			return change, err
		}
		for _, name := range names(have, nil) {
			if !bytes.HasPrefix(have[name], []byte(Head)) {
				return change, foreign(filepath.Join(dir, filepath.FromSlash(name)))
			}
			if want[name] == nil {
				change.Remove = append(change.Remove, name)
			}
		}
		for _, name := range names(want, nil) {
			change.Write = append(change.Write, outdir.File{Name: name, Data: want[name], Mode: fileMode})
		}
		return change, nil
	})
}

const fileMode = 0o644

// read are the files below a directory by their path in it. The directory is
// called dir in errors.
func read(root *os.Root, dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	var inputs input.Run
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case outdir.Own(name) && d.IsDir():
			return fs.SkipDir
		case outdir.Own(name) || d.IsDir():
			return nil
		case !d.Type().IsRegular():
			return foreign(filepath.Join(dir, filepath.FromSlash(name)))
		}
		if files[name], err = content(&inputs, root, name); err != nil {
			return diag.Issues{{Pos: diag.Position{File: filepath.Join(dir, filepath.FromSlash(name))}, Message: err.Error()}}
		}
		return nil
	})
	return files, err
}

func content(inputs *input.Run, root *os.Root, name string) ([]byte, error) {
	f, err := input.OpenIn(root, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return inputs.Read(input.Golden, f)
}

func foreign(file string) error {
	return diag.Issues{{
		Pos:     diag.Position{File: file},
		Message: "is no golden file, and the folder holds nothing else: move it",
	}}
}

// names are the keys of both maps, sorted, each once.
func names(a, b map[string][]byte) []string {
	all := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(all)
	return slices.Compact(all)
}
