package charts

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

const chart = "threescale-redis"

// TestThreescaleRedis_files: what is embedded is what stands on disk, hidden
// files included.
func TestThreescaleRedis_files(t *testing.T) {
	onDisk := 0
	err := filepath.WalkDir(chart, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		onDisk++
		want, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(chart, path)
		if err != nil {
			return err
		}
		got, err := fs.ReadFile(ThreescaleRedis(), filepath.ToSlash(name))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s is embedded otherwise (%v)", name, err)
		}
		return nil
	})
	if err != nil || onDisk < 5 {
		t.Errorf("%d files on disk (%v)", onDisk, err)
	}
}

// impure are the functions and objects of Helm that return another result with
// another cluster, release, chart or day, and the annotation of hooks.
var impure = regexp.MustCompile(`\b(rand\w+|gen[A-Z]\w+|now|ago|date\w*|uuidv4|lookup|getHostByName|env|expandenv|bcrypt|htpasswd|shuffle|derivePassword|encryptAES)\b|\.(Release|Chart|Capabilities|Template|Files|Subcharts)\b|helm\.sh/hook`)

// TestThreescaleRedis_pure: objects depend on the values alone.
func TestThreescaleRedis_pure(t *testing.T) {
	templates, err := fs.Glob(ThreescaleRedis(), "templates/*")
	if err != nil || len(templates) == 0 {
		t.Fatalf("no templates (%v)", err)
	}
	for _, name := range templates {
		data, err := fs.ReadFile(ThreescaleRedis(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, action := range regexp.MustCompile(`(?s)\{\{.*?\}\}`).FindAllString(string(data), -1) {
			if comment := regexp.MustCompile(`^\{\{-? */\*`); comment.MatchString(action) {
				continue
			}
			if found := impure.FindString(action); found != "" {
				t.Errorf("%s: %s uses %s", name, action, found)
			}
		}
		if regexp.MustCompile(`helm\.sh/hook`).Match(data) {
			t.Errorf("%s has a hook", name)
		}
	}
}
