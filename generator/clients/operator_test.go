package clients

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/redis"
)

// asIn is what the operator would do with a reading: 2.15 as a command line of
// redis-cli, 2.16 as the options of go-redis.
func asIn(line string, r Reading) string {
	if r.To == nil {
		return "refused"
	}
	if line == "2.15" {
		if len(r.Sentinels) > 0 {
			s := r.Sentinels[0]
			return fmt.Sprintf("sentinel: -h %s -p %d%s; group %s", s.Host, s.Port, option(" -a ", s.Password.Reveal()), r.To.Host)
		}
		return fmt.Sprintf("-h %s -p %d%s", strings.TrimSpace(r.To.Host), r.To.Port, option(" -a ", r.To.Password.Reveal()))
	}
	text := redis.Address{Host: r.To.Host, Port: r.To.Port}.String()
	if len(r.Sentinels) > 0 {
		var hosts []string
		for _, s := range r.Sentinels {
			hosts = append(hosts, s.String())
		}
		text = "group " + r.To.Host + "; " + strings.Join(hosts, ",")
	}
	text += option("; user=", r.To.Username) + option("; password=", r.To.Password.Reveal())
	if r.To.DB != 0 {
		text += fmt.Sprintf("; db=%d", r.To.DB)
	}
	if len(r.Sentinels) > 0 {
		return text + option("; sentinelUser=", r.Sentinels[0].Username) + option("; sentinelPassword=", r.Sentinels[0].Password.Reveal())
	}
	if r.To.TLS {
		text += "; TLS"
	}
	return text
}

func option(name, value string) string {
	if value == "" {
		return ""
	}
	return name + value
}

