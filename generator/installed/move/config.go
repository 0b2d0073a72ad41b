package move

import (
	_ "embed"
	"fmt"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/threescale-redis/threescale-redis/generator/redis"
	"github.com/threescale-redis/threescale-redis/internal/secret"
)

// The keys of the script. The copies leave out those that only it reads; they let the
// marker through.
const (
	statePrefix = "threescale-redis:state:"
	marker      = "threescale-redis:marker"
)

// probeKey is what the readiness probe of the old pods writes: as long as it is copied,
// no server is ever silent.
const probeKey = "liveness-probe"

// config is the configuration of RedisShake, as its internal/config and the options of
// its readers and its writer name the keys (4.2.0). Nothing else is composed.
type config struct {
	Sync   *end `toml:"sync_reader"`
	Scan   *end `toml:"scan_reader"`
	Writer *end `toml:"redis_writer"`
	Filter struct {
		AllowDB        []int    `toml:"allow_db"`
		BlockKeyPrefix []string `toml:"block_key_prefix"`
		BlockCommand   []string `toml:"block_command"`
		Function       string   `toml:"function"`
	} `toml:"filter"`
	Advanced struct {
		Dir         string `toml:"dir"`
		StatusPort  int    `toml:"status_port"`
		LogInterval int    `toml:"log_interval"`
		NCPU        int    `toml:"ncpu"`
		Restore     string `toml:"rdb_restore_command_behavior"`
		MaxBulk     *int   `toml:"target_redis_proto_max_bulk_len"`
	} `toml:"advanced"`
}

// end is a server that RedisShake connects to.
type end struct {
	Address  string `toml:"address"`
	Username string `toml:"username"`
	Password string `toml:"password"`
	TLS      bool   `toml:"tls"`
	DBs      []int  `toml:"dbs"`
}

// configuration returns what RedisShake is to do for a route.
func configuration(o Options, r route, masterEnv string) config {
	from, to := r.oldEnd(), newEnd(r.new, masterEnv)
	numbers, other := r.oldDBs(), func(p pair) (int, int) { return p.old, p.new }
	if o.Back {
		from, to = to, from
		numbers, other = r.newDBs(), func(p pair) (int, int) { return p.new, p.old }
	}
	var c config
	c.Writer = &to
	if o.Mode == Offline {
		from.DBs = numbers
		c.Scan = &from
	} else {
		c.Sync = &from
	}
	c.Filter.AllowDB = numbers
	c.Filter.BlockKeyPrefix = []string{probeKey, statePrefix}
	c.Filter.BlockCommand = []string{"FLUSHALL", "FLUSHDB", "SWAPDB"}
	c.Filter.Function = function(r, o.Back, other)
	c.Advanced.Dir, c.Advanced.StatusPort, c.Advanced.LogInterval, c.Advanced.NCPU = dataDir, statusPort, 5, 1
	c.Advanced.Restore = "panic"
	if o.Back {
		// RESTORE of an older Redis refuses what a newer one dumps: no value is so short
		// that RedisShake would use it.
		c.Advanced.MaxBulk = new(0)
	}
	return c
}

func (r route) oldEnd() end {
	return end{
		Address:  redis.Address{Host: r.server.Address.Host, Port: port(r.server.Address.Port, redis.DefaultPort)}.String(),
		Username: r.old.Username, Password: r.old.Password.Reveal(),
	}
}

func newEnd(c redis.Connection, masterEnv string) end {
	e := end{Username: c.Username, Password: c.Password.Reveal(), TLS: c.TLS.On}
	if e.Address = "${" + masterEnv + "}"; masterEnv == "" {
		e.Address = redis.Address{Host: c.Host, Port: port(c.Port, redis.DefaultPort)}.String()
	}
	return e
}

// backFunction rewrites the commands that a Redis from 6.0 on sends to its replicas
// and that 3.2 does not know. EX, PX and EXAT of SET come as PXAT, or as PX; INCRBYFLOAT
// as SET with KEEPTTL; GETEX and GETDEL as PEXPIREAT, PERSIST and DEL (t_string.c of 6.2
// and 7.0, and run).
//
//go:embed back.lua
var backFunction string

