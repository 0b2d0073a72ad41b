package releases_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// The lines are in the order of their numbers, 2.9 before 2.10.
func TestLines(t *testing.T) {
	want := []string{"2.6", "2.7", "2.8", "2.9", "2.10", "2.11", "2.12", "2.13", "2.14", "2.15", "2.16"}
	if diff := cmp.Diff(want, releases.Lines()); diff != "" {
		t.Error(diff)
	}
}

func TestFind(t *testing.T) {
	for name, want := range map[string]struct {
		line       string
		tag        string
		messageBus bool
	}{
		"2.6":              {"2.6", "", true},
		"2.7.1.GA":         {"2.7", "2.7.1.GA", true},
		"2.10":             {"2.10", "", true},
		"2.11":             {"2.11", "", true},
		"3scale-2.11.0-GA": {"2.11", "3scale-2.11.0-GA", true},
		"3scale-2.11.1-GA": {"2.11", "3scale-2.11.1-GA", false},
		"3scale-2.11.2-GA": {"2.11", "3scale-2.11.2-GA", false},
		"2.12":             {"2.12", "", false},
		"2.13":             {"2.13", "", false},
		"2.16.3":           {"2.16", "2.16.3", false},
	} {
		r, err := releases.Find(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		tag := ""
		if r.Tag != nil {
			tag = r.Tag.Name
		}
		if r.Line != want.line || tag != want.tag || r.String() != name || r.ReadsMessageBus() != want.messageBus {
			t.Errorf("%s: got line %s, tag %q, name %s, message bus %v", name, r.Line, tag, r, r.ReadsMessageBus())
		}
		bus := !slices.Contains([]string{"2.12", "2.13", "2.16"}, want.line)
		if got := r.HasDatabase("messageBus"); got != bus {
			t.Errorf("%s: has a message bus: %v", name, got)
		}
	}
}

func TestFind_unknown(t *testing.T) {
	for name, hint := range map[string]string{
		"2.1":       `did you mean "2.10"?`,
		"v2.7":      `did you mean "2.7"?`,
		"2,7":       `did you mean "2.7"?`,
		"2.7.1":     `did you mean "2.7.1.GA"?`,
		"2.7.1-GA":  `did you mean "2.7.1.GA"?`,
		"2.11.1.GA": `did you mean "3scale-2.11.1-GA"?`,
		"2.12.0.GA": `did you mean "3scale-2.12.0-GA"?`,
		"2.11.7":    `did you mean "2.11"?`,
		"2.16.9":    `did you mean "2.16"?`,
		"v2.16.3":   `did you mean "2.16.3"?`,
		"2.17":      "",
		"2.5.0.GA":  "",
		"latest":    "",
		"":          "",
	} {
		_, err := releases.Find(name)
		issues := diag.From(err)
		if len(issues) != 1 || issues[0].Hint != hint {
			t.Errorf("%q: got %v, want the hint %q", name, issues, hint)
			continue
		}
		for _, line := range releases.Lines() {
			if !strings.Contains(issues[0].Message, line) {
				t.Errorf("%q: the message does not list %s", name, line)
			}
		}
	}
}

func TestByDigest(t *testing.T) {
	for digest, want := range map[string][]string{
		// amp-postgresql.yml was not released anew for 2.8.
		"d327771c529987a9aed89ab296f90c07ba2c981312bd14542b632ffea775f297": {"2.7.0.GA", "2.7.1.GA", "2.8.0.GA", "2.8.1.GA"},
		"9aa9938f4ab859286fdf3e290898064e6d4eb3391e99193b85590df46991701c": {"3scale-2.11.0-GA", "3scale-2.11.2-GA"},
		"3aabdc46994908bc827f557e7ef929ca49aadf5d80c82672e1ad2c66246593ab": {"3scale-2.11.0-GA", "3scale-2.11.1-GA", "3scale-2.11.2-GA"},
		strings.Repeat("0", 64): nil,
		"":                      nil,
	} {
		if diff := cmp.Diff(want, tags(releases.ByDigest(digest))); diff != "" {
			t.Errorf("%s: %s", digest, diff)
		}
	}
}

func tags(found []releases.Release) []string {
	var names []string
	for _, r := range found {
		names = append(names, r.Tag.Name)
	}
	return names
}

// The published list of digests and the pins say the same.
func TestDigests(t *testing.T) {
	published := map[string]string{}
	for line := range strings.Lines(string(testinput.Digests(t))) {
		digest, path, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			t.Fatalf("not a line of digest and path: %s", line)
		}
		published[path] = digest
		tag, file, _ := strings.Cut(path, "/")
		if !slices.ContainsFunc(releases.ByDigest(digest), func(r releases.Release) bool {
			return r.Tag.Name == tag && r.Tag.Templates[file] == digest
		}) {
			t.Errorf("%s: %s is not found by its digest", path, tag)
		}
	}
	pinned := map[string]string{}
	for _, line := range releases.Lines() {
		for _, tag := range releases.Load(line).Tags {
			for file, digest := range tag.Templates {
				pinned[tag.Name+"/"+file] = digest
			}
		}
	}
	if diff := cmp.Diff(published, pinned); diff != "" {
		t.Errorf("published (-), pinned (+):\n%s", diff)
	}
}

