package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/threescale-redis/threescale-redis/generator/format"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// refuseWorkTree is an error where a real secret value would be written into a
// Git work tree, to a file that Git does not ignore.
func refuseWorkTree(env *Env, dir string, files []format.File) error {
	var secrets []string
	for _, f := range files {
		if f.Secret {
			secrets = append(secrets, f.Name)
		}
	}
	if len(secrets) == 0 {
		return nil
	}
	real, err := realPath(dir)
	if err != nil {
		return diag.Issues{fileIssue(dir, err)}
	}
	top := workTree(real)
	if top == "" || ignored(env, top, real, secrets) {
		return nil
	}
	return diag.Issues{{
		Pos:     diag.Position{File: dir},
		Message: "is in the Git work tree " + top + ", and secrets in plain text would be written there",
		Hint:    "write elsewhere or to where Git ignores it, use placeholders or delivery: ExternalSecret, or say --plain-secrets",
	}}
}

// realPath is the absolute path of a directory without symbolic links. Of one that
// does not exist yet, the part that exists is resolved.
func realPath(dir string) (string, error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	var rest string
	for {
		real, err := filepath.EvalSymlinks(path)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		if !errors.Is(err, fs.ErrNotExist) || path == filepath.Dir(path) {
			return "", err
		}
		path, rest = filepath.Dir(path), filepath.Join(filepath.Base(path), rest)
	}
}

// workTree is the top of the Git work tree that a path is in, or "". The .git of a
// linked work tree and of a submodule is a file.
func workTree(path string) string {
	for {
		if _, err := os.Lstat(filepath.Join(path, ".git")); err == nil {
			return path
		}
		if path == filepath.Dir(path) {
			return ""
		}
		path = filepath.Dir(path)
	}
}

// gitVars are the variables that git needs to find its own files. It gets no
// others: some would lead it to another repository, some are passwords.
var gitVars = []string{"PATH", "HOME", "XDG_CONFIG_HOME", "USERPROFILE", "SYSTEMROOT"}

// ignored reports whether Git ignores all the files. Where git is not installed, or
// does not trust the repository, the answer is no.
func ignored(env *Env, top, dir string, files []string) bool {
	var paths bytes.Buffer
	for _, f := range files {
		paths.WriteString(filepath.Join(dir, filepath.FromSlash(f)) + "\x00")
	}
	cmd := exec.Command("git", "-c", "core.fsmonitor=false", "-C", top, "check-ignore", "-z", "--stdin")
	cmd.Env = []string{}
	for _, name := range gitVars {
		if value, ok := env.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	want := slices.Clone(paths.Bytes())
	cmd.Stdin = &paths
	out, err := cmd.Output()
	return err == nil && bytes.Equal(out, want)
}
