package move

import (
	"os/exec"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"al.essio.dev/pkg/shellescape"
	"github.com/pelletier/go-toml/v2"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

func pairOf(password string) Options {
	server := Server{Name: "backend", Workload: "dc/backend-redis", Address: redis.Address{Host: "backend-redis"}}
	return Options{Mode: Live, Image: "a", Servers: []Server{server}, Databases: []Database{{
		Name: redis.BackendStorage, Old: redis.Connection{Host: "backend-redis", Password: secret.FromText(password)},
		New: redis.Connection{Host: "redis.example.com", DB: 3, Password: secret.FromText(password)},
	}}}
}

// Whatever a password is: the configuration has it, the shell has it, and nothing in
// the text means anything to envsubst. What cannot be written is refused.
func FuzzPassword(f *testing.F) {
	for _, s := range []string{"a", `"`, `\`, "$HOME", "${X:-y}", "'", "'''", "é€😀", " ", "\u2028", "\u0085", "a\nb", "\xff", "`x`", "$(x)", "!", "-a", "\x7f", "\ufeff", "\ufffd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, password string) {
		bad := !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl)
		m, issues := New(pairOf(password))
		if bad != issues.Failed() {
			t.Fatalf("%q: %v", password, issues)
		}
		if bad {
			return
		}
		o := pairOf(password)
		r := routes(o)[0]
		text := configuration(o, r, "").compose(quote)
		if strings.Contains(text, "$") {
			t.Errorf("%q: a $ is left", password)
		}
		var got config
		if err := toml.Unmarshal([]byte(text), &got); err != nil || got.Sync.Password != password || got.Writer.Password != password {
			t.Errorf("%q: %v", password, err)
		}
		if !strings.Contains(m.Checks[0].File, "PASSWORD_HERE="+shellescape.Quote(password)+"\n") {
			t.Errorf("%q is not in the script", password)
		}
	})
}

// bash takes each value of a script as it was.
func TestScript_quotes(t *testing.T) {
	for _, password := range []string{"", " ", `a'b"c\d`, "$HOME `x` $(x) !! *", "é€😀\u2028", "-n"} {
		file := newScript(pairOf(password), pairOf(password).Servers[0], routes(pairOf(password))).text()
		head, _, _ := strings.Cut(file, "\nbad=0\n")
		out, err := exec.Command("bash", "-c", head+"\nprintf '%s|%s' \"$PASSWORD_HERE\" \"${PASSWORDS[0]}\"").Output()
		if err != nil || string(out) != password+"|"+password {
			t.Errorf("%q became %q (%v)", password, out, err)
		}
	}
}

// What does not read back as it was meant is not rendered.
func TestReadBack(t *testing.T) {
	o := pairOf("a")
	c := configuration(o, routes(o)[0], "")
	good := c.compose(quote)
	if err := c.readBack(good, ""); err != nil {
		t.Fatal(err)
	}
	sentinel := c
	sentinel.Writer = &end{Address: "${TARGET}", Password: "a"}
	if err := sentinel.readBack(sentinel.compose(quote), "TARGET"); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{
		strings.Replace(good, `"a"`, `"b"`, 1), strings.Replace(good, `"a"`, `"$a"`, 1), strings.Replace(good, "allow_db = [0]", "allow_db = [0, 1]", 1),
		good + "unknown = 1\n", good + "[", strings.Replace(good, "[0] = 3", "[0] = 4", 1), sentinel.compose(quote),
	} {
		if err := c.readBack(bad, ""); err == nil || strings.Contains(err.Error(), `"`) {
			t.Errorf("%v:\n%s", err, bad)
		}
	}
}