// Whoever changes a pin changes a copy.
func TestLoad_copies(t *testing.T) {
	want := releases.Load("2.7")
	spoiled, err := releases.Find("2.7.1.GA")
	if err != nil {
		t.Fatal(err)
	}
	found := releases.ByDigest(spoiled.Tag.Templates["amp.yml"])
	for _, pin := range []*releases.Pin{releases.Load("2.7"), spoiled.Pin, found[0].Pin} {
		spoil(pin)
	}
	clear(releases.Lines())
	if diff := cmp.Diff(want, releases.Load("2.7")); diff != "" {
		t.Error(diff)
	}
	spoil(want)
	if cmp.Equal(want, releases.Load("2.7")) {
		t.Error("the test spoils nothing")
	}
}

func spoil(pin *releases.Pin) {
	for i := range pin.Tags {
		clear(pin.Tags[i].Templates)
	}
	clear(pin.Tags)
	for _, s := range pin.Secrets {
		clear(s.Labels)
		clear(s.Keys)
	}
	clear(pin.Secrets)
	for _, w := range pin.Workloads {
		for _, c := range slices.Concat(w.Containers, w.InitContainers) {
			clear(c.Env)
		}
		if w.PreHook != nil {
			clear(w.PreHook.Env)
			w.PreHook.Name = ""
		}
		clear(w.Containers)
		clear(w.InitContainers)
	}
	clear(pin.Workloads)
}

func TestLoad_concurrently(t *testing.T) {
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for _, line := range releases.Lines() {
				if pin := releases.Load(line); pin.Line != line {
					t.Errorf("%s: got the pin of %s", line, pin.Line)
				}
				if _, err := releases.Find("3scale-2.12.0-GA"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		releases.Load("2.7")
	}
}

func BenchmarkByDigest(b *testing.B) {
	for b.Loop() {
		releases.ByDigest("9aa9938f4ab859286fdf3e290898064e6d4eb3391e99193b85590df46991701c")
	}
}

func TestOlder(t *testing.T) {
	for text, want := range map[string]bool{
		"2.5": true, "2.5.0": true, "2.4.0.GA": true, "2.6": false, "2.6.1": false, "2.10": false, "": false, "master": false, "v2.5": false, "3scale-2.5": false,
	} {
		if got := releases.Older(text, "2.6"); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

func TestTemplateLines(t *testing.T) {
	oldest, newest := releases.TemplateLines()
	if oldest != releases.Lines()[0] || !slices.Contains(releases.Lines(), newest) {
		t.Errorf("got %s to %s of %v", oldest, newest, releases.Lines())
	}
	for _, line := range []string{oldest, newest} {
		if tags := releases.Load(line).Tags; len(tags) == 0 || len(tags[0].Templates) == 0 {
			t.Errorf("%s has no templates", line)
		}
	}
}

func TestSecretNames(t *testing.T) {
	if diff := cmp.Diff([]string{"backend-redis", "system-redis"}, releases.SecretNames()); diff != "" {
		t.Error(diff)
	}
}
