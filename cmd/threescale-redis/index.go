package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/input"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/outdir"
)

// indexName is the file in which a command lists what it has written into a
// directory. Its name has not the ending of a manifest, since `oc apply -f DIR`
// and Argo CD read all that have.
const indexName = ".threescale-redis.index"

// index says which files of a directory belong to a command. No other command,
// format or spec may write there, and no file is deleted that it does not list.
type index struct {
	Command string `json:"command"`
	Format  string `json:"format,omitempty"`
	// Specs are the names of the environments, sorted.
	Specs []string `json:"specs"`
	// Unfinished says that the files of the last run and of the run before are
	// mixed: the process was killed.
	Unfinished bool `json:"unfinished,omitempty"`
	// Files are the files with the SHA-256 of their content. It is empty for a
	// file that may hold a password, which a digest would help to guess.
	Files map[string]string `json:"files"`
}

// readIndex reads the index of a directory, nil where it has none. The directory
// is called dir in errors.
func readIndex(root *os.Root, dir string) (*index, error) {
	f, err := openRegular(root, indexName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var i index
	if err == nil {
		defer f.Close()
		var data []byte
		if data, err = new(input.Run).Read(input.Index, f); err == nil {
			err = json.Unmarshal(data, &i)
		}
	}
	if err == nil && i.Command == "" {
		err = errors.New("names no command")
	}
	if err != nil {
		return nil, inTheWay(filepath.Join(dir, indexName))
	}
	return &i, nil
}

// file is the index as a file to write.
func (i index) file() (outdir.File, error) {
	data, err := json.MarshalIndent(i, "", "  ")
	return outdir.File{Name: indexName, Data: append(data, '\n'), Mode: fileMode, Last: true}, err
}

// String is the command that has written the files, as people know it.
func (i index) String() string {
	command := program + " " + i.Command
	if i.Format != "" {
		command += " -o " + i.Format
	}
	var specs []string
	for _, spec := range i.Specs {
		specs = append(specs, strconv.Quote(spec))
	}
	return fmt.Sprintf("%q for %s", command, strings.Join(specs, ", "))
}

// with are two indexes in one: the files of both, while both are there.
func (i index) with(old *index) index {
	i.Unfinished = true
	i.Files = maps.Clone(i.Files)
	if old != nil {
		for name, digest := range old.Files {
			if _, ok := i.Files[name]; !ok {
				i.Files[name] = digest
			}
		}
	}
	return i
}

// makeRoom says what to do where the files of an index are in the way. Those of a
// plan are the only way back once it is carried out.
func (i index) makeRoom() string {
	hint := "choose another directory, or remove this one"
	if i.Command == "migrate" {
		hint += " if nothing of that plan was carried out"
	}
	return hint
}

// replaces is an error where the files of an old index are not those of an
// earlier run of the same command for the same specs. Specs may come in addition;
// one may be missing only if none of its files is left.
func (i index) replaces(old *index, root *os.Root, dir string) error {
	if old == nil {
		return nil
	}
	issue := diag.Issue{
		Pos: diag.Position{File: dir}, Message: fmt.Sprintf("holds the files of %s", old), Hint: old.makeRoom(),
	}
	if old.Command != i.Command || old.Format != i.Format {
		return diag.Issues{issue}
	}
	for _, spec := range old.Specs {
		if slices.Contains(i.Specs, spec) || !old.left(root, spec) {
			continue
		}
		if len(old.Specs) > 1 {
			issue.Hint = fmt.Sprintf("render %s too, or remove %s, or choose another directory", spec, filepath.Join(dir, spec))
		}
		return diag.Issues{issue}
	}
	return nil
}

// left reports whether a file of a spec exists. Several specs have a folder each.
func (i index) left(root *os.Root, spec string) bool {
	for name := range i.Files {
		if len(i.Specs) > 1 && !strings.HasPrefix(name, spec+"/") {
			continue
		}
		if _, err := root.Lstat(name); err == nil {
			return true
		}
	}
	return false
}

// stale are the listed files that are no longer made: those to remove, and those
// that somebody has changed, which stay.
func (i *index) stale(root *os.Root, made map[string]string) (remove, kept []string, err error) {
	if i == nil {
		return nil, nil, nil
	}
	for _, name := range slices.Sorted(maps.Keys(i.Files)) {
		if _, again := made[name]; again || !filepath.IsLocal(filepath.FromSlash(name)) {
			continue
		}
		ours, sum, err := ownFile(root, name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil && !errors.Is(err, input.ErrSpecial):
			return nil, nil, err
		case ours && (i.Files[name] == "" || i.Files[name] == sum):
			remove = append(remove, name)
		default:
			kept = append(kept, name)
		}
	}
	return remove, kept, nil
}

// openRegular opens a file that is not a link, directory or device.
func openRegular(root *os.Root, name string) (*os.File, error) {
	info, err := root.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = input.ErrSpecial
	}
	if err != nil {
		return nil, err
	}
	return input.OpenIn(root, name)
}

// ownFile reports whether a file begins with the marker line, and the digest of one
// that does. A file can have any size: what is in the way need not be ours.
func ownFile(root *os.Root, name string) (ours bool, sum string, err error) {
	f, err := openRegular(root, name)
	if err != nil {
		return false, "", err
	}
	defer f.Close()
	hash := sha256.New()
	head := make([]byte, len(manifest.Marker))
	switch _, err := io.ReadFull(io.TeeReader(f, hash), head); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return false, "", nil
	case err != nil || string(head) != manifest.Marker:
		return false, "", err
	}
	_, err = io.Copy(hash, f)
	return err == nil, hex.EncodeToString(hash.Sum(nil)), err
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// marked is the content of a file behind the marker line.
func marked(data []byte) []byte {
	if strings.HasPrefix(string(data), manifest.Marker) {
		return data
	}
	return append([]byte(manifest.Marker+"\n"), data...)
}

// lists reports whether a listed file is below a directory.
func (i index) lists(dir string) bool {
	for name := range i.Files {
		if strings.HasPrefix(name, dir+"/") {
			return true
		}
	}
	return false
}
