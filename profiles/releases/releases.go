// Package releases holds the pins: one data file a 3scale release line, which
// says what the installations of that line read from the backend-redis and
// system-redis Secrets. Adding a release is adding a file here.
//
// A pin is looked up by its line ("2.7") or by an exact tag: that of the OpenShift
// templates ("2.7.1.GA", "3scale-2.11.1-GA"), or from 2.13 on a patch release of the
// operator ("2.16.3").
package releases

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// Pin is what a data file says about one release line.
type Pin struct {
	// Line is the release line: "2.7".
	Line string `yaml:"release"`
	// Owner is who makes the pods.
	Owner Owner `yaml:"owner"`
	// Tags are the template tags or patch releases of the line, oldest first.
	Tags []Tag `yaml:"tags"`
	// Clients say how the two programs that read the values parse them.
	Clients Clients `yaml:"clients"`
	// Consumers are the workloads that take jobs from a queue which others fill:
	// backend-listener fills that of backend-worker, system-app that of
	// system-sidekiq.
	Consumers []string `yaml:"consumers"`
	// Requeues are the workloads that put failed jobs back into a queue
	// (apisonator, failed_jobs_scheduler.rb).
	Requeues []string `yaml:"requeues"`
	// Portals are the workloads where people change what apisonator stores. They do so
	// through backend-listener (porta, app/lib/backend/model_extensions).
	Portals []string `yaml:"portals"`
	// MinimumRedis is the version of Redis that the operator asks for; "" where it does
	// not ask.
	MinimumRedis string `yaml:"minimumRedis,omitempty"`
	// InternalRedis are the objects, as Kind/Name, that make up the Redis which
	// a template or the operator brings itself. The HA templates have none of them.
	InternalRedis []string `yaml:"internalRedis"`
	// APIManager is how the operator is told of Redis; nil for a template's pods.
	APIManager *APIManager `yaml:"apiManager,omitempty"`
	// Settings are env vars that the operator writes as plain values.
	Settings []Setting `yaml:"settings,omitempty"`
	Wiring   `yaml:",inline"`
}

// Owner is who makes the pods of a release.
type Owner string

// The owners: the user, who processed a template, or the operator.
const (
	OwnedByUser     Owner = "template"
	OwnedByOperator Owner = "operator"
)

// Tag is one published set of OpenShift templates, or a patch release of the operator.
type Tag struct {
	Name string `yaml:"name"`
	// MessageBus says whether porta at this tag reads the MESSAGE_BUS keys.
	MessageBus bool `yaml:"messageBus"`
	// Templates maps a template's file name to the SHA-256 of the file.
	Templates map[string]string `yaml:"templates,omitempty"`
	// StorageTLSWithSystem says that porta connects to the backend storage with TLS
	// where the switch of the system database is on, whatever that of the storage says.
	StorageTLSWithSystem bool `yaml:"storageTLSWithSystem,omitempty"`
	// ClientCertificate says that TLS needs a client certificate and its key, also
	// where the server asks for none.
	ClientCertificate bool `yaml:"clientCertificate,omitempty"`
}

// APIManager are the fields of the operator's own object that are about Redis, as
// dotted paths.
type APIManager struct {
	// External are the fields that say that Redis is outside of the operator's pods.
	External []string `yaml:"external"`
	// Required are other fields without which the operator does nothing.
	Required []string `yaml:"required,omitempty"`
	// Defaults are the fields that the operator fills in where they are not given.
	Defaults []string `yaml:"defaults"`
	// Pods are the fields below which replicas says how many pods a workload has. The
	// operator reconciles the number only where one is given.
	Pods map[string]string `yaml:"pods"`
	// Autoscaled are the workloads that can have an HPA, with hpa beside replicas.
	Autoscaled []string `yaml:"autoscaled,omitempty"`
	// DisableAsync is the annotation that turns async mode off with "true".
	DisableAsync string `yaml:"disableAsync,omitempty"`
	// TLS are the fields that turn TLS on, by database.
	TLS map[string]string `yaml:"tls,omitempty"`
}

// SwitchAsync is the switch of a Setting that async mode is; each other switch is
// TLS of the database that it names.
const SwitchAsync = "async"

// Setting are env vars that the operator writes as plain values.
type Setting struct {
	Switch string `yaml:"switch"`
	// Tags are the patch releases that the setting is for; all if there are none.
	Tags []string `yaml:"tags,omitempty"`
	// Places are workload/container.
	Places []string `yaml:"places"`
	// On and Off are the env vars with the switch on and off.
	On  map[string]string `yaml:"on"`
	Off map[string]string `yaml:"off,omitempty"`
}

// Clients are the programs that read the Secrets.
type Clients struct {
	// Apisonator is the backend: its listener, worker and cron.
	Apisonator Client `yaml:"apisonator"`
	// Async are its listener and worker in the releases that run these two on
	// async-redis.
	Async *Client `yaml:"async,omitempty"`
	// Porta is the developer and admin portal.
	Porta Client `yaml:"porta"`
	// Operator is what the operator makes of the values when it checks the Redis
	// servers.
	Operator *Client `yaml:"operator,omitempty"`
}

