package wiring

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// hooked is a DeploymentConfig whose pre hook has the given env.
func hooked(t testing.TB, env string) manifest.Object {
	t.Helper()
	return read(t, `apiVersion: v1
kind: DeploymentConfig
metadata: {name: app}
spec:
  strategy:
    rollingParams:
      pre:
        execNewPod:
          containerName: main
          command: [run]
`+env)[0]
}

var hookWorkload = releases.Workload{Kind: "DeploymentConfig", Name: "app", PreHook: &releases.Container{
	Name: "main",
	Env:  releases.Env{{Name: "A", Secret: "s", Key: "KA"}, {Name: "B", Secret: "s", Key: "KB"}},
}}

const (
	hookA = "{name: A, valueFrom: {secretKeyRef: {name: s, key: KA}}}"
	hookB = "{name: B, valueFrom: {secretKeyRef: {name: s, key: KB}}}"
)

func TestHook(t *testing.T) {
	cases := map[string]struct{ env, want, after string }{
		"in place": {
			env: "[" + hookB + ", {name: X, value: x}, " + hookA + "]",
		},
		"no env": {
			want:  "test containerName, test env, add env, add env/-, add env/-",
			after: "[" + hookA + ", " + hookB + "]",
		},
		"null env": {
			env:   "null",
			want:  "test containerName, test env, add env, add env/-, add env/-",
			after: "[" + hookA + ", " + hookB + "]",
		},
		"one missing": {
			env:   "[{name: X, value: x}, " + hookB + "]",
			want:  "test containerName, add env/-",
			after: "[{name: X, value: x}, " + hookB + ", " + hookA + "]",
		},
		"literal": {
			env:   "[{name: X, value: x}, {name: A, value: redis://h}, " + hookB + "]",
			want:  "test containerName, test env/1/name, replace env/1",
			after: "[{name: X, value: x}, " + hookA + ", " + hookB + "]",
		},
		"several of a name": {
			env:   "[" + hookA + ", {name: A, value: a}, {name: X, value: x}, {name: B, value: b}, {name: A, value: c}]",
			want:  "test containerName, test env/3/name, replace env/3, test env/4/name, remove env/4, test env/1/name, remove env/1",
			after: "[" + hookA + ", {name: X, value: x}, " + hookB + "]",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := hooked(t, "")
			if c.env != "" {
				o = hooked(t, "          env: "+c.env+"\n")
			}
			patch, err := Hook(o, hookWorkload)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, op := range manifest.Items(patch) {
				path := strings.TrimPrefix(manifest.Text(op, "path"), "/spec/strategy/rollingParams/pre/execNewPod/")
				got = append(got, manifest.Text(op, "op")+" "+path)
			}
			if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
				t.Fatal(diff)
			}
			if patch == nil {
				return
			}
			patched, err := serverHook(t, o, patch)
			if err != nil {
				t.Fatal(err)
			}
			want := hooked(t, "          env: "+c.after+"\n")
			if diff := cmp.Diff(parsed(t, []manifest.Object{want}), parsed(t, []manifest.Object{patched})); diff != "" {
				t.Error(diff)
			}
			if again, err := Hook(patched, hookWorkload); err != nil || again != nil {
				t.Errorf("a second patch: %v, %v", again, err)
			}
		})
	}
}

// A hook that has changed since the patch was computed refuses it.
func TestHook_changedSince(t *testing.T) {
	patch, err := Hook(hooked(t, "          env: [{name: A, value: a}, "+hookB+"]\n"), hookWorkload)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := serverHook(t, hooked(t, "          env: [{name: X, value: x}, {name: A, value: a}, "+hookB+"]\n"), patch); err == nil {
		t.Error("an entry that moved is overwritten")
	}
	moved := hooked(t, "          env: [{name: A, value: a}, "+hookB+"]\n")
	manifest.Set(moved.Node, manifest.Scalar("other"), append(hookPath, "containerName")...)
	if _, err := serverHook(t, moved, patch); err == nil {
		t.Error("the hook of another container is patched")
	}
	added, err := Hook(hooked(t, ""), hookWorkload)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := serverHook(t, hooked(t, "          env: [{name: X, value: x}]\n"), added); err == nil {
		t.Error("a list that is there by now is replaced")
	}
}

func TestHook_missing(t *testing.T) {
	none := read(t, "apiVersion: v1\nkind: DeploymentConfig\nmetadata: {name: app}\n")[0]
	if _, err := Hook(none, hookWorkload); err == nil || !strings.Contains(err.Error(), "containerName: must be main") {
		t.Errorf("says %v", err)
	}
	if patch, err := Hook(none, releases.Workload{Name: "app"}); patch != nil || err != nil {
		t.Errorf("a workload without a hook: %v, %v", patch, err)
	}
}

// Whatever stands in a hook, its JSON patch does what Apply does in place.
func FuzzHook(f *testing.F) {
	f.Add([]byte{0, 4, 2, 9, 1})
	f.Add([]byte{3, 5, 4, 0})
	f.Fuzz(func(t *testing.T, entries []byte) {
		env := sequence()
		for _, b := range entries {
			name := string("ABCD"[b%4])
			switch b / 4 % 3 {
			case 0:
				env.Content = append(env.Content, entry(releases.EnvVar{Name: name, Secret: "s", Key: "K" + name}))
			case 1:
				env.Content = append(env.Content, manifest.Mapping("name", manifest.Scalar(name), "value", manifest.Scalar("v")))
			default:
				env.Content = append(env.Content, entry(releases.EnvVar{Name: name, Secret: "own", Key: "K"}))
			}
		}
		o := hooked(t, "  template: {}\n")
		manifest.Set(o.Node, env, append(hookPath, "env")...)
		rel := releases.Release{Pin: &releases.Pin{Wiring: releases.Wiring{Workloads: []releases.Workload{hookWorkload}}}}
		want, err := Apply([]manifest.Object{o}, rel, InPlace, nil)
		if err != nil {
			t.Fatal(err)
		}
		patch, err := Hook(o, hookWorkload)
		if err != nil {
			t.Fatal(err)
		}
		got := o
		if patch != nil {
			if got, err = serverHook(t, o, patch); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(parsed(t, want), parsed(t, []manifest.Object{got})); diff != "" {
			t.Error(diff)
		}
	})
}
