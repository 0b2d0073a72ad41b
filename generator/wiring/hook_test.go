package wiring

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// hooked is a DeploymentConfig whose pre hook has the given env, or no env where
// it is "".
func hooked(t testing.TB, env string) manifest.Object {
	t.Helper()
	if env != "" {
		env = ", env: " + env
	}
	return read(t, `apiVersion: v1
kind: DeploymentConfig
metadata: {name: app}
spec:
  strategy:
    rollingParams:
      pre:
        execNewPod: {containerName: main, command: [run]`+env+`}
`)[0]
}

// recreating is the same with a strategy that has hooks of its own.
func recreating(t testing.TB, env string) manifest.Object {
	t.Helper()
	o := hooked(t, env)
	strategy := manifest.Field(o.Node, "spec", "strategy")
	manifest.Set(strategy, manifest.Scalar("Recreate"), "type")
	manifest.Set(strategy, manifest.Field(strategy, "rollingParams"), "recreateParams")
	manifest.Set(strategy, manifest.Mapping("pre", manifest.Mapping("execNewPod", manifest.Mapping("containerName", manifest.Scalar("other")))), "rollingParams")
	return o
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
			want:  "test containerName, test env, add env",
			after: "[" + hookA + ", " + hookB + "]",
		},
		"null env": {
			env:   "null",
			want:  "test containerName, test env, add env",
			after: "[" + hookA + ", " + hookB + "]",
		},
		"one missing": {
			env:   "[{name: X, value: x}, " + hookB + "]",
			want:  "test containerName, test env/1/name, move env/-, test env/1/name, add env/2",
			after: "[{name: X, value: x}, " + hookB + ", " + hookA + "]",
		},
		"both missing": {
			env:   "[{name: X, value: x}]",
			want:  "test containerName, test env/0/name, move env/-, test env/0/name, add env/1, add env/2",
			after: "[{name: X, value: x}, " + hookA + ", " + hookB + "]",
		},
		"literal": {
			env:   "[{name: X, value: x}, {name: A, value: redis://h}, " + hookB + "]",
			want:  "test containerName, test env/1/name, replace env/1",
			after: "[{name: X, value: x}, " + hookA + ", " + hookB + "]",
		},
		"optional": {
			env:   "[{name: A, valueFrom: {secretKeyRef: {name: s, key: KA, optional: true}}}, " + hookB + "]",
			want:  "test containerName, test env/0/name, replace env/0",
			after: "[" + hookA + ", " + hookB + "]",
		},
		"what a patch leaves": {
			env: "[{name: A, value: null, valueFrom: {configMapKeyRef: null, secretKeyRef: {name: s, key: KA, optional: null}}}, {name: B, value: '', valueFrom: {secretKeyRef: {name: s, key: KB, optional: false}}}]",
		},
		"several of a name": {
			env:   "[" + hookA + ", {name: A, value: a}, {name: X, value: x}, {name: B, value: b}, {name: A, value: c}]",
			want:  "test containerName, test env/1/name, test env/3/name, test env/4/name, remove env/4, replace env/3, remove env/1",
			after: "[" + hookA + ", {name: X, value: x}, " + hookB + "]",
		},
	}
	layouts := map[string]struct {
		path   string
		object func(testing.TB, string) manifest.Object
	}{"rolling": {"rollingParams", hooked}, "recreating": {"recreateParams", recreating}}
	for name, c := range cases {
		for strategy, layout := range layouts {
			t.Run(name+" "+strategy, func(t *testing.T) {
				o := layout.object(t, c.env)
				patch, err := Hook(o, hookWorkload)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, op := range manifest.Items(patch) {
					path := strings.TrimPrefix(manifest.Text(op, "path"), "/spec/strategy/"+layout.path+"/pre/execNewPod/")
					got = append(got, manifest.Text(op, "op")+" "+path)
				}
				if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
					t.Fatal(diff)
				}
				if patch == nil {
					return
				}
				after := patched(t, o, "json", patch)
				want := layout.object(t, c.after)
				if diff := cmp.Diff(parsed(t, []manifest.Object{want}), parsed(t, []manifest.Object{after})); diff != "" {
					t.Error(diff)
				}
				if again, err := Hook(after, hookWorkload); err != nil || again != nil {
					t.Errorf("a second patch: %v, %v", again, err)
				}
				checkOnce(t, after, patch)
			})
		}
	}
}

