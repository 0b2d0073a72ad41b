package generator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/helm"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// What a spec need not say: defaultRefresh, how often an ExternalSecret is read
// again, is the External Secrets operator's own default.
const (
	defaultRefresh   = "1h"
	defaultStoreKind = "SecretStore"
)

// externalSecret returns an ExternalSecret whose templates compose what a Secret
// would hold, out of the remote values.
func externalSecret(s spec.Secrets, meta helm.Meta, from redis.Secret) helm.ExternalSecret {
	store := s.Store.Value
	e := helm.ExternalSecret{
		Meta:            meta,
		RefreshInterval: s.RefreshInterval.ValueOr(defaultRefresh),
		Store:           helm.Store{Name: store.Name.Value, Kind: store.Kind.ValueOr(defaultStoreKind)},
		Data:            map[string]string{},
	}
	var refs []secret.Value
	for _, f := range from.Fields {
		for _, v := range f.Passwords() {
			if !slices.Contains(refs, v) {
				refs = append(refs, v)
				e.RemoteRefs = append(e.RemoteRefs, helm.RemoteRef{SecretKey: secretKey(refs, v), Key: v.Name(), Property: v.Property()})
			}
		}
		e.Data[f.Key] = externalTemplate(f, refs)
	}
	return e
}

// secretKey is the name of a remote value inside the templates.
func secretKey(refs []secret.Value, v secret.Value) string {
	return fmt.Sprintf("password%d", slices.Index(refs, v)+1)
}

// The templates drop the one line end that a file in the store may carry, and
// leave out the userinfo where the password is empty. A PEM text keeps it. urlquery and the blank
// after it equal percent-encoding; a Sentinel's password can't be encoded, so
// that the template refuses what would not reach the Sentinel. The same holds for
// a password that some program of the release does not decode.
var externalTemplates = map[redis.Form]string{
	redis.Encoded: `{{ with .%s | trimSuffix "\n" }}:{{ . | urlquery | replace "+" "%%20" }}@{{ end }}`,
	redis.Sparse: `{{ with .%s | trimSuffix "\n" }}{{ if not (regexMatch "^[A-Za-z0-9!$&'()*,.:;=_~-]+$" .) }}` +
		`{{ fail "not every program decodes a password with this character" }}{{ end }}:{{ . }}@{{ end }}`,
	redis.Raw: `{{ with .%s | trimSuffix "\n" }}{{ if not (regexMatch "^[A-Za-z0-9!$&'()*+.:;=_~-]+$" .) }}` +
		`{{ fail "a sentinel password with this character reaches no Sentinel" }}{{ end }}:{{ . }}@{{ end }}`,
	redis.Whole: `{{ .%s | trimSuffix "\n" }}`,
	redis.PEM:   `{{ with .%s | trimSuffix "\n" }}{{ . }}{{ "\n" }}{{ end }}`,
}

func externalTemplate(f redis.Field, refs []secret.Value) string {
	var b strings.Builder
	for _, p := range f.Parts {
		if p.Secret.IsSet() {
			fmt.Fprintf(&b, externalTemplates[p.Form], secretKey(refs, p.Secret))
		} else {
			b.WriteString(literalTemplate(p.Text))
		}
	}
	return b.String()
}

// literalTemplate keeps a text that looks like a template from being one.
func literalTemplate(text string) string {
	return strings.ReplaceAll(text, "{{", `{{ "{{" }}`)
}
