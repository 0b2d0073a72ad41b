// Command image makes the container image of a release from its linux archives: the
// program, CA certificates and the licences, and nothing else. It needs no daemon
// and no base image. It is a module of its own: what it requires is not for the
// users of ours.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

const (
	program = "threescale-redis"
	source  = "https://github.com/threescale-redis/threescale-redis"
	// user is that of Argo CD's containers, whose sidecar this is.
	user = "999"
)

func main() {
	dist := flag.String("dist", "dist", "the folder where goreleaser has left a release")
	flag.Parse()
	if err := run(*dist); err != nil {
		fmt.Fprintf(os.Stderr, "image: %v\n", err)
		os.Exit(1)
	}
}

func run(dist string) error {
	var release struct{ Version, Commit string }
	if err := readJSON(filepath.Join(dist, "metadata.json"), &release); err != nil {
		return err
	}
	var artifacts []struct{ Type, Name, Goos, Goarch string }
	if err := readJSON(filepath.Join(dist, "artifacts.json"), &artifacts); err != nil {
		return err
	}
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	var built time.Time
	for _, a := range artifacts {
		if a.Type != "Archive" || a.Goos != "linux" {
			continue
		}
		files, err := content(filepath.Join(dist, a.Name))
		if err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
		built = files[0].ModTime
		image, err := build(files, a.Goarch, map[string]string{
			"org.opencontainers.image.title":    program,
			"org.opencontainers.image.source":   source,
			"org.opencontainers.image.licenses": "Apache-2.0",
			"org.opencontainers.image.version":  release.Version,
			"org.opencontainers.image.revision": release.Commit,
		})
		if err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: a.Goarch}},
		})
	}
	if built.IsZero() {
		return fmt.Errorf("%s has no archive for linux", dist)
	}
	return write(filepath.Join(dist, program+"_"+release.Version+"_image.tar"), index, release.Version, built)
}

func readJSON(file string, into any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// entry is a file of the image.
type entry struct {
	tar.Header
	data []byte
}

// content returns what goes from an archive into the image, the program first.
func content(archive string) ([]entry, error) {
	file, err := os.Open(archive)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	var files []entry
	for r := tar.NewReader(unzipped); ; {
		header, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		add := func(name string) entry {
			return entry{tar.Header{Name: name, Mode: header.Mode, Size: header.Size, ModTime: header.ModTime}, data}
		}
		switch {
		case header.Name == program:
			files = append([]entry{add("usr/local/bin/" + program)}, files...)
		case header.Name == "LICENSE", strings.HasPrefix(header.Name, "licenses/"):
			files = append(files, add("usr/share/doc/"+program+"/"+header.Name))
		}
	}
	if len(files) == 0 || path.Base(files[0].Name) != program {
		return nil, fmt.Errorf("has no %s", program)
	}
	certificates := certificates()
	return append(files, entry{tar.Header{
		Name: "etc/ssl/certs/ca-certificates.crt", Mode: 0o644, Size: int64(len(certificates)), ModTime: files[0].ModTime,
	}, certificates}), nil
}

// certificates are the roots that Mozilla trusts without conditions: a file of
// certificates has no place for conditions.
func certificates() []byte {
	var file bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&file, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // a Buffer takes all
		}
	}
	return file.Bytes()
}

func build(files []entry, architecture string, labels map[string]string) (v1.Image, error) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for _, f := range files {
		if err := w.WriteHeader(&f.Header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(archive.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.AppendLayers(base, layer)
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", architecture
	config.Created = v1.Time{Time: files[0].ModTime}
	config.Config = v1.Config{
		User: user, Entrypoint: []string{program}, Env: []string{"PATH=/usr/local/bin"}, WorkingDir: "/", Labels: labels,
	}
	return mutate.ConfigFile(image, config)
}

// write puts an index into an OCI archive, under the version as its name.
func write(file string, index v1.ImageIndex, version string, built time.Time) error {
	dir, err := os.MkdirTemp(filepath.Dir(file), "image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	to, err := layout.Write(dir, mutate.IndexMediaType(empty.Index, types.OCIImageIndex))
	if err != nil {
		return err
	}
	name := map[string]string{"org.opencontainers.image.ref.name": version}
	if err := to.AppendIndex(index, layout.WithAnnotations(name)); err != nil {
		return err
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	err = filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		below, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		if err := w.WriteHeader(&tar.Header{
			Name: filepath.ToSlash(below), Mode: 0o644, Size: int64(len(data)), ModTime: built,
		}); err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
	if err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(file, archive.Bytes(), 0o644)
}
