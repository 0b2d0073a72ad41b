package release_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// maxImage is how large the files of an image may be.
const maxImage = 80_000_000

// descriptor says where another document of an image is.
type descriptor struct {
	MediaType, Digest string
	Platform          struct{ OS, Architecture string }
	Annotations       map[string]string
}

// manifest is an index of images, or an image.
type manifest struct {
	Manifests, Layers []descriptor
	Config            descriptor
}

// TestImage unpacks the image for each platform: it has the program of the release,
// CA certificates and licences, no shell, and runs as the user 999.
func TestImage(t *testing.T) {
	archive := t.TempDir()
	untar(t, archive, bytes.NewReader(distFile(t, "threescale-redis_"+version(t)+"_image.tar")))
	blob := func(d descriptor) []byte {
		algorithm, sum, _ := strings.Cut(d.Digest, ":")
		data, err := os.ReadFile(filepath.Join(archive, "blobs", algorithm, sum))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	var index manifest
	read := func(data []byte, into any) {
		if err := json.Unmarshal(data, into); err != nil {
			t.Fatal(err)
		}
	}
	top, err := os.ReadFile(filepath.Join(archive, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	read(top, &index)
	if len(index.Manifests) != 1 || index.Manifests[0].Annotations["org.opencontainers.image.ref.name"] != version(t) {
		t.Fatalf("the archive does not hold one image named %s: %s", version(t), top)
	}
	read(blob(index.Manifests[0]), &index)
	var platforms, want []string
	for _, a := range artifacts(t, "Archive") {
		if a.Goos == "linux" {
			want = append(want, a.Goarch)
		}
	}
	for _, d := range index.Manifests {
		platforms = append(platforms, d.Platform.Architecture)
		t.Run(d.Platform.Architecture, func(t *testing.T) {
			var image manifest
			read(blob(d), &image)
			var config struct {
				OS, Architecture string
				Config           struct {
					User       string
					Entrypoint []string
					Env        []string
				}
			}
			read(blob(image.Config), &config)
			if c := config.Config; c.User != "999" || !slices.Equal(c.Entrypoint, []string{"threescale-redis"}) || config.Architecture != d.Platform.Architecture {
				t.Errorf("the image is configured otherwise: %+v", config)
			}
			if len(image.Layers) != 1 {
				t.Fatalf("want one layer, got %d", len(image.Layers))
			}
			testFiles(t, unpack(t, "layer.tar.gz", blob(image.Layers[0])), d.Platform.Architecture)
		})
	}
	slices.Sort(platforms)
	slices.Sort(want)
	if !slices.Equal(platforms, want) {
		t.Errorf("the image is for %v, the release for %v", platforms, want)
	}
}

func testFiles(t *testing.T, dir, architecture string) {
	t.Helper()
	var size int64
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		size += info.Size()
		if below, _ := filepath.Rel(dir, name); info.Mode()&0o111 != 0 && below != "usr/local/bin/threescale-redis" {
			t.Errorf("%s is a program too", below)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if size > maxImage {
		t.Errorf("the image has %d bytes, more than %d", size, maxImage)
	}
	pem, err := os.ReadFile(filepath.Join(dir, "etc/ssl/certs/ca-certificates.crt"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(pem), "BEGIN CERTIFICATE"); n < 100 || !x509.NewCertPool().AppendCertsFromPEM(pem) {
		t.Errorf("the image has %d CA certificates", n)
	}
	if _, err := os.Stat(filepath.Join(dir, "usr/share/doc/threescale-redis/licenses/helm.sh/helm/v3/LICENSE")); err != nil {
		t.Error(err)
	}
	if architecture != runtime.GOARCH || runtime.GOOS != "linux" {
		t.Skipf("skipped: the image for linux/%s does not run on %s/%s", architecture, runtime.GOOS, runtime.GOARCH)
	}
	if out := output(t, filepath.Join(dir, "usr/local/bin/threescale-redis"), "version"); !strings.Contains(out, version(t)) {
		t.Errorf("the program is not that of the release %s:\n%s", version(t), out)
	}
}
