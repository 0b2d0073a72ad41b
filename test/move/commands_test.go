package move_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	sigsyaml "sigs.k8s.io/yaml"

	"k8s.io/client-go/util/jsonpath"

	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// words are the words of a command of oc, without its flags.
type words struct {
	ocCall
	verb  string
	args  []string
	flags map[string]string
	// command is what follows -- or the target of rsh.
	command []string
}

// valued are the flags whose value is the next word, where no = holds it.
var valued = []string{"-n", "-f", "-l", "-o", "-p", "-c", "--replicas", "--type", "--patch-file", "--timeout", "--for", "--from-literal", "--tail", "--since"}

func parseWords(call ocCall) words {
	w := words{ocCall: call, flags: map[string]string{}}
	for i := 0; i < len(call.args); i++ {
		word := call.args[i]
		name, value, assigned := strings.Cut(word, "=")
		switch {
		case word == "--":
			w.command = call.args[i+1:]
			return w
		case w.verb == "rsh" && len(w.args) == 1:
			w.command = call.args[i:]
			return w
		case strings.HasPrefix(word, "-") && assigned:
			w.flags[name] = value
		case slices.Contains(valued, word) && i+1 < len(call.args):
			i++
			w.flags[word] = call.args[i]
		case strings.HasPrefix(word, "-"):
			w.flags[word] = "true"
		case w.verb == "":
			w.verb = word
		default:
			w.args = append(w.args, word)
		}
	}
	return w
}

// commands are those of oc that plans use and the simulated server does not know.
var commands = map[string]func(*installation, words) error{
	"rsh": (*installation).exec, "exec": (*installation).exec, "logs": (*installation).logs,
	"create": (*installation).create, "delete": (*installation).delete, "patch": (*installation).patch,
	"scale": (*installation).scaleCommand, "rollout": (*installation).rollout, "wait": (*installation).wait,
	"get": (*installation).get, "set": (*installation).setEnv,
}

// oc runs a command, and returns its exit code.
func (in *installation) oc(call ocCall) int {
	w := parseWords(call)
	err := errors.New("the namespace must be threescale")
	if w.flags["-n"] == "threescale" {
		run, there := commands[w.verb]
		if !there {
			run = (*installation).server
		}
		err = run(in, w)
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return max(exit.ExitCode(), 1)
	default:
		fmt.Fprintln(w.err, "error:", err)
		return 1
	}
}

// server hands a command to the simulated server, with the file that it names.
func (in *installation) server(w words) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, flag := range []string{"-f", "--patch-file"} {
		if file, given := w.flags[flag]; given {
			data, err := os.ReadFile(filepath.Join(w.dir, file))
			if err != nil {
				return err
			}
			in.cluster.Files = map[string][]byte{file: data}
		}
	}
	return in.cluster.Run("oc " + strings.Join(w.ocCall.args, " "))
}

// exec runs a command in the pod of an old Redis: its redis-cli comes first.
func (in *installation) exec(w words) error {
	if len(w.args) != 1 || len(w.command) == 0 {
		return fmt.Errorf("oc %s requires a pod and a command: %q", w.verb, w.ocCall.args)
	}
	s, there := in.services[filepath.Base(w.args[0])]
	if _, err := in.object(id(w.args[0])); !there || err != nil {
		return fmt.Errorf("%s is no Redis pod", w.args[0])
	}
	dir := in.t.TempDir()
	cli := fmt.Sprintf(podCLI, filepath.Join(in.old.Folder(in.t), "redis-cli"), s.Port, filepath.Join(dir, "ports.sed"))
	in.mu.Lock()
	ports := in.ports
	in.mu.Unlock()
	for name, text := range map[string]string{"redis-cli": cli, "date": podDate, "ports.sed": ports} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			return err
		}
	}
	c := exec.CommandContext(w, w.command[0], w.command[1:]...)
	c.Env = append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	c.Dir, c.Stdout, c.Stderr = s.Dir, w.out, w.err
	// Not w.stdin itself: Wait would wait for its end, also when the command has ended.
	stdin, err := c.StdinPipe()
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(stdin, w.stdin)
		_ = stdin.Close()
	}()
	return c.Run()
}

func (in *installation) object(id string) (manifest.Object, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.cluster.Object(id)
}

