// Package golden keeps what specs render to in files beside them, so that a
// review shows what a change does, and CI that nothing else changed. Tokens
// stand in the files for the secrets; the tool refuses such a token as a
// password.
package golden

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// Dir is the folder of the golden files, beside the spec.
const Dir = "golden"

// Head is the first line of every golden file.
const Head = "# Golden file of threescale-redis: tokens stand for secrets. Not for a cluster.\n"

// formats are the formats whose streams the golden files hold, by file name.
var formats = map[string]string{
	"manifests.yaml": "manifests",
	"patches.yaml":   "patches",
}

// Token gives what stands for a secret in a golden file: where it comes from,
// in characters that need no encoding. It is a secret.Lookup.
func Token(v secret.Value) (string, error) {
	kind, name := "fromEnv", []byte(v.Name())
	switch v.Kind() {
	case secret.Plain:
		kind, name = "plain", []byte("password")
	case secret.File:
		kind, name = "fromFile", []byte(filepath.Base(v.Name()))
	default:
	}
	for i, c := range name {
		if !secret.Unreserved(c) {
			name[i] = '_'
		}
	}
	return fmt.Sprintf("%s.%s", kind, name), nil
}

// Files gives the golden files of a result that was rendered with tokens.
func Files(r format.Result) (map[string][]byte, error) {
	shown := *r.Patched
	shown.Objects = decoded(shown.Objects)
	r = format.Result{Name: filepath.Base(r.Name), Patched: &shown}
	files := map[string][]byte{}
	for file, name := range formats {
		f, err := format.Find(name)
		if err != nil {
			return nil, err
		}
		data, err := f.Document(r)
		if err != nil {
			return nil, err
		}
		files[file] = append([]byte(Head), data...)
	}
	return files, nil
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
			if err == nil && len(text) > 0 && !bytes.ContainsFunc(text, unicode.IsControl) {
				values[n].LineComment = string(text)
			}
		}
	}
	return shown
}

// Compare gives the difference between the files of a directory and those that
// should be there: a unified diff with masked secrets, empty where there is none.
func Compare(dir string, want map[string][]byte) (string, error) {
	have, err := read(dir)
	if err != nil {
		return "", err
	}
	var diff strings.Builder
	for _, name := range names(have, want) {
		path := filepath.Join(dir, name)
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

// Update makes a directory hold exactly these files, and counts what it changed.
// A file that is no golden file is an error and stays.
func Update(dir string, want map[string][]byte) (int, error) {
	have, err := read(dir)
	if err != nil {
		return 0, err
	}
	for _, name := range names(have, nil) {
		if !bytes.HasPrefix(have[name], []byte(Head)) {
			return 0, diag.Issues{{
				Pos:     diag.Position{File: filepath.Join(dir, name)},
				Message: "is no golden file, and the folder holds nothing else: move it",
			}}
		}
	}
	changed := 0
	for _, name := range names(have, want) {
		path := filepath.Join(dir, name)
		switch {
		case want[name] == nil:
			err = os.Remove(path)
		case bytes.Equal(have[name], want[name]):
			continue
		default:
			err = errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(path, want[name], 0o644))
		}
		if err != nil {
			return changed, err
		}
		changed++
	}
	return changed, nil
}

// read gives the files below a directory by their path in it; none where there
// is no directory.
func read(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == dir {
			return fs.SkipAll
		}
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = data
		return err
	})
	return files, err
}

// names gives the keys of both maps, sorted, each once.
func names(a, b map[string][]byte) []string {
	var all []string
	for name := range a {
		all = append(all, name)
	}
	for name := range b {
		all = append(all, name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
