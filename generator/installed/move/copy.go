package move

import (
	"bytes"
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"text/template"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

const (
	objectPrefix = "threescale-redis-copy-"
	dataDir      = "/data"
	statusPort   = 8080
)

//go:embed copy.yaml.tmpl
var copyText string

var copyTemplate = template.Must(template.New("copy").Funcs(template.FuncMap{"indent": indent}).Parse(copyText))

// indent puts a text into a block of YAML. An empty line stays empty.
func indent(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = "    " + line
		}
	}
	return strings.Join(lines, "\n")
}

// render renders the file of a copy, and reads it back.
func (r route) render(o Options, all []route) (Copy, error) {
	c := Copy{Name: r.name(all), Server: r.server, Databases: r.names()}
	c.Object = objectPrefix + c.Name
	c.From, c.To = where(r.old, r.oldDBs()), where(r.new, r.newDBs())
	if r.new.MasterGroup != "" {
		c.MasterEnv = "TARGET"
	}
	if o.Back {
		c.From, c.To = c.To, c.From
		if c.MasterEnv != "" {
			c.MasterEnv = "SOURCE"
		}
	}
	conf := configuration(o, r, c.MasterEnv)
	text := conf.compose(quote)
	err := conf.readBack(text, c.MasterEnv)
	if err == nil {
		c.File, c.Masked = c.file(o.Image, text), c.file(o.Image, conf.compose(masked))
		err = c.readBack(o.Image, text)
	}
	if err != nil {
		return Copy{}, fmt.Errorf("the copy %s does not read back: %w", c.Name, err)
	}
	return c, nil
}

func (c Copy) file(image, config string) string {
	var b bytes.Buffer
	err := copyTemplate.Execute(&b, map[string]any{
		"Name": c.Name, "Object": c.Object, "From": diag.Printable(c.From), "To": diag.Printable(c.To), "MasterEnv": c.MasterEnv,
		"Image": strconv.Quote(image), "Config": config, "DataDir": dataDir, "StatusPort": statusPort,
	})
	if err != nil {
		panic(err) // the template and a buffer alone
	}
	return b.String()
}

// readBack reports whether the file holds the configuration and the image as they are.
func (c Copy) readBack(image, config string) error {
	objects, err := manifest.Read(c.Name, []byte(c.File))
	if err != nil || len(objects) != 2 {
		return fmt.Errorf("it is not YAML of two objects")
	}
	container := manifest.Named(manifest.Field(objects[1].Node, "spec", "containers"), "redis-shake")
	if manifest.Text(objects[0].Node, "stringData", "shake.toml") != config || manifest.Text(container, "image") != image {
		return fmt.Errorf("its YAML says something else")
	}
	return nil
}
