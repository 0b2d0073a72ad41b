package main_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// secretFor is the secret behind a name in a spec: a PEM text where the name says
// so, else a password.
func secretFor(t *testing.T, name string) string {
	t.Helper()
	text := ""
	switch base := strings.ToLower(name); {
	case strings.Contains(base, "key"):
		text = pems(t).Key
	case strings.Contains(base, "cert"), strings.HasSuffix(base, ".crt") && !strings.Contains(base, "ca"):
		text = pems(t).Certificate
	case strings.HasSuffix(base, "ca"), strings.HasSuffix(base, "ca.crt"):
		text = pems(t).CA
	default:
		text = "p-" + strings.NewReplacer("/", "-", ".", "-").Replace(name) + "-of-16-letters"
	}
	return strings.TrimSpace(text)
}

// secrets are the environment variables of the spec of a folder, as people set them
// and as Argo CD hands them over.
func secrets(t *testing.T, dir string) map[string]string {
	t.Helper()
	vars := map[string]string{}
	for _, name := range references(t, dir, "fromEnv") {
		vars[name], vars["ARGOCD_ENV_"+name] = secretFor(t, name), secretFor(t, name)
	}
	return vars
}

var (
	pemsOnce sync.Once
	pemTexts testinput.PEM
)

// pems are PEM texts that all cases share: the doors must agree on them.
func pems(t *testing.T) testinput.PEM {
	t.Helper()
	pemsOnce.Do(func() { pemTexts = testinput.NewPEM(t) })
	return pemTexts
}
