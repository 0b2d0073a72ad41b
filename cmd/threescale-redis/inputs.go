package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/spec"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/input"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// stdin is the name of standard input on the command line, stdinName in messages.
const (
	stdin     = "-"
	stdinName = "<stdin>"
)

// specFlags name one spec by its layers.
type specFlags struct {
	File []string `short:"f" sep:"none" placeholder:"FILE" help:"A spec, or \"-\" for standard input; several are layers, the last one wins. Without it and PATH: ./threescale-redis.yaml." predictor:"file"`
	Set  []string `sep:"none" placeholder:"PATH=VALUE" help:"Set a field on top of all layers: spec.redis.masterGroup=mymaster." predictor:"field"`
}

// Validate is called by kong: a flag without a path or a value is a mistake on the
// command line. What follows "=" may be secret and is in no message.
func (f specFlags) Validate() error {
	for _, set := range f.Set {
		if path, _, ok := strings.Cut(set, "="); !ok || path == "" {
			return errors.New("--set must be PATH=VALUE")
		}
	}
	return nil
}

// pathArgs name many specs.
type pathArgs struct {
	Path []string `arg:"" optional:"" help:"Specs, or directories that are searched for threescale-redis.yaml; --file are layers below each." predictor:"file"`
}

// namedSpec is a spec that the command line names, not yet parsed.
type namedSpec struct {
	// name is the path of the topmost layer.
	name   string
	layers []spec.Layer
	sets   []string
	// parser reads the layers that the files name.
	parser spec.Parser
	// parameters are put over those of spec.template.
	parameters map[string]secret.Value
}

// dir is the directory of the spec.
func (s namedSpec) dir() string { return filepath.Dir(s.name) }

// pathsOf are the names of specs.
func pathsOf(specs []namedSpec) []string {
	var paths []string
	for _, s := range specs {
		paths = append(paths, s.name)
	}
	return paths
}

func (s namedSpec) parse() spec.Document {
	doc := s.parser.Parse(s.layers, s.sets)
	if len(s.parameters) > 0 && !doc.Spec.Template.Said && !doc.Issues.Failed() {
		doc.Issues = append(doc.Issues, diag.Issue{
			Pos: diag.Position{File: s.name}, Path: "spec.template", Message: "is required: --param and --param-file set its parameters",
		})
	}
	doc.Spec.Template.Value.SetParameters(s.parameters)
	return doc
}

// readSpecs reads the specs that the command line names.
func readSpecs(env *Env, flags specFlags, paths []string) ([]namedSpec, error) {
	var layers []spec.Layer
	var issues diag.Issues
	for _, file := range flags.File {
		layer, err := openLayer(env, file)
		issues = append(issues, diag.From(err)...)
		layers = append(layers, layer)
	}
	if len(flags.File) > 0 && len(paths) == 0 {
		name := flags.File[len(flags.File)-1]
		return []namedSpec{{name: name, layers: layers, sets: flags.Set, parser: env.parser()}}, issues.Err()
	}
	if len(paths) == 0 {
		paths = []string{spec.FileName}
	}
	files, err := findSpecs(paths)
	issues = append(issues, diag.From(err)...)
	var found []namedSpec
	var layersOnly diag.Issues
	for _, file := range files {
		own, err := openLayer(env, file)
		issues = append(issues, diag.From(err)...)
		if spec.IsLayer(own) && !slices.Contains(paths, file) { // found in a directory
			layersOnly = diag.Issues{{Pos: diag.Position{File: file}, Message: "is a layer: no spec is below " + paths[0]}}
			continue
		}
		found = append(found, namedSpec{
			name: file, layers: append(layers[:len(layers):len(layers)], own), sets: flags.Set, parser: env.parser(),
		})
	}
	if len(found) == 0 {
		issues = append(issues, layersOnly...)
	}
	return found, issues.Err()
}

