package verify

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Place is a place of a workload whose env is not as the release has it.
type Place struct {
	wiring.Place
	// Differences are in the order of the release.
	Differences []Difference
	// Twice are env vars that stand more than once.
	Twice []string
	// operated says that an operator made it.
	operated bool
}

// workload compares one workload of the release.
func (r *Report) workload(w releases.Workload) {
	o, ok := r.Export.Workload(w.Kind, w.Name)
	if !ok {
		r.Obstacles = append(r.Obstacles, r.missing(w))
		return
	}
	before := len(r.Places)
	places := wiring.Places(o)
	for _, field := range []wiring.Field{wiring.InitContainers, wiring.Containers} {
		for _, want := range wiring.PinnedPlaces(w) {
			if want.Field == field {
				r.container(o, w, want, places)
			}
		}
	}
	r.hooks(o, w, places)
	r.status(o)
	if n := manifest.Field(o.Node, "spec", "replicas"); n != nil && n.Value == "0" {
		r.remark(o, n, o.String(), "has no pods: spec.replicas is 0. If a plan that takes the data along is half done, go on with it, or take its way back")
	}
	r.line(o)
	if owner := operator(o); owner != "" && len(r.Places) > before && !r.Release.Operated() {
		issue := o.Issue(o.Node, o.String(), "is owned by %s: its operator takes back changes of the environment", owner)
		r.Obstacles = append(r.Obstacles, issue)
	}
}

// missing says that a workload is not there, and which one could be meant.
func (r *Report) missing(w releases.Workload) diag.Issue {
	var names []string
	for _, o := range r.Export.Workloads {
		known := slices.Contains(r.Release.InternalRedis, o.String()) ||
			slices.ContainsFunc(r.Release.Workloads, func(k releases.Workload) bool { return k.Name == o.Name() })
		if o.Kind() == w.Kind && !known {
			names = append(names, o.Name())
		}
	}
	return diag.Issue{
		Pos: diag.Position{File: r.Export.Name}, Path: w.Kind + "/" + w.Name,
		Message: "is not there: 3scale " + r.Release.String() + " reads Redis in it", Hint: diag.DidYouMean(w.Name, names),
	}
}

// strangers warns of what reads the Secrets and is not in the release: nobody
// patches it. Of a workload that the release does not have one warning is enough,
// and so it is of a place.
func (r *Report) strangers() {
	for _, o := range r.Export.Workloads {
		byPlace := map[string][]wiring.Reader{}
		var places []string
		ours := slices.ContainsFunc(r.Release.Workloads, func(w releases.Workload) bool { return w.Kind == o.Kind() && w.Name == o.Name() })
		for _, reader := range wiring.Readers(o) {
			r.dangling(o, reader)
			if !wiring.IsSecret(reader.Secret) || r.compared[reader.Node] || ours && r.readsFiles(reader) {
				continue
			}
			if byPlace[reader.In] == nil {
				places = append(places, reader.In)
			}
			byPlace[reader.In] = append(byPlace[reader.In], reader)
		}
		if !ours && len(places) > 0 {
			r.remark(o, o.Node, o.String(), "reads the Secrets, but is no workload of 3scale %s: look after it yourself", r.Release)
			continue
		}
		for _, place := range places {
			first, more := byPlace[place][0], ""
			if n := len(byPlace[place]) - 1; n > 0 {
				more = fmt.Sprintf(" and %d more", n)
			}
			r.remark(o, first.Node, place, "reads %s (%s)%s, which 3scale %s does not: look after it yourself", first.From(), first.What, more, r.Release)
		}
	}
}

// dangling reports what refers to a key that its Secret lacks: no pod of it starts. Of
// the env vars of a release a rule says so.
func (r *Report) dangling(o manifest.Object, reader wiring.Reader) {
	_, known := r.Export.Values[reader.Secret]
	_, there := r.Export.Values[reader.Secret][reader.Key]
	if !known || there || reader.Key == "" || reader.Optional || r.compared[reader.Node] || wiring.IsComplete(o) {
		return
	}
	issue := o.Issue(reader.Node, reader.In, "refers to %s (%s), which is not there: no pod of it starts", reader.From(), reader.What)
	r.Obstacles = append(r.Obstacles, issue)
}

