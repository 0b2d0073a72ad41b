package golden_test

import (
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/golden"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// cases returns the specs below testdata, by their folder: profile/case.
func cases(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == spec.FileName {
			name, _ := filepath.Rel("testdata", filepath.Dir(path))
			found[filepath.ToSlash(name)] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func generate(t *testing.T, file string) format.Result {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := generator.Generate(spec.Parse([]spec.Layer{{Name: file, Data: data}}, nil), generator.Secrets{Lookup: golden.Token, Tokens: true}, generator.Named{})
	if err != nil {
		t.Fatalf("%s", err)
	}
	return format.Result{Name: file, Patched: r}
}

func files(t *testing.T, file string) map[string][]byte {
	t.Helper()
	made, err := golden.Files(generate(t, file))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// TestCases renders every case twice and compares it with the files beside it,
// byte for byte.
func TestCases(t *testing.T) {
	for name, file := range cases(t) {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(filepath.Dir(file), golden.Dir)
			if committed, err := os.ReadDir(dir); err != nil || len(committed) == 0 {
				t.Fatalf("no golden files: run `make golden`, and read them (%v)", err)
			}
			first := files(t, file)
			if diff := cmp.Diff(first, files(t, file)); diff != "" {
				t.Errorf("a second run gives other bytes:\n%s", diff)
			}
			diff, err := golden.Compare(dir, first)
			if err != nil {
				t.Fatal(err)
			}
			if diff != "" {
				t.Errorf("%s", diff)
			}
		})
	}
}

// TestCases_complete names each profile and release that has no case.
func TestCases_complete(t *testing.T) {
	found := cases(t)
	for _, profile := range profiles.Names() {
		for _, line := range releases.Lines() {
			if profile == "internal" && len(releases.Load(line).InternalRedis) == 0 {
				continue // which is refused
			}
			file, ok := found[profile+"/"+line]
			if !ok {
				t.Errorf("testdata/%s/%s/%s is missing", profile, line, spec.FileName)
				continue
			}
			if r := generate(t, file); r.Profile.Name != profile || r.Release.String() != line {
				t.Errorf("%s: is of profile %s and release %s", file, r.Profile.Name, r.Release)
			}
		}
	}
}

// TestCases_objects holds what every stream of objects must be: it parses, each
// object appears once, and each Secret has every key of the release.
func TestCases_objects(t *testing.T) {
	for name, file := range cases(t) {
		t.Run(name, func(t *testing.T) {
			r := generate(t, file)
			objects, err := manifest.Read(file, files(t, file)["manifests.yaml"])
			if err != nil {
				t.Fatal(err)
			}
			byID := map[string]manifest.Object{}
			for _, o := range objects {
				id := o.Kind() + "/" + o.Name()
				if _, twice := byID[id]; twice {
					t.Errorf("%s is there twice", id)
				}
				byID[id] = o
			}
			for _, s := range r.Release.Secrets {
				var data []string
				switch o, kind := byID["Secret/"+s.Name], r.Spec.Secrets.DeliveredAs(); {
				case kind == "None":
					continue
				case kind == "ExternalSecret":
					data = keys(byID["ExternalSecret/"+s.Name], "spec", "target", "template", "data")
				case r.Spec.Secrets.Encoding.Value == "stringData":
					data = keys(o, "stringData")
				default:
					data = keys(o, "data")
				}
				var want []string
				for _, k := range s.Keys {
					if !k.Optional || slices.Contains(data, k.Name) {
						want = append(want, k.Name)
					}
				}
				slices.Sort(want)
				if diff := cmp.Diff(want, data); diff != "" {
					t.Errorf("keys of %s (-release +case):\n%s", s.Name, diff)
				}
			}
		})
	}
}

// keys returns the keys of a mapping in an object, sorted.
func keys(o manifest.Object, path ...string) []string {
	node := o.Node
	for _, field := range path {
		if node == nil {
			return nil
		}
		node = manifest.Field(node, field)
	}
	if node == nil {
		return nil
	}
	var found []string
	for i := 0; i+1 < len(node.Content); i += 2 {
		found = append(found, node.Content[i].Value)
	}
	slices.Sort(found)
	return found
}

// secretFile is a golden file with one Secret that has one key.
func secretFile(value string) []byte {
	return []byte(golden.Head + `apiVersion: v1
kind: Secret
metadata:
  name: system-redis
data:
  URL: ` + base64.StdEncoding.EncodeToString([]byte(value)) + "\n")
}

func TestCompare(t *testing.T) {
	for name, test := range map[string]struct {
		have, want map[string][]byte
		diff       []string
	}{
		"equal":   {have: map[string][]byte{"a.yaml": secretFile("x")}, want: map[string][]byte{"a.yaml": secretFile("x")}},
		"missing": {want: map[string][]byte{"a.yaml": secretFile("x")}, diff: []string{"DIR/a.yaml: is missing\n"}},
		"extra":   {have: map[string][]byte{"b.yaml": []byte("mine")}, diff: []string{"DIR/b.yaml: is left over\n"}},
		"another database": {
			have: map[string][]byte{"a.yaml": secretFile("redis://:sesame@h:6379/1")},
			want: map[string][]byte{"a.yaml": secretFile("redis://:sesame@h:6379/2")},
			diff: []string{"--- DIR/a.yaml\n", "+++ DIR/a.yaml (rendered)\n", "-  URL: redis://:***@h:6379/1\n", "+  URL: redis://:***@h:6379/2\n"},
		},
		"another secret": {
			have: map[string][]byte{"a.yaml": secretFile("redis://:sesame@h:6379/1")},
			want: map[string][]byte{"a.yaml": secretFile("redis://:open@h:6379/1")},
			diff: []string{"-  URL: redis://:***@h:6379/1\n", "+  URL: redis://:***@h:6379/1 (changed)\n"},
		},
		"layout": {
			have: map[string][]byte{"a.yaml": append(secretFile("redis://:sesame@h:6379/1"), '\n')},
			want: map[string][]byte{"a.yaml": secretFile("redis://:sesame@h:6379/1")},
			diff: []string{"DIR/a.yaml: differs in comments or layout only\n"},
		},
		"no object": {
			have: map[string][]byte{"a.yaml": []byte("- {kind: Secret, stringData: {URL: sesame}}\n--- sesame\n")},
			want: map[string][]byte{"a.yaml": secretFile("x")},
			diff: []string{"-'***'\n"},
		},
		"no YAML": {
			have: map[string][]byte{"a.yaml": []byte("sesame: [")},
			want: map[string][]byte{"a.yaml": secretFile("sesame")},
			diff: []string{"DIR/a.yaml: is not YAML\n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, test.have)
			diff, err := golden.Compare(dir, test.want)
			if err != nil {
				t.Fatal(err)
			}
			if (diff == "") != (test.diff == nil) {
				t.Errorf("the difference is %q", diff)
			}
			diff = strings.ReplaceAll(diff, dir, "DIR")
			for _, want := range test.diff {
				if !strings.Contains(diff, want) {
					t.Errorf("no %q in:\n%s", want, diff)
				}
			}
			if strings.Contains(diff, "sesame") || strings.Contains(diff, "open") {
				t.Errorf("shows a secret:\n%s", diff)
			}
		})
	}
}

func TestUpdate(t *testing.T) {
	dir := folder(t, map[string][]byte{"old.yaml": secretFile("x"), "same.yaml": secretFile("x"), "a.yaml": secretFile("x")})
	want := map[string][]byte{"same.yaml": secretFile("x"), "a.yaml": secretFile("y"), "new.yaml": secretFile("z")}
	for _, changes := range []int{3, 0} {
		changed, err := golden.Update(dir, want)
		if err != nil || changed != changes {
			t.Errorf("%d files changed, want %d (%v)", changed, changes, err)
		}
		if diff, err := golden.Compare(dir, want); err != nil || diff != "" {
			t.Errorf("after the update: %s (%v)", diff, err)
		}
	}
}

// TestUpdate_foreign: a file that is not ours stays, and nothing is written.
func TestUpdate_foreign(t *testing.T) {
	dir := folder(t, map[string][]byte{"notes.txt": []byte("mine"), "old.yaml": secretFile("x")})
	_, err := golden.Update(dir, map[string][]byte{"a.yaml": secretFile("y")})
	if want := filepath.Join(dir, "notes.txt") + ": error: is no golden file"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("the error is %v", err)
	}
	diff, err := golden.Compare(dir, map[string][]byte{"notes.txt": []byte("mine"), "old.yaml": secretFile("x")})
	if err != nil || diff != "" {
		t.Errorf("something was written: %s (%v)", diff, err)
	}
}

// folder makes a golden folder with the files; there is none without a file.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), golden.Dir)
	for name, data := range files {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
