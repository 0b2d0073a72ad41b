package spec

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// files are those that a test has. The first one is the spec.
type files map[string]string

func (f files) read(file string) ([]byte, error) {
	text, ok := f[file]
	if !ok {
		return nil, errors.New("there is no such file")
	}
	return []byte(text), nil
}

func (f files) parse(names ...string) Document {
	var layers []Layer
	for _, name := range names {
		layers = append(layers, Layer{name, []byte(f[name])})
	}
	return Parser{Read: f.read}.Parse(layers, nil)
}

const layerHead = "apiVersion: threescale-redis.io/v1alpha1\nkind: ThreescaleRedisLayer\n"

// environment is a spec with layers below it.
func environment(layers, rest string) string {
	return "apiVersion: threescale-redis.io/v1alpha1\nkind: ThreescaleRedis\nlayers: " + layers + "\n" + rest
}

// TestParser_named: what a file names comes below it, each over those before it, and
// paths in a file are relative to that file.
func TestParser_named(t *testing.T) {
	doc := files{
		"envs/prod/threescale-redis.yaml": environment("[../base.yaml, ../eu/region.yaml]", "metadata: {name: prod}\nspec: {redis: {masterGroup: prod, sentinels: {role: ~}}}\n"),
		"envs/base.yaml":                  layerHead + "spec: {release: '2.7', profile: sentinel, redis: {masterGroup: base, password: {fromFile: pw}, sentinels: {hosts: [a, b], role: slave}}}\n",
		"envs/eu/region.yaml":             layerHead + "layers: [common/all.yaml]\nspec: {redis: {db: 3, sentinels: {hosts: [c]}}}\n",
		"envs/eu/common/all.yaml":         "spec: {redis: {db: 2, masterGroup: all, sentinels: {password: {fromFile: ../pw}}}}\n",
	}.parse("envs/prod/threescale-redis.yaml")
	if doc.Issues.Failed() {
		t.Fatal(doc.Issues)
	}
	redis := doc.Spec.Redis
	got := []string{
		doc.Kind, doc.Metadata.Name.Value, redis.MasterGroup.Value, strconv.Itoa(redis.DB.Value), fmt.Sprint(redis.Sentinels.Role.Said),
		redis.Password.Value.String(), redis.Sentinels.Password.Value.String(), redis.Sentinels.Hosts.Value[0].Value,
		redis.Sentinels.Hosts.Pos.String(), redis.Sentinels.Password.Pos.String(), redis.MasterGroup.Pos.String(),
	}
	want := []string{
		"ThreescaleRedis", "prod", "prod", "3", "false", "{fromFile: envs/pw}", "{fromFile: envs/eu/pw}", "c",
		"envs/eu/region.yaml:4:42", "envs/eu/common/all.yaml:1:63", "envs/prod/threescale-redis.yaml:5:29",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestParser_wholeBelow: a whole spec can be a layer, and a layer can be over one.
func TestParser_wholeBelow(t *testing.T) {
	f := files{
		"dev.yaml":  environment("[prod.yaml]", "metadata: {name: dev}\n"),
		"prod.yaml": base,
		"more.yaml": layerHead + "spec: {release: '2.8'}\n",
	}
	doc := f.parse("dev.yaml", "more.yaml")
	if doc.Issues.Failed() || doc.Metadata.Name.Value != "dev" || doc.Spec.Release.Value != "2.8" || doc.Spec.Redis.Password.Value != secret.FromFile("password") {
		t.Errorf("got %+v, %v", doc.File, doc.Issues)
	}
}

func TestParser_mistakes(t *testing.T) {
	const rest = "metadata: {name: a}\nspec: {release: '2.7', profile: sentinel}\n"
	many := files{"a": environment("[l0]", rest)}
	for i := range 120 {
		many[fmt.Sprintf("l%d", i)] = fmt.Sprintf("layers: [l%d]\n", i+1)
	}
	wide := files{"a": environment("["+strings.Repeat("m, ", 101)+"]", rest)}
	dense := files{"a": environment("[l0, l1, l2]", rest)}
	for i := range 3 {
		dense[fmt.Sprintf("l%d", i)] = "metadata: {labels: {" + strings.Repeat("a: b, ", 4000) + "}}"
	}
	tests := map[string]struct {
		files files
		also  []string
		want  string
	}{
		"all files in one run": {
			files: files{
				"a": environment("[b, c, d]", "metadata: {nam: a}\n"),
				"b": layerHead + "spec: {redis: {hots: a}}\n",
				"c": "a: [\n",
				"d": "\ufefflayers: [e]\r\nspec:\r\n  relese: a\r\n",
				"e": "",
			},
			want: "a:4:12: error: metadata.nam: unknown key\n  hint: did you mean \"name\"?\n" +
				"b:3:16: error: spec.redis.hots: unknown key\n  hint: did you mean \"host\"?\n" +
				"c:1:1: error: is not YAML: did not find expected node content\n" +
				"d:3:3: error: spec.relese: unknown key\n  hint: did you mean \"release\"?\n" +
				"e: error: is empty: must be a threescale-redis spec",
		},
		"missing in all": {
			files: files{"a": environment("[b]", "metadata: {namespace: n}\nspec: {redis: {host: h}}\n"), "b": layerHead + "metadata: {labels: {a: b}}\nspec: {profile: sentinel}\n"},
			want:  "a:4:1: error: metadata.name: is required\na:5:1: error: spec.release: is required",
		},
		"no such file": {
			files: files{"a": environment("[b,\n  sub/../c]", "metadata: {nam: a}\n"), "b": rest},
			want:  "a:4:3: error: layers[1]: c: there is no such file\na:5:12: error: metadata.nam: unknown key\n  hint: did you mean \"name\"?",
		},
		"itself":   {files: files{"./a": environment("[a]", rest)}, want: "./a:3:10: error: layers[0]: must not lead back to itself: a -> a"},
		"a circle": {files: files{"a": environment("[d/b]", rest), "d/b": "layers: [c]", "d/c": "layers: [../e, b]", "e": rest}, want: "d/c:1:16: error: layers[1]: must not lead back to itself: d/b -> d/c -> d/b"},
		"twice":    {files: files{"a": environment("[b, c, ./b]", rest), "b": rest, "c": rest}, want: "a:3:16: error: layers[2]: b is a layer twice: first at a:3:10\n  hint: leave one out: the second would undo what is between them"},
		"on two ways": {
			files: files{"a": environment("[b, c]", rest), "b": "layers: [d]", "c": "layers: [d]", "d": rest},
			want:  "c:1:10: error: layers[0]: d is a layer twice: first at b:1:10\n  hint: leave one out: the second would undo what is between them",
		},
		"given by itself too": {
			files: files{"a": rest, "b": environment("[a]", "")}, also: []string{"b"},
			want: "b:3:10: error: layers[0]: a is a layer twice: it is given by itself too\n  hint: leave it out here or there",
		},
		"absolute":   {files: files{"a": environment("[/b]", rest)}, want: "a:3:10: error: layers[0]: must be a path relative to this file"},
		"no list":    {files: files{"a": environment("b", rest)}, want: "a:3:9: error: layers: must be a list"},
		"items":      {files: files{"a": environment("['', 1, ~, {a: b}]", rest)}, want: "a:3:10: error: layers[0]: must be a path\na:3:14: error: layers[1]: must be a string: quote it\na:3:17: error: layers[2]: must be a string\na:3:20: error: layers[3]: must be a string"},
		"key":        {files: files{"a": "layer: [b]\n" + rest}, want: "a:1:1: error: layer: unknown key\n  hint: did you mean \"layers\"?"},
		"in a chain": {files: many, want: "l99:1:10: error: layers[0]: must not be more: a spec has at most 100 layers"},
		"in a list":  {files: wide, want: "a:3:9: error: layers: must have at most 100 items"},
		"values":     {files: dense, want: "l1:1:29: error: metadata.labels.a: is given twice: first at"},
		"only a layer": {
			files: files{"a": layerHead + "spec: {redis: {prot: 1}}\n"},
			want: "a:2:7: error: kind: must be ThreescaleRedis in one of the layers: a ThreescaleRedisLayer is a part of a spec\n  hint: name a spec that has this file among its layers\n" +
				"a:3:16: error: spec.redis.prot: unknown key\n  hint: did you mean \"port\"?",
		},
		"a secret that nothing is below": {
			files: files{"a": environment("[b]", rest), "b": "spec: {redis: {password: ~}}"},
			want:  "b:1:26: error: spec.redis.password: must not be empty: write \"\" for none",
		},
		"another kind": {
			files: files{"a": environment("[b]", rest), "b": "apiVersion: v1\nkind: Secret\n"},
			want:  "b:2:7: error: " + notASpec,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			first := "a"
			if tt.files[first] == "" {
				first = "./a"
			}
			issues := tt.files.parse(append([]string{first}, tt.also...)...).Issues
			if name == "values" {
				if text := issues.Error(); !strings.Contains(text, "must hold at most 20000 values") {
					t.Errorf("got %.300s", text)
				}
				return
			}
			checkError(t, issues.Err(), tt.want)
		})
	}
}

// TestParse_noReader: where no files are read, no layers can be below others.
func TestParse_noReader(t *testing.T) {
	doc := Parse([]Layer{{"a", []byte(environment("[b]", ""))}}, []string{"layers={a}"})
	checkError(t, doc.Issues.Err(), "--set layers: error: layers: unknown key\n  hint: allowed here: apiVersion, kind, metadata, spec\n"+
		"a:3:10: error: layers[0]: must not be given: no other file is read here")
}

func TestIsLayer(t *testing.T) {
	for text, want := range map[string]bool{
		layerHead: true, "kind: 'ThreescaleRedisLayer'": true, base: false, "": false, "# ThreescaleRedisLayer": false,
		"kind: ThreescaleRedisLayer\na: [": false, "metadata: {name: ThreescaleRedisLayer}": false, "- ThreescaleRedisLayer": false,
		"kind: ThreescaleRedis # no ThreescaleRedisLayer": false,
	} {
		if got := IsLayer(Layer{"a", []byte(text)}); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

// FuzzParser holds that layers which a file names mean the same as layers that are
// given one by one, whatever is in them, and that nothing makes the parser read without
// an end.
func FuzzParser(f *testing.F) {
	f.Add(base, "spec: {redis: {password: {fromEnv: A}, sentinels: ~}}", "metadata: {labels: {a: ~}}")
	f.Add("spec: {redis: {password: ~}}", base, "spec: {databases: {system: {db: a}}}")
	f.Add("a: [", "", "layers: [b, a, c, top]")
	f.Add(layerHead, "layers: [a]\n", "layers: [c]")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		set := files{"a": a, "b": b, "c": c, "top": environment("[a, b, c]", "metadata: {name: top}\n")}
		named := set.parse("top")
		if strings.Contains(a+b+c, "layers") || strings.Contains(a+b+c, "\\") { // "\x6cayers"
			return
		}
		set["top"] = environment("[]", "metadata: {name: top}\n")
		given := set.parse("a", "b", "c", "top")
		if diff := cmp.Diff(given.Issues, named.Issues); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(given.File, named.File, cmp.Comparer(func(a, b secret.Value) bool { return a == b })); diff != "" {
			t.Error(diff)
		}
	})
}
