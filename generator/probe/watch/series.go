package watch

import "time"

// maxBuckets is how many buckets a Series has: more than a picture shows.
const maxBuckets = 512

// firstWidth is how long the buckets of a Series are at first.
const firstWidth = 100 * time.Millisecond

// Series are the latencies of a watch, in buckets of the same length. When there are
// too many, each two become one.
type Series struct {
	Begin   time.Time
	Width   time.Duration
	Buckets []Bucket
}

// Bucket is a part of a Series.
type Bucket struct {
	// Count is how many latencies it has, Sum their sum, Max the longest.
	Count    int
	Sum, Max time.Duration
}

// Mean is the mean latency, 0 where there is none.
func (b Bucket) Mean() time.Duration {
	if b.Count == 0 {
		return 0
	}
	return b.Sum / time.Duration(b.Count)
}

// and is a bucket with what is in both.
func (b Bucket) and(other Bucket) Bucket {
	return Bucket{b.Count + other.Count, b.Sum + other.Sum, max(b.Max, other.Max)}
}

// add puts a latency where an operation ended.
func (s *Series) add(at time.Time, latency time.Duration) {
	for s.index(at) >= maxBuckets {
		s.halve()
	}
	for s.index(at) >= len(s.Buckets) {
		s.Buckets = append(s.Buckets, Bucket{})
	}
	b := &s.Buckets[s.index(at)]
	b.Count++
	b.Sum += latency
	b.Max = max(b.Max, latency)
}

func (s *Series) index(at time.Time) int { return int(max(at.Sub(s.Begin), 0) / s.Width) }

// halve makes each two buckets one.
func (s *Series) halve() {
	s.Width *= 2
	half := s.Buckets[:0]
	for i := 0; i < len(s.Buckets); i += 2 {
		b := s.Buckets[i]
		if i+1 < len(s.Buckets) {
			b = b.and(s.Buckets[i+1])
		}
		half = append(half, b)
	}
	s.Buckets = half
}

// total is all latencies in one bucket.
func (s Series) total() (all Bucket) {
	for _, b := range s.Buckets {
		all = all.and(b)
	}
	return all
}
