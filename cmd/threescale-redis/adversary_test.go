package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/threescale-redis/threescale-redis/internal/testinput"
)

// maxMemory is what no input makes the process use.
const maxMemory = 512 << 20

// hostileSpec is a spec with a place for what is hostile.
const hostileSpec = `apiVersion: threescale-redis.io/v1alpha1
kind: ThreescaleRedis
metadata: {name: prod}
spec:
  release: "2.7"
  profile: self-managed
  redis: {host: redis.example.com%s}
  databases: {backendQueues: {db: 1}, system: {db: 2, namespace: a}, messageBus: {db: 3, namespace: b}}
`

// hostile is an input and what is said about it.
type hostile struct {
	files map[string]func(io.Writer)
	args  string
	stdin string // the file that is standard input
	pipe  string // a named pipe without a writer
	long  string // the file that is made 600 MB long, with zeros that no disk keeps
	want  string
}

func text(s string) func(io.Writer) { return func(w io.Writer) { _, _ = io.WriteString(w, s) } }

// repeated is a text between two others, very often.
func repeated(before, s string, n int, after string) func(io.Writer) {
	return func(w io.Writer) {
		_, _ = io.WriteString(w, before)
		for range n {
			_, _ = io.WriteString(w, s)
		}
		_, _ = io.WriteString(w, after)
	}
}

func specText(redis string, more ...string) func(io.Writer) {
	return text(fmt.Sprintf(hostileSpec, redis) + strings.Join(more, ""))
}

// aliasBomb is a document of some hundred bytes that stands for gigabytes.
func aliasBomb() string {
	var b strings.Builder
	b.WriteString("kind: A\nmetadata: {name: a}\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 8 {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 10))
	}
	return b.String()
}

// smallBombs is a stream of documents that each expand to as much as one may.
func smallBombs(w io.Writer) {
	repeated("", "---\nkind: A\nmetadata: {name: a}\na: &a ["+strings.Repeat("x, ", 990)+"]\nb: ["+strings.Repeat("*a, ", 100)+"]\n", 60, "")(w)
}

// hostileInputs are refused at once.
func hostileInputs() map[string]hostile {
	type files = map[string]func(io.Writer)
	base := "  base: {manifests: [base.yaml]}\n"
	kustomization := "  base: {kustomization: k}\n"
	ours := func(name string, content func(io.Writer)) files {
		return files{"threescale-redis.yaml": specText(""), name: content}
	}
	config := "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n"
	return map[string]hostile{
		"password of 600 MB":      {files: files{"spec": specText(", password: {fromFile: big}")}, long: "big", args: "render -f spec", want: "spec.redis.password: big: is larger than 64 KiB"},
		"password from a device":  {files: files{"spec": specText(", password: {fromFile: /dev/zero}")}, args: "render -f spec", want: "must be a regular file"},
		"verify of a device":      {files: files{"spec": specText("")}, args: "verify /dev/zero -f spec", want: "/dev/zero: error: must be a regular file"},
		"spec from a device":      {args: "render -f /dev/zero", want: "must be a regular file"},
		"template from a device":  {files: files{"spec": specText("")}, args: "template /dev/zero -f spec", want: "must be a regular file"},
		"parameters of a device":  {files: files{"spec": specText("")}, args: "template amp.yml -f spec --param-file /dev/zero", want: "must be a regular file"},
		"base from a device":      {files: files{"spec": specText("", "  base: {manifests: [/dev/zero]}\n")}, args: "render -f spec", want: "must be a regular file"},
		"endless standard input":  {args: "render -f -", stdin: "/dev/zero", want: "is larger than 1 MiB"},
		"dense spec":              {files: files{"spec": repeated("[", "a,", 500_000, "]")}, args: "render -f spec", want: "must hold at most 20000 values"},
		"60,000 Sentinels":        {files: files{"spec": repeated(fmt.Sprintf(hostileSpec, "")+"  sentinels: {hosts: [a", ",a", 60_000, "]}")}, args: "check -f spec", want: "must hold at most 20000 values"},
		"5,000 Sentinels":         {files: files{"spec": specText(", sentinels: {hosts: [a" + strings.Repeat(",a", 4_999) + "]}")}, args: "check -f spec", want: "must have at most 100 items"},
		"bomb in an export":       {files: files{"spec": specText(""), "export": text(aliasBomb())}, args: "verify export -f spec", want: "its aliases expand to more"},
		"60 bombs in an export":   {files: files{"spec": specText(""), "export": smallBombs}, args: "verify export -f spec", want: "its aliases expand to more"},
		"export of 59 MB":         {files: files{"spec": specText(""), "export": repeated("", "---\n"+config+"data: {x: "+strings.Repeat("x", 950)+"}\n", 59_000, "")}, args: "verify export -f spec", want: "is larger than 32 MiB"},
		"deep export":             {files: files{"spec": specText(""), "export": text("kind: A\nmetadata: {name: a}\na: " + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000))}, args: "verify export -f spec", want: "is nested in more than 200 levels"},
		"objects of a template":   {files: files{"spec": specText(""), "amp.yml": repeated("apiVersion: v1\nkind: Template\nobjects:\n", "- {apiVersion: v1, kind: A, metadata: {name: a}}\n", 1_000_000, "")}, args: "template amp.yml -f spec", want: "is larger than 8 MiB"},
		"bomb in a base":          {files: files{"spec": specText("", base), "base.yaml": text(aliasBomb())}, args: "render -f spec", want: "its aliases expand to more"},
		"60 bombs in a base":      {files: files{"spec": specText("", base), "base.yaml": smallBombs}, args: "render -f spec", want: "its aliases expand to more"},
		"dense base":              {files: files{"spec": specText("", base), "base.yaml": repeated("[", "a,", 4_000_000, "]")}, args: "render -f spec", want: "must hold at most 200000 values"},
		"golden folder is a pipe": {files: files{"threescale-redis.yaml": specText("")}, pipe: "golden", args: "golden .", want: "golden: error: must be a directory"},
		"golden file of 600 MB":   {files: ours("golden/manifests.yaml", text("")), long: "golden/manifests.yaml", args: "golden .", want: "golden/manifests.yaml: error: is larger than 4 MiB: not a golden file"},
		"index is a pipe":         {files: ours("d/.threescale-redis.work/x", text("")), pipe: "d/.threescale-redis.index", args: "render -d d", want: "d/.threescale-redis.index: error: is in the way"},
		"index of 600 MB":         {files: ours("d/.threescale-redis.index", text("x")), long: "d/.threescale-redis.index", args: "render -d d", want: "d/.threescale-redis.index: error: is in the way"},
		"600 MB in the way":       {files: ours("d/secret-system-redis.yaml", text("x")), long: "d/secret-system-redis.yaml", args: "render -d d", want: "d/secret-system-redis.yaml: error: is in the way"},
		"self alias":              {files: files{"spec": specText("", kustomization), "k/kustomization.yaml": text("resources: [a.yaml]\n"), "k/a.yaml": text(config + "a: &a [*a]\n")}, args: "render -f spec", want: "its aliases expand to more"},
		"bomb in a kustomization": {files: files{"spec": specText("", kustomization), "k/kustomization.yaml": text("patches: [{path: a.yaml}]\n"), "k/a.yaml": text(aliasBomb())}, args: "render -f spec", want: "its aliases expand to more"},
		"bomb in a ResourceList":  {files: files{"list": text("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: {}\nitems:\n- " + strings.ReplaceAll(aliasBomb(), "\n", "\n  "))}, args: "krm", stdin: "list", want: "its aliases expand to more"},
	}
}

