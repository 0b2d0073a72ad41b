package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// Process returns the objects with the parameters filled in, as `oc process
// --local` does. All values must be known. The Template stays as it is.
func (t *Template) Process(values map[string]secret.Value) ([]manifest.Object, error) {
	texts, issues := t.texts(values)
	if issues.Failed() {
		return nil, issues
	}
	labels := t.labelsWith(texts)
	objects := make([]manifest.Object, len(t.objects))
	s := substitution{texts: texts}
	for i, n := range t.objects {
		s.twice = nil
		o := manifest.Object{Node: s.node(n), File: t.File}
		if s.twice != nil {
			issues = append(issues, o.Issue(s.twice, fmt.Sprintf("objects[%d]", i), "this key is there twice once the parameters are filled in"))
		}
		stripNamespace(n, o.Node)
		for _, l := range labels {
			manifest.Set(o.Node, manifest.Scalar(l.value), "metadata", "labels", l.key)
		}
		objects[i] = o
	}
	if s.over() {
		issues = append(issues, diag.Issue{Pos: manifest.Position(t.File, t.parameters), Path: "parameters", Message: filledTooMuch})
	}
	if issues.Failed() {
		return nil, issues
	}
	return objects, nil
}

// texts returns the value of each parameter: the given one, else the default.
func (t *Template) texts(values map[string]secret.Value) (map[string]string, diag.Issues) {
	texts := make(map[string]string, len(t.Parameters))
	var names, missing, generated []string
	var issues diag.Issues
	for _, p := range t.Parameters {
		names = append(names, p.Name)
		value, given := values[p.Name]
		texts[p.Name] = p.Value
		if given {
			texts[p.Name] = value.Reveal()
		}
		switch {
		case !given && p.generated() && t.needs(p.Name):
			generated = append(generated, p.Name)
		case p.Required && texts[p.Name] == "" && t.needs(p.Name):
			missing = append(missing, p.Name)
		case !utf8.ValidString(texts[p.Name]):
			issues = append(issues, diag.Issue{Pos: diag.Position{File: t.File}, Path: "parameters." + p.Name, Message: "the value must be UTF-8 text"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if _, known := texts[name]; !known {
			issues = append(issues, diag.Issue{
				Pos: diag.Position{File: t.File}, Path: "parameters." + name,
				Message: "the template has no such parameter", Hint: diag.DidYouMean(name, names),
			})
		} else if issue, ok := t.withoutEffect(name); ok {
			issues = append(issues, issue)
		}
	}
	return texts, append(issues, t.missing(missing, generated)...)
}

// missing is the one issue about all parameters that need a value.
func (t *Template) missing(required, generated []string) diag.Issues {
	var parts []string
	issue := diag.Issue{Pos: manifest.Position(t.File, t.parameters), Path: "parameters"}
	if len(required) > 0 {
		parts = append(parts, "a value is required for "+strings.Join(required, ", "))
	}
	if len(generated) > 0 {
		parts = append(parts, "`oc process` invents a new value in every run, so one must be given, for "+strings.Join(generated, ", "))
		issue.Hint = "`threescale-redis template parameters TEMPLATE --generate -o FILE` makes them once: " +
			"for `template --param-file FILE`, or to refer to in spec.template.parameters"
	}
	if len(parts) == 0 {
		return nil
	}
	issue.Message = strings.Join(parts, "; ")
	return diag.Issues{issue}
}

type label struct{ key, value string }

// labelsWith are the labels for every object. oc adds them to the metadata of
// an object and, since it does not decode the objects, to no pod template.
func (t *Template) labelsWith(texts map[string]string) []label {
	if t.labels == nil {
		return nil
	}
	var labels []label
	for i := 0; i+1 < len(t.labels.Content); i += 2 {
		key, _ := substitute(t.labels.Content[i].Value, texts)
		value, _ := substitute(t.labels.Content[i+1].Value, texts)
		labels = append(labels, label{key, value})
	}
	return labels
}

// stripNamespace takes out a namespace that is written in the template and not
// a parameter, because the objects go where the user installs them.
func stripNamespace(before, after *yaml.Node) {
	if ns := manifest.Text(before, "metadata", "namespace"); ns != "" && !parameterInText.MatchString(ns) {
		manifest.Remove(manifest.Field(after, "metadata"), "namespace")
	}
}
