package rule

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
		Requires: "a base has manifests or a kustomization, not both",
		Reason:   "a kustomization names its manifests itself",
		checkSpec: func(p *specPass) {
			b := p.Spec.Base.Value
			switch {
			case !p.Spec.Base.Said:
			case len(b.Manifests.Value) > 0 && b.Kustomization.Said:
				p.found(b.Kustomization.Place, "manifests and kustomization exclude each other: a kustomization names its manifests itself")
			case len(b.Manifests.Value) == 0 && !b.Kustomization.Said:
				p.found(p.Spec.Base.Place, "must have manifests or a kustomization")
			}
		},
	},
}