// TestOperator has what the operator of 2.15 and of 2.16 was seen to do with the
// values of system-redis. A + marks a reading with a fault.
func TestOperator(t *testing.T) {
	const two = "redis://s1:26379,redis://s2:26379"
	for _, c := range []struct {
		url, sentinels string
		// keys are user name, password, and the same for Sentinels.
		keys     []string
		cli, use string
	}{
		{"redis://h:6379/1", "", nil, "-h h -p 6379", "h:6379; db=1"},
		{"redis://h", "", nil, "-h h -p 6379", "h:6379"},
		{"h:6379/1", "", nil, "-h h -p 6379", "refused"},
		{":pw@h:6379/1", "", nil, "-h h -p 6379 -a pw", "refused"},
		{"redis://:pw@h:6379/1", "", nil, "-h h -p 6379 -a pw", "h:6379; password=pw; db=1"},
		{"redis://default:pw@h:6379/1", "", nil, "+-h default -p 6379", "h:6379; user=default; password=pw; db=1"},
		{"redis://bob:pw@h:6379/1", "", nil, "+-h bob -p 6379", "h:6379; user=bob; password=pw; db=1"},
		{"redis://pw@h:6379", "", nil, "+-h pw@h -p 6379", "+h:6379; user=pw"},
		{"redis://:p%40s@h:6379", "", nil, "+-h h -p 6379 -a p%40s", "h:6379; password=p@s"},
		{"redis://:p@s@h:6379", "", nil, "+-h s@h -p 6379 -a p", "h:6379; password=p@s"},
		{"redis://:p+s@h:6379", "", nil, "-h h -p 6379 -a p+s", "h:6379; password=p+s"},
		{"redis://:p%2Bs@h:6379", "", nil, "+-h h -p 6379 -a p%2Bs", "h:6379; password=p+s"},
		{"redis://:p$HOME@h:6379", "", nil, "+-h h -p 6379 -a p$HOME", "h:6379; password=p$HOME"},
		{"redis://:p;s@h:6379", "", nil, "+-h h -p 6379 -a p;s", "h:6379; password=p;s"},
		{"redis://:p&s@h:6379", "", nil, "+-h h -p 6379 -a p&s", "h:6379; password=p&s"},
		{"redis://:p!s@h:6379", "", nil, "-h h -p 6379 -a p!s", "h:6379; password=p!s"},
		{"redis://:p's@h:6379", "", nil, "+-h h -p 6379 -a p's", "h:6379; password=p's"},
		{"redis://:p(s@h:6379", "", nil, "+-h h -p 6379 -a p(s", "h:6379; password=p(s"},
		{"redis://:p*s@h:6379", "", nil, "-h h -p 6379 -a p*s", "h:6379; password=p*s"},
		{"redis://:p#s@h:6379", "", nil, "-h h -p 6379 -a p#s", "refused"},
		{"redis://:p/s@h:6379", "", nil, "-h h -p 6379 -a p/s", "refused"},
		{"redis://:p:s@h:6379", "", nil, "-h h -p 6379 -a p:s", "h:6379; password=p:s"},
		{"redis://:p%zzs@h:6379", "", nil, "+-h h -p 6379 -a p%zzs", "refused"},
		{"redis://b%40b:pw@h:6379", "", nil, "+-h b%40b -p 6379", "h:6379; user=b@b; password=pw"},
		{"redis://h:6379/abc", "", nil, "-h h -p 6379", "refused"},
		{"redis://h:6379/", "", nil, "-h h -p 6379", "h:6379"},
		{"redis://h:6379/0/1", "", nil, "-h h -p 6379", "refused"},
		{"redis://h:6379?db=4", "", nil, "-h h -p 6379", "h:6379; db=4"},
		{"redis://h:6379/1?foo=bar", "", nil, "-h h -p 6379", "refused"},
		{"redis://h:6379/1?dial_timeout=3s", "", nil, "-h h -p 6379", "h:6379; db=1"},
		{"redis://[::1]:6379/0", "", nil, "+-h [ -p 6379", "[::1]:6379"},
		{"redis://redis_host:6379/0", "", nil, "-h redis_host -p 6379", "redis_host:6379"},
		{"redis://h:abc/0", "", nil, "-h h -p 6379", "refused"},
		{"rediss://h:6380/0", "", nil, "+-h rediss -p 6379", "h:6380; TLS"},
		{"REDIS://h:6379/0", "", nil, "+-h REDIS -p 6379", "refused"},
		{" redis://h:6379/0", "", nil, "+-h redis -p 6379", "refused"},
		{"redis://h:6379/0\n", "", nil, "-h h -p 6379", "refused"},
		{"", "", nil, "refused", "refused"},
		{"http://h:6379/0", "", nil, "+-h http -p 6379", "refused"},
		{"unix:///tmp/redis.sock", "", nil, "+-h unix -p 6379", "refused"},
		{"redis://h:6379/1", "", []string{"bob", "p@ #%w", "", ""}, "-h h -p 6379", "h:6379; user=bob; password=p@ #%w; db=1"},
		{"redis://:urlpw@h:6379/1", "", []string{"bob", "keypw", "", ""}, "-h h -p 6379 -a urlpw", "+h:6379; user=bob; password=urlpw; db=1"},
		{"redis://mymaster/1", two, nil, "sentinel: -h s1 -p 26379; group mymaster", "group mymaster; s1:26379,s2:26379; db=1"},
		{"mymaster", two, nil, "sentinel: -h s1 -p 26379; group mymaster", "refused"},
		{"redis://:pw@mymaster:6379/2", two, nil, "sentinel: -h s1 -p 26379; group mymaster", "group mymaster; s1:26379,s2:26379; password=pw; db=2"},
		{"redis://bob:pw@mymaster/2", two, nil, "+sentinel: -h s1 -p 26379; group mymaster", "group mymaster; s1:26379,s2:26379; user=bob; password=pw; db=2"},
		{"redis://mymaster", "redis://s1,redis://s2", nil, "+sentinel: -h s1 -p 6379; group mymaster", "+group mymaster; s1:6379,s2:6379"},
		{"redis://mymaster", ":spw@s1:26379,:spw@s2:26379", nil, "sentinel: -h s1 -p 26379 -a spw; group mymaster", "group mymaster; s1:26379,s2:26379; sentinelPassword=spw"},
		{"redis://mymaster", "redis://s1:26379, redis://s2:26379", nil, "sentinel: -h s1 -p 26379; group mymaster", "group mymaster; s1:26379,s2:26379"},
		{"redis://mymaster", "redis://s1:26379,,redis://s2:26379", nil, "sentinel: -h s1 -p 26379; group mymaster", "+group mymaster; s1:26379,localhost:6379,s2:26379"},
		{"redis://mymaster", "redis://s1:26379,", nil, "sentinel: -h s1 -p 26379; group mymaster", "+group mymaster; s1:26379,localhost:6379"},
		{"redis://mymaster", "redis://s1:26379;redis://s2:26379", nil, "+-h mymaster -p 6379", "refused"},
		{"redis://mymaster", "redis://:a@s1:26379,redis://:b@s2:26379", nil, "sentinel: -h s1 -p 26379 -a a; group mymaster", "group mymaster; s1:26379,s2:26379; sentinelPassword=a"},
		{"redis://mymaster", "redis://s1:26379,redis://:b@s2:26379", nil, "sentinel: -h s1 -p 26379; group mymaster", "group mymaster; s1:26379,s2:26379; sentinelPassword=b"},
		{"redis://mymaster", "redis://:s%40x@s1:26379", nil, "sentinel: -h s1 -p 26379 -a s%40x; group mymaster", "group mymaster; s1:26379; sentinelPassword=s@x"},
		{"redis://mymaster", "redis://:s+$x@s1:26379", nil, "+sentinel: -h s1 -p 26379 -a s+$x; group mymaster", "group mymaster; s1:26379; sentinelPassword=s+$x"},
		{"redis://mymaster", "redis://:s:x@s1:26379", nil, "+-h mymaster -p 6379", "group mymaster; s1:26379; sentinelPassword=s:x"},
		{"redis://mymaster", "redis://sam:spw@s1:26379", nil, "sentinel: -h s1 -p 26379 -a spw; group mymaster", "group mymaster; s1:26379; sentinelUser=sam; sentinelPassword=spw"},
		{"redis://mymaster", "redis://spw@s1:26379", nil, "+-h mymaster -p 6379", "+group mymaster; s1:26379"},
		{"redis://mymaster", "rediss://s1:26379", nil, "sentinel: -h s1 -p 26379; group mymaster", "group mymaster; s1:26379"},
		{"rediss://mymaster", "rediss://s1:26379", nil, "+sentinel: -h s1 -p 26379; group rediss", "group mymaster; s1:26379"},
		{"redis://mymaster", ",", nil, "+-h mymaster -p 6379", "+group mymaster; localhost:6379,localhost:6379"},
		{"redis://mymaster", " ", nil, "+-h mymaster -p 6379", "+group mymaster; localhost:6379"},
		{"redis://mymaster", "redis://[fd00::1]:26379", nil, "+-h mymaster -p 6379", "group mymaster; [fd00::1]:26379"},
		{"redis://mymaster", "redis://s1:26379", []string{"", "", "sam", "k@y"}, "sentinel: -h s1 -p 26379; group mymaster", "group mymaster; s1:26379; sentinelUser=sam; sentinelPassword=k@y"},
		{"redis://mymaster", "redis://:urlpw@s1:26379", []string{"", "", "sam", "keypw"}, "sentinel: -h s1 -p 26379 -a urlpw; group mymaster", "+group mymaster; s1:26379; sentinelUser=sam; sentinelPassword=urlpw"},
		{"redis://my.master-1_a/0", two, nil, "sentinel: -h s1 -p 26379; group my.master-1_a", "group my.master-1_a; s1:26379,s2:26379"},
	} {
		t.Run(c.url+" "+c.sentinels, func(t *testing.T) {
			system := map[string]string{"URL": c.url, "SENTINEL_HOSTS": c.sentinels, "SENTINEL_ROLE": ""}
			for i, name := range []string{"REDIS_USERNAME", "REDIS_PASSWORD", "REDIS_SENTINEL_USERNAME", "REDIS_SENTINEL_PASSWORD"} {
				if c.keys != nil {
					system[name] = c.keys[i]
				}
			}
			for line, want := range map[string]string{"2.15": c.cli, "2.16": c.use} {
				rel := release(t, line)
				r := read(Values{"system-redis": system}, rel, redis.System, programOf(t, rel, Operator))
				want, faulty := strings.CutPrefix(want, "+")
				stops := slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Effect == Stops })
				got := asIn(line, r)
				if want == "refused" && stops {
					continue
				}
				if got != want || faulty != (len(r.Problems) > 0) {
					t.Errorf("%s: got %s, want %s; problems: %v", line, got, want, r.Problems)
				}
			}
		})
	}
}
