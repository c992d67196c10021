package series

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
	"time"
)

// NumBuckets is the number of buckets of a latency histogram: one more than there are
// bounds between them.
const NumBuckets = 18

// BoundsVersion is the version of the bounds below. Counts of different versions are
// never added. When the bounds change, raise it: stored counts keep the version that they
// were made with.
const BoundsVersion = 1

// bounds lie evenly on a logarithmic scale, and the roles' limits of 10 and 20 ms are
// among them.
var bounds = [NumBuckets - 1]time.Duration{
	50 * time.Microsecond, 100 * time.Microsecond, 200 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
}

// Bounds are the latencies between the buckets, from 50 µs to 10 s.
func Bounds() [NumBuckets - 1]time.Duration { return bounds }

// BoundName names a bucket by its upper bound: 50us, 100us, … 10s, and inf for the last.
// InfluxDB's fields and the export's columns use these names.
func BoundName(i int) string {
	if i < 0 || i >= len(bounds) {
		return "inf"
	}
	return strings.Replace(bounds[i].String(), "µ", "u", 1)
}

// BucketOf is the bucket that an I/O of this latency falls into. Like the kernel, it
// counts an I/O that took exactly a bound in the bucket above it.
func BucketOf(latency time.Duration) int {
	for i, b := range bounds {
		if latency < b {
			return i
		}
	}
	return NumBuckets - 1
}

// Histogram is how many I/Os took how long. Bucket i has those that took at least bound
// i-1 and less than bound i. Reads and writes are counted together, and discards too: the
// kernel keeps one histogram a region.
type Histogram struct {
	Version uint8 // of the bounds
	Counts  [NumBuckets]uint64
}

// Total is the number of I/Os, at most 2⁶⁴-1.
func (h *Histogram) Total() uint64 {
	var n uint64
	for _, c := range h.Counts {
		n = addCounts(n, c)
	}
	return n
}

// addCounts stops at the highest number, so that damaged counts never begin again at zero.
// The order in which counts are added makes no difference.
func addCounts(x, y uint64) uint64 {
	sum, carry := bits.Add64(x, y, 0)
	if carry != 0 {
		return math.MaxUint64
	}
	return sum
}

// MostCounted is the most I/Os of a histogram that is stored: what an integer of either
// store holds.
const MostCounted = math.MaxInt64

// Storable reports whether both stores can hold the counts: they and their sum are at
// most MostCounted. Those of a kernel always are. Both leave out a histogram that is not.
func (h *Histogram) Storable() bool {
	var n uint64
	for _, c := range h.Counts {
		if c > MostCounted-n {
			return false
		}
		n += c
	}
	return true
}

// Add gives the I/Os of both in a new histogram. ok is false if their bounds differ: such
// counts can't be added.
func (h *Histogram) Add(o *Histogram) (sum Histogram, ok bool) {
	if h.Version != o.Version {
		return Histogram{}, false
	}
	sum = *h
	for i, c := range o.Counts {
		sum.Counts[i] = addCounts(sum.Counts[i], c)
	}
	return sum, true
}

// Quantile gives the bucket in which the p-th part of the I/Os ends, by nearest rank: with
// p = 0.95, 95 of 100 I/Os took less than Upper. p is from 0 to 1. ok is false without any
// I/O, and for bounds of another version.
func (h *Histogram) Quantile(p float64) (b Bound, ok bool) {
	total := h.Total()
	if total == 0 || h.Version != BoundsVersion || !(p >= 0 && p <= 1) {
		return Bound{}, false
	}
	// A count of more than 2⁵³ has no exact float; the last bucket that has any ends it.
	// What p lacks or has too much as a float is no I/O: 28 % of 25 are 7.
	const inexact = 0x1p-51
	rank := total
	if r := math.Ceil(p * float64(total) * (1 - inexact)); r < math.MaxUint64 {
		rank = max(uint64(r), 1)
	}
	var seen uint64
	last := 0
	for i, c := range h.Counts {
		if c == 0 {
			continue
		}
		last = i
		if seen = addCounts(seen, c); seen >= rank {
			break
		}
	}
	return bucketBound(last), true
}

func bucketBound(i int) (b Bound) {
	if i > 0 {
		b.Lower = bounds[i-1]
	}
	if i < len(bounds) {
		b.Upper = bounds[i]
	}
	return b
}

// Bound is what a bucket knows about a latency: it was at least Lower, and below Upper.
type Bound struct {
	Lower time.Duration
	Upper time.Duration // 0: above the last bound, and nobody knows how much
}

// Above reports whether the latency is above the last bound, 10 s.
func (b Bound) Above() bool { return b.Upper == 0 && b.Lower > 0 }

// String is "< 50 ms", or "> 10 s" above the last bound.
func (b Bound) String() string {
	if b.Above() {
		return "> " + spaced(b.Lower)
	}
	return "< " + spaced(b.Upper)
}

// spaced writes a bound with a space before its unit.
func spaced(d time.Duration) string {
	switch {
	case d >= time.Second:
		return fmt.Sprintf("%d s", d/time.Second)
	case d >= time.Millisecond:
		return fmt.Sprintf("%d ms", d/time.Millisecond)
	}
	return fmt.Sprintf("%d µs", d/time.Microsecond)
}

// LatencyReading is what device-mapper's statistics of one device say at one instant: sums
// since the region that keeps them was made.
type LatencyReading struct {
	Version uint8  // of the bounds
	Region  uint64 // the kernel's number of the region
	// Made is CLOCK_MONOTONIC in ns when the region was made. Regions don't outlive a
	// boot, so it tells one from another that got the same number. 0 is unknown.
	Made            uint64
	Short           bool // the device grew beyond the region: some I/O is not counted
	Counts          [NumBuckets]uint64
	ReadNS, WriteNS uint64 // time that completed I/Os took; discards are among the writes
}