// checkOnce fails where a JSON patch can be applied again to what it made: one that
// adds or removes an entry must fail, and whatever it does, nothing changes.
func checkOnce(t testing.TB, after manifest.Object, patch *yaml.Node) {
	t.Helper()
	moves := slices.ContainsFunc(patch.Content, func(op *yaml.Node) bool {
		return manifest.Text(op, "op") == "add" || manifest.Text(op, "op") == "remove"
	})
	again, err := onCluster(t, after, "json", patch)
	if moves && err == nil {
		t.Errorf("can be applied twice:\n%s", write(t, []manifest.Object{{Node: patch}}))
	}
	if diff := cmp.Diff(parsed(t, []manifest.Object{after}), parsed(t, []manifest.Object{again})); diff != "" {
		t.Errorf("a second time changes something: %s", diff)
	}
}

// The patch of every real hook can be applied once.
func TestHook_once(t *testing.T) {
	bases := map[string][]manifest.Object{}
	rels := map[string]releases.Release{}
	for name, path := range testinput.SampleTemplates(t) {
		rels[name] = release(t, name)
		bases[name] = withoutRedis(templateObjects(t, path), rels[name])
	}
	for _, name := range []string{"installed-2.5.0.GA.yaml", "installed-2.6.0.GA.yaml"} {
		rels[name] = release(t, "2.12")
		bases[name] = read(t, string(testinput.Export(t, name)))
		rels[name+" without Redis"] = release(t, "2.7")
		bases[name+" without Redis"] = withoutRedis(bases[name], release(t, "2.7"))
	}
	patches := 0
	for name, base := range bases {
		for _, w := range rels[name].Workloads {
			o := named(t, base, w.Kind, w.Name)
			patch, err := Hook(o, w)
			if err != nil {
				t.Fatal(err)
			}
			if patch != nil {
				patches++
				checkOnce(t, patched(t, o, "json", patch), patch)
			}
		}
	}
	if patches < len(bases)-2 {
		t.Errorf("%d patches of %d installations", patches, len(bases))
	}
}

// A hook that has changed since the patch was computed refuses it.
func TestHook_changedSince(t *testing.T) {
	const x = "{name: X, value: x}"
	cases := map[string]struct{ then, now string }{
		"an entry that moved":            {"[{name: A, value: a}, " + hookB + "]", "[" + x + ", {name: A, value: a}, " + hookB + "]"},
		"a list that is there by now":    {"", "[" + x + "]"},
		"a list that has become longer":  {"[" + x + ", " + hookB + "]", "[" + x + ", " + hookB + ", {name: Y, value: y}]"},
		"a list that has become shorter": {"[" + x + ", " + hookB + "]", "[" + hookB + "]"},
	}
	for name, c := range cases {
		patch, err := Hook(hooked(t, c.then), hookWorkload)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := onCluster(t, hooked(t, c.now), "json", patch); err == nil {
			t.Errorf("%s is patched", name)
		}
	}
	patch, err := Hook(hooked(t, ""), hookWorkload)
	if err != nil {
		t.Fatal(err)
	}
	moved := hooked(t, "")
	manifest.Set(moved.Node, manifest.Scalar("other"), append(HookPath(moved, PreHook), "containerName")...)
	if _, err := onCluster(t, moved, "json", patch); err == nil {
		t.Error("the hook of another container is patched")
	}
}

func TestHook_missing(t *testing.T) {
	none := read(t, "apiVersion: v1\nkind: DeploymentConfig\nmetadata: {name: app}\n")[0]
	if _, err := Hook(none, hookWorkload); err == nil || !strings.Contains(err.Error(), "rollingParams.pre.execNewPod.containerName: must be main") {
		t.Errorf("says %v", err)
	}
	// The hooks of a strategy that is not in force never run.
	manifest.Set(none.Node, manifest.Scalar("Recreate"), "spec", "strategy", "type")
	manifest.Set(none.Node, manifest.Scalar("main"), "spec", "strategy", "rollingParams", "pre", "execNewPod", "containerName")
	if _, err := Hook(none, hookWorkload); err == nil || !strings.Contains(err.Error(), "recreateParams.pre.execNewPod.containerName: must be main") {
		t.Errorf("says %v", err)
	}
	if patch, err := Hook(none, releases.Workload{Name: "app"}); patch != nil || err != nil {
		t.Errorf("a workload without a hook: %v, %v", patch, err)
	}
}

