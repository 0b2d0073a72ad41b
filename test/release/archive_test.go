package release_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// maxProgram is the size that the program may have, by operating system. The formats
// of macOS and Windows take more for the same code.
var maxProgram = map[string]int64{"linux": 45 << 20, "darwin": 46 << 20, "windows": 46 << 20}

// TestArchives wants each archive to hold the program, what shells and man read, and
// the licences.
func TestArchives(t *testing.T) {
	for _, a := range artifacts(t, "Archive") {
		t.Run(a.Goos+"_"+a.Goarch, func(t *testing.T) {
			dir := unpack(t, a.Name, distFile(t, a.Name))
			for _, name := range []string{
				"LICENSE", "README.md", "completions/threescale-redis.bash", "completions/_threescale-redis",
				"completions/threescale-redis.fish", "man/threescale-redis.1.gz", "licenses/std/LICENSE",
				"licenses/helm.sh/helm/v3/LICENSE",
			} {
				if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
					t.Errorf("%s is missing or empty", name)
				}
			}
			info, err := os.Stat(program(dir, a.Goos))
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode()&0o111 == 0 {
				t.Error("the program may not be executed")
			}
			if limit := maxProgram[a.Goos]; info.Size() > limit {
				t.Errorf("the program has %d bytes, more than %d", info.Size(), limit)
			}
		})
	}
}

func program(dir, goos string) string {
	name := filepath.Join(dir, "threescale-redis")
	if goos == "windows" {
		name += ".exe"
	}
	return name
}

// here unpacks the archive of this platform.
func here(t *testing.T) string {
	t.Helper()
	for _, a := range artifacts(t, "Archive") {
		if a.Goos == runtime.GOOS && a.Goarch == runtime.GOARCH {
			return unpack(t, a.Name, distFile(t, a.Name))
		}
	}
	t.Skipf("skipped: dist has no archive for %s/%s", runtime.GOOS, runtime.GOARCH)
	return ""
}

// output runs a program, which must succeed, and returns what it prints.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = []string{"PATH=" + filepath.Dir(name), "HOME=" + t.TempDir(), "REDIS_PASSWORD=p", "SENTINEL_PASSWORD=s"}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, errs.String())
	}
	return string(out)
}

// TestProgram runs the program of this platform as it comes out of its archive.
func TestProgram(t *testing.T) {
	dir := here(t)
	exe := program(dir, runtime.GOOS)
	var got struct {
		Version, Commit, Date string
		Releases              []struct{ Tags []string }
	}
	if err := json.Unmarshal([]byte(output(t, exe, "version", "--format", "json")), &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != version(t) || len(got.Commit) != 40 || got.Date == "" || len(got.Releases) == 0 {
		t.Errorf("the program is not that of the release %s: %+v", version(t), got)
	}
	text := output(t, exe, "version")
	for _, word := range []string{got.Version, got.Commit, got.Date, runtime.Version(), "3scale-2.11.1-GA"} {
		if !strings.Contains(text, word) {
			t.Errorf("version does not say %s:\n%s", word, text)
		}
	}
	if out := output(t, exe, "render", filepath.Join(root, "examples/environments/prod")); strings.Count(out, "kind: Secret") != 2 {
		t.Errorf("render prints no two Secrets:\n%s", out)
	}
	for shell, file := range map[string]string{"bash": "threescale-redis.bash", "zsh": "_threescale-redis", "fish": "threescale-redis.fish"} {
		want, err := os.ReadFile(filepath.Join(dir, "completions", file))
		if err != nil {
			t.Fatal(err)
		}
		if got := output(t, exe, "completion", shell); got != string(want) {
			t.Errorf("completions/%s is not what the program prints:\n%s", file, got)
		}
	}
	if out := output(t, exe, "__complete", "--", "rend"); !strings.HasPrefix(out, "render") {
		t.Errorf("the program completes rend to %q", out)
	}
	page := manual(t, dir)
	if out := output(t, exe, "man"); out != page {
		t.Errorf("the manual page is not what the program prints:\n%s", out)
	}
}

func manual(t *testing.T, dir string) string {
	t.Helper()
	file, err := os.Open(filepath.Join(dir, "man/threescale-redis.1.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(unzipped)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// TestSBOM wants the bill of materials of each archive to name this release, and the
// archive to hold a licence for each component.
func TestSBOM(t *testing.T) {
	for _, a := range artifacts(t, "Archive") {
		t.Run(a.Goos+"_"+a.Goarch, func(t *testing.T) {
			dir := unpack(t, a.Name, distFile(t, a.Name))
			name := strings.TrimSuffix(strings.TrimSuffix(a.Name, ".zip"), ".tar.gz") + ".cdx.json"
			var bom struct {
				BOMFormat  string
				Metadata   struct{ Component struct{ Version string } }
				Components []struct{ Name, PURL string }
			}
			if err := json.Unmarshal(distFile(t, name), &bom); err != nil {
				t.Fatal(err)
			}
			if bom.BOMFormat != "CycloneDX" || bom.Metadata.Component.Version != version(t) || len(bom.Components) < 20 {
				t.Errorf("%s is no bill of %s: %+v", name, version(t), bom)
			}
			for _, c := range bom.Components {
				if !licensed(dir, c.Name) {
					t.Errorf("the archive has no licence of %s", c.Name)
				}
			}
		})
	}
}

// licensed reports whether a module has a licence in the archive, which may stand
// at a package of it.
func licensed(dir, module string) bool {
	found := false
	_ = filepath.WalkDir(path.Join(dir, "licenses", module), func(string, os.DirEntry, error) error {
		found = true
		return nil
	})
	_, err := os.Stat(path.Join(dir, "licenses", module))
	return found && err == nil
}
