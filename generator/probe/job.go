package probe

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"text/template"

	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// secretsDir is where the Job has the Secrets, each in a directory of its name.
const secretsDir = "/etc/threescale-redis"

//go:embed job.yaml.tmpl
var jobText string

var jobTemplate = template.Must(template.New("job").Funcs(template.FuncMap{"quote": quote}).Parse(jobText))

// quote writes a text as a string of YAML, which takes those of JSON.
func quote(text string) (string, error) {
	data, err := json.Marshal(text)
	return string(data), err
}

// Job is a Job that probes from inside the cluster.
type Job struct {
	// Namespace may be empty: then it is that of whoever applies the Job.
	Namespace string
	Image     string
	Release   releases.Release
	// Args follow `probe --secrets DIR --release RELEASE`.
	Args []string
}

// Manifest returns the Job as YAML. It refers to the Secrets and holds none of their
// values.
func (j Job) Manifest() ([]byte, error) {
	var secrets []string
	for _, s := range j.Release.Secrets {
		secrets = append(secrets, s.Name)
	}
	var out bytes.Buffer
	err := jobTemplate.Execute(&out, map[string]any{
		"Namespace": j.Namespace, "Image": j.Image, "Dir": secretsDir, "Secrets": secrets,
		"Args": append([]string{"probe", "--secrets", secretsDir, "--release", j.Release.String()}, j.Args...),
	})
	return out.Bytes(), err
}
