// Package spec reads threescale-redis.yaml: it parses, merges layers and --set
// flags, and reports every mistake at its file, line and column in one run. The
// types below are the only description of the file: the parser, the layers, the
// typed --set flags and the JSON Schema all follow them.
//
// A layer is read into a tree of values, each with its position, after the layers
// that it names below itself; the trees are merged, the flags put in, and the
// result fills a File, whose Fields keep the places:
//
//	YAML ─read─> value ─merge─> value ─put─> value ─fill─> File
//
// What stands in a layer is checked when it is read, what is missing when the
// File is filled. No message quotes a value.
package spec

import (
	"maps"

	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// The type of the file, and its usual name.
const (
	APIVersion = "threescale-redis.io/v1alpha1"
	Kind       = "ThreescaleRedis"
	FileName   = "threescale-redis.yaml"
	// LayerKind is the kind of a file that is a part of specs and none itself.
	LayerKind = "ThreescaleRedisLayer"
)

// source is one file of a spec: what it says itself, and the files below it.
type source struct {
	File   `yaml:",inline"`
	Layers List[string] `yaml:"layers" format:"path" doc:"Files that this one is put over, relative to it: each over those before it."`
}

// File is the whole spec.
type File struct {
	APIVersion string   `yaml:"apiVersion" required:"true" enum:"threescale-redis.io/v1alpha1" doc:"Version of this file's format."`
	Kind       string   `yaml:"kind" required:"true" enum:"ThreescaleRedis" doc:"ThreescaleRedis for a spec; ThreescaleRedisLayer for a part of one, which specs name in layers."`
	Metadata   Metadata `yaml:"metadata" required:"true" doc:"Name and namespace of the installation."`
	Spec       Spec     `yaml:"spec" required:"true" doc:"The release, and the Redis that it uses."`
}

// Metadata names the installation.
type Metadata struct {
	Name        Field[string]     `yaml:"name" required:"true" format:"dns" doc:"Name of the environment, for people."`
	Namespace   Field[string]     `yaml:"namespace" format:"dns" doc:"Namespace that is written on complete objects; never on patches."`
	Labels      map[string]string `yaml:"labels" doc:"Accepted and ignored: other tools add theirs."`
	Annotations map[string]string `yaml:"annotations" doc:"Accepted and ignored: other tools add theirs."`
}

// Spec says which Redis a 3scale installation uses.
type Spec struct {
	Release    Field[string]     `yaml:"release" required:"true" format:"release" doc:"3scale release line (\"2.7\"), template tag (2.7.1.GA) or patch release of the operator (2.16.3)."`
	Profile    Field[string]     `yaml:"profile" required:"true" format:"profile" doc:"Kind of Redis that stands behind the databases."`
	Redis      Connection        `yaml:"redis" doc:"What the four databases share."`
	Databases  Databases         `yaml:"databases" doc:"The logical databases of 3scale; each overrides spec.redis field by field."`
	Secrets    Secrets           `yaml:"secrets" doc:"How the two Secrets are delivered."`
	APIManager Field[APIManager] `yaml:"apiManager" doc:"The object that the 3scale operator reads, from 2.13 on."`
	Rollout    Rollout           `yaml:"rollout" doc:"Rolls the pods by hand."`
	Data       Data              `yaml:"data" doc:"How migrate moves the data of databases that change their place."`
	Allow      []Allow           `yaml:"allow" doc:"Rules whose errors are accepted as warnings, and whose warnings as notes."`
	Template   Field[Template]   `yaml:"template" doc:"The OpenShift template that the env patches are applied to."`
	Base       Field[Base]       `yaml:"base" doc:"The manifests that the patches are applied to."`
}

// Databases are the four logical databases.
type Databases struct {
	BackendStorage Field[Database] `yaml:"backendStorage" doc:"Storage of apisonator; porta reads it too."`
	BackendQueues  Field[Database] `yaml:"backendQueues" doc:"Job queues of apisonator."`
	System         Field[Database] `yaml:"system" doc:"Porta: Sidekiq."`
	MessageBus     Field[Database] `yaml:"messageBus" doc:"Porta: message bus, 2.6 to 2.11."`
}

// Database is one logical database.
type Database struct {
	Connection `yaml:",inline"`
	Namespace  Field[string] `yaml:"namespace" doc:"Prefix of the keys that porta writes."`
}

// Connection is how a Redis is reached. A field that is not said inherits.
type Connection struct {
	Host        Field[string]       `yaml:"host" doc:"Host name or IPv4 address of the Redis server."`
	Port        Field[int]          `yaml:"port" default:"6379" min:"1" max:"65535" doc:"Port of the Redis server; 6379 if not given."`
	DB          Field[int]          `yaml:"db" default:"0" min:"0" doc:"Index of the database; 0 if not given."`
	MasterGroup Field[string]       `yaml:"masterGroup" doc:"Name by which the Sentinels know the master."`
	Username    Field[string]       `yaml:"username" doc:"ACL user name; 2.16 sends it."`
	Password    Field[secret.Value] `yaml:"password" doc:"Password of the Redis server; \"\" for none."`
	TLS         Field[TLS]          `yaml:"tls" doc:"Connect with TLS; 2.16 can."`
	Sentinels   Sentinels           `yaml:"sentinels" doc:"The Sentinels that watch the master."`
}

// TLS are the PEM texts of a connection with TLS.
type TLS struct {
	CA          Field[secret.Value] `yaml:"ca" doc:"Certificates of the authorities that the server's certificate is checked against, as PEM."`
	Certificate Field[secret.Value] `yaml:"certificate" doc:"Certificate of the client, as PEM."`
	Key         Field[secret.Value] `yaml:"key" doc:"Private key of the client's certificate, as PEM."`
}

// Sentinels are the Sentinels of a connection.
type Sentinels struct {
	Hosts    List[string]        `yaml:"hosts" doc:"Sentinels as host or host:port; 26379 if no port is given."`
	Username Field[string]       `yaml:"username" doc:"ACL user name at all these Sentinels; 2.16 sends it."`
	Password Field[secret.Value] `yaml:"password" doc:"Password of all these Sentinels; \"\" for none."`
	Role     Field[string]       `yaml:"role" default:"master" enum:"master,slave" doc:"Kind of node to ask the Sentinels for; master if not given."`
}

// Secrets say how backend-redis and system-redis reach the cluster.
type Secrets struct {
	Delivery        Field[string]     `yaml:"delivery" default:"Secret" enum:"Secret,ExternalSecret,None" doc:"Kind of object to render; None if the Secrets are made elsewhere. Secret if not given."`
	Store           Field[Store]      `yaml:"store" doc:"Store of an ExternalSecret."`
	RefreshInterval Field[string]     `yaml:"refreshInterval" default:"1h" format:"duration" doc:"How often an ExternalSecret is read again; 1h if not given."`
	Encoding        Field[string]     `yaml:"encoding" default:"data" enum:"data,stringData" doc:"Field of the Secret that the values stand in; data if not given."`
	Credentials     Field[string]     `yaml:"credentials" enum:"url,keys" doc:"Where user names and passwords stand from 2.16 on: in the URLs, or in keys of their own. In the URLs where every program reads them there, else in keys, if not given."`
	Labels          map[string]string `yaml:"labels" doc:"Labels on top of those of the template."`
	Annotations     map[string]string `yaml:"annotations" doc:"Annotations of the Secrets."`
}

// The kinds of delivery.
const (
	DeliverSecret         = "Secret"
	DeliverExternalSecret = "ExternalSecret"
	DeliverNone           = "None"
)

// DeliveredAs is the kind of delivery, the default where none is given.
func (s Secrets) DeliveredAs() string {
	return s.Delivery.ValueOr(DeliverSecret)
}

// Store is an External Secrets store.
type Store struct {
	Name Field[string] `yaml:"name" required:"true" doc:"Name of the store."`
	Kind Field[string] `yaml:"kind" default:"SecretStore" enum:"SecretStore,ClusterSecretStore" doc:"Kind of the store; SecretStore if not given."`
}

// APIManager is the object that the operator reads.
type APIManager struct {
	Name  Field[string] `yaml:"name" default:"apimanager" format:"subdomain" doc:"Name of the APIManager; apimanager if not given."`
	Async Field[bool]   `yaml:"async" default:"true" doc:"Whether apisonator's listener and worker run in async mode, from 2.15 on; true if not given."`
}

// defaultAPIManager is the name that the examples of the operator use.
const defaultAPIManager = "apimanager"

// APIManagerName is the name of the APIManager, the default where none is given.
func (s Spec) APIManagerName() string { return s.APIManager.Value.Name.ValueOr(defaultAPIManager) }

// AsyncOff reports whether the spec turns async mode off.
func (s Spec) AsyncOff() bool { return !s.APIManager.Value.Async.ValueOr(true) }

// Rollout rolls the pods.
type Rollout struct {
	Token Field[string] `yaml:"token" doc:"Any text. A changed token rolls every pod that reads the Secrets."`
}

// Data says how a migration moves the data.
type Data struct {
	Move  Field[string] `yaml:"move" enum:"live,offline,none" doc:"live copies while 3scale runs, offline while it is stopped, none leaves the data behind. The flag --data of migrate wins."`
	Image Field[string] `yaml:"image" format:"image" doc:"Container image of RedisShake, which copies; best with its digest."`
}

// The ways in which data moves: while 3scale runs, while it is down, not at all.
const (
	MoveLive    = "live"
	MoveOffline = "offline"
	MoveNone    = "none"
)

// Allow turns an error of a rule into a warning.
type Allow struct {
	Rule   Field[string] `yaml:"rule" required:"true" format:"rule" doc:"Name of the rule."`
	Reason string        `yaml:"reason" required:"true" doc:"Why the rule does not apply here."`
}

// Template is an OpenShift template with its parameters.
type Template struct {
	File          Field[string]                  `yaml:"file" required:"true" format:"path" doc:"The template, relative to this file."`
	Parameters    map[string]Field[secret.Value] `yaml:"parameters" doc:"Values of the template's parameters."`
	InternalRedis Field[string]                  `yaml:"internalRedis" default:"leave-claims" enum:"leave-claims,remove,keep" doc:"What becomes of the template's own Redis with an external profile; leave-claims if not given."`
}

// SetParameters puts parameters over those of the template.
func (t *Template) SetParameters(parameters map[string]secret.Value) {
	all := map[string]Field[secret.Value]{}
	maps.Copy(all, t.Parameters)
	for name, v := range parameters {
		all[name] = Field[secret.Value]{Value: v, Said: true}
	}
	t.Parameters = all
}

// Base are the manifests of an installation.
type Base struct {
	Manifests     List[string]  `yaml:"manifests" format:"path" doc:"Files and directories, relative to this file."`
	Kustomization Field[string] `yaml:"kustomization" format:"path" doc:"Directory of a kustomization, relative to this file."`
	Chart         Field[string] `yaml:"chart" format:"path" doc:"Helm chart, a directory or a package, relative to this file."`
	Values        List[string]  `yaml:"values" format:"path" doc:"Files with values of the chart, relative to this file; the last one wins."`
}
