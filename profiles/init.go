package profiles

import (
	"bytes"
	"fmt"
	"text/template"
)

// InitData is what the spec that `init` prints depends on.
type InitData struct {
	Release    string
	MessageBus bool
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
