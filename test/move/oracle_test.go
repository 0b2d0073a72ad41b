package move_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// place is a key of a logical database.
type place struct{ database, key string }

// fate is what became of a report or a job.
type fate struct {
	// given says that Redis has acknowledged it.
	given bool
	// done counts how often it was carried out.
	done int
}

// oracle knows what Redis has acknowledged, and so what must be there at the end.
type oracle struct {
	mu sync.Mutex
	// reports and jobs are what passes through queues, by their identity.
	reports, jobs map[string]*fate
	// fixed are keys that nobody changes, as dump writes them.
	fixed map[place]string
	// counters are the sums of what was added, texts what was set last.
	counters map[place]int64
	texts    map[place]string
	// members are the members of sets that were added (true) or removed (false) last.
	members map[place]map[string]bool
	// entries are those of lists to which only is added.
	entries map[place][]string
	// expiries are the times at which keys end.
	expiries map[place]time.Time
	// authorised and refused count the answers to API calls.
	authorised, refused int
	answered            time.Time
	gap                 time.Duration
	errors              []string
}

func newOracle() *oracle {
	return &oracle{
		reports: map[string]*fate{}, jobs: map[string]*fate{}, fixed: map[place]string{}, counters: map[place]int64{}, texts: map[place]string{},
		members: map[place]map[string]bool{}, entries: map[place][]string{}, expiries: map[place]time.Time{},
	}
}

func (o *oracle) locked(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f()
}

// given notes that a report or a job is in a queue.
func (o *oracle) given(all map[string]*fate, id string) {
	o.locked(func() { fateOf(all, id).given = true })
}

// done notes that a report or a job was carried out.
func (o *oracle) done(all map[string]*fate, id string) {
	o.locked(func() { fateOf(all, id).done++ })
}

func fateOf(all map[string]*fate, id string) *fate {
	if all[id] == nil {
		all[id] = &fate{}
	}
	return all[id]
}

func (o *oracle) added(at place, n int64) { o.locked(func() { o.counters[at] += n }) }

func (o *oracle) set(at place, text string) { o.locked(func() { o.texts[at] = text }) }

func (o *oracle) member(at place, name string, there bool) {
	o.locked(func() {
		if o.members[at] == nil {
			o.members[at] = map[string]bool{}
		}
		o.members[at][name] = there
	})
}

func (o *oracle) appended(at place, entry string) {
	o.locked(func() { o.entries[at] = append(o.entries[at], entry) })
}

func (o *oracle) expires(at place, in time.Duration) {
	o.locked(func() { o.expiries[at] = time.Now().Add(in) })
}

// answer notes the answer to an API call.
func (o *oracle) answer(authorised bool) {
	o.locked(func() {
		now := time.Now()
		if !o.answered.IsZero() {
			o.gap = max(o.gap, now.Sub(o.answered))
		}
		o.answered = now
		if authorised {
			o.authorised++
		} else {
			o.refused++
		}
	})
}

func (o *oracle) failed(who string, err error) {
	o.locked(func() { o.errors = append(o.errors, who+": "+err.Error()) })
}

// verdict is what the oracle says at the end.
type verdict struct {
	reports, jobs tally
	// counters is how many were looked at, the others are what is wrong.
	counters                                            int
	wrongCounters, wrongKeys, stale, wrongTTLs, refused []string
	errors                                              []string
	authorised                                          int
	gap, ttl                                            time.Duration
}

// tally counts reports or jobs.
type tally struct{ acknowledged, lost, twice int }

func tallied(all map[string]*fate) tally {
	var t tally
	for _, f := range all {
		if f.given {
			t.acknowledged++
		}
		if f.given && f.done == 0 {
			t.lost++
		}
		if f.done > 1 {
			t.twice++
		}
	}
	return t
}

func (v verdict) String() string {
	return fmt.Sprintf("reports %d acknowledged, %d lost, %d twice; jobs %d, %d, %d; %d of %d counters wrong; %d keys wrong, %d stale members; %d TTLs wrong, differences up to %v; %d calls authorised, %d refused, longest gap %v; %d errors",
		v.reports.acknowledged, v.reports.lost, v.reports.twice, v.jobs.acknowledged, v.jobs.lost, v.jobs.twice, len(v.wrongCounters), v.counters, len(v.wrongKeys), len(v.stale),
		len(v.wrongTTLs), v.ttl.Round(time.Millisecond), v.authorised, len(v.refused), v.gap.Round(time.Millisecond), len(v.errors))
}