// podCLI is redis-cli inside of a pod, where the server listens on 6379, and copies say
// the port of their pods.
const podCLI = `#!/bin/bash
args=("$@")
if [[ " $* " != *" -h "* ]]; then args=(-p %[2]d) && while [ $# -gt 0 ]; do case $1 in -p) shift 2;; *) args+=("$1"); shift;; esac; done; fi
if [[ "${args[*]}" != *"info replication" ]]; then exec %[1]s "${args[@]}"; fi
%[1]s "${args[@]}" | sed -f %[3]s
`

// podDate is date inside of a pod, where it is noon: a plan does not begin at some times
// of the day.
const podDate = `#!/bin/bash
case $* in *%H*) set -- -d 12:00 "$@";; esac
exec /bin/date "$@"
`

func (in *installation) bareOf(name string) (barePod, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if c := in.bare[filepath.Base(name)]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("pods %q not found", filepath.Base(name))
}

// logs prints what a copy has written; with -f until it ends.
func (in *installation) logs(w words) error {
	if len(w.args) != 1 {
		return fmt.Errorf("oc logs requires a pod: %q", w.args)
	}
	c, err := in.bareOf(w.args[0])
	if err != nil {
		return err
	}
	for printed := 0; ; {
		log := c.Log()
		if _, err := io.WriteString(w.out, log[printed:]); err != nil {
			return nil
		}
		printed = len(log)
		if w.flags["-f"] == "" || c.phase() != "Running" || w.Err() != nil {
			return nil
		}
		sleep(w, 50*time.Millisecond)
	}
}

