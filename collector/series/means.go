package series

import "time"

// MeansVersion is the version of a histogram of means: short windows' I/Os, all of a
// window in the bucket of its mean await. The bounds are those of BoundsVersion. As it is
// a version of its own, such counts are never added to those of a kernel, and have no
// Quantile: code that asks about each I/O finds nothing here.
const MeansVersion = 128 + BoundsVersion

// LongestMeans is how long a window may be for its means to be counted. The mean of a
// longer one hides what a carpet is for.
const LongestMeans = 5 * time.Second

// FromMeans reports whether these are counts of windows' means.
func (h *Histogram) FromMeans() bool { return h.Version == MeansVersion }

// KnownBounds reports whether a version's buckets are those of Bounds.
func KnownBounds(version uint64) bool { return version == BoundsVersion || version == MeansVersion }

// CountMeans adds a window to a histogram of means: its reads by their mean await, and its
// writes by theirs. What has no await is left out.
func (h *Histogram) CountMeans(i *Interval) {
	h.Version = MeansVersion
	if ms, ok := i.ReadAwait(); ok {
		h.Counts[bucketOfMS(ms)] += i.Value(ReadIOs)
	}
	if ms, ok := i.WriteAwait(); ok {
		h.Counts[bucketOfMS(ms)] += i.Value(WriteIOs)
	}
}

func bucketOfMS(ms float64) int { return BucketOf(time.Duration(ms * float64(time.Millisecond))) }
