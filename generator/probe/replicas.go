package probe

import (
	"fmt"
	"slices"
	"strings"
)

// judgeReplicas says how many replicas can take over. Any Sentinel may lead a failover,
// so that all of those that name the master count.
func (v *visit) judgeReplicas(up []testimony) {
	asked := slices.DeleteFunc(slices.Clone(up), func(t testimony) bool { return t.unlisted || t.master != up[0].master })
	if len(asked) == 0 {
		v.add(sentinelReplicas, Skipped, "the user may not ask", "run SENTINEL REPLICAS as a user who may")
		return
	}
	best := slices.MaxFunc(asked, func(a, b testimony) int { return able(a) - able(b) })
	v.able = able(best)
	var blind []string
	for _, t := range asked {
		if able(t) == 0 {
			blind = append(blind, t.at.String())
		}
	}
	why, do := unable(best)
	switch {
	case len(best.replicas) == 0:
		v.add(sentinelReplicas, Failed, "no replicas", "add a replica: there is no failover without one")
	case v.able == 0:
		v.add(sentinelReplicas, Failed, count(len(best.replicas), "replica")+", none can take over: "+why, do)
	case len(blind) > 0:
		v.add(sentinelReplicas, Warning, "no replica can take over according to "+some(blind), "compare SENTINEL REPLICAS of these Sentinels with the others")
	case why != "":
		v.add(sentinelReplicas, OK, fmt.Sprintf("%d of %s can take over: %s", v.able, count(len(best.replicas), "replica"), why), "")
	default:
		v.add(sentinelReplicas, OK, count(v.able, "replica")+" can take over", "")
	}
}

// An obstacle keeps Sentinel from promoting a replica.
type obstacle struct {
	is      func(replica map[string]string) bool
	saw, do string
}

// obstacles are the reasons, the first that is one counts.
var obstacles = []obstacle{
	{isDown, "down", "start the replicas that are down"},
	{func(r map[string]string) bool { return r["slave-priority"] == "0" }, "with priority 0", "set replica-priority above 0"},
	{func(r map[string]string) bool { return r["master-link-status"] == "err" }, "not connected to the master", "check the log of the replicas, masterauth and masteruser"},
}

// obstacleOf returns the index of what keeps a replica from taking over, -1 if nothing does.
func obstacleOf(replica map[string]string) int {
	return slices.IndexFunc(obstacles, func(o obstacle) bool { return o.is(replica) })
}

// able is how many replicas a Sentinel would promote.
func able(t testimony) int {
	n := 0
	for _, r := range t.replicas {
		if obstacleOf(r) < 0 {
			n++
		}
	}
	return n
}

// unable says why the other replicas cannot take over, and what to do.
func unable(t testimony) (why, do string) {
	counts := make([]int, len(obstacles))
	for _, r := range t.replicas {
		if i := obstacleOf(r); i >= 0 {
			counts[i]++
		}
	}
	var reasons, ways []string
	for i, o := range obstacles {
		if counts[i] > 0 {
			reasons, ways = append(reasons, fmt.Sprintf("%d %s", counts[i], o.saw)), append(ways, o.do)
		}
	}
	return strings.Join(reasons, ", "), strings.Join(ways, "; ")
}

// compareReplicas says where the master itself sees fewer replicas than the Sentinels.
func (v *visit) compareReplicas() {
	_, said := v.info["connected_slaves"]
	if v.able == 0 || v.info["role"] != "master" || !said {
		return
	}
	online := number(v.info["connected_slaves"])
	for i := range online {
		if line, ok := v.info[fmt.Sprint("slave", i)]; ok && !slices.Contains(strings.Split(line, ","), "state=online") {
			online--
		}
	}
	if online < v.able {
		v.add(sentinelReplicas, Warning, fmt.Sprintf("the master sees %s online, the Sentinels %d", count(online, "replica"), v.able),
			"check INFO replication on the master and the log of the replicas")
	}
}

// count writes a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// some are the first of several names, and how many more there are.
func some(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