// findSpecs returns the files that paths name: a file itself, and every spec
// below a directory.
func findSpecs(paths []string) ([]string, error) {
	var files []string
	var issues diag.Issues
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case path == stdin || err == nil && !info.IsDir():
			files = append(files, path)
			continue
		case err != nil:
			issues = append(issues, fileIssue(path, err))
			continue
		}
		before := len(files)
		err = walkDir(path, func(file string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return diag.Issues{fileIssue(file, err)}
			case d.IsDir() && filepath.Clean(file) != filepath.Clean(path) && strings.HasPrefix(d.Name(), "."):
				return fs.SkipDir
			case !d.IsDir() && d.Name() == spec.FileName:
				files = append(files, file)
			}
			return nil
		})
		issues = append(issues, diag.From(err)...)
		if err == nil && len(files) == before {
			issues = append(issues, diag.Issue{
				Pos: diag.Position{File: path}, Message: "no " + spec.FileName + " below this directory",
				Hint: fmt.Sprintf("%q prints one to start from", program+" init sentinel"),
			})
		}
	}
	return unique(files), issues.Err()
}

// unique returns each file once, in order: a directory may be given beside a spec in it.
func unique(files []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(files, func(file string) bool {
		clean := filepath.Clean(file)
		given := seen[clean]
		seen[clean] = true
		return given
	})
}

// walkDir walks a directory, also one that a symbolic link names.
func walkDir(path string, walk fs.WalkDirFunc) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path += string(filepath.Separator)
	}
	return filepath.WalkDir(path, walk)
}

// parser parses specs, and reads the layers that their files name.
func (env *Env) parser() spec.Parser {
	return spec.Parser{Read: func(file string) ([]byte, error) {
		data, err := env.Inputs.File(input.Spec, file)
		if err != nil {
			err = errors.New(reason(err))
		}
		return data, err
	}}
}

// openLayer reads a layer of a spec.
func openLayer(env *Env, file string) (spec.Layer, error) {
	name, data, err := env.read(input.Spec, file)
	return spec.Layer{Name: name, Data: data}, err
}

// read reads a file that the command line names, or standard input, and returns
// the name that messages show.
func (env *Env) read(kind input.Kind, file string) (name string, data []byte, err error) {
	if name = file; file == stdin {
		name = stdinName
		data, err = env.Inputs.Read(kind, env.Stdin)
	} else {
		data, err = env.Inputs.File(kind, file)
	}
	if err != nil {
		issue := fileIssue(name, err)
		if errors.Is(err, input.ErrSpecial) {
			issue.Hint = `"-" reads standard input, which may be a pipe`
		}
		return name, nil, diag.Issues{issue}
	}
	return name, data, nil
}

// fileIssue says why a file can't be used, without the words of the system call.
func fileIssue(file string, err error) diag.Issue {
	if file == "" {
		file = `""` // an unset variable of a shell
	}
	issue := diag.Issue{Pos: diag.Position{File: file}, Message: reason(err)}
	var tooLarge input.SizeError
	switch {
	case os.IsNotExist(err) && filepath.Base(file) == spec.FileName:
		issue.Hint = fmt.Sprintf("%q prints one to start from", program+" init sentinel")
	case errors.As(err, &tooLarge) && tooLarge.Kind == input.Export:
		issue.Hint = "export only what is compared: `oc get dc,secret -n NAMESPACE -o yaml`, from 2.13 on `oc get apimanager,dc,deployment,job,secret`"
	}
	return issue
}

func reason(err error) string {
	var path *fs.PathError
	switch {
	case os.IsNotExist(err):
		return "there is no such file"
	case os.IsPermission(err):
		return "no permission to read it"
	case errors.As(err, &path):
		return path.Err.Error()
	default:
		return err.Error()
	}
}

// lookup reads the secrets that references name.
func (env *Env) lookup(v secret.Value) (string, error) {
	switch v.Kind() {
	case secret.Env:
		text, ok := env.LookupEnv(v.Name())
		switch {
		case !ok:
			return "", fmt.Errorf("environment variable %s is not set", v.Name())
		case text == "":
			return "", fmt.Errorf(`environment variable %s is empty: write "" for no password`, v.Name())
		}
		return text, nil
	default:
		data, err := env.Inputs.File(input.Secret, v.Name())
		return fileSecret(v.Name(), data, err)
	}
}

// fileSecret returns the secret in what was read from a file.
func fileSecret(file string, data []byte, err error) (string, error) {
	if err != nil {
		return "", fmt.Errorf("%s: %s", file, reason(err))
	}
	text := dropNewline(string(data))
	if text == "" {
		return "", fmt.Errorf(`%s is empty: write "" for no password`, file)
	}
	return text, nil
}

// dropNewline drops the one line end that editors leave at the end of a file.
func dropNewline(text string) string {
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
}