// largeInputs are refused after some work.
func largeInputs() map[string]hostile {
	type files = map[string]func(io.Writer)
	config := "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n"
	return map[string]hostile{
		"endless export":         {files: files{"spec": specText("")}, args: "verify - -f spec", stdin: "/dev/zero", want: "is larger than 32 MiB"},
		"endless list":           {args: "krm", stdin: "/dev/zero", want: "is larger than 32 MiB"},
		"dense export":           {files: files{"spec": specText(""), "export": repeated("[", "a,", 10_000_000, "]")}, args: "verify export -f spec", want: "must hold at most 500000 values"},
		"export of small values": {files: files{"spec": specText(""), "export": repeated("kind: A\nmetadata: {name: a}\nx: {a", ",a", 490_000, "}")}, args: "verify export -f spec", want: "is given twice"},
		"export of empty values": {files: files{"spec": specText(""), "export": repeated("kind: A\nmetadata: {name: a}\nx: [", "{a}:{b},", 120_000, "]")}, args: "verify export -f spec", want: "must have"},
		"export of one text":     {files: files{"spec": specText(""), "export": repeated("kind: A\nmetadata: {name: a}\nx: '", strings.Repeat("x", 1<<20), 31, "'")}, args: "verify export -f spec", want: "must have"},
		"other line breaks":      {files: files{"spec": specText(""), "export": repeated("", "a:\u0085", 8_000_000, "")}, args: "verify export -f spec", want: "must hold at most 500000 values"},
		"UTF-16":                 {files: files{"spec": specText(""), "export": repeated("\xff\xfe", "-\x00 \x00", 8_000_000, "")}, args: "verify export -f spec", want: "must hold at most 500000 values"},
		"many exports":           {files: files{"spec": specText(""), "d/1.yaml": repeated(config+"x: '", "x", 20<<20, "'"), "d/2.yaml": repeated(config+"x: '", "x", 20<<20, "'")}, args: "verify d -f spec", want: "is too much for one run"},
		"fewer objects of one":   {files: files{"spec": specText(""), "amp.yml": repeated("apiVersion: v1\nkind: Template\nobjects:\n", "- {apiVersion: v1, kind: A, metadata: {name: a}}\n", 150_000, "")}, args: "template amp.yml -f spec", want: "must hold at most 100000 values"},
		"parameters without end": {files: files{"spec": specText(""), "amp.yml": repeated("apiVersion: v1\nkind: Template\nparameters: [{name: A, value: "+strings.Repeat("v", 1<<20)+"}]\nobjects: [{apiVersion: v1, kind: Secret, metadata: {name: system-redis}, x: '", "${A}", 90_000, "'}]\n")}, args: "template amp.yml -f spec --accept-unpinned", want: "must bring at most 16 MiB"},
		"way back of 600 MB":     {files: files{"threescale-redis.yaml": specText(""), "d/rollback/x.yaml": text("# Generated by threescale-redis. Do not edit.\n")}, long: "d/rollback/x.yaml", args: "migrate --from EXPORT -d d", want: "d/rollback/x.yaml: error: is the way back of another plan"},
		"dense ResourceList":     {files: files{"list": repeated("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: {}\nitems: [", "{a},", 245_000, "]")}, args: "krm", stdin: "list", want: "is required"},
	}
}

