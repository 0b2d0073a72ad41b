package clients

import "strings"

// readNamespace returns the namespace that a program uses.
func (p program) readNamespace(value string) (string, []Fault) {
	if p.name != Porta || !p.does.Namespace {
		return "", nil
	}
	namespace, faults, _ := p.quotedYAML(value)
	if strings.TrimSpace(namespace) == "" {
		return "", faults
	}
	if namespace != value && len(faults) == 0 {
		faults = append(faults, p.fault(YAMLBreaks, Misleads, "drops white space around a line break: the value stands in double quotes in a YAML file"))
	}
	return namespace, faults
}
