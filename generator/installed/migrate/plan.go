// Package migrate plans the way from what runs to what a spec says: what differs
// and why it matters, patches with only what differs, the Secrets, the commands
// in an order in which no pod ever refers to a key that is not there, and the way
// back. It changes nothing itself.
package migrate

import (
	"maps"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/clients"
	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Plan is the whole plan; it holds no password but in Files.
type Plan struct {
	Environment string `json:"environment"`
	Namespace   string `json:"namespace,omitempty"`
	Release     string `json:"release"`
	Profile     string `json:"profile"`
	// Wiring is what the installation has now.
	Wiring    wiring.Match `json:"wiring"`
	Databases []Database   `json:"databases"`
	// Left are the Redis servers that databases leave.
	Left []Left `json:"left,omitempty"`
	Env  []Env  `json:"env"`
	Keys []Key  `json:"keys"`
	// InTheWay is what the plan leaves to people, Remarks what they should know.
	InTheWay []string `json:"inTheWay"`
	Remarks  []string `json:"remarks"`
	// Upgrade is what comes next where an operator runs the installation.
	Upgrade  *Upgrade `json:"upgrade,omitempty"`
	Steps    []Step   `json:"steps"`
	Rollback []Step   `json:"rollback"`
	// Data is how the data moves: live, offline, or "" where it does not.
	Data string `json:"data,omitempty"`
	// Returns are the ways back before the consumers have run on the other side; after
	// that there is Rollback alone.
	Returns []Return `json:"returns,omitempty"`
	// Files are all but PLAN.md.
	Files     []format.File `json:"-"`
	FileNames []string      `json:"files"`

	// kinds are those of an export, as `oc get` takes them.
	kinds string
	// operated says that an operator makes the pods.
	operated bool
	// together says that the operator rolls what fills a queue and what empties it at
	// the same time.
	together bool
	// keepsPortal says that the portals stay up while data moves.
	keepsPortal bool
	// offlineBack says that 3scale is down on the way back with the data.
	offlineBack bool
	// copyable says that all data that moves is in pods of the installation, from which it
	// can be copied.
	copyable bool
}

// Database is where a database is and will be.
type Database struct {
	Name string `json:"name"`
	Now  string `json:"now"`
	Then string `json:"then"`
	// Moves says that its data stays behind.
	Moves bool `json:"moves"`
}

// Env are the env vars of a place that change.
type Env struct {
	Place   string   `json:"place"`
	Missing []string `json:"missing,omitempty"`
	Other   []string `json:"other,omitempty"`
	Stale   []string `json:"stale,omitempty"`
}

// Key is a key of a Secret that changes.
type Key struct {
	Key    string `json:"key"`
	Change string `json:"change"`
}

// Step is one step of the plan.
type Step struct {
	Title    string   `json:"title"`
	Why      string   `json:"why"`
	Commands []string `json:"commands"`
	// Done says how to see whether the step was done.
	Done string `json:"done,omitempty"`
	// Rolls are the workloads whose pods it replaces.
	Rolls []string `json:"rolls,omitempty"`
	// Seconds without progress make the server give up a rollout.
	Seconds int `json:"seconds,omitempty"`
	// Meanwhile says what is interrupted for whom, Fails what to do if it fails.
	Meanwhile string `json:"meanwhile,omitempty"`
	Fails     string `json:"fails,omitempty"`
	// Down are the workloads that it takes down, Up those that it brings back.
	Down []string `json:"down,omitempty"`
	Up   []string `json:"up,omitempty"`
}

// Return is a way back that is open while some of the steps are done.
type Return struct {
	// Until says which steps.
	Until string `json:"until"`
	Steps []Step `json:"steps"`
}

// Nothing reports whether there is nothing to do.
func (p *Plan) Nothing() bool { return len(p.Steps) == 0 && len(p.InTheWay) == 0 }

// Rolls names the workloads whose pods the steps replace.
func (p *Plan) Rolls() string {
	var rolled []string
	for _, s := range p.Steps {
		rolled = append(rolled, s.Rolls...)
	}
	if len(rolled) == 0 {
		return "nothing"
	}
	slices.Sort(rolled)
	return strings.Join(slices.Compact(rolled), ", ")
}

// planner makes one plan.
type planner struct {
	report *verify.Report
	// objects are the Secrets or ExternalSecrets of the spec.
	objects []manifest.Object
	// texts are the values of the spec.
	texts clients.Values
	// placeholders says that another program replaces parts of them.
	placeholders bool
	// changed are the keys that change, as secret/KEY.
	changed map[string]bool
	// places are the places that patches fix.
	places []verify.Place
	// switches are those of the APIManager.
	switches switches
	// inUse are keys that the spec has nothing to say in and that something else reads:
	// they stay.
	inUse map[verify.Key]bool
	// data is nil where no data moves.
	data *data
	plan *Plan
}

// New plans from a comparison with a spec whose secrets are known.
func New(report *verify.Report, options Options) (*Plan, error) {
	want, err := generator.Render(report.Want)
	if err != nil {
		return nil, err
	}
	p := &planner{report: report, objects: want.Delivered, texts: clients.Values{}, changed: map[string]bool{}, plan: &Plan{
		Environment: want.Metadata.Name.Value, Namespace: report.Export.Namespace,
		Release: report.Release.String(), Profile: want.Profile.Name,
		Wiring: wiring.Detect(objectsOf(report.Export)),
		Env:    []Env{}, Keys: []Key{}, InTheWay: []string{}, Remarks: []string{}, Steps: []Step{}, Rollback: []Step{}, FileNames: []string{},
	}}
	for _, s := range want.Secrets {
		p.texts[s.Name] = map[string]string{}
		for _, f := range s.Fields {
			p.placeholders = p.placeholders || slices.ContainsFunc(f.Passwords(), func(v secret.Value) bool { return v.Kind() == secret.Placeholder })
			p.texts[s.Name][f.Key], _ = f.Reveal()
		}
	}
	p.plan.kinds, p.plan.operated = kinds(report.Want.Release), report.Export.APIManager != nil
	if p.handsOver() {
		return p.finish(p.handOver())
	}
	if _, issues := report.Export.Release(report.Want.Release); len(issues) > 0 {
		return nil, planned(issues)
	}
	p.planSwitches()
	p.sortOutTwice()
	p.keysInUse()
	p.describe()
	if err := p.planData(options); err != nil {
		return nil, err
	}
	if err := p.steps(); err != nil {
		return nil, err
	}
	p.operatorRemarks()
	p.upgrade()
	p.paused()
	p.owned()
	return p.finish(nil)
}

// planned makes errors of issues about the release: the spec is judged by the release
// that it names, and the plan is for the one that runs.
func planned(issues diag.Issues) diag.Issues {
	refused := slices.Clone(issues)
	for i := range refused {
		if refused[i].Severity = diag.Error; refused[i].Hint == "" {
			refused[i].Hint = "say the release that runs in the spec, and plan again; upgrade before or after, not meanwhile"
		}
	}
	return refused
}

// finish makes what comes from outside fit to be shown.
func (p *planner) finish(err error) (*Plan, error) {
	if err != nil {
		return nil, err
	}
	for _, list := range [][]string{p.plan.InTheWay, p.plan.Remarks} {
		for i := range list {
			list[i] = diag.Printable(list[i])
		}
	}
	for _, f := range p.plan.Files {
		p.plan.FileNames = append(p.plan.FileNames, f.Name)
	}
	return p.plan, nil
}

// objectsOf are those of an export that tell its release.
func objectsOf(e *export.Export) []manifest.Object {
	objects := slices.Concat(e.Workloads, e.Secrets)
	if e.APIManager != nil {
		objects = append(objects, *e.APIManager)
	}
	return objects
}

// kinds are those of an export of a release, as `oc get` takes them.
func kinds(rel releases.Release) string {
	if rel.Operated() {
		return "apimanager,dc,deployment,job,secret"
	}
	return "dc,secret"
}

// describe fills in what differs.
func (p *planner) describe() {
	p.databases()
	p.ownPasswords()
	for _, i := range p.report.Obstacles {
		text := i.Path + ": " + i.Message
		if i.Hint != "" {
			text += " (" + i.Hint + ")"
		}
		p.plan.InTheWay = append(p.plan.InTheWay, text)
	}
	if len(p.report.Unsettled) > 0 {
		p.plan.Remarks = append(p.plan.Remarks, "The operator has not written yet what the switches of the APIManager say, as `threescale-redis verify` shows: a step waits for it.")
	}
	for _, i := range p.report.Remarks {
		if slices.ContainsFunc(p.report.StaleKeys, func(k verify.Key) bool { return i.Path == "Secret/"+k.String() }) {
			continue // stands among the keys
		}
		p.plan.Remarks = append(p.plan.Remarks, i.Path+": "+i.Message)
	}
	for _, place := range p.report.Places {
		if len(place.Differences) == 0 {
			continue
		}
		e := Env{Place: place.String()}
		for _, d := range place.Differences {
			switch d.Kind {
			case verify.Missing, verify.NotRead:
				e.Missing = append(e.Missing, d.Var.Name)
			case verify.Other:
				e.Other = append(e.Other, d.Var.Name+": now "+wiring.SourceOf(d.Entry).String())
			case verify.Stale:
				e.Stale = append(e.Stale, d.Var.Name)
			}
		}
		p.plan.Env = append(p.plan.Env, e)
	}
	for _, v := range p.report.Values {
		if _, wanted := p.texts[v.Secret][v.Key]; wanted {
			p.changed[v.String()] = true
			p.plan.Keys = append(p.plan.Keys, Key{v.String(), v.What()})
		}
	}
	for _, s := range p.report.Release.Secrets {
		for _, key := range p.unwanted(s.Name) {
			name := s.Name + "/" + key
			p.changed[name] = true
			p.plan.Keys = append(p.plan.Keys, Key{name, "goes: the spec has nothing to say in it"})
		}
	}
	for _, k := range p.report.StaleKeys {
		p.plan.Keys = append(p.plan.Keys, Key{k.String(), "has no reader in 3scale " + p.plan.Release})
	}
	p.unknownRestarts()
}

// unknownRestarts names the workloads that are restarted for no other reason than
// that nobody can tell what their pods have read.
func (p *planner) unknownRestarts() {
	byReason := map[string][]string{}
	for _, r := range p.report.Restarts {
		patched := slices.ContainsFunc(p.report.Places, func(place verify.Place) bool { return place.Object.Name() == r.Workload })
		if w, there := p.workload(r.Workload); there && !r.Known && !patched && !reads(w, p.changed) {
			byReason[r.Why] = append(byReason[r.Why], r.Workload)
		}
	}
	for _, why := range slices.Sorted(maps.Keys(byReason)) {
		p.plan.Remarks = append(p.plan.Remarks, strings.Join(byReason[why], ", ")+": nobody can tell whether the pods have read the values that the Secrets have, so they are restarted: "+why+
			"; an export from `"+p.plan.oc("get", p.plan.kinds+",pod", "-o", "yaml", "--show-managed-fields")+"` can show it")
	}
}

func (p *planner) workload(name string) (releases.Workload, bool) {
	i := slices.IndexFunc(p.report.Release.Workloads, func(w releases.Workload) bool { return w.Name == name })
	if i < 0 {
		return releases.Workload{}, false
	}
	return p.report.Release.Workloads[i], true
}

// sortOutTwice leaves out places where an env var appears twice: the server
// merges such lists into another order.
func (p *planner) sortOutTwice() {
	for _, place := range p.report.Places {
		switch {
		case place.Object.Kind() == "Job":
			p.plan.Remarks = append(p.plan.Remarks, place.String()+": is not patched: the operator makes a Job anew when it needs one")
		case len(place.Twice) == 0:
			p.places = append(p.places, place)
		case len(place.Differences) > 0:
			p.plan.InTheWay = append(p.plan.InTheWay, place.String()+": env var "+strings.Join(place.Twice, ", ")+" is there twice, and nothing is patched here: leave one, and plan again")
		default:
			p.plan.Remarks = append(p.plan.Remarks, place.String()+": env var "+strings.Join(place.Twice, ", ")+" is there twice, and the pod gets the last one: leave one")
		}
	}
}

// paused names the workloads that the server does not roll.
func (p *planner) paused() {
	for _, w := range p.report.Release.Workloads {
		o, there := p.report.Export.Workload(w.Kind, w.Name)
		rolls := slices.ContainsFunc(p.plan.Steps, func(s Step) bool { return slices.Contains(s.Rolls, w.Name) })
		if there && rolls && manifest.Text(o.Node, "spec", "paused") == "true" {
			p.plan.InTheWay = append(p.plan.InTheWay, o.String()+": is paused, and does not roll: `"+p.plan.oc("rollout", "resume", resource(o))+"` before its step")
		}
	}
}

// ownPasswords names the Sentinels' passwords that a spec cannot say.
func (p *planner) ownPasswords() {
	for _, r := range clients.Readings(p.report.Export.Values, p.report.Release) {
		key := r.SentinelHosts.Secret + "/" + r.SentinelHosts.Key
		changes := slices.ContainsFunc(p.report.Values, func(v verify.Value) bool { return v.String() == key })
		text := key + ": each Sentinel has a password of its own now, and gets the one of the spec: a spec cannot say several"
		if changes && len(r.Sentinels) > 0 && !r.SamePassword() && !slices.Contains(p.plan.InTheWay, text) {
			p.plan.InTheWay = append(p.plan.InTheWay, text)
		}
	}
}