// wrong are all that is wrong, if anything.
func (v verdict) wrong() []string {
	all := slices.Concat(v.wrongCounters, v.wrongKeys, v.stale, v.wrongTTLs, v.refused, v.errors)
	for name, t := range map[string]tally{"reports": v.reports, "jobs": v.jobs} {
		if t.lost > 0 || t.twice > 0 {
			all = append(all, fmt.Sprintf("%s: %d lost, %d done twice", name, t.lost, t.twice))
		}
	}
	return all
}

// judge compares what the databases hold with what they must hold. Nothing runs any
// more.
func (o *oracle) judge(ctx context.Context, database func(string) *redis.Client) verdict {
	o.mu.Lock()
	defer o.mu.Unlock()
	v := verdict{reports: tallied(o.reports), jobs: tallied(o.jobs), counters: len(o.counters), authorised: o.authorised, gap: o.gap, errors: o.errors}
	for range o.refused {
		v.refused = append(v.refused, "an API call was refused")
	}
	for at, want := range o.fixed {
		v.compare(&v.wrongKeys, at, want, dump(ctx, database(at.database), at.key))
	}
	for at, want := range o.counters {
		v.compare(&v.wrongCounters, at, fmt.Sprint(want), database(at.database).Get(ctx, at.key).Val())
	}
	for at, want := range o.texts {
		v.compare(&v.wrongKeys, at, want, database(at.database).Get(ctx, at.key).Val())
	}
	for at, want := range o.entries {
		got := database(at.database).LRange(ctx, at.key, 0, -1).Val()
		slices.Sort(want)
		slices.Sort(got)
		v.compare(&v.wrongKeys, at, strings.Join(want, " "), strings.Join(got, " "))
	}
	for at, members := range o.members {
		v.compareSet(at, members, sorted(ctx, database(at.database), at.key))
	}
	for at, end := range o.expiries {
		v.compareTTL(at, time.Until(end), database(at.database).PTTL(ctx, at.key).Val())
	}
	return v
}

func (v *verdict) compare(list *[]string, at place, want, got string) {
	if want != got {
		*list = append(*list, fmt.Sprintf("%s %s: must be %.200q, is %.200q", at.database, at.key, want, got))
	}
}

func (v *verdict) compareSet(at place, want map[string]bool, got []string) {
	for name, there := range want {
		switch is := slices.Contains(got, name); {
		case there && !is:
			v.wrongKeys = append(v.wrongKeys, fmt.Sprintf("%s %s: lacks %s", at.database, at.key, name))
		case !there && is:
			v.stale = append(v.stale, fmt.Sprintf("%s %s: %s was removed, and is there", at.database, at.key, name))
		}
	}
}

// ttlSlack is how long a command and its acknowledgement may take here; a TTL that was
// lost, or that started again, differs by more.
const ttlSlack = 10 * time.Second

func (v *verdict) compareTTL(at place, want, got time.Duration) {
	difference := (got - want).Abs()
	v.ttl = max(v.ttl, difference)
	if difference > ttlSlack {
		v.wrongTTLs = append(v.wrongTTLs, fmt.Sprintf("%s %s: must end in %v, ends in %v", at.database, at.key, want, got))
	}
}

// sorted are the members of a set or a sorted set.
func sorted(ctx context.Context, c *redis.Client, key string) []string {
	if c.Type(ctx, key).Val() == "zset" {
		return c.ZRange(ctx, key, 0, -1).Val()
	}
	return c.SMembers(ctx, key).Val()
}

// dump writes the value of a key, of any type, as a text.
func dump(ctx context.Context, c *redis.Client, key string) string {
	switch kind := c.Type(ctx, key).Val(); kind {
	case "string":
		return c.Get(ctx, key).Val()
	case "list":
		return kind + " " + strings.Join(c.LRange(ctx, key, 0, -1).Val(), " ")
	case "set":
		return kind + " " + strings.Join(slices.Sorted(slices.Values(c.SMembers(ctx, key).Val())), " ")
	case "zset":
		return fmt.Sprint(kind, c.ZRangeWithScores(ctx, key, 0, -1).Val())
	case "hash":
		h := c.HGetAll(ctx, key).Val()
		var b strings.Builder
		for _, field := range slices.SortedFunc(maps.Keys(h), cmp.Compare[string]) {
			fmt.Fprintf(&b, " %s=%s", field, h[field])
		}
		return kind + b.String()
	default:
		return kind
	}
}

// expectNothingWrong fails a test where anything was lost, doubled or refused.
func (v verdict) expectNothingWrong(t *testing.T) {
	t.Helper()
	wrong := v.wrong()
	for _, text := range wrong[:min(len(wrong), 20)] {
		t.Error(text)
	}
	if v.reports.acknowledged < 100 || v.jobs.acknowledged < 50 || v.counters < 50 {
		t.Errorf("too little traffic to prove anything: %v", v)
	}
}
