package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/input"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// pluginCmd is what Argo CD calls, as its config management plugin, in the
// folder of an Application.
type pluginCmd struct {
	Generate   pluginGenerateCmd   `cmd:"" help:"Print the manifests of the Application in this folder."`
	Parameters pluginParametersCmd `cmd:"" help:"Announce the parameters that an Application may set."`
}

// maxPluginErrors is what fits the error box of Argo CD.
const maxPluginErrors = 10

// The environment variables that the plugin reads: three that Argo CD sets for
// each request, and one of the sidecar. What an Application itself sets arrives
// with a prefix, so that it can't set these.
const (
	parametersVar = "ARGOCD_APP_PARAMETERS"
	sourcePathVar = "ARGOCD_APP_SOURCE_PATH"
	allowedVar    = "THREESCALE_REDIS_ALLOWED_ENV"
	projectVar    = "ARGOCD_APP_PROJECT_NAME"
	appEnvPrefix  = "ARGOCD_ENV_"
)

type pluginGenerateCmd struct{}

// Run prints all manifests, or none. Nothing on standard output with exit 0
// would make Argo CD prune the Application.
func (c *pluginGenerateCmd) Run(env *Env, report *report) error {
	report.limit = maxPluginErrors
	text, _ := env.LookupEnv(parametersVar)
	p, err := readParameters(text)
	if err != nil {
		return err
	}
	sourcePath, _ := env.LookupEnv(sourcePathVar)
	repo, err := openRepository(env, sourcePath)
	if err != nil {
		return err
	}
	defer repo.close()
	spec, err := repo.spec(p)
	if err != nil {
		return err
	}
	lookup := func(v secret.Value) (string, error) {
		if v.Kind() == secret.Env {
			return env.lookupApp(v.Name())
		}
		data, err := repo.read(input.Secret, v.Name())
		return fileSecret(v.Name(), data, err)
	}
	result, err := generator.Generate(spec, generator.Secrets{Lookup: lookup}, generator.Named{Files: repo})
	if err != nil {
		return parameterPlaces(err)
	}
	if len(result.Objects) == 0 {
		return diag.Issues{{
			Pos: diag.Position{File: p.files[len(p.files)-1]}, Path: "spec", Message: "renders no manifests",
			Hint: "delivery: None needs a spec.base or a spec.template",
		}}
	}
	data, err := manifest.Write(result.Objects)
	if err != nil {
		return err
	}
	report.issues(append(result.Issues, result.TokenUnused(result.Objects)...))
	for _, notice := range result.Notices {
		report.say("%s", notice)
	}
	_, err = env.Stdout.Write(data)
	return err
}

// lookupApp finds what {fromEnv: name} means in an Application. Whoever may
// write to Git must not see the environment of the sidecar, so that only what
// the sidecar itself allows is read from there: NAME for every Application, and
// PROJECT/NAME for those of a project, which Argo CD names.
func (env *Env) lookupApp(name string) (string, error) {
	own := name
	if !strings.HasPrefix(name, appEnvPrefix) {
		own = appEnvPrefix + name
	}
	if _, ok := env.LookupEnv(own); ok {
		return env.lookup(secret.FromEnv(own))
	}
	allowed, _ := env.LookupEnv(allowedVar)
	project, _ := env.LookupEnv(projectVar)
	for entry := range strings.SplitSeq(allowed, ",") {
		if entry = strings.TrimSpace(entry); entry == name || project != "" && entry == project+"/"+name {
			return env.lookup(secret.FromEnv(name))
		}
	}
	return "", fmt.Errorf("%s is not set: put %s into plugin.env of the Application, or allow it with %s in the sidecar",
		own, strings.TrimPrefix(own, appEnvPrefix), allowedVar)
}

// parameterPlaces calls the place of a field that was set as an Application does.
func parameterPlaces(err error) error {
	issues := diag.From(err)
	for i := range issues {
		if rest, ok := strings.CutPrefix(issues[i].Pos.File, "--set"); ok {
			issues[i].Pos.File = "parameter set" + rest
		}
	}
	return issues
}

type pluginParametersCmd struct{}

// announcement is how Argo CD's user interface learns of a parameter. It never
// hands the value back: what is announced is what readParameters falls back to.
type announcement struct {
	Name           string            `json:"name"`
	Title          string            `json:"title"`
	Tooltip        string            `json:"tooltip"`
	CollectionType string            `json:"collectionType"`
	Array          []string          `json:"array,omitempty"`
	Map            map[string]string `json:"map,omitempty"`
}

// Run prints the announcements.
func (c *pluginParametersCmd) Run(env *Env) error {
	data, err := json.Marshal([]announcement{
		{
			Name: filesParameter, Title: "Spec files", CollectionType: "array", Array: defaultFiles(),
			Tooltip: "The layers of the spec, relative to the Application's folder; the last one wins.",
		},
		{
			Name: setParameter, Title: "Fields", CollectionType: "map", Map: map[string]string{},
			Tooltip: "Fields on top of all layers, such as spec.release: 2.8. Secrets as references only: spec.redis.password.fromEnv: NAME.",
		},
	})
	if err != nil {
		return err
	}
	_, err = env.Stdout.Write(append(data, '\n'))
	return err
}
