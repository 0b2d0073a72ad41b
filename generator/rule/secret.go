package rule

import (
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// secretRules are about where passwords come from.
var secretRules = []Rule{
	{
		Name: "remote-ref-needs-external-secret", Subject: OfSpec,
		Requires: "a remoteRef stands with delivery ExternalSecret only",
		Reason:   "its value is known in the cluster only, where the External Secrets operator reads it",
		checkSpec: func(p *specPass) {
			if p.Spec.Secrets.DeliveredAs() != spec.DeliverSecret {
				return
			}
			p.eachSecret(func(at spec.Place, v secret.Value) {
				if v.Kind() == secret.Remote {
					p.found(at, "remoteRef needs spec.secrets.delivery: ExternalSecret")
				}
			})
		},
	},
	{
		Name: "external-secret-needs-remote-ref", Subject: OfSpec,
		Requires: "with delivery ExternalSecret every password is a remoteRef",
		Reason:   "any other would stand in the ExternalSecret for all to read",
		checkSpec: func(p *specPass) {
			if p.Spec.Secrets.DeliveredAs() != spec.DeliverExternalSecret {
				return
			}
			p.eachSecret(func(at spec.Place, v secret.Value) {
				if v.Kind() != secret.Remote {
					p.found(at, "must be a remoteRef with delivery ExternalSecret")
				}
			})
		},
	},
	{
		Name: "external-secret-needs-store", Subject: OfSpec,
		Requires: "delivery ExternalSecret has a store",
		Reason:   "the External Secrets operator reads from it",
		checkSpec: func(p *specPass) {
			if p.Spec.Secrets.DeliveredAs() == spec.DeliverExternalSecret && !p.Spec.Secrets.Store.Said {
				p.found(p.Spec.Secrets.Store.Place, "is required with delivery ExternalSecret")
			}
		},
	},
	{
		Name: "golden-token", Subject: OfSpec,
		Requires: "no password is a token of a golden file",
		Reason:   "golden files are not for a cluster",
		checkSpec: func(p *specPass) {
			if p.Tokens {
				return
			}
			p.eachSecret(func(at spec.Place, v secret.Value) {
				if v.Final() && GoldenToken.MatchString(v.Reveal()) {
					p.found(at, "is a token of a golden file, which is not for a cluster")
				}
			})
		},
	},
}

// GoldenToken matches the tokens that stand for secrets in golden files.
var GoldenToken = secret.TokenForm
