package format

import (
	"fmt"
	"strings"

	"al.essio.dev/pkg/shellescape"

	"github.com/threescale-redis/threescale-redis/generator/wiring"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// patch is one patch with the command that applies it.
type patch struct {
	file    string
	command string
	data    []byte
}

// patches returns the patch of the APIManager where an operator makes the pods, else
// those of the env.
func patches(r Result) ([]patch, error) {
	if !r.Release.Operated() {
		return envPatches(r)
	}
	p := r.APIManagerPatch()
	if p.Patch == nil {
		return nil, nil
	}
	made, err := newPatch(p.Namespace, []string{"apimanager/" + p.Name}, p.Name+".merge.yaml", "merge", p.Patch)
	return []patch{made}, err
}

// envPatches returns the patches of all workloads: the hook's first, since it
// rolls nothing. A hook is patched only where its object is known: the server
// replaces the list of a hook's env as a whole.
func envPatches(r Result) ([]patch, error) {
	annotations := r.Annotations()
	var hooks, strategic []patch
	for _, w := range r.Release.Workloads {
		namespace := r.Metadata.Namespace.Value
		if o, ok := known(r.Base, w); ok {
			if o.Namespace() != "" {
				namespace = o.Namespace()
			}
			n, err := wiring.Hook(o, w)
			if err != nil {
				return nil, err
			}
			if n != nil {
				p, err := envPatch(w, namespace, "hook", "json", n)
				if err != nil {
					return nil, err
				}
				hooks = append(hooks, p)
			}
		}
		p, err := envPatch(w, namespace, "strategic", "strategic", wiring.Strategic(w, annotations[w.Name]))
		if err != nil {
			return nil, err
		}
		strategic = append(strategic, p)
	}
	return append(hooks, strategic...), nil
}

func envPatch(w releases.Workload, namespace, name, kind string, n any) (patch, error) {
	return newPatch(namespace, []string{strings.ToLower(w.Kind), w.Name}, w.Name+"."+name+".yaml", kind, n)
}

// newPatch is the patch of a kind for a resource, as oc takes both.
func newPatch(namespace string, resource []string, file, kind string, n any) (patch, error) {
	data, err := manifest.Encode(n)
	command := []string{"oc"}
	if namespace != "" {
		command = append(command, "-n", namespace)
	}
	command = append(append(append(command, "patch"), resource...), "--type="+kind, "--patch-file", file)
	return patch{file: file, command: shellescape.QuoteCommand(command), data: data}, err
}

func known(objects []manifest.Object, w releases.Workload) (manifest.Object, bool) {
	for _, o := range objects {
		if o.Kind() == w.Kind && o.Name() == w.Name {
			return o, true
		}
	}
	return manifest.Object{}, false
}

// leftOut says what the patches lack, such as hooks, and why.
func leftOut(r Result) diag.Issues {
	if r.Release.Operated() {
		return nothingToPatch(r)
	}
	var issues diag.Issues
	for _, w := range r.Release.Workloads {
		if _, ok := known(r.Base, w); w.PreHook != nil && !ok {
			issues = append(issues, diag.Issue{
				Severity: diag.Warning, Pos: diag.Position{File: r.Name},
				Message: fmt.Sprintf("the pre hook of %s is left out: the server would replace its whole env, so its patch needs the known object", w.Name),
				Hint:    "name the installation in spec.base or spec.template, or use `threescale-redis migrate --from EXPORT`",
			})
		}
	}
	return issues
}

// nothingToPatch says why there is no patch of the APIManager.
func nothingToPatch(r Result) diag.Issues {
	p := r.APIManagerPatch()
	if p.Patch != nil {
		return nil
	}
	return diag.Issues{{
		Severity: diag.Warning, Pos: diag.Position{File: r.Name},
		Message: fmt.Sprintf("there is nothing to patch: APIManager/%s has all databases outside by spec.highAvailability", p.Name),
	}}
}

func patchDocument(r Result) ([]byte, error) {
	patches, err := patches(r)
	var b strings.Builder
	for i, p := range patches {
		if i > 0 {
			b.WriteString(documentSeparator)
		}
		fmt.Fprintf(&b, "# Save as %s, then: %s\n%s", p.file, p.command, p.data)
	}
	return []byte(b.String()), err
}

func patchFiles(r Result) ([]File, error) {
	patches, err := patches(r)
	var files []File
	for _, p := range patches {
		files = append(files, File{Name: p.file, Data: append([]byte("# "+p.command+"\n"), p.data...)})
	}
	return files, err
}
