package explain_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator/explain"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// sideOf is a side with all keys of a release, each with an own value.
func sideOf(t *testing.T, release string, changed map[string]explain.Value) explain.Side {
	t.Helper()
	rel, err := releases.Find(release)
	if err != nil {
		t.Fatal(err)
	}
	s := explain.Side{Name: release, Release: rel, Settings: map[string]string{}, Values: map[string]explain.Value{}}
	for _, own := range rel.Secrets {
		for _, k := range own.Keys {
			text := ""
			if k.Field == "url" {
				text = "redis://" + k.Database + ".example.com:6379/0"
			}
			s.Values[own.Name+"/"+k.Name] = plain(text)
		}
	}
	for name, v := range changed {
		s.Values[name] = v
	}
	return s
}

func plain(text string) explain.Value { return explain.Value{Text: text, Exact: secret.FromText(text)} }

// behind is a URL whose password is not known.
func behind(reference string) explain.Value {
	return explain.Value{Text: "redis://:***@r:6379/0", Behind: []string{reference}}
}

// TestBetween_same: each release is the same as itself, also with secrets that nobody
// knows, if they are behind the same reference.
func TestBetween_same(t *testing.T) {
	for _, line := range releases.Lines() {
		unknown := map[string]explain.Value{"system-redis/URL": behind("{fromEnv: A}")}
		if d := explain.Between(sideOf(t, line, unknown), sideOf(t, line, unknown)); !d.Empty() || len(d.Restart) > 0 {
			t.Errorf("%s: %+v", line, d)
		}
	}
}

// TestBetween changes one thing each.
func TestBetween(t *testing.T) {
	const url = "backend-redis/REDIS_STORAGE_URL"
	known := func(password string) explain.Value {
		return explain.Value{Text: "redis://:***@r:6379/0", Exact: secret.FromText("redis://:" + password + "@r:6379/0")}
	}
	backend := []string{"backend-cron", "backend-listener", "backend-worker"}
	for name, c := range map[string]struct {
		release       string
		before, after map[string]explain.Value
		// want are key, note and programs that move, restart the workloads.
		want    string
		restart []string
	}{
		"another host": {
			"2.12", nil,
			map[string]explain.Value{url: plain("redis://other:6379/0")},
			`[backend-redis/REDIS_STORAGE_URL ""] [backendStorage [apisonator porta]]`, append(slices.Clone(backend), "system-app", "system-sidekiq"),
		},
		"another password": {
			"2.12",
			map[string]explain.Value{url: known("a")},
			map[string]explain.Value{url: known("b")},
			`[backend-redis/REDIS_STORAGE_URL "only the secret changes"]`, append(slices.Clone(backend), "system-app", "system-sidekiq"),
		},
		"another reference": {
			"2.12",
			map[string]explain.Value{url: behind("{fromEnv: A}")},
			map[string]explain.Value{url: behind("{fromEnv: B}")},
			`[backend-redis/REDIS_STORAGE_URL "the secret is not compared: it is behind {fromEnv: A}, {fromEnv: B}"]`, append(slices.Clone(backend), "system-app", "system-sidekiq"),
		},
		"known on one side": {
			"2.12",
			map[string]explain.Value{url: known("a")},
			map[string]explain.Value{url: behind("{fromEnv: B}")},
			`[backend-redis/REDIS_STORAGE_URL "the secret is not compared: it is behind {fromEnv: B}"]`, append(slices.Clone(backend), "system-app", "system-sidekiq"),
		},
		"a value that could be a password": {
			"2.12", nil,
			map[string]explain.Value{"system-redis/URL": {Text: "***", Exact: secret.FromText("hunter2")}},
			`[system-redis/URL ""] [system [porta]]`,
			[]string{"system-app", "system-sidekiq", "system-sphinx"},
		},
	} {
		d := explain.Between(sideOf(t, c.release, c.before), sideOf(t, c.release, c.after))
		got := ""
		for _, k := range d.Keys {
			got += fmt.Sprintf("[%s %q] ", k.Key, k.Note)
			if k.About == "" || k.Before == nil || k.After == nil {
				t.Errorf("%s: %+v", name, k)
			}
		}
		for _, m := range d.Databases {
			got += fmt.Sprintf("[%s %s] ", m.Database, m.Programs)
		}
		if diff := cmp.Diff(c.want+" ", got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(c.restart, d.Restart); diff != "" {
			t.Errorf("%s restarts (-want +got):\n%s", name, diff)
		}
	}
}

// TestBetween_keys: a key that goes says what happens without it, and an optional one
// that is empty is as good as one that is not there.
func TestBetween_keys(t *testing.T) {
	full, less := sideOf(t, "2.16", nil), sideOf(t, "2.16", nil)
	delete(less.Values, "system-redis/REDIS_PASSWORD") // optional, and empty
	if d := explain.Between(full, less); !d.Empty() {
		t.Errorf("%+v", d)
	}
	delete(less.Values, "system-redis/URL")
	d := explain.Between(full, less)
	if len(d.Keys) != 1 || d.Keys[0].After != nil || !slices.Equal(d.Keys[0].Facts, []string{"A pod that refers to it does not start without it."}) {
		t.Errorf("%+v", d.Keys)
	}
	older := sideOf(t, "2.11", nil)
	d = explain.Between(older, sideOf(t, "2.12", nil))
	i := slices.IndexFunc(d.Keys, func(c explain.Change) bool { return c.Key == "system-redis/MESSAGE_BUS_URL" })
	if i < 0 || !slices.Equal(d.Keys[i].Facts, []string{"No program of 3scale 2.12 reads it."}) || d.Keys[i].Restart != nil {
		t.Errorf("%+v", d.Keys)
	}
}

// TestBetween_settings: what restarts pods beside the values.
func TestBetween_settings(t *testing.T) {
	with := func(release string, settings map[string]string) explain.Side {
		s := sideOf(t, release, nil)
		s.Settings = settings
		return s
	}
	for name, c := range map[string]struct {
		from, to explain.Side
		want     []string
		restart  []string
	}{
		"a release":               {sideOf(t, "2.15", nil), sideOf(t, "2.16", nil), []string{"spec.release 2.15 2.16"}, []string{"backend-cron", "backend-listener", "backend-worker", "system-app", "system-sidekiq"}},
		"a patch release of it":   {sideOf(t, "2.16", nil), sideOf(t, "2.16.3", nil), nil, []string{}},
		"a token":                 {with("2.12", map[string]string{explain.Token: "a"}), with("2.12", map[string]string{explain.Token: "b"}), []string{"spec.rollout.token a b"}, []string{"backend-cron", "backend-listener", "backend-worker", "system-app", "system-sidekiq", "system-sphinx"}},
		"a token of the operator": {with("2.16", map[string]string{explain.Token: "a"}), with("2.16", map[string]string{explain.Token: "b"}), []string{"spec.rollout.token a b"}, []string{}},
		"async mode":              {with("2.16", map[string]string{explain.Async: "true"}), with("2.16", map[string]string{explain.Async: "false"}), []string{"spec.apiManager.async true false"}, []string{"backend-listener", "backend-worker"}},
		"what one side lacks":     {with("2.12", map[string]string{"spec.profile": "a"}), with("2.12", nil), nil, []string{}},
	} {
		d := explain.Between(c.from, c.to)
		var got []string
		for _, s := range d.Settings {
			got = append(got, s.Name+" "+s.Before+" "+s.After)
		}
		if !slices.Equal(got, c.want) || !slices.Equal(d.Restart, c.restart) {
			t.Errorf("%s: %q, restart %q", name, got, d.Restart)
		}
	}
}
