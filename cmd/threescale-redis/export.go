package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator"
	"github.com/threescale-redis/threescale-redis/generator/installed/export"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/input"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// exportFiles are the endings of files in a directory that count as export.
var exportFiles = []string{".yaml", ".yml", ".json"}

// readExport reads files and directories, or standard input, as one installation.
func readExport(env *Env, report *report, paths []string, namespace string) (*export.Export, error) {
	return readWith(env, report, paths, func(files []export.File) (*export.Export, error) { return export.Read(files, namespace) })
}

func readWith(env *Env, report *report, paths []string, read func([]export.File) (*export.Export, error)) (*export.Export, error) {
	var files []export.File
	var issues diag.Issues
	for _, path := range paths {
		found, err := exportFile(env, path)
		issues = append(issues, diag.From(err)...)
		files = append(files, found...)
	}
	if issues.Failed() {
		return nil, issues
	}
	e, err := read(files)
	if err != nil {
		return nil, err
	}
	if len(files) > 1 {
		e.Name = strings.Join(paths, ", ")
	}
	if e.Ignored != "" {
		report.say("ignored, since they have no part in this: %s", e.Ignored)
	}
	return e, nil
}

func exportFile(env *Env, path string) ([]export.File, error) {
	info, err := os.Stat(path)
	if path == stdin || err != nil || !info.IsDir() {
		name, data, err := env.read(input.Export, path)
		return []export.File{{Name: name, Data: data}}, err
	}
	var files []export.File
	err = walkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return diag.Issues{fileIssue(file, err)}
		}
		if d.IsDir() || !slices.Contains(exportFiles, strings.ToLower(filepath.Ext(file))) {
			return nil
		}
		name, data, err := env.read(input.Export, file)
		files = append(files, export.File{Name: name, Data: data})
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, diag.Issues{{Pos: diag.Position{File: path}, Message: "holds no file that ends in " + strings.Join(exportFiles, ", ")}}
	}
	return files, nil
}

// oneSpec reads the one spec that an installation is compared with.
func oneSpec(env *Env, flags specFlags, lookup secret.Lookup) (*generator.Checked, error) {
	specs, err := readSpecs(env, flags, nil)
	if err != nil {
		return nil, err
	}
	return generator.Check(specs[0].parse(), generator.Secrets{Lookup: lookup, Now: env.Now})
}

// lookupIfThere leaves references unknown that lead nowhere.
func (env *Env) lookupIfThere(v secret.Value) (string, error) {
	text, err := env.lookup(v)
	if err != nil {
		return "", secret.ErrUnknown
	}
	return text, nil
}