// TestAdversary: no input makes the process use more than 512 MiB, and each is
// refused with a reason and without a result. A process counts the memory of the
// one that started it, which is why inputs are written piece by piece.
func TestAdversary(t *testing.T) {
	inputs := hostileInputs()
	if testinput.Full(t, "inputs that take long until they are refused") {
		maps.Copy(inputs, largeInputs())
	}
	for name, tt := range inputs {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, write := range tt.files {
				writeTo(t, filepath.Join(dir, file), write)
			}
			if tt.pipe != "" {
				if err := syscall.Mkfifo(filepath.Join(dir, tt.pipe), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if tt.long != "" {
				lengthen(t, filepath.Join(dir, tt.long))
			}
			if strings.Contains(tt.args, "EXPORT") {
				data := testinput.Export(t, "installed-2.6.0.GA.yaml")
				writeTo(t, filepath.Join(dir, "EXPORT"), text(string(data)))
			}
			stdout, stderr, memory, exit := runLimited(t, dir, tt.stdin, strings.Fields(tt.args)...)
			if exit != 1 || stdout != "" || !strings.Contains(stderr, tt.want) {
				t.Errorf("exit code %d\n%.500s\nwant %q in:\n%.2000s", exit, stdout, tt.want, stderr)
			}
			if memory > maxMemory {
				t.Errorf("%d MiB of memory were used", memory>>20)
			}
			t.Logf("%d MiB", memory>>20)
		})
	}
}

// TestAdversary_accepted: what is just within the limits is taken, and fits.
func TestAdversary_accepted(t *testing.T) {
	if !testinput.Full(t, "an export just within the limits") {
		t.SkipNow()
	}
	dir := t.TempDir()
	data := testinput.Export(t, "installed-2.6.0.GA.yaml")
	writeTo(t, filepath.Join(dir, "export"), func(w io.Writer) {
		for i := range 60 {
			_, _ = w.Write([]byte("---\n"))
			_, _ = w.Write([]byte(strings.ReplaceAll(string(data), "namespace: threescale\n", fmt.Sprintf("namespace: ns%d\n", i))))
		}
	})
	writeTo(t, filepath.Join(dir, "spec"), func(w io.Writer) {
		_, _ = io.WriteString(w, strings.Replace(fmt.Sprintf(hostileSpec, ""), "{name: prod}", "{name: prod, namespace: ns7}", 1))
	})
	stdout, stderr, memory, _ := runLimited(t, dir, "", "verify", "export", "-f", "spec")
	if !strings.Contains(stderr, "export (namespace ns7)") {
		t.Errorf("prints %s\n%s", stdout, stderr)
	}
	if memory > maxMemory {
		t.Errorf("%d MiB of memory were used", memory>>20)
	}
	t.Logf("%d MiB", memory>>20)
}

// lengthen makes a file 600 MB long.
func lengthen(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(600<<20), f.Close()); err != nil {
		t.Fatal(err)
	}
}

func writeTo(t *testing.T, path string, write func(io.Writer)) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	write(w)
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// runLimited runs the program, and returns how much memory it had at most.
func runLimited(t *testing.T, dir, stdin string, args ...string) (stdout, stderr string, memory int64, exit int) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GOMEMLIMIT=") || strings.HasPrefix(v, "GOGC=") })
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if stdin != "" {
		if !filepath.IsAbs(stdin) {
			stdin = filepath.Join(dir, stdin)
		}
		f, err := os.Open(stdin)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cmd.Stdin = f
	}
	var failed *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Skip("skipped: this system does not count the memory of a process")
	}
	return out.String(), errs.String(), usage.Maxrss << 10, cmd.ProcessState.ExitCode()
}
