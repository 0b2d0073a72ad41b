package generator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/template"
	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
	"github.com/threescale-redis/threescale-redis/profiles"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// template reads the installation from the template: cleaned of what only a
// cluster fills in, and without its own Redis where the spec says so. Its env vars
// stay where they are: a template of 2.6 or later is wired already.
func (n Named) template(c *Checked) (*Installation, error) {
	file := c.Spec.Template.Value.File.Value
	data, err := n.Files.ReadFile(file)
	if err != nil {
		return nil, at(file, err)
	}
	t, err := template.Parse(file, data)
	if err != nil {
		return nil, err
	}
	i := &Installation{named: diag.Position{File: file}, order: wiring.InPlace, ofTemplate: true}
	if err := i.checkPinned(t, data, c.Release, n.AcceptUnpinned); err != nil {
		return nil, err
	}
	if err := i.process(c, t); err != nil {
		return nil, append(i.Issues, diag.From(err)...)
	}
	return i, nil
}

// process fills the parameters in, and takes out what the installation must not have.
func (i *Installation) process(c *Checked, t *template.Template) error {
	s := c.Spec.Template.Value
	parameters := map[string]secret.Value{}
	for name, v := range s.Parameters {
		parameters[name] = v.Value
	}
	var err error
	if i.Objects, err = t.Replacing(replaced(c.Release)).Process(parameters); err != nil {
		return err
	}
	if err := twice(i.Objects, sameObject); err != nil {
		return err
	}
	manifest.Clean(i.Objects)
	mode := s.InternalRedis.ValueOr(template.LeaveClaims)
	if err := checkOwnRedis(c, i.Objects, mode); err != nil {
		return err
	}
	if c.Profile.Reach != profiles.InTemplate {
		i.dropInternalRedis(c.Release, mode)
	}
	return validNamespaces(i.Objects)
}

func (i *Installation) dropInternalRedis(rel releases.Release, mode string) {
	objects, claims := template.SettleInternalRedis(i.Objects, rel.InternalRedis, mode)
	i.Objects = objects
	if len(claims) > 0 {
		i.Notices = append(i.Notices, fmt.Sprintf("left out the claims %s: pruning them deletes their data", strings.Join(claims, ", ")))
	}
}

// maxDifferences is how many differences from a pin are listed: more of them say
// that it is another release.
const maxDifferences = 10

// checkPinned looks the template up in the pins.
func (i *Installation) checkPinned(t *template.Template, data []byte, rel releases.Release, accept bool) error {
	pinned := releases.ByDigest(t.Digest)
	var tags []string
	for _, p := range pinned {
		tags = append(tags, p.Tag.Name)
	}
	issue := diag.Issue{Pos: diag.Position{File: t.File}}
	switch {
	case slices.ContainsFunc(pinned, rel.Covers):
		i.Notices = append(i.Notices, fmt.Sprintf("%s is the template of %s", t.File, strings.Join(tags, ", ")))
		if own := t.Release(); own != rel.Line {
			issue.Severity = diag.Warning
			issue.Message = fmt.Sprintf("says of itself that it is of %s (AMP_RELEASE), and spec.release is %s", own, rel)
			i.Issues = append(i.Issues, issue)
		}
		return nil
	case len(pinned) > 0:
		issue.Message = fmt.Sprintf("is the template of %s, and spec.release is %s", strings.Join(tags, ", "), rel)
		return diag.Issues{issue}
	}
	oldest, newest := releases.TemplateLines()
	if releases.Older(t.Release(), oldest) {
		issue.Message = fmt.Sprintf("is a template of 3scale %s (AMP_RELEASE); those of %s to %s are supported", t.Release(), oldest, newest)
		issue.Hint = "install from one of those; what was installed from this one, and upgraded since, goes by `threescale-redis migrate --from EXPORT`"
		return diag.Issues{issue}
	}
	issue.Message = "is no published template of 3scale"
	differences, err := wiringDifferences(t.File, data, rel)
	switch {
	case err != nil:
		return err
	case len(differences) == 0:
		issue.Message += fmt.Sprintf("; its Redis wiring is that of %s", rel)
	default:
		issue.Message += fmt.Sprintf("; its Redis wiring is not that of %s:", rel)
		for n, d := range differences {
			if n == maxDifferences {
				issue.Message += fmt.Sprintf("\n  and %d more: see `threescale-redis releases extract`", len(differences)-n)
				break
			}
			issue.Message += "\n  " + d.String()
		}
	}
	if accept {
		issue.Severity, issue.Accepted = diag.Warning, true
		i.Issues = append(i.Issues, issue)
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
	own, err := wiring.Extract(file, docs[0])
	if err != nil {
		return nil, err
	}
	return wiring.Diff(own, rel.Wiring), nil
}
