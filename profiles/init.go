package profiles

import (
	"bytes"
	"fmt"
	"text/template"

	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// InitData is what the spec that `init` prints depends on.
type InitData struct {
	Release    string
	MessageBus bool
	// Operated says that an operator makes the pods.
	Operated bool
	// TLS says that every program can connect with TLS, ClientCertificate that it then
	// needs a certificate of its own.
	TLS, ClientCertificate bool
}

// InitFor returns the facts of a release.
func InitFor(rel releases.Release) InitData {
	return InitData{
		Release: rel.String(), MessageBus: rel.ReadsMessageBus(), Operated: rel.Operated(),
		TLS: rel.Clients.Porta.TLS, ClientCertificate: rel.ClientCertificate(),
	}
}

// InitSpec returns a commented spec for the profile.
func (p Profile) InitSpec(data InitData) []byte {
	var b bytes.Buffer
	t := template.Must(template.New(p.Name).Parse(p.Init))
	if err := t.Execute(&b, data); err != nil {
		panic(fmt.Sprintf("profile %s: %v", p.Name, err))
	}
	return b.Bytes()
}
