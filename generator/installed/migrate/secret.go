package migrate

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// serverFields are what the server keeps about an object: sent back they are
// refused or without effect.
var serverFields = []string{"creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"}

// lastApplied is where oc apply keeps the values of a Secret once more.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// plain returns an object as it can be sent to the server again.
func plain(o manifest.Object) *yaml.Node {
	n := manifest.Clone(o.Node)
	for _, field := range serverFields {
		manifest.Remove(manifest.Field(n, "metadata"), field)
	}
	return n
}

// secretChange is how one Secret gets from what it is to what the spec says.
type secretChange struct {
	// before and after are the Secret: before is nil where there is none yet, after
	// where only keys go.
	before, after *yaml.Node
	// added are the keys that it gets, with what they hold until no pod refers to them
	// on the way back; gone are those that it loses. While pods still refer to them
	// both stay.
	added map[string]*yaml.Node
	gone  []string
	// immutable says that the server refuses every change of the data.
	immutable bool
	// marked says that the Secret names workloads that are still to be restarted.
	marked bool
}

// secretChange compares a Secret that the spec delivers.
func (p *planner) secretChange(name string) (secretChange, bool) {
	c := secretChange{gone: append(p.removable(name), p.unmounted(name)...), added: map[string]*yaml.Node{}}
	live, ok := p.report.Export.Secret(name)
	if !ok {
		c.after = p.delivered(name)
		return c, true
	}
	c.marked = len(verify.Unread(live)) > 0
	c.immutable = manifest.Text(live.Node, "immutable") == "true"
	var changed []verify.Value
	unwanted := slices.DeleteFunc(p.unwanted(name), func(key string) bool { return p.key(name, key).IsPEM() })
	for _, v := range p.report.Values {
		_, wanted := p.texts[name][v.Key]
		if v.Secret == name && wanted {
			changed = append(changed, v)
			switch key := p.key(name, v.Key); {
			case v.Missing && key.IsPEM():
				c.added[v.Key] = base64Node(p.texts[name][v.Key])
			case v.Missing && !key.Optional:
				c.added[v.Key] = base64Node("") // beside an old URL, new Sentinels would turn its host into the name of a group
			}
		}
	}
	if len(changed)+len(unwanted) == 0 {
		if len(c.gone) > 0 {
			c.before = plain(live)
		}
		return c, len(c.gone) > 0
	}
	c.before, c.after = plain(live), plain(live)
	manifest.Remove(manifest.Field(c.after, "metadata", "annotations"), lastApplied)
	if names := p.markedRestarts(name); len(names) > 0 && p.delivery() == spec.DeliverSecret {
		c.marked = true
		manifest.Set(c.after, manifest.Scalar(strings.Join(names, ",")), "metadata", "annotations", wiring.RestartAnnotation)
	}
	for _, v := range changed {
		manifest.Set(c.after, base64Node(p.texts[v.Secret][v.Key]), "data", v.Key)
	}
	for _, key := range unwanted {
		manifest.Remove(manifest.Field(c.after, "data"), key)
	}
	for _, m := range p.report.Metadata {
		if m.Secret == name {
			manifest.Set(c.after, manifest.Scalar(m.Value), "metadata", m.Field, m.Key)
		}
	}
	return c, true
}

// unwanted are the keys of a Secret that pods start without, and that the spec has
// nothing to say in: a user name or a password in them would be used beside the URL.
func (p *planner) unwanted(secret string) []string {
	var keys []string
	for _, s := range p.report.Release.Secrets {
		for _, k := range s.Keys {
			_, there := p.report.Export.Values[secret][k.Name]
			if _, wanted := p.texts[secret][k.Name]; s.Name == secret && k.Optional && there && !wanted && !p.inUse[verify.Key{Secret: secret, Name: k.Name}] {
				keys = append(keys, k.Name)
			}
		}
	}
	return keys
}

// keysInUse finds the unwanted keys that something else reads, and names it.
func (p *planner) keysInUse() {
	inUse := map[verify.Key]bool{}
	for _, s := range p.report.Release.Secrets {
		for _, name := range p.unwanted(s.Name) {
			key := verify.Key{Secret: s.Name, Name: name}
			for _, reader := range p.otherReaders(key) {
				inUse[key] = true
				p.stays(key, reader)
			}
		}
	}
	p.inUse = inUse
}

// stays says who reads a key that nobody else needs.
func (p *planner) stays(key verify.Key, reader wiring.Reader) {
	fate := " stays: "
	if p.delivery() == spec.DeliverExternalSecret {
		fate = " goes when the ExternalSecret comes: "
	}
	p.plan.InTheWay = append(p.plan.InTheWay, "key "+key.String()+fate+reader.String()+" reads it")
}

// unmounted are the PEM texts that the spec has none for: pods mount them as files and
// start only where they are there, so they go when the operator has made pods that do
// not.
func (p *planner) unmounted(secret string) []string {
	return slices.DeleteFunc(p.unwanted(secret), func(key string) bool { return !p.key(secret, key).IsPEM() })
}

