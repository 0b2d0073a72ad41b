package template

import (
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// What becomes of the template's own Redis: the values of
// spec.template.internalRedis.
const (
	// LeaveClaims takes everything out but the claims, which hold data that
	// nobody may have copied yet.
	LeaveClaims = "leave-claims"
	// Remove takes the claims out too.
	Remove = "remove"
	// Keep leaves everything in.
	Keep = "keep"
)

// syncOptions is where Argo CD reads how to sync an object; with Prune=false it
// leaves one alone that is no longer in Git.
const syncOptions = "argocd.argoproj.io/sync-options"

const claimKind = "PersistentVolumeClaim"

// SettleInternalRedis takes the template's own Redis out of the objects; own
// lists it as Kind/Name, from the pin. It returns what is left, and the names of
// the claims that it took out, for the user to know: pruning them deletes data.
func SettleInternalRedis(objects []manifest.Object, own []string, mode string) (left []manifest.Object, claims []string) {
	if mode == Keep {
		return objects, nil
	}
	for _, o := range objects {
		switch isClaim := o.Kind() == claimKind; {
		case !slices.Contains(own, o.String()):
			left = append(left, o)
		case isClaim && mode == Remove:
			claims = append(claims, o.Name())
		case isClaim:
			neverPrune(o)
			left = append(left, o)
		}
	}
	return left, claims
}

func neverPrune(o manifest.Object) {
	options := "Prune=false"
	if given := manifest.Text(o.Node, "metadata", "annotations", syncOptions); given != "" && !strings.Contains(given, options) {
		options = given + "," + options
	}
	manifest.Set(o.Node, manifest.Scalar(options), "metadata", "annotations", syncOptions)
}
