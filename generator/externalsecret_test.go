package generator_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// remoteSpec keeps its passwords in a store, or in the environment where the
// layer inEnvironment is over it. The namespace looks like a template.
const remoteSpec = `apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata: {name: prod}
spec:
  release: "2.7"
  profile: sentinel
  redis:
    masterGroup: mymaster
    password: {remoteRef: {key: redis, property: password}}
    sentinels: {hosts: [s0, s1, s2], password: {remoteRef: {key: redis, property: sentinel}}}
  databases:
    backendQueues: {db: 1}
    system: {db: 2, namespace: "{{ fail }} {{{ }}"}
    messageBus: {db: 3, namespace: "{{.password1}}"}
  secrets: {delivery: ExternalSecret, store: {name: vault}}
`

const inEnvironment = `spec:
  redis: {password: {fromEnv: password}, sentinels: {password: {fromEnv: sentinel}}}
  secrets: {delivery: Secret}
`

func render(t *testing.T, lookup secret.Lookup, layers ...string) *generator.Rendered {
	t.Helper()
	var read []spec.Layer
	for _, l := range layers {
		read = append(read, spec.Layer{Name: "test.yaml", Data: []byte(l)})
	}
	c, err := generator.Check(spec.Parse(read, nil), generator.Secrets{Lookup: lookup})
	if err != nil {
		t.Fatalf("%s", err)
	}
	r, err := generator.Render(c)
	if err != nil {
		t.Fatalf("%s", err)
	}
	return r
}

// functions is the template without a text that all others begin with.
var functions = template.New("").Option("missingkey=error").Funcs(sprig.TxtFuncMap())

// operator executes the templates as the External Secrets operator does: with
// the functions of sprig, over the values by their secret keys.
func operator(t *testing.T, r *generator.Rendered, store map[string]string) (map[string]map[string]string, error) {
	t.Helper()
	made := map[string]map[string]string{}
	for _, e := range r.Values.ExternalSecrets {
		values := map[string]string{}
		for _, ref := range e.RemoteRefs {
			text, ok := store[ref.Property]
			if !ok || ref.Key != "redis" {
				t.Fatalf("%s refers to %s/%s", e.Name, ref.Key, ref.Property)
			}
			values[ref.SecretKey] = text
		}
		made[e.Name] = map[string]string{}
		templates := template.Must(functions.Clone())
		for key, text := range e.Data {
			tpl, err := templates.New(key).Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := tpl.Execute(&b, values); err != nil {
				return nil, err
			}
			made[e.Name][key] = b.String()
		}
	}
	return made, nil
}

// delivered returns what delivery Secret writes.
func delivered(t *testing.T, passwords map[string]string) map[string]map[string]string {
	t.Helper()
	r := render(t, func(v secret.Value) (string, error) { return passwords[v.Name()], nil }, remoteSpec, inEnvironment)
	made := map[string]map[string]string{}
	for _, s := range r.Values.Secrets {
		made[s.Name] = s.Data
	}
	return made
}

// alphanumeric are characters that nothing treats in a way of their own, but for three
// that stand for them.
var alphanumeric = regexp.MustCompile(`^[a-wyzA-WYZ0-689]$`)

// passwords are one for each printable character, and some beyond ASCII.
func passwords(t *testing.T) []string {
	t.Helper()
	full := testinput.Full(t, "letters and digits but x, X and 7")
	all := []string{"päss€日本😀", " a  b ", "%41+%2B", "a\tb", "{{ .x }}", "\"'\\", "fromEnv"}
	for c := ' '; c <= '~'; c++ {
		if full || !alphanumeric.MatchString(string(c)) {
			all = append(all, "a"+string(c)+"z", string(c))
		}
	}
	return all
}

// TestExternalSecret: out of the store comes what delivery Secret writes.
func TestExternalSecret(t *testing.T) {
	r := render(t, nil, remoteSpec)
	if len(r.Values.ExternalSecrets) != 2 || len(r.Values.Secrets) != 0 {
		t.Fatalf("%d ExternalSecrets, %d Secrets", len(r.Values.ExternalSecrets), len(r.Values.Secrets))
	}
	for _, p := range passwords(t) {
		store := map[string]string{"password": p, "sentinel": "a+b:!$&'()*-._~;="}
		got, err := operator(t, r, store)
		if err != nil {
			t.Errorf("%q: %v", p, err)
			continue
		}
		if diff := cmp.Diff(delivered(t, store), got); diff != "" {
			t.Errorf("%q (-Secret +ExternalSecret):\n%s", p, diff)
		}
	}
}

// operated is a layer over remoteSpec: a release that an operator runs.
func operated(release, connection, secrets string) string {
	return `spec:
  release: "` + release + `"
  redis: {` + connection + `}
  databases: {system: {namespace: null}, messageBus: null}
  secrets: {` + secrets + `}
`
}

