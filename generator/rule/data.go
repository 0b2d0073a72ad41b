package rule

import (
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// dataRules are about how a migration moves the data.
var dataRules = []Rule{
	{
		Name: "data-image-digest", Subject: OfSpec, Level: diag.Warning,
		Requires: "spec.data.image has a digest",
		Reason:   "a tag can lead to another version of RedisShake tomorrow, with other defaults, and the image gets the passwords",
		checkSpec: func(p *specPass) {
			if image := p.Spec.Data.Image; image.Said && !strings.Contains(image.Value, "@") {
				p.hinted(image.Place, "append @sha256: and the digest that `oc image info` prints", "has no digest")
			}
		},
	},
	{
		Name: "data-image-unused", Subject: OfSpec, Level: diag.Warning,
		Requires: "spec.data.image stands beside a move of the data",
		Reason:   "nothing else uses the image",
		checkSpec: func(p *specPass) {
			if data := p.Spec.Data; data.Image.Said && data.Move.Value == spec.MoveNone {
				p.found(data.Image.Place, "is not used: spec.data.move is none")
			}
		},
	},
}
