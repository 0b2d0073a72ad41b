package helm

import (
	"encoding/json"

	"sigs.k8s.io/yaml"
)

// Values are the values of the chart.
type Values struct {
	Secrets         []Secret         `json:"secrets,omitempty"`
	ExternalSecrets []ExternalSecret `json:"externalSecrets,omitempty"`
}

// Meta is what the chart writes on an object.
type Meta struct {
	Name        string            `json:"name"`
	Namespace   string            `json:"namespace,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Secret is a Secret; Data are the texts, which the chart encodes.
type Secret struct {
	Meta
	Encoding string            `json:"encoding,omitempty"`
	Data     map[string]string `json:"data"`
}

// ExternalSecret is an ExternalSecret; Data are templates of the External
// Secrets operator over the secret keys of RemoteRefs.
type ExternalSecret struct {
	Meta
	RefreshInterval string            `json:"refreshInterval"`
	Store           Store             `json:"store"`
	Data            map[string]string `json:"data"`
	RemoteRefs      []RemoteRef       `json:"remoteRefs,omitempty"`
}

// Store is the store that an ExternalSecret reads from.
type Store struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// RemoteRef is one value in a store.
type RemoteRef struct {
	SecretKey string `json:"secretKey"`
	Key       string `json:"key"`
	Property  string `json:"property,omitempty"`
}

// asMap returns the values as the templates see them.
func (v Values) asMap() (map[string]any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var values map[string]any
	return values, json.Unmarshal(data, &values)
}

// YAML returns the values as a file for `helm template --values`.
func (v Values) YAML() ([]byte, error) { return yaml.Marshal(v) }