// Mid and post hooks are patched as the pre hook is.
func TestHook_allThree(t *testing.T) {
	pod := func(container string) *yaml.Node {
		return manifest.Mapping("execNewPod", manifest.Mapping("containerName", manifest.Scalar(container)))
	}
	o := recreating(t, "")
	manifest.Set(o.Node, pod("m"), "spec", "strategy", "recreateParams", "mid")
	manifest.Set(o.Node, pod("p"), "spec", "strategy", "recreateParams", "post")
	w := hookWorkload
	w.MidHook = &releases.Container{Name: "m", Env: releases.Env{{Name: "M", Secret: "s", Key: "KM"}}}
	w.PostHook = &releases.Container{Name: "p", Env: releases.Env{{Name: "P", Secret: "s", Key: "KP", Optional: true}}}
	patch, err := Hook(o, w)
	if err != nil {
		t.Fatal(err)
	}
	after := patched(t, o, "json", patch)
	for _, want := range PinnedPlaces(w) {
		p, there := findPlace(after, want.Field, want.Container)
		for _, v := range want.Env {
			if !there || !Reads(Named(p.Env(), v.Name), v) {
				t.Errorf("%s hook: %s is not wired", want.Field, v.Name)
			}
		}
	}
	checkOnce(t, after, patch)
}

// Whatever stands in a hook, its JSON patch does what Apply does in place, once,
// and the way back leads to what was.
func FuzzHook(f *testing.F) {
	f.Add([]byte{0, 4, 2, 9, 1})
	f.Add([]byte{3, 5, 4, 0})
	f.Add([]byte{0, 2, 3})
	f.Add([]byte{2, 3, 2})
	f.Fuzz(func(t *testing.T, entries []byte) {
		env := manifest.Sequence()
		for _, b := range entries {
			name := string("ABCD"[b%4])
			switch b / 4 % 3 {
			case 0:
				env.Content = append(env.Content, Entry(releases.EnvVar{Name: name, Secret: "s", Key: "K" + name}))
			case 1:
				env.Content = append(env.Content, manifest.Mapping("name", manifest.Scalar(name), "value", manifest.Scalar("v")))
			default:
				env.Content = append(env.Content, Entry(releases.EnvVar{Name: name, Secret: "own", Key: "K"}))
			}
		}
		o := hooked(t, "")
		manifest.Set(o.Node, manifest.Mapping(), "spec", "template")
		if len(env.Content) > 0 {
			manifest.Set(o.Node, env, append(HookPath(o, PreHook), "env")...)
		}
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
			got = patched(t, o, "json", patch)
			checkOnce(t, got, patch)
		}
		if diff := cmp.Diff(parsed(t, want), parsed(t, []manifest.Object{got})); diff != "" {
			t.Error(diff)
		}
		there, _ := findPlace(got, PreHook, "main")
		back := HookChange(Change{there, there.Env(), env.Content})
		if (patch == nil) != (len(back) == 0) {
			t.Errorf("forward %v, back %v", patch, back)
		}
		if len(back) == 0 {
			return
		}
		was := patched(t, got, "json", manifest.Sequence(back...))
		if diff := cmp.Diff(parsed(t, []manifest.Object{o}), parsed(t, []manifest.Object{was})); diff != "" {
			t.Errorf("the way back: %s", diff)
		}
		if len(Twice(env.Content)) == 0 {
			checkOnce(t, was, manifest.Sequence(back...))
		}
	})
}

// Every list of distinct names turns into every other one, once.
func TestHookChange_allLists(t *testing.T) {
	lists := [][]string{nil}
	for _, n := range []string{"A", "B", "C"} {
		for _, list := range slices.Clone(lists) {
			for i := range len(list) + 1 {
				lists = append(lists, slices.Insert(slices.Clone(list), i, n))
			}
		}
	}
	if len(lists) != 16 {
		t.Fatalf("%d lists", len(lists))
	}
	env := func(names []string) []*yaml.Node {
		var entries []*yaml.Node
		for _, n := range names {
			entries = append(entries, manifest.Mapping("name", manifest.Scalar(n), "value", manifest.Scalar("v")))
		}
		return entries
	}
	hook := func(names []string) manifest.Object {
		o := hooked(t, "")
		if len(names) > 0 {
			manifest.Set(o.Node, manifest.Sequence(env(names)...), append(HookPath(o, PreHook), "env")...)
		}
		return o
	}
	for _, from := range lists {
		for _, to := range lists {
			o := hook(from)
			p, _ := findPlace(o, PreHook, "main")
			operations := HookChange(Change{p, p.Env(), env(to)})
			if (len(operations) == 0) != slices.Equal(from, to) {
				t.Fatalf("from %v to %v: %d operations", from, to, len(operations))
			}
			if len(operations) == 0 {
				continue
			}
			patch := manifest.Sequence(operations...)
			after := patched(t, o, "json", patch)
			if diff := cmp.Diff(parsed(t, []manifest.Object{hook(to)}), parsed(t, []manifest.Object{after})); diff != "" {
				t.Fatalf("from %v to %v: %s", from, to, diff)
			}
			checkOnce(t, after, patch)
		}
	}
}
