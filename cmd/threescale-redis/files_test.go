package main

import (
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// What others start from is put in place last, and what may hold a secret is for
// its owner only and has no digest in the index.
func TestMarked(t *testing.T) {
	o := output{dir: "out", files: []format.File{
		{Name: "a/kustomization.yaml"},
		{Name: "a/patches/x.yaml"},
		{Name: "PLAN.md"},
		{Name: "secret.yaml", Secret: true},
		{Name: "deployment.yaml", Private: true},
	}}
	files, err := o.marked()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		last := f.Name == "a/kustomization.yaml" || f.Name == "PLAN.md"
		private := f.Name == "secret.yaml" || f.Name == "deployment.yaml"
		if f.Last != last || (f.Mode == privateMode) != private || (o.index.Files[f.Name] == "") != private {
			t.Errorf("%s: last %t, mode %o, digest %q", f.Name, f.Last, f.Mode, o.index.Files[f.Name])
		}
		if !strings.HasPrefix(string(f.Data), manifest.Marker+"\n") {
			t.Errorf("%s has no marker", f.Name)
		}
	}
}

// The names of files come from the objects of a base.
func TestMarked_names(t *testing.T) {
	for name, want := range map[string]string{
		"../x.yaml": "out/../x.yaml: error: must be in the directory", "/x.yaml": "must be in the directory", "b/../../x.yaml": "must be in the directory",
		"a.yaml": "out/a.yaml: error: would be written twice",
	} {
		o := output{dir: "out", files: []format.File{{Name: "a.yaml"}, {Name: name}}}
		if _, err := o.marked(); err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(want, "out/../x.yaml: error: ")) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}
