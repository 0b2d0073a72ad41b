package rule

// installationRules are about what the env patches are applied to.
var installationRules = []Rule{
	{
		Name: "installation-one-source", Subject: OfSpec,
		Requires: "a spec has a template or a base, not both",
		Reason:   "each is a whole installation",
		checkSpec: func(p *specPass) {
			if p.Spec.Spec.Template != nil && p.Spec.Spec.Base != nil {
				p.found("spec.base", "a template and a base exclude each other: each is a whole installation")
			}
		},
	},
	{
		Name: "base-one-source", Subject: OfSpec,
		Requires: "a base has manifests or a kustomization, not both",
		Reason:   "a kustomization names its manifests itself",
		checkSpec: func(p *specPass) {
			b := p.Spec.Spec.Base
			switch {
			case b == nil:
			case len(b.Manifests) > 0 && b.Kustomization != "":
				p.found("spec.base.kustomization", "manifests and kustomization exclude each other: a kustomization names its manifests itself")
			case len(b.Manifests) == 0 && b.Kustomization == "":
				p.found("spec.base", "must have manifests or a kustomization")
			}
		},
	},
}
