package verify

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// What runs has certificates that expire, and somebody should know before.
func TestReport_Clock(t *testing.T) {
	in := operatorExport(t, "2.16.3-tls", testinput.NewPEM(t)) // valid for a year
	e, err := export.Read([]export.File{{Name: "export.yaml", Data: []byte(in.text)}}, "")
	if err != nil {
		t.Fatal(err)
	}
	rel, err := e.Running()
	if err != nil {
		t.Fatal(err)
	}
	const day = 24 * time.Hour
	for after, want := range map[time.Duration]string{0: "", 350 * day: "tls-certificate-expires", 400 * day: "tls-certificate-expired"} {
		r := Compare(e, rel, nil)
		r.Clock = time.Now().Add(after)
		var rules []string
		for _, i := range r.Issues() {
			if i.Severity != diag.Note && !slices.Contains(rules, i.Rule) {
				rules = append(rules, i.Rule)
			}
		}
		if got := strings.Join(rules, " "); got != want {
			t.Errorf("after %s: %q, want %q", after, got, want)
		}
	}
}