// create creates the objects of a file, or a ConfigMap.
func (in *installation) create(w words) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(w.args) == 2 && (w.args[0] == "configmap" || w.args[0] == "cm") {
		key, value, ok := strings.Cut(w.flags["--from-literal"], "=")
		if _, there := in.configMap[w.args[1]]; there || !ok {
			return fmt.Errorf("configmap %q: there: %v", w.args[1], there)
		}
		in.configMap[w.args[1]] = map[string]string{key: value}
		return nil
	}
	objects, err := objectsOf(w)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if _, err := in.cluster.Object(o.String()); err == nil {
			return fmt.Errorf("%s already exists", o)
		}
		if err := in.cluster.Put(o); err != nil {
			return err
		}
		var err error
		switch {
		case o.Kind() != "Pod":
		case strings.HasPrefix(o.Name(), "threescale-redis-try-"):
			err = in.startTry(o)
		default:
			err = in.startCopy(o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// objectsOf are the objects of the file that -f names.
func objectsOf(w words) ([]manifest.Object, error) {
	file := w.flags["-f"]
	data, err := os.ReadFile(filepath.Join(w.dir, file))
	if err != nil {
		return nil, err
	}
	return manifest.Read(file, data)
}

// delete deletes objects by their names or by a file.
func (in *installation) delete(w words) error {
	var ids []string
	if w.flags["-f"] != "" {
		objects, err := objectsOf(w)
		if err != nil {
			return err
		}
		for _, o := range objects {
			ids = append(ids, o.String())
		}
	} else {
		kind := kinds[w.args[0]]
		for _, name := range w.args {
			switch {
			case strings.Contains(name, "/"):
				ids = append(ids, id(name))
			case kind != "" && name != w.args[0]:
				ids = append(ids, kind+"/"+name)
			}
		}
	}
	for _, id := range ids {
		if there := in.deleteObject(id); !there && w.flags["--ignore-not-found"] == "" {
			return fmt.Errorf("%s not found", id)
		}
	}
	return nil
}

func (in *installation) deleteObject(id string) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	kind, name, _ := strings.Cut(id, "/")
	_, configMap := in.configMap[name]
	switch c := in.bare[name]; {
	case kind == "ConfigMap":
		delete(in.configMap, name)
		return configMap
	case kind == "Pod" && c != nil:
		c.Kill()
		delete(in.bare, name)
	}
	return in.cluster.Delete(id)
}

// kinds are the kinds by the names that oc takes.
var kinds = map[string]string{"dc": "DeploymentConfig", "deploymentconfig": "DeploymentConfig", "deployment": "Deployment", "secret": "Secret", "pod": "Pod", "apimanager": "APIManager", "configmap": "ConfigMap"}

// id is Kind/name of kind/name.
func id(resource string) string {
	kind, name, _ := strings.Cut(resource, "/")
	return kinds[kind] + "/" + name
}

// patch patches an object with -p; the server reads a file itself.
func (in *installation) patch(w words) error {
	text, given := w.flags["-p"]
	if !given {
		return in.server(w)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	kind := w.flags["--type"]
	if kind == "" {
		kind = "strategic"
	}
	return in.cluster.Patch(id(strings.Join(w.args, "/")), kind, []byte(text))
}

func (in *installation) scaleCommand(w words) error {
	n, err := strconv.Atoi(w.flags["--replicas"])
	if err != nil {
		return err
	}
	for _, resource := range w.args {
		name := filepath.Base(resource)
		if w := in.workloads[name]; w == nil || w.id != id(resource) {
			return fmt.Errorf("%s is not there", resource)
		}
		in.scale(name, n)
	}
	return nil
}

// rollout replaces pods, or waits for them.
func (in *installation) rollout(w words) error {
	if len(w.args) == 2 && w.args[0] == "status" {
		if name := filepath.Base(w.args[1]); in.workloads[name] != nil {
			in.settled(w, name)
		}
		return nil
	}
	return in.server(w)
}

// wait waits until pods are gone, or until a copy is ready.
func (in *installation) wait(w words) error {
	condition := w.flags["--for"]
	for w.Err() == nil {
		done := false
		switch {
		case condition == "delete" && w.flags["-l"] != "":
			names, err := in.running(w.flags["-l"])
			if err != nil {
				return err
			}
			done = len(names) == 0
		case condition == "delete":
			done = !slices.ContainsFunc(w.args, func(name string) bool {
				_, err := in.bareOf(name)
				return err == nil
			})
		case strings.HasPrefix(condition, "jsonpath="):
			path, want, _ := strings.Cut(strings.TrimPrefix(condition, "jsonpath="), "=")
			var got strings.Builder
			if err := in.printPath(&got, id(w.args[0]), path); err != nil {
				return err
			}
			done = got.String() == want
		case condition == "condition=Ready":
			c, err := in.bareOf(w.args[len(w.args)-1])
			if err != nil {
				return err
			}
			done = c.phase() == "Running"
		default:
			return fmt.Errorf("cannot wait for %s", condition)
		}
		if done {
			return nil
		}
		sleep(w, 20*time.Millisecond)
	}
	return w.Err()
}

// get prints an object, or the names of pods.
func (in *installation) get(w words) error {
	if len(w.args) == 1 && slices.Contains([]string{"pod", "pods"}, w.args[0]) {
		names, err := in.running(w.flags["-l"])
		if err != nil {
			return err
		}
		for _, name := range names {
			fmt.Fprintln(w.out, "pod/"+name)
		}
		return nil
	}
	if len(w.args) == 1 && strings.Contains(w.args[0], ",") {
		_, err := w.out.Write(in.export())
		return err
	}
	at := id(strings.Join(w.args, "/"))
	if path, isPath := strings.CutPrefix(w.flags["-o"], "jsonpath="); isPath {
		return in.printPath(w.out, at, path)
	}
	o, err := in.object(at)
	if err != nil {
		return err
	}
	data, err := manifest.Encode(o.Node)
	if err != nil {
		return err
	}
	_, err = w.out.Write(data)
	return err
}

// printPath prints what a JSONPath finds in an object.
func (in *installation) printPath(out io.Writer, id, path string) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	o, err := in.cluster.Object(id)
	if err != nil {
		return err
	}
	data, err := manifest.Encode(o.Node)
	if err != nil {
		return err
	}
	var v map[string]any
	if err := sigsyaml.Unmarshal(data, &v); err != nil {
		return err
	}
	if c := in.bare[o.Name()]; c != nil && o.Kind() == "Pod" {
		v["status"] = map[string]any{"phase": c.phase()}
	}
	p := jsonpath.New("").AllowMissingKeys(true)
	if err := p.Parse(path); err != nil {
		return err
	}
	return p.Execute(out, v)
}

// setEnv lists the env of a workload.
func (in *installation) setEnv(w words) error {
	if len(w.args) != 2 || w.args[0] != "env" || w.flags["--list"] == "" {
		return fmt.Errorf("cannot run oc set %q", w.args)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	env, err := in.cluster.Env(id(w.args[1]))
	if err != nil {
		return err
	}
	for name, value := range env {
		fmt.Fprintf(w.out, "%s=%s\n", filepath.Base(name), value)
	}
	return nil
}
