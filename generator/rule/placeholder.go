package rule

import (
	"regexp"

	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// placeholderRules are about texts that some other program was meant to replace.
var placeholderRules = []Rule{
	{
		Name: "placeholder-as-password", Subject: OfSpec, Allowable: true,
		Requires: "a password in the spec does not look like a placeholder of another program",
		Reason:   "it would be encoded and used as it stands, and no program would find it to replace it",
		checkSpec: func(p *specPass) {
			if p.Tokens {
				return
			}
			p.eachSecret(func(at spec.Place, v secret.Value) {
				if v.Kind() == secret.Plain && likePlaceholder.MatchString(v.Reveal()) {
					p.hinted(at,
						`write {placeholder: "..."} for what is replaced after rendering, {fromEnv: NAME}, {fromFile: path} or {remoteRef: {key: ...}} for a reference; if it is the password, say so in spec.allow`,
						"looks like a placeholder, but would be used as it stands")
				}
			})
		},
	},
}

// likePlaceholder matches what argocd-vault-plugin (<path:...>, <name>), envsubst and
// shells (${NAME}), Kubernetes ($(NAME)), templates ({{ ... }}), SOPS (ENC[...]),
// vals (ref+vault://), bank-vaults (vault:path#key) and 1Password (op://) replace.
var likePlaceholder = regexp.MustCompile(`<path:|^<[A-Za-z][A-Za-z0-9_. |-]*>$|\$\{[A-Za-z_][^}]*\}|\$\([A-Za-z_][^)]*\)|\{\{.*\}\}|^ENC\[|^(?:secret)?ref\+[a-z0-9]+://|^(?:>>)?vault:[^ ]*/|^op://`)
