package probe

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// readInfo judges what the server says of itself in INFO, and in CONFIG where INFO does
// not have it. Services forbid CONFIG, and a user may be forbidden INFO.
func (v *visit) readInfo(ctx context.Context) bool {
	client, err := v.client(v.at, 0)
	if err != nil {
		return false
	}
	defer func() { _ = client.Close() }()
	text, err := client.Info(ctx).Result()
	v.info = fields(text)
	switch {
	case ctx.Err() != nil:
		return false
	case code(err) != "":
		v.judgeRole(ctx, client)
		saw, do := "INFO: "+code(err), "allow the user to run INFO, or check"
		if notKnown(err) {
			saw, do = "the server does not know INFO", "undo rename-command for INFO, or check"
		}
		v.add(version, Skipped, saw, do+" version, cluster mode, maxmemory-policy and persistence in the settings of the service")
		return true
	case err != nil:
		v.failed(ctx, v.found(err))
		return false
	}
	v.judgeRole(ctx, client)
	v.compareReplicas()
	v.judgeCluster()
	v.judgeVersion()
	v.judgeEviction(ctx, client)
	v.judgePersistence(ctx, client)
	v.judgeMemory()
	return true
}

// fields reads the lines of INFO.
func fields(text string) map[string]string {
	info := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[name] = value
		}
	}
	return info
}

// judgeRole says whether the server is a master, and whether the programs want one.
func (v *visit) judgeRole(ctx context.Context, client *goredis.Client) {
	is := v.info["role"]
	if is == "" {
		if answer, err := client.Do(ctx, "role").Slice(); err == nil && len(answer) > 0 {
			is, _ = answer[0].(string)
		}
	}
	switch {
	case v.Sentinels.Role == "slave":
		v.add(role, Failed, "the Sentinels are asked for a replica", "leave the role empty: 3scale needs a master")
	case is == "slave" || is == "replica":
		v.add(role, Failed, "a replica", toMaster)
	case is == "master" && v.info["connected_slaves"] != "":
		v.add(role, OK, "master, "+count(number(v.info["connected_slaves"]), "replica"), "")
	case is == "master":
		v.add(role, OK, is, "")
	default:
		v.add(role, Skipped, "the server does not say", "find out whether it is a master")
	}
}

// isReplica is called where a write was refused by a server that did not say its role.
func (v *visit) isReplica() {
	for i, r := range v.results {
		if r.Check == role && r.Status == Skipped {
			v.results[i].Status, v.results[i].Saw, v.results[i].Do = Failed, "a replica: it refuses writes with READONLY", toMaster
		}
	}
}

// toMaster is what to do about a replica.
const toMaster = "connect to the master, or through Sentinels"

func (v *visit) judgeCluster() {
	switch {
	case v.info["cluster_enabled"] == "1" || v.info["redis_mode"] == "cluster":
		v.add(cluster, Failed, "on", "use a server without cluster mode")
	case v.info["redis_mode"] == "sentinel":
		v.add(cluster, Failed, "this is a Sentinel", "name the master group and the Sentinels, or use the port of the server")
	default:
		v.add(cluster, OK, "off", "")
	}
}

// plainVersion matches the version of a server.
var plainVersion = regexp.MustCompile(`^[0-9]{1,4}(\.[0-9]{1,4}){0,3}$`)

func (v *visit) judgeVersion() {
	is, least := v.info["redis_version"], v.Release.MinimumRedis
	switch {
	case !plainVersion.MatchString(is):
		v.add(version, Skipped, "the server does not say", "check the version in the settings of the service")
	case older(is, least):
		v.add(version, Failed, is, "upgrade to Redis "+least+" or newer")
	default:
		v.add(version, OK, is, "")
	}
}

// older reports whether a version is below another, number by number.
func older(is, least string) bool {
	a, b := strings.Split(is, "."), strings.Split(least, ".")
	for i := range b {
		has, wants := 0, number(b[i])
		if i < len(a) {
			has = number(a[i])
		}
		if has != wants {
			return has < wants
		}
	}
	return false
}

// plainWord matches the value of a setting that can be shown as it is.
var plainWord = regexp.MustCompile(`^[a-z0-9 -]{1,64}$`)

// setting returns a setting of the server; ok is false where it does not say.
func setting(ctx context.Context, client *goredis.Client, name string) (value string, ok bool) {
	answer, err := client.ConfigGet(ctx, name).Result()
	value, there := answer[name]
	return value, err == nil && there && (value == "" || plainWord.MatchString(value))
}

func (v *visit) judgeEviction(ctx context.Context, client *goredis.Client) {
	policy, ok := v.info["maxmemory_policy"]
	if !ok || !plainWord.MatchString(policy) {
		policy, ok = setting(ctx, client, "maxmemory-policy")
	}
	switch {
	case !ok:
		v.add(eviction, Skipped, "the server does not say", "check maxmemory-policy in the settings of the service")
	case policy != "noeviction":
		v.add(eviction, Failed, policy, "set maxmemory-policy to noeviction")
	default:
		v.add(eviction, OK, policy, "")
	}
}

func (v *visit) judgePersistence(ctx context.Context, client *goredis.Client) {
	if v.info["aof_enabled"] == "1" {
		v.add(persistence, OK, "AOF", "")
		return
	}
	save, ok := setting(ctx, client, "save")
	switch {
	case !ok:
		v.add(persistence, Skipped, "AOF is off, and the server does not report its save setting", "check backups in the settings of the service")
	case save == "":
		v.add(persistence, Warning, "AOF and save are off", "turn on appendonly or save: otherwise a restart loses all data")
	default:
		v.add(persistence, OK, "save "+save, "")
	}
}

// full is the part of maxmemory from which on a warning is due.
const full = 0.8

func (v *visit) judgeMemory() {
	used, err := strconv.ParseInt(v.info["used_memory"], 10, 64)
	limit, limitErr := strconv.ParseInt(v.info["maxmemory"], 10, 64)
	switch {
	case err != nil || limitErr != nil || used < 0 || limit < 0:
		v.add(memory, Skipped, "the server does not say", "check memory in the settings of the service")
	case limit == 0:
		v.add(memory, OK, mebibytes(used)+", maxmemory 0: no limit", "")
	case float64(used) > full*float64(limit):
		v.add(memory, Warning, mebibytes(used)+" of "+mebibytes(limit), "raise maxmemory: with noeviction a full server refuses writes")
	default:
		v.add(memory, OK, mebibytes(used)+" of "+mebibytes(limit), "")
	}
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