// Parser is a family of Redis libraries that read a URL the same way.
type Parser string

// The parsers that a pin names.
const (
	RedisRB     Parser = "redis-rb"     // redis-rb 3 and 4
	RedisClient Parser = "redis-client" // redis-rb 5
	AsyncRedis  Parser = "async-redis"
	RedisCLI    Parser = "redis-cli" // behind a shell
	GoRedis     Parser = "go-redis"
)

// Client is how one program reads the Secrets, and what it does with them.
type Client struct {
	// Library names the client library, for people.
	Library string `yaml:"library"`
	// Parser is the family that the library belongs to.
	Parser Parser `yaml:"parser"`
	// TLS says whether rediss:// connects.
	TLS bool `yaml:"tls"`
	// Usernames says whether the user name of a URL is sent to the server.
	Usernames bool `yaml:"usernames"`
	// AsyncMode says whether there is a mode, off by default, that ignores all but
	// host and port of a URL.
	AsyncMode bool `yaml:"asyncMode,omitempty"`
	// Namespace says whether the NAMESPACE key is read.
	Namespace bool `yaml:"namespace"`
	// NamespaceUntil is the last release line that reads the NAMESPACE key, where
	// the upgrade beyond it is near.
	NamespaceUntil string `yaml:"namespaceUntil,omitempty"`
	// StrictQuery says that a % before two characters that are no hexadecimal
	// digits stops the program even behind the ? of a URL.
	StrictQuery bool `yaml:"strictQuery,omitempty"`
	// UnresolvedSentinelStops says that a Sentinel whose name does not resolve
	// stops the program, wherever it stands in the list.
	UnresolvedSentinelStops bool `yaml:"unresolvedSentinelStops,omitempty"`
	// SkipsRefusedSentinelsOnly says that of the Sentinels that cannot be asked those
	// alone are passed over that refuse the connection (async-redis).
	SkipsRefusedSentinelsOnly bool `yaml:"skipsRefusedSentinelsOnly,omitempty"`
	// Scripts says that the program runs Lua on the server: in porta sidekiq-throttled,
	// later redlock and the scheduler of Sidekiq too.
	Scripts bool `yaml:"scripts,omitempty"`
	// Sidekiq is the version of Sidekiq in porta.
	Sidekiq string `yaml:"sidekiq,omitempty"`
	// StatsCleaner says that backend-cron deletes the statistics of deleted
	// services through host and port of the storage URL alone: without password,
	// database and Sentinels.
	StatsCleaner bool `yaml:"statsCleaner,omitempty"`
	// SlashNeedsDatabase says that a URL that ends in a / stops the program.
	SlashNeedsDatabase bool `yaml:"slashNeedsDatabase,omitempty"`
	// DatabaseAsText says that the path of a URL is sent to the server as the
	// database, whatever stands there.
	DatabaseAsText bool `yaml:"databaseAsText,omitempty"`
}

// Wiring is what a template says: the Secrets with their keys, and who reads them.
type Wiring struct {
	Secrets   []Secret   `yaml:"secrets"`
	Workloads []Workload `yaml:"workloads"`
}

// Secret is one of the two Secrets.
type Secret struct {
	Name   string            `yaml:"name"`
	Labels map[string]string `yaml:"labels"`
	// Keys are all keys of the release, in the order of the template.
	Keys []Key `yaml:"keys"`
}

// Key is one key of a Secret.
type Key struct {
	Name string `yaml:"name"`
	// Database is the logical database that the value belongs to.
	Database string `yaml:"database"`
	// Field is what the value says of it: url, sentinelHosts, sentinelRole,
	// namespace, username, password, sentinelUsername, sentinelPassword, or the PEM
	// texts ca, certificate and key.
	Field string `yaml:"field"`
	// Optional says that pods start without the key.
	Optional bool `yaml:"optional,omitempty"`
	// Internal is the value for the Redis pods that the template itself brings.
	// It is empty for every key of a Secret where the template brings none.
	Internal string `yaml:"internal"`
}

// IsPEM reports whether the key holds a PEM text, which pods mount as a file.
func (k Key) IsPEM() bool { return slices.Contains([]string{"ca", "certificate", "key"}, k.Field) }

// HoldsCredentials reports whether the key holds a user name or a password alone.
func (k Key) HoldsCredentials() bool {
	return slices.Contains([]string{"username", "password", "sentinelUsername", "sentinelPassword"}, k.Field)
}

// Workload is an object whose pods read the Secrets.
type Workload struct {
	Kind string `yaml:"kind"`
	Name string `yaml:"name"`
	// Transient says that the operator makes the object anew for each task: it can
	// be missing, or be one of an earlier release.
	Transient      bool        `yaml:"transient,omitempty"`
	Containers     []Container `yaml:"containers"`
	InitContainers []Container `yaml:"initContainers,omitempty"`
	// PreHook is the env of the pre hook of the strategy, execNewPod; its Name is
	// the container that the hook's pod copies.
	PreHook *Container `yaml:"preHook,omitempty"`
	// MidHook and PostHook are the same for the two other hooks. No release has
	// env of its own there; an installation may.
	MidHook  *Container `yaml:"midHook,omitempty"`
	PostHook *Container `yaml:"postHook,omitempty"`
}

