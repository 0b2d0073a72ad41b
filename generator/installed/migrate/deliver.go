package migrate

import (
	"regexp"
	"slices"

	"github.com/threescale-redis/threescale-redis/generator/installed/verify"
	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// secretStep brings the Secrets, which rolls nothing: pods read them at start.
func (p *planner) secretStep(s side, created []string) ([]Step, error) {
	step := Step{Title: "Secrets", Why: "No pod may refer to a key that is not there, so the keys come first. This rolls nothing, but a pod that restarts by itself from here on reads the new values: go on without a pause."}
	if s.dir != "" {
		step.Why = "The values become what they were. This rolls nothing, but a pod that restarts by itself from here on reads the old values: go on without a pause."
		if p.leavesKeys(s) {
			step.Why += " New keys stay until the end: no pod may refer to a key that is not there."
		}
	}
	switch p.delivery() {
	case spec.DeliverNone:
		return p.foreignSecretStep(s, step), nil
	case spec.DeliverExternalSecret:
		return p.externalSecretStep(s, step)
	}
	for _, pinned := range p.report.Release.Secrets {
		n := s.secrets[pinned.Name]
		if n == nil {
			continue
		}
		file := s.dir + "secrets/" + pinned.Name + ".yaml"
		if err := p.file(file, n, true); err != nil {
			return nil, err
		}
		switch {
		case s.recreated[pinned.Name] != nil:
			step.Why += " " + recreation(pinned.Name)
			if p.report.Release.Operated() && len(p.report.Release.InternalRedis) > 0 {
				step.Why += " If the operator was faster and has made it anew with its defaults, `oc create` fails: delete it once more."
			}
			step.Commands = append(step.Commands, p.plan.oc("delete", "secret", pinned.Name), p.plan.oc("create", "-f", file))
		case slices.Contains(created, pinned.Name):
			step.Commands = append(step.Commands, p.plan.oc("create", "-f", file))
		default:
			step.Commands = append(step.Commands, p.plan.oc("replace", "-f", file))
		}
	}
	if len(step.Commands) == 0 {
		return nil, nil
	}
	step.Done = p.secretsDone(s)
	if p.placeholders && s.dir == "" {
		step.Why += " The files hold placeholders: let the program that replaces them do so first."
	}
	return []Step{step}, nil
}

// secretsDone says how to see that the Secrets were changed: the server counts their
// versions.
func (p *planner) secretsDone(s side) string {
	for _, o := range p.report.Export.Secrets {
		version := manifest.Text(o.Node, "metadata", "resourceVersion")
		if s.secrets[o.Name()] != nil && !s.back() && versionText.MatchString(version) {
			return "`" + p.plan.oc("get", "secret", o.Name(), "-o", "jsonpath={.metadata.resourceVersion}") + "` prints another number than `" + version + "`, and so on for each."
		}
	}
	return "a new export shows the values of the files."
}

// versionText is what a resourceVersion looks like.
var versionText = regexp.MustCompile(`^[0-9]{1,20}$`)

// recreation says why a Secret is deleted.
func recreation(secret string) string {
	return secret + " is immutable, so it is deleted and created again: run both commands without a pause, since no pod starts in between."
}

// foreignSecretStep leaves the Secrets to those who make them.
func (p *planner) foreignSecretStep(s side, step Step) []Step {
	switch {
	case !p.secretsDiffer():
		return nil
	case s.dir != "":
		step.Why = "The spec says delivery: None. Put back the values and the keys that were there where these Secrets are made, but leave the new keys until the env is as it was."
	case len(p.report.Values) == 0:
		return nil
	default:
		step.Why = "The spec says delivery: None. Change the keys of the list above where these Secrets are made, but leave those without a reader: they go last. Wait until the Secrets have arrived. This rolls nothing."
	}
	return []Step{step}
}

func (p *planner) externalSecretStep(s side, step Step) ([]Step, error) {
	if !p.secretsDiffer() {
		return nil, nil
	}
	if s.dir != "" {
		step.Why = "The ExternalSecrets go first, so that nothing writes the new values again. " + step.Why
		for _, o := range p.objects {
			step.Commands = append(step.Commands, p.plan.oc("delete", "externalsecret", o.Name(), "--cascade=orphan"))
		}
		for _, o := range p.report.Export.Secrets {
			n := s.secrets[o.Name()]
			if n == nil {
				n = plain(o)
			}
			file := s.dir + "secrets/" + o.Name() + ".yaml"
			if err := p.file(file, n, true); err != nil {
				return nil, err
			}
			step.Commands = append(step.Commands, p.plan.oc("replace", "-f", file))
		}
		return []Step{step}, nil
	}
	step.Why = "The External Secrets operator writes the keys. This rolls nothing."
	for _, o := range p.objects {
		file := "secrets/externalsecret-" + o.Name() + ".yaml"
		if err := p.file(file, p.delivered(o.Name()), false); err != nil {
			return nil, err
		}
		step.Commands = append(step.Commands, p.plan.oc("apply", "-f", file), p.plan.oc("wait", "externalsecret/"+o.Name(), "--for=condition=Ready", "--timeout=120s"))
	}
	return []Step{step}, nil
}

// keyStep takes away the keys that no pod refers to any more.
func (p *planner) keyStep(s side) ([]Step, error) {
	step := Step{Title: "Keys that nobody reads", Why: "Only now does no pod refer to them: earlier, none would have started. This rolls nothing.", Done: "`oc describe secret` does not list the keys."}
	for _, pinned := range p.report.Release.Secrets {
		keys := s.gone[pinned.Name]
		if len(keys) == 0 {
			continue
		}
		if last := s.recreated[pinned.Name]; last != nil {
			file := s.dir + "secrets/" + pinned.Name + ".last.yaml"
			if err := p.file(file, last, true); err != nil {
				return nil, err
			}
			step.Why += " " + recreation(pinned.Name)
			step.Commands = append(step.Commands, p.plan.oc("delete", "secret", pinned.Name), p.plan.oc("create", "-f", file))
			continue
		}
		file := s.dir + "patches/" + pinned.Name + ".merge.yaml"
		if err := p.file(file, withoutKeys(keys), false); err != nil {
			return nil, err
		}
		step.Commands = append(step.Commands, p.plan.oc("patch", "secret", pinned.Name, "--type=merge", "--patch-file", file))
	}
	if p.delivery() == spec.DeliverNone && p.leavesKeys(s) {
		step.Why += " Take them away where these Secrets are made."
		return []Step{step}, nil
	}
	if len(step.Commands) == 0 {
		return nil, nil
	}
	return []Step{step}, nil
}

// leavesKeys reports whether a direction ends with keys that nobody reads.
func (p *planner) leavesKeys(s side) bool {
	if s.dir == "" {
		return len(p.report.StaleKeys) > 0 || slices.ContainsFunc(p.report.Release.Secrets, func(s releases.Secret) bool { return len(p.unmounted(s.Name)) > 0 })
	}
	return slices.ContainsFunc(p.report.Values, func(v verify.Value) bool {
		key := p.key(v.Secret, v.Key)
		return v.Missing && (key.IsPEM() || !key.Optional)
	})
}