// TestExternalSecret_keys: passwords and PEM texts with keys of their own.
func TestExternalSecret_keys(t *testing.T) {
	r := render(t, nil, remoteSpec, operated("2.16.4", "tls: {ca: {remoteRef: {key: redis, property: ca}}}", "credentials: keys"))
	ca := certificate(t)
	for _, p := range passwords(t) {
		if strings.TrimSpace(p) == "" {
			continue // refused in a key
		}
		store := map[string]string{"password": p, "sentinel": p, "ca": ca}
		want := render(t, func(v secret.Value) (string, error) { return store[v.Name()], nil },
			remoteSpec, operated("2.16.4", "tls: {ca: {fromEnv: ca}}", "credentials: keys"), inEnvironment)
		for _, end := range []string{"", "\n"} {
			got, err := operator(t, r, map[string]string{"password": p + end, "sentinel": p + end, "ca": strings.TrimSuffix(ca, "\n") + end})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range want.Values.Secrets {
				if diff := cmp.Diff(s.Data, got[s.Name]); diff != "" || len(s.Labels) > 0 {
					t.Errorf("%q (-Secret +ExternalSecret):\n%s", p, diff)
				}
			}
		}
	}
	got, err := operator(t, r, map[string]string{"password": "", "sentinel": "", "ca": ""})
	if err != nil || got["system-redis"]["REDIS_SSL_CA"] != "" {
		t.Errorf("%v %v", got, err)
	}
}

// TestExternalSecret_sparse: in a release whose programs do not all decode a password,
// what they would read otherwise fails.
func TestExternalSecret_sparse(t *testing.T) {
	for _, release := range []string{"2.15", "2.16"} {
		r := render(t, nil, remoteSpec, operated(release, "", "credentials: url"))
		for _, p := range passwords(t) {
			got, err := operator(t, r, map[string]string{"password": p, "sentinel": "s"})
			if works := redis.UserinfoWorks(p); works != (err == nil) {
				t.Errorf("%s: %q: %v", release, p, err)
			} else if want := "redis://:" + p + "@mymaster/2"; works && got["system-redis"]["URL"] != want {
				t.Errorf("%s: got %s, want %s", release, got["system-redis"]["URL"], want)
			}
		}
	}
}

// certificate is one that signs itself, as PEM.
func certificate(t *testing.T) string {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// TestExternalSecret_lineEnd: a line end that a file in the store carries goes.
func TestExternalSecret_lineEnd(t *testing.T) {
	got, err := operator(t, render(t, nil, remoteSpec), map[string]string{"password": "p\n", "sentinel": "s\n"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(delivered(t, map[string]string{"password": "p", "sentinel": "s"}), got); diff != "" {
		t.Errorf("(-without +with):\n%s", diff)
	}
}

// TestExternalSecret_empty: an empty password leaves no userinfo behind, which
// the clients would send.
func TestExternalSecret_empty(t *testing.T) {
	got, err := operator(t, render(t, nil, remoteSpec), map[string]string{"password": "", "sentinel": "\n"})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range got {
		for key, text := range data {
			if strings.Contains(text, "@") {
				t.Errorf("%s/%s: %s", name, key, text)
			}
		}
	}
	if want := "redis://mymaster/2"; got["system-redis"]["URL"] != want {
		t.Errorf("URL is %s, want %s", got["system-redis"]["URL"], want)
	}
}

// TestExternalSecret_sentinelPassword: what reaches no Sentinel fails in the
// cluster, as it does in a render, and its message does not show it.
func TestExternalSecret_sentinelPassword(t *testing.T) {
	r := render(t, nil, remoteSpec)
	for _, p := range passwords(t) {
		got, err := operator(t, r, map[string]string{"password": "p", "sentinel": p})
		if works := redis.SentinelPasswordWorks(p); works != (err == nil) {
			t.Errorf("%q works: %t, but: %v", p, works, err)
			continue
		}
		if err != nil {
			if !strings.HasSuffix(err.Error(), "a sentinel password with this character reaches no Sentinel") {
				t.Errorf("%q: %v", p, err)
			}
			continue
		}
		if diff := cmp.Diff(delivered(t, map[string]string{"password": "p", "sentinel": p}), got); diff != "" {
			t.Errorf("%q (-Secret +ExternalSecret):\n%s", p, diff)
		}
	}
}

// TestExternalSecret_defaults: what the spec need not say is what its schema says
// about the fields.
func TestExternalSecret_defaults(t *testing.T) {
	const said = "spec: {secrets: {refreshInterval: 30m, store: {kind: ClusterSecretStore}}}\n"
	for name, c := range map[string]struct {
		layers                 []string
		interval, store, inDoc string
	}{
		"not said": {[]string{remoteSpec}, "1h", "SecretStore", " if not given."},
		"said":     {[]string{remoteSpec, said}, "30m", "ClusterSecretStore", ""},
	} {
		for _, e := range render(t, nil, c.layers...).Values.ExternalSecrets {
			if e.RefreshInterval != c.interval || e.Store.Kind != c.store || e.Store.Name != "vault" {
				t.Errorf("%s: %s is read every %s from %+v", name, e.Name, e.RefreshInterval, e.Store)
			}
		}
		for _, text := range []string{c.interval, c.store} {
			if c.inDoc != "" && !strings.Contains(string(spec.Schema(spec.Facts{Holds: func(string) string { return "" }})), text+c.inDoc) {
				t.Errorf("the schema does not say: %s%s", text, c.inDoc)
			}
		}
	}
}