// key is what the pin says of a key.
func (p *planner) key(secret, name string) releases.Key {
	for _, s := range p.report.Release.Secrets {
		for _, k := range s.Keys {
			if s.Name == secret && k.Name == name {
				return k
			}
		}
	}
	return releases.Key{Name: name}
}

func base64Node(text string) *yaml.Node {
	return manifest.Scalar(base64.StdEncoding.EncodeToString([]byte(text)))
}

// restored is the Secret as it was, with the keys that pods refer to until they are
// as they were too.
func (c secretChange) restored() *yaml.Node {
	n := manifest.Clone(c.before)
	if mark := manifest.Field(c.after, "metadata", "annotations", wiring.RestartAnnotation); mark != nil {
		manifest.Set(n, mark, "metadata", "annotations", wiring.RestartAnnotation)
	}
	for _, key := range slices.Sorted(maps.Keys(c.added)) {
		manifest.Set(n, c.added[key], "data", key)
	}
	return n
}

// without is a Secret without some keys.
func without(secret *yaml.Node, keys []string) *yaml.Node {
	n := manifest.Clone(secret)
	for _, key := range keys {
		manifest.Remove(manifest.Field(n, "data"), key)
	}
	return n
}

// withoutKeys is the merge patch that takes keys out of a Secret.
func withoutKeys(keys []string) *yaml.Node {
	data := manifest.Mapping()
	for _, key := range keys {
		manifest.Set(data, manifest.Null(), key)
	}
	return manifest.Mapping("data", data)
}

// delivered returns the Secret of the spec, in the namespace of the export.
func (p *planner) delivered(name string) *yaml.Node {
	for _, o := range p.objects {
		if o.Name() != name {
			continue
		}
		n := manifest.Clone(o.Node)
		if p.report.Export.Namespace != "" {
			manifest.Set(n, manifest.Scalar(p.report.Export.Namespace), "metadata", "namespace")
		}
		return n
	}
	return nil
}

// takenOver names what an ExternalSecret does to the keys of a Secret that others
// should know before: it leaves none but its own.
func (p *planner) takenOver(s releases.Secret) {
	if !p.secretsDiffer() {
		return
	}
	if keys := p.unmounted(s.Name); len(keys) > 0 {
		p.plan.InTheWay = append(p.plan.InTheWay, "key "+strings.Join(keys, ", ")+" of "+s.Name+" goes when the ExternalSecret comes, and a pod that mounts it does not start from then until the operator has rolled: keep it in the ExternalSecret until then, by hand")
	}
	for _, key := range slices.Sorted(maps.Keys(p.report.Export.Values[s.Name])) {
		k := verify.Key{Secret: s.Name, Name: key}
		known := slices.ContainsFunc(s.Keys, func(k releases.Key) bool { return k.Name == key })
		if !known && !slices.Contains(p.report.StaleKeys, k) {
			p.plan.InTheWay = append(p.plan.InTheWay, "key "+k.String()+" goes when the ExternalSecret comes: no release of 3scale knows it")
		}
	}
	for _, v := range p.report.Values {
		if v.Secret == s.Name && v.Missing && len(p.report.StaleKeys) > 0 {
			p.plan.InTheWay = append(p.plan.InTheWay, "key "+v.String()+" is missing and comes with the ExternalSecret, which takes away keys that pods refer to: add it by hand, empty, and plan again")
		}
	}
}

// removable are the keys of a Secret that no release up to the spec's reads and
// nothing in the export either. One that somebody else reads is named.
func (p *planner) removable(secret string) []string {
	var keys []string
	for _, key := range p.report.StaleKeys {
		if key.Secret != secret {
			continue
		}
		readers := p.otherReaders(key)
		for _, reader := range readers {
			p.stays(key, reader)
		}
		if len(readers) > 0 {
			continue
		}
		keys = append(keys, key.Name)
	}
	return keys
}

// otherReaders are the readers of a key that the patches leave.
func (p *planner) otherReaders(key verify.Key) []wiring.Reader {
	patched := map[*yaml.Node]bool{}
	for _, place := range p.places {
		for _, d := range place.Differences {
			patched[d.Entry] = d.Kind != verify.Missing
		}
	}
	pinned := p.key(key.Secret, key.Name)
	var others []wiring.Reader
	for _, o := range p.report.Export.Workloads {
		remade := pinned.IsPEM() && slices.Contains(p.rolledByOperator(), o.Name()) // without the volume
		for _, r := range wiring.Readers(o) {
			startsWithout := pinned.Optional && p.report.Knows(r.Node)
			if r.Takes(key.Secret, key.Name) && !patched[r.Node] && !startsWithout && !wiring.IsComplete(o) && !(remade && strings.HasPrefix(r.What, "volume ")) {
				others = append(others, r)
			}
		}
	}
	return others
}
