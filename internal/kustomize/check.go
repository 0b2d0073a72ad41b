package kustomize

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/konfig"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

const (
	// maxValues is how many values one build reads, maxObjects how many objects it
	// has, and maxLoads how many files. An installation of 3scale has 10,000 values
	// in 70 objects. A base that is named from many places counts as often, and the
	// time that Kustomize takes goes with the square of the objects: 2 s for these.
	maxValues  = 200_000
	maxObjects = 2_000
	maxLoads   = 1_000
	// maxKustomization is how large a kustomization may be: what it says of all
	// objects is written into each.
	maxKustomization = 256 << 10
)

// checker reads a kustomization and all that it names, as Kustomize will.
type checker struct {
	tree   *tree
	reader *manifest.Reader
	// start is the real path of the directory that is built.
	start string
	// seen are the directories and files that were looked at.
	seen map[string]bool
	// schema says that some kustomization brings a schema.
	schema bool
	issues diag.Issues
	// objects are how many objects a file stands for.
	objects map[string]int
	// loads counts the files that Kustomize has loaded, loaded and values what is in
	// them.
	loads, loaded, values int
}

// root looks at the directory that is built.
func (c *checker) root(dir string) {
	c.reader, c.seen, c.objects = manifest.NewReader(maxValues), map[string]bool{}, map[string]int{}
	at, err := c.tree.find(dir)
	c.start = at.name
	switch {
	case err != nil:
		c.report(reference{}, why(err), "")
	case !at.isDir():
		c.report(reference{}, "must be the directory of a kustomization", "")
	default:
		c.directory(at.name, reference{})
	}
}

// report says what is wrong at a reference; the zero one is the directory itself.
func (c *checker) report(r reference, message, hint string) {
	pos := diag.Position{File: "."}
	if r.node != nil {
		pos = manifest.Position(r.file, r.node)
	}
	c.issues = append(c.issues, diag.Issue{Pos: pos, Path: r.path, Message: message, Hint: hint})
}

// name is a file as messages show it.
func (c *checker) name(file string) string {
	if below, err := filepath.Rel(c.start, file); err == nil {
		return below
	}
	return file
}

// directory looks at a kustomization and at all that it names.
func (c *checker) directory(dir string, from reference) {
	if c.seen[dir] {
		return
	}
	c.seen[dir] = true
	var files []found
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		at, err := c.tree.find(path.Join(dir, name))
		switch {
		case err == nil && path.Dir(at.name) == dir && !at.isDir():
			files = append(files, at)
		case err == nil || !errors.Is(err, fs.ErrNotExist):
			c.report(from, "has a "+name+" that is no file in it", "")
			return
		}
	}
	switch len(files) {
	case 0:
		c.report(from, "holds no kustomization.yaml, kustomization.yml or Kustomization", "")
		return
	case 1:
	default:
		c.report(from, "holds more than one kustomization", "")
		return
	}
	data, ok := c.content(files[0], from)
	if !ok {
		return
	}
	file := c.name(files[0].name)
	if len(data) > maxKustomization {
		c.issues = append(c.issues, diag.Issue{
			Pos: diag.Position{File: file}, Message: fmt.Sprintf("is larger than %d KiB: not a kustomization", maxKustomization>>10),
		})
		return
	}
	docs := c.documents(file, data)
	if len(docs) != 1 {
		if !c.issues.Failed() {
			c.issues = append(c.issues, diag.Issue{Pos: diag.Position{File: file}, Message: "must be one kustomization"})
		}
		return
	}
	s := shape{file: file}
	s.kustomization(docs[0])
	c.issues = append(c.issues, s.issues...)
	for _, generator := range []string{"configMapGenerator", "secretGenerator"} {
		c.objects[files[0].name] += len(manifest.Items(manifest.Field(docs[0], generator)))
	}
	for _, field := range fields {
		c.follow(reference{dir, file, docs[0], "", field.role}, strings.Split(field.path, "."))
	}
}

// content reads a file.
func (c *checker) content(at found, from reference) ([]byte, bool) {
	data, err := c.tree.readOnce(at)
	if err != nil {
		if from.node == nil {
			from.file, from.node = c.name(at.name), &yaml.Node{}
		}
		c.report(from, why(err), "")
	}
	return data, err == nil
}

// file looks at a file, once.
func (c *checker) file(at found, r reference) {
	if c.seen[at.name] {
		return
	}
	c.seen[at.name] = true
	data, ok := c.content(at, r)
	if !ok {
		return
	}
	name := c.name(at.name)
	if r.role != roleResource {
		c.documents(name, data)
		return
	}
	objects, err := c.reader.Read(name, data)
	c.objects[at.name] = len(objects)
	c.issues = append(c.issues, diag.From(err)...)
	for _, o := range objects {
		c.issues = append(c.issues, manifest.Check(o)...)
	}
}

// text looks at YAML that stands in a kustomization. Its own lines are no lines
// of the file.
func (c *checker) text(r reference) {
	before := len(c.issues)
	c.documents(r.file, []byte(r.node.Value))
	for i := range c.issues[before:] {
		c.issues[before+i].Pos = manifest.Position(r.file, r.node)
		c.issues[before+i].Path = r.path
	}
}

// documents parses YAML, whose aliases must expand to what can be held.
func (c *checker) documents(name string, data []byte) []*yaml.Node {
	docs, err := c.reader.ReadDocuments(name, data)
	c.issues = append(c.issues, diag.From(err)...)
	for i, doc := range docs {
		if docs[i], err = c.reader.Expanded(doc); err != nil {
			c.issues = append(c.issues, diag.Issue{Pos: manifest.Position(name, doc), Message: err.Error()})
			return nil
		}
	}
	return docs
}

// load looks at a file that Kustomize loads. One that the checker has not seen is
// named by a plugin, or is not YAML at all.
func (c *checker) load(name string, data []byte) error {
	refuse := func(message string) error {
		c.issues = append(c.issues, diag.Issue{Pos: diag.Position{File: c.name(name)}, Message: message})
		return errBroken
	}
	c.loads++
	c.loaded += c.objects[name]
	c.values += manifest.CountValues(data)
	if c.loads > maxLoads || c.loaded > maxObjects || c.values > 2*maxValues {
		return refuse("comes on top of more files and objects than any installation has: a kustomization is named from too many places")
	}
	if c.seen[name] || IsKustomization(path.Base(name)) {
		return nil
	}
	c.seen[name] = true
	docs, err := c.reader.ReadDocuments(name, data)
	if err != nil {
		return nil //nolint:nilerr // no YAML: for a ConfigMap, for example
	}
	for _, doc := range docs {
		if _, err := c.reader.Expanded(doc); err != nil {
			return refuse(err.Error())
		}
	}
	return nil
}

// why is an error of the disk in the words of messages.
func why(err error) string {
	var failed *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file or directory"
	case errors.Is(err, fs.ErrPermission):
		return "no permission to read it"
	case errors.As(err, &failed):
		return failed.Err.Error()
	default:
		return err.Error()
	}
}
