package probe

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Pings are measured until there are enough, or until they take longer than one answer
// may: a slow server must not use up the time of all checks.
const pings = 100

// slow is the p50 from which on a warning is due: an authorization takes several
// round trips to the storage, and a client waits for it.
const slow = 10 * time.Millisecond

// measure says how long the server takes to answer.
func (v *visit) measure(ctx context.Context) bool {
	client, err := v.client(v.at, 0)
	if err != nil {
		return false
	}
	defer func() { _ = client.Close() }()
	_ = client.Ping(ctx) // connects
	var took []time.Duration
	begin := v.Now()
	for len(took) < pings && v.Now().Sub(begin) < v.Timeout {
		before := v.Now()
		// A user who may not ping is answered too.
		if err := client.Ping(ctx).Err(); err != nil && code(err) == "" {
			break
		}
		took = append(took, v.Now().Sub(before))
	}
	if len(took) == 0 {
		v.failed(ctx, finding{latency, "no answer to PING", "find out why the server hangs"})
		return true
	}
	slices.Sort(took)
	p50, p99 := percentile(took, 50), percentile(took, 99)
	saw := fmt.Sprintf("p50 %s, p99 %s of %d pings", milliseconds(p50), milliseconds(p99), len(took))
	if p50 > slow {
		v.add(latency, Warning, saw, "move the server closer to the pods, or find out why it is slow")
		return true
	}
	v.add(latency, OK, saw, "")
	return true
}

// percentile returns the value that so many percent of sorted values do not exceed.
func percentile(sorted []time.Duration, percent int) time.Duration {
	return sorted[(len(sorted)*percent+99)/100-1]
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}
