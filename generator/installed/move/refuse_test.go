package move_test

import (
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/installed/move"
	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// Each fault of a move is refused at its place, and nothing is rendered; a warning
// comes with what is rendered.
func TestNew_refuses(t *testing.T) {
	const storage, bus = "spec.databases.backendStorage", "spec.databases.messageBus"
	first := func(change func(d *move.Database)) func(o *move.Options) {
		return func(o *move.Options) { change(&o.Databases[0]) }
	}
	for name, tt := range map[string]struct {
		change     func(o *move.Options)
		path, want string
		severity   diag.Severity
	}{
		"no image":                {func(o *move.Options) { o.Image = "" }, "spec.data.image", "is required", diag.Error},
		"blank in the image":      {func(o *move.Options) { o.Image = "a b" }, "spec.data.image", "without blanks", diag.Error},
		"line feed in the image":  {func(o *move.Options) { o.Image = "a\nb" }, "spec.data.image", "without blanks", diag.Error},
		"no pod has it":           {first(func(d *move.Database) { d.Old.Host = "redis.example.com" }), storage, "not on a Redis pod", diag.Error},
		"other port":              {first(func(d *move.Database) { d.Old.Port = 6380 }), storage, "not on a Redis pod", diag.Error},
		"behind Sentinels":        {first(func(d *move.Database) { d.Old = sentinels }), storage, "not on a Redis pod", diag.Error},
		"same place":              {first(func(d *move.Database) { d.New = d.Old }), storage, "would go to an old Redis pod", diag.Error},
		"the other pod":           {first(func(d *move.Database) { d.New = redis.Connection{Host: "SYSTEM-redis.threescale.svc", DB: 9} }), storage, "would go to an old Redis pod", diag.Error},
		"nowhere":                 {first(func(d *move.Database) { d.New = redis.Connection{} }), storage, "leads to no server", diag.Error},
		"no Sentinels":            {first(func(d *move.Database) { d.New.Host, d.New.MasterGroup = "", "m" }), storage, "leads to no server", diag.Error},
		"two into one":            {func(o *move.Options) { o.Databases[3].New.DB = 0 }, bus, "backendStorage and messageBus would go into one database", diag.Error},
		"one into two":            {func(o *move.Options) { o.Databases[3].Old.DB = 1 }, bus, "system and messageBus are in one database now", diag.Error},
		"line feed":               {first(func(d *move.Database) { d.New.Password = secret.FromText("s3cret\n") }), storage, "the password must be of printable", diag.Error},
		"not UTF-8":               {first(func(d *move.Database) { d.New.Password = secret.FromText("s3cret\xff") }), storage, "the password must be of printable", diag.Error},
		"line feed for Sentinels": {first(func(d *move.Database) { d.New.Sentinels.Password = secret.FromText("s3\ncret") }), storage, "the password of the Sentinels must", diag.Error},
		"line feed at the old":    {first(func(d *move.Database) { d.Old.Password = secret.FromText("s3\ncret") }), storage, "the password of the old Redis must", diag.Error},
		"placeholder":             {first(func(d *move.Database) { d.New.Password = secret.FromPlaceholder("<path:s3cret#a>") }), storage, "the password must be known", diag.Error},
		"remote":                  {first(func(d *move.Database) { d.New.Password = secret.FromRemote("a", "b") }), storage, "the password must be known", diag.Error},
		"blank in the host":       {first(func(d *move.Database) { d.New.Host = "a b" }), storage, "the host must have no blank", diag.Error},
		"line feed in the user":   {first(func(d *move.Database) { d.New.Username = "a\nb" }), storage, "the user name must have no blank", diag.Error},
		"TLS":                     {first(func(d *move.Database) { d.New.TLS.On = true }), storage, "does not verify the certificate", diag.Warning},
		"client certificate":      {first(func(d *move.Database) { d.New.TLS = redis.TLS{On: true, Certificate: secret.FromText("s3cret")} }), storage, "no certificate of a client", diag.Error},
	} {
		t.Run(name, func(t *testing.T) {
			for _, way := range []func(move.Options) move.Options{func(o move.Options) move.Options { return o }, back, offline} {
				o := way(toOne(host("redis.example.com")))
				tt.change(&o)
				m, issues := move.New(o)
				if (m == nil) != (tt.severity == diag.Error) || len(issues) != 1 {
					t.Fatalf("rendered: %t, issues: %v", m != nil, issues)
				}
				i := issues[0]
				if i.Path != tt.path || i.Severity != tt.severity || !strings.Contains(i.Message, tt.want) {
					t.Errorf("%v", i)
				}
				if strings.Contains(i.String(), "s3cret") || strings.Contains(i.String(), "s3\ncret") {
					t.Errorf("quotes the password: %v", i)
				}
			}
		})
	}
}

// Faults of one run come together.
func TestNew_all(t *testing.T) {
	o := toOne(host("redis.example.com"))
	o.Image = ""
	o.Databases[1].New.Password = secret.FromText("a\nb")
	o.Databases[2].Old.Host = "elsewhere"
	if _, issues := move.New(o); len(issues) != 3 {
		t.Error(issues)
	}
}

// Where the message bus is in the database of system it is copied with it, once.
func TestNew_sharedDatabase(t *testing.T) {
	o := toOne(host("redis.example.com"))
	o.Databases[3].Old.DB, o.Databases[3].New.DB = 1, 2
	m := render(t, o)
	c := m.Copies[1]
	if strings.Join(c.Databases, ",") != "system,messageBus" || !strings.Contains(c.File, "allow_db = [1]\n") || !strings.Contains(m.Checks[1].File, "NAMES=( system+messageBus )") {
		t.Errorf("%v\n%s", c.Databases, c.File)
	}
}

// The names of copies say what is in them, also where some databases share an endpoint.
func TestNew_names(t *testing.T) {
	o := toEach()
	o.Databases[3].New = withDB(host("r3"), 1)
	o.Databases = o.Databases[1:]
	m := render(t, o)
	var got []string
	for _, c := range m.Copies {
		got = append(got, c.Name+" "+c.Object+" "+c.Server.Name)
	}
	if want := "backend threescale-redis-copy-backend backend;system threescale-redis-copy-system system"; strings.Join(got, ";") != want {
		t.Error(got)
	}
}
