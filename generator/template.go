package generator

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/generator/template"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// Template is a template that is given beside the spec.
type Template struct {
	File string
	// Data is its content, where it stands in no file.
	Data []byte
	// Parameters come on top of those of the spec.
	Parameters map[string]secret.Value
}

// setText escapes what means something in the value of a --set flag.
var setText = strings.NewReplacer(`\`, `\\`, ",", `\,`, "{", `\{`, "}", `\}`)

// set puts the file below the flags, so that a spec which says of its template
// what becomes of the internal Redis alone is complete. A nil one changes nothing.
func (t *Template) set(flags []string) []string {
	if t == nil {
		return flags
	}
	return append([]string{"spec.template.file=" + setText.Replace(t.File)}, flags...)
}

// standIn puts the template into the spec; a nil one changes nothing.
func (t *Template) standIn(s *spec.Spec) {
	if t == nil {
		return
	}
	s.Template.File = t.File
	parameters := map[string]secret.Value{}
	maps.Copy(parameters, s.Template.Parameters)
	maps.Copy(parameters, t.Parameters)
	s.Template.Parameters = parameters
}

func (in Input) templateData(file string) ([]byte, error) {
	if in.Template != nil && in.Template.Data != nil {
		return in.Template.Data, nil
	}
	return in.Sources.ReadFile(file)
}

// processTemplate gives the objects of the template, cleaned of what only a
// cluster fills in, and without its own Redis where the spec says so.
func processTemplate(r *Result, s spec.Template, in Input) ([]manifest.Object, error) {
	data, err := in.templateData(s.File)
	if err != nil {
		return nil, at(s.File, err)
	}
	t, err := template.Parse(s.File, data)
	if err != nil {
		return nil, err
	}
	if err := r.checkPinned(t, in.AcceptUnpinned, data); err != nil {
		return nil, err
	}
	objects, err := t.Replacing(replaced(r.Release)).Process(s.Parameters)
	if err != nil {
		return nil, err
	}
	manifest.Clean(objects)
	mode := s.InternalRedis
	if mode == "" {
		mode = template.LeaveClaims
	}
	if err := r.checkOwnRedis(objects, mode); err != nil {
		return nil, err
	}
	if r.Profile.Reach == profiles.InTemplate {
		return objects, nil
	}
	objects, claims := template.SettleInternalRedis(objects, r.Release.InternalRedis, mode)
	if len(claims) > 0 {
		r.Notices = append(r.Notices, fmt.Sprintf("left out the claims %s: pruning them deletes their data", strings.Join(claims, ", ")))
	}
	return objects, nil
}

// maxDifferences is how many differences from a pin are listed: more of them say
// that it is another release.
const maxDifferences = 10

// checkPinned looks the template up in the pins.
func (r *Result) checkPinned(t *template.Template, accept bool, data []byte) error {
	pinned := releases.ByDigest(t.Digest)
	var tags []string
	for _, p := range pinned {
		tags = append(tags, p.Tag.Name)
	}
	issue := diag.Issue{Pos: diag.Position{File: t.File}}
	switch {
	case slices.ContainsFunc(pinned, r.Release.Covers):
		r.Notices = append(r.Notices, fmt.Sprintf("%s is the template of %s", t.File, strings.Join(tags, ", ")))
		if own := t.Release(); own != r.Release.Line {
			issue.Severity = diag.Warning
			issue.Message = fmt.Sprintf("says of itself that it is of %s (AMP_RELEASE), and spec.release is %s", own, r.Release)
			r.Issues = append(r.Issues, issue)
		}
		return nil
	case len(pinned) > 0:
		issue.Message = fmt.Sprintf("is the template of %s, and spec.release is %s", strings.Join(tags, ", "), r.Release)
		return diag.Issues{issue}
	}
	oldest, newest := releases.TemplateLines()
	if releases.Older(t.Release(), oldest) {
		issue.Message = fmt.Sprintf("is a template of 3scale %s (AMP_RELEASE); those of %s to %s are supported", t.Release(), oldest, newest)
		issue.Hint = "install from one of those; what was installed from this one, and upgraded since, goes by `threescale-redis migrate --from EXPORT`"
		return diag.Issues{issue}
	}
	issue.Message = "is no published template of 3scale"
	differences, err := wiringDifferences(t.File, data, r.Release)
	switch {
	case err != nil:
		return err
	case len(differences) == 0:
		issue.Message += fmt.Sprintf("; its Redis wiring is that of %s", r.Release)
	default:
		issue.Message += fmt.Sprintf("; its Redis wiring is not that of %s:", r.Release)
		for i, d := range differences {
			if i == maxDifferences {
				issue.Message += fmt.Sprintf("\n  and %d more: see `threescale-redis releases extract`", len(differences)-i)
				break
			}
			issue.Message += "\n  " + d.String()
		}
	}
	if accept {
		issue.Severity = diag.Warning
		r.Issues = append(r.Issues, issue)
		return nil
	}
	issue.Hint = "only the command line takes it: --accept-unpinned"
	return diag.Issues{issue}
}

func wiringDifferences(file string, data []byte, rel releases.Release) ([]wiring.Difference, error) {
	docs, err := manifest.ReadDocuments(file, data)
	if err != nil {
		return nil, err
	}
	found, err := wiring.Extract(file, docs[0])
	if err != nil {
		return nil, err
	}
	return wiring.Diff(found, rel.Wiring), nil
}