// function is the Lua function that RedisShake calls with each command, or "" where all
// databases keep their numbers. m leads from a number in the source to one in the target.
func function(r route, back bool, numbers func(pair) (from, to int)) string {
	var entries []string
	changes := false
	for _, p := range r.pairs {
		from, to := numbers(p)
		changes = changes || from != to
		entries = append(entries, fmt.Sprintf("[%d] = %d", from, to))
	}
	table := "local m = {" + strings.Join(entries, ", ") + "}\n"
	switch {
	case back:
		return table + backFunction
	case changes:
		return table + "if m[DB] ~= nil then shake.call(m[DB], ARGV) end\n"
	default:
		return ""
	}
}

// compose writes a configuration with the passwords as reveal shows them.
func (c config) compose(reveal func(string) string) string {
	var b strings.Builder
	write := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	for _, x := range []struct {
		name string
		*end
	}{{"sync_reader", c.Sync}, {"scan_reader", c.Scan}, {"redis_writer", c.Writer}} {
		if x.end == nil {
			continue
		}
		write("[%s]", x.name)
		write("address = %s", address(x.Address))
		write("username = %s", quote(x.Username))
		write("password = %s", reveal(x.Password))
		write("tls = %t", x.TLS)
		if x.DBs != nil {
			write("dbs = [%s]", list(x.DBs))
		}
		write("")
	}
	write("[filter]")
	write("allow_db = [%s]", list(c.Filter.AllowDB))
	write(`block_key_prefix = ["%s"]`, strings.Join(c.Filter.BlockKeyPrefix, `", "`))
	write(`block_command = ["%s"]`, strings.Join(c.Filter.BlockCommand, `", "`))
	if c.Filter.Function != "" {
		write("function = '''\n%s'''", c.Filter.Function)
	}
	write("\n[advanced]")
	write("dir = %q", c.Advanced.Dir)
	write("status_port = %d", c.Advanced.StatusPort)
	write("log_interval = %d", c.Advanced.LogInterval)
	write("ncpu = %d", c.Advanced.NCPU)
	write("rdb_restore_command_behavior = %q", c.Advanced.Restore)
	if c.Advanced.MaxBulk != nil {
		write("target_redis_proto_max_bulk_len = %d", *c.Advanced.MaxBulk)
	}
	return b.String()
}

// address is a reference to the env var of the master, or a quoted address.
func address(text string) string {
	if strings.HasPrefix(text, "${") {
		return `"` + text + `"`
	}
	return quote(text)
}

// quote writes a text as TOML. The file goes through envsubst first, which takes $ for
// the start of a name, and RedisShake 4 logs in wrongly with some other characters:
// only letters and digits stand for themselves.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			b.WriteRune(r)
		case r > 0xFFFF:
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// masked stands for a password where there is one.
func masked(password string) string {
	if password == "" {
		return `""`
	}
	return `"` + secret.Mask + `"`
}

// readBack reads a composed text as RedisShake does, first through envsubst, then as
// TOML, and reports whether it says what was meant. The reason quotes nothing.
func (c config) readBack(text, masterEnv string) error {
	const sample = "192.0.2.1:6379"
	name := "${" + masterEnv + "}"
	if masterEnv != "" {
		text = strings.ReplaceAll(text, name, sample)
	}
	if strings.Contains(text, "$") {
		return fmt.Errorf("a $ is left, which envsubst would take for a variable")
	}
	var got config
	if err := toml.NewDecoder(strings.NewReader(text)).DisallowUnknownFields().Decode(&got); err != nil {
		return fmt.Errorf("it is no TOML")
	}
	want := c
	for _, x := range []**end{&want.Sync, &want.Scan, &want.Writer} {
		if *x != nil && masterEnv != "" && (*x).Address == name {
			e := **x
			e.Address = sample
			*x = &e
		}
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("it reads back as something else")
	}
	return nil
}