func (r *Report) remark(o manifest.Object, at *yaml.Node, path, format string, args ...any) {
	issue := o.Issue(at, path, format, args...)
	issue.Severity = diag.Warning
	r.Remarks = append(r.Remarks, issue)
}

func operator(o manifest.Object) string {
	for _, ref := range manifest.Items(manifest.Field(o.Node, "metadata", "ownerReferences")) {
		if kind := manifest.Text(ref, "kind"); kind == "APIManager" {
			return kind + "/" + manifest.Text(ref, "name")
		}
	}
	return ""
}

// container compares a container or an init container.
func (r *Report) container(o manifest.Object, w releases.Workload, want wiring.Pinned, places []wiring.Place) {
	i := slices.IndexFunc(places, func(p wiring.Place) bool { return p.Field == want.Field && p.Container == want.Container })
	if i < 0 {
		r.Obstacles = append(r.Obstacles, notThere(o, w, want))
		return
	}
	r.compare(places[i], want.Env, want.Env)
	r.traps(places[i], want.Env)
}

// notThere says that a container is missing, and which one could be meant.
func notThere(o manifest.Object, w releases.Workload, want wiring.Pinned) diag.Issue {
	at := manifest.Field(wiring.PodTemplate(o), "spec", string(want.Field))
	if at == nil {
		at = o.Node
	}
	p := wiring.Place{Object: o, Field: want.Field, Container: want.Container}
	issue := o.Issue(at, p.String(), "is not there: the release reads Redis in it")
	others := wiring.Strangers(o, want.Field, w)
	switch near := diag.Nearest(want.Container, others); {
	case near != "":
		issue.Hint = fmt.Sprintf("was it renamed? %q is there", near)
	case len(others) > 0:
		issue.Hint = "was it renamed? the release does not know " + strings.Join(others, ", ")
	}
	return issue
}

// hooks compares the hooks. A hook's pod has the env of the container that it
// copies; an entry of its own wins.
func (r *Report) hooks(o manifest.Object, w releases.Workload, places []wiring.Place) {
	pinned := map[wiring.Field]wiring.Pinned{}
	for _, want := range wiring.PinnedPlaces(w) {
		pinned[want.Field] = want
	}
	for _, hook := range []wiring.Field{wiring.PreHook, wiring.MidHook, wiring.PostHook} {
		want, isPinned := pinned[hook]
		i := slices.IndexFunc(places, func(p wiring.Place) bool { return p.Field == hook })
		switch {
		case i < 0 && isPinned:
			r.remark(o, o.Node, o.String(), "has no %s hook, which 3scale %s has", hook, r.Release)
		case i < 0:
		case !isPinned:
			r.compare(places[i], nil, envOf(w, places[i]))
		case places[i].Container != want.Container:
			issue := o.Issue(places[i].Node, places[i].String(), "must copy the container %s: the release reads Redis in that hook", want.Container)
			r.Obstacles = append(r.Obstacles, issue)
			for _, n := range places[i].Env() {
				r.compared[n] = true
			}
		default:
			r.compare(places[i], want.Env, want.Env)
		}
	}
}

// envOf is the env that a workload of a pin has in a place. A hook of which the
// pin has none gets that of the container that it copies.
func envOf(w releases.Workload, p wiring.Place) releases.Env {
	var copied releases.Env
	for _, k := range wiring.PinnedPlaces(w) {
		switch {
		case k.Field == p.Field && (k.Container == p.Container || p.Field.IsHook()):
			return k.Env
		case k.Field == wiring.Containers && k.Container == p.Container && p.Field.IsHook():
			copied = k.Env
		}
	}
	return copied
}
