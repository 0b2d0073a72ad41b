package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// TestWrongKey puts a password into each key of what runs, in forms that do not look
// like what the key is for, and into the keys where it looks like that but is the
// password of another: verify, the plan and init --from show it nowhere.
func TestWrongKey(t *testing.T) {
	rel, err := releases.Find("2.7")
	if err != nil {
		t.Fatal(err)
	}
	full := testinput.Full(t, "each key with each of four wrong texts")
	for _, s := range rel.Secrets {
		for n, k := range s.Keys {
			for i, text := range []string{"canary", "canary7,canary7", "redis://canary7/1", "|-\n   canary"} {
				if !full && n%4 != i {
					continue
				}
				if text == "canary" && k.Field == "namespace" {
					text = "canary-S3cret" // a plain word is a namespace
				}
				t.Run(fmt.Sprint(k.Name, i), func(t *testing.T) {
					t.Chdir(t.TempDir())
					writeAll(t, map[string]string{"threescale-redis.yaml": canaryServer("canary7"), "export.yaml": exportWith(rel, k.Name, text)})
					for _, args := range []string{
						"verify export.yaml -f threescale-redis.yaml", "verify export.yaml --release 2.7 --format json",
						"init --from export.yaml --release 2.7", "migrate --from export.yaml -f threescale-redis.yaml -d plan --format json",
					} {
						canaryCommand{args: args}.run(t, "", "")
					}
					plan, err := os.ReadFile("plan/PLAN.md")
					if err != nil {
						t.Fatal(err)
					}
					if strings.Contains(string(plan), "canary") {
						t.Errorf("the plan shows a secret:\n%s", plan)
					}
				})
			}
		}
	}
}

// exportWith is what runs after the template, with the password canary7 and another
// text in one key.
func exportWith(rel releases.Release, name, text string) string {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: List\nitems:\n")
	for _, s := range rel.Secrets {
		fmt.Fprintf(&b, "- apiVersion: v1\n  kind: Secret\n  metadata: {name: %s, namespace: a}\n  data:\n", s.Name)
		for _, k := range s.Keys {
			value := strings.Replace(k.Internal, "redis://", "redis://:canary7@", 1)
			if k.Name == name {
				value = text
			}
			fmt.Fprintf(&b, "    %s: %q\n", k.Name, base64.StdEncoding.EncodeToString([]byte(value)))
		}
	}
	for _, o := range objects(rel, "3.example") {
		if strings.Contains(o, "kind: DeploymentConfig") {
			b.WriteString("- " + strings.ReplaceAll(strings.TrimSuffix(o, "\n"), "\n", "\n  ") + "\n")
		}
	}
	return b.String()
}