// Container is a container, an init container or a hook, with the env vars
// that it reads from the Secrets, in the order of the template.
type Container struct {
	Name string `yaml:"name"`
	Env  Env    `yaml:"env"`
}

// Env are env vars in order.
type Env []EnvVar

// EnvVar is an env var that is read from a key of a Secret.
type EnvVar struct {
	Name, Secret, Key string
	// Optional says that a pod starts without the key.
	Optional bool
}

// optional ends a reference in a pin whose key may be missing.
const optional = "?"

// UnmarshalYAML reads a mapping of NAME: secret/KEY, in its order. A reference
// whose key may be missing is NAME: secret/KEY?.
func (e *Env) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: env must be a mapping", node.Line)
	}
	*e = nil
	for i := 0; i+1 < len(node.Content); i += 2 {
		reference, mayBeMissing := strings.CutSuffix(node.Content[i+1].Value, optional)
		secret, key, ok := strings.Cut(reference, "/")
		if !ok {
			return fmt.Errorf("line %d: env var must be secret/KEY", node.Content[i+1].Line)
		}
		*e = append(*e, EnvVar{Name: node.Content[i].Value, Secret: secret, Key: key, Optional: mayBeMissing})
	}
	return nil
}

// MarshalYAML writes what UnmarshalYAML reads.
func (e Env) MarshalYAML() (any, error) {
	node := manifest.Mapping()
	for _, v := range e {
		reference := v.String()
		if v.Optional {
			reference += optional
		}
		node.Content = append(node.Content, manifest.Scalar(v.Name), manifest.Scalar(reference))
	}
	return node, nil
}

// String returns secret/KEY, where the value comes from.
func (v EnvVar) String() string { return v.Secret + "/" + v.Key }

// YAML returns the wiring as it stands in a pin's file, without anchors.
func (w Wiring) YAML() ([]byte, error) {
	var node yaml.Node
	if err := node.Encode(w); err != nil {
		return nil, err
	}
	for _, secret := range manifest.Items(manifest.Field(&node, "secrets")) {
		manifest.Field(secret, "labels").Style = yaml.FlowStyle
		for _, key := range manifest.Items(manifest.Field(secret, "keys")) {
			key.Style = yaml.FlowStyle
		}
	}
	return manifest.Encode(&node)
}

// Release is a pin as one spec names it: the whole line, or one tag of it.
type Release struct {
	*Pin
	// Tag is nil where the whole line is meant.
	Tag *Tag
}

// String returns the name that the release was found by.
func (r Release) String() string {
	if r.Tag != nil {
		return r.Tag.Name
	}
	return r.Line
}

// ReadsMessageBus reports whether porta reads the MESSAGE_BUS keys: at the tag,
// or for a line at one of its tags.
func (r Release) ReadsMessageBus() bool {
	return slices.ContainsFunc(r.tags(), func(t Tag) bool { return t.MessageBus })
}

// HasDatabase reports whether the Secrets of the release have keys for the database.
func (r Release) HasDatabase(database string) bool {
	for _, s := range r.Secrets {
		if slices.ContainsFunc(s.Keys, func(k Key) bool { return k.Database == database }) {
			return true
		}
	}
	return false
}

// tags are those that the release names: one, or all of the line.
func (r Release) tags() []Tag {
	if r.Tag != nil {
		return []Tag{*r.Tag}
	}
	return r.Tags
}

// Operated reports whether an operator makes the pods.
func (r Release) Operated() bool { return r.Owner == OwnedByOperator }

// StorageTLSWithSystem reports whether porta's TLS to the backend storage follows
// that of the system database: at the tag, or for a line at one of its tags.
func (r Release) StorageTLSWithSystem() bool {
	return slices.ContainsFunc(r.tags(), func(t Tag) bool { return t.StorageTLSWithSystem })
}

// ClientCertificate reports whether TLS needs a client certificate: at the tag, or
// for a line at one of its tags.
func (r Release) ClientCertificate() bool {
	return slices.ContainsFunc(r.tags(), func(t Tag) bool { return t.ClientCertificate })
}

// HasField reports whether the Secrets of the release have a key for a field of a
// database.
func (r Release) HasField(database, field string) bool {
	for _, s := range r.Secrets {
		if slices.ContainsFunc(s.Keys, func(k Key) bool { return k.Database == database && k.Field == field }) {
			return true
		}
	}
	return false
}

// Key returns what the release says of a key of a Secret; the zero Key where it has none.
func (r Release) Key(secret, key string) Key {
	for _, s := range r.Secrets {
		for _, k := range s.Keys {
			if s.Name == secret && k.Name == key {
				return k
			}
		}
	}
	return Key{}
}

// WithoutAsync returns the release with apisonator's listener and worker on the
// library of the rest of apisonator.
func (r Release) WithoutAsync() Release {
	pin := *r.Pin
	pin.Clients.Async = nil
	r.Pin = &pin
	return r
}
