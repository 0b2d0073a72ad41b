package generator

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// digestLength is how much of a digest tells two configurations apart, in
// characters.
const digestLength = 16

// Annotations are the pod-template annotations that roll the pods: a workload's
// digest changes with what it reads, but for passwords, of which no digest is
// ever shown; the token changes by hand.
func (c *Checked) Annotations() wiring.Annotations {
	values := map[string]string{}
	for _, s := range c.Secrets {
		for _, f := range s.Fields {
			values[s.Name+"/"+f.Key] = f.Mask()
		}
	}
	annotations := wiring.Annotations{}
	for _, w := range c.Release.Workloads {
		annotations[w.Name] = map[string]string{wiring.DigestAnnotation: digest(w, values)}
		if token := c.Spec.Rollout.Token.Value; token != "" {
			annotations[w.Name][wiring.TokenAnnotation] = token
		}
	}
	return annotations
}

// SecretDigest is over the values of a Secret, with *** for its passwords.
func (c *Checked) SecretDigest(name string) string {
	var lines []string
	for _, s := range c.Secrets {
		for _, f := range s.Fields {
			if s.Name == name {
				lines = append(lines, f.Key+"="+f.Mask()+"\n")
			}
		}
	}
	return digestOf(lines)
}

// TokenUnused warns of a rollout token where none of the objects that are applied
// has pods to roll: a changed Secret restarts no pod. Patch warns of one where an
// operator makes the pods.
func (c *Checked) TokenUnused(applied []manifest.Object) diag.Issues {
	token := c.Spec.Rollout.Token
	if token.Value == "" || c.Release.Operated() || slices.ContainsFunc(applied, c.isWorkload) {
		return nil
	}
	var workloads []string
	for _, w := range c.Release.Workloads {
		workloads = append(workloads, w.Name)
	}
	issue := token.Issue("has no effect here: the result has no workload, and a changed Secret restarts no pod")
	issue.Severity = diag.Warning
	issue.Hint = "name the installation in spec.base or spec.template, or apply -o kustomize or -o patches; " +
		"else run `oc rollout latest dc/NAME` for each of " + strings.Join(workloads, ", ")
	return diag.Issues{issue}
}

// digest is over the env vars of all containers of a workload, each once, with
// their masked values. Its form must never change: a new digest rolls pods.
func digest(w releases.Workload, values map[string]string) string {
	var lines []string
	for _, containers := range [][]releases.Container{w.Containers, w.InitContainers} {
		for _, c := range containers {
			for _, v := range c.Env {
				lines = append(lines, fmt.Sprintf("%s=%s\n", v.Name, values[v.Secret+"/"+v.Key]))
			}
		}
	}
	return digestOf(lines)
}

func digestOf(lines []string) string {
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(lines), "")))
	return hex.EncodeToString(sum[:])[:digestLength]
}
