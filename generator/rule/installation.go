package rule

import "github.com/threescale-redis/threescale-redis/generator/spec"

// installationRules are about what the env patches are applied to.
var installationRules = []Rule{
	{
		Name: "installation-one-source", Subject: OfSpec,
		Requires: "a spec has a template or a base, not both",
		Reason:   "each is a whole installation",
		checkSpec: func(p *specPass) {
			if p.Spec.Template.Said && p.Spec.Base.Said {
				p.found(p.Spec.Base.Place, "a template and a base exclude each other: each is a whole installation")
			}
		},
	},
	{
		Name: "base-one-source", Subject: OfSpec,
		Requires: "a base has one of manifests, kustomization and chart",
		Reason:   "each is a whole installation",
		checkSpec: func(p *specPass) {
			b := p.Spec.Base.Value
			var given []spec.Place
			if len(b.Manifests.Value) > 0 {
				given = append(given, b.Manifests.Place)
			}
			for _, f := range []spec.Field[string]{b.Kustomization, b.Chart} {
				if f.Said {
					given = append(given, f.Place)
				}
			}
			switch {
			case !p.Spec.Base.Said:
			case len(given) > 1:
				p.found(given[len(given)-1], "manifests, kustomization and chart exclude each other: each is a whole installation")
			case len(given) == 0:
				p.found(p.Spec.Base.Place, "must have manifests, a kustomization or a chart")
			}
		},
	},
	{
		Name: "base-values-need-chart", Subject: OfSpec,
		Requires: "spec.base.values are those of spec.base.chart",
		Reason:   "nothing else reads them",
		checkSpec: func(p *specPass) {
			if b := p.Spec.Base.Value; len(b.Values.Value) > 0 && !b.Chart.Said {
				p.found(b.Values.Place, "needs a chart: nothing else reads values")
			}
		},
	},
}
