// Package release_test tests what a release is made of, as `make release-here` or
// `make release-snapshot` leaves it in dist.
package release_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

const (
	root = "../.."
	dist = root + "/dist"
)

// artifact is an entry of dist/artifacts.json, where goreleaser lists what it made.
type artifact struct {
	Name, Path, Type, Goos, Goarch string
}

// artifacts returns what was made, of one type. A test that needs it skips where
// nothing was made, unless REQUIRE_TOOLS is set, as `make check-release` does.
func artifacts(t *testing.T, kind string) []artifact {
	t.Helper()
	var all, found []artifact
	if err := json.Unmarshal(distFile(t, "artifacts.json"), &all); err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if a.Type == kind {
			found = append(found, a)
		}
	}
	if len(found) == 0 {
		t.Fatalf("dist has no artifact of the type %s", kind)
	}
	return found
}

// distFile reads a file below dist.
func distFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dist, name))
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("REQUIRE_TOOLS") == "" {
		t.Skipf("skipped: dist/%s is not there: `make check-release` makes and tests it", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// version is the version of what is in dist.
func version(t *testing.T) string {
	t.Helper()
	var metadata struct{ Version string }
	if err := json.Unmarshal(distFile(t, "metadata.json"), &metadata); err != nil {
		t.Fatal(err)
	}
	return metadata.Version
}

// unpack writes the files of an archive into a new folder.
func unpack(t *testing.T, archive string, data []byte) string {
	t.Helper()
	dir := t.TempDir()
	if strings.HasSuffix(archive, ".zip") {
		files, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(dir, files); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	untar(t, dir, unzipped)
	return dir
}

// untar writes the files of a tar archive below a folder.
func untar(t *testing.T, dir string, archive io.Reader) {
	t.Helper()
	for r := tar.NewReader(archive); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		if !filepath.IsLocal(header.Name) {
			t.Fatalf("%s is outside of the archive", header.Name)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, header.Name)
		if err := os.MkdirAll(path.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, header.FileInfo().Mode()); err != nil {
			t.Fatal(err)
		}
	}
}

// readText reads a file of the repository.
func readText(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
