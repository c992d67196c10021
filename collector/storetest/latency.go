package storetest

import (
	"math"
	"math/rand/v2"
	"time"

	"lunstat/collector/series"
)

// Means is what the one-second windows of a minute give: about ios I/Os a second, half of them
// reads, each kind in the bucket of its mean. That of many I/Os spreads less than they do.
func Means(r *rand.Rand, ios float64, mean time.Duration) *series.Histogram {
	h := &series.Histogram{}
	for range 57 {
		var i series.Interval
		for _, f := range [2][2]series.Field{{series.ReadIOs, series.ReadMS}, {series.WriteIOs, series.WriteMS}} {
			n := max(0, math.Round(ios/2+math.Sqrt(ios/2)*r.NormFloat64()))
			i.Set(f[0], uint64(n))
			i.Set(f[1], uint64(n*mean.Seconds()*1000*math.Exp(r.NormFloat64()*(0.2+0.6/math.Sqrt(n+1)))))
		}
		h.CountMeans(&i)
	}
	return h
}

// Latencies is a plausible histogram: ios I/Os whose logarithms lie around that of a mean,
// nearly all between six times faster and six times slower. That fills seven or eight
// buckets, one or two more than dm-stats showed of a virtual machine's disks.
func Latencies(r *rand.Rand, ios uint64, mean time.Duration) *series.Histogram {
	const sigma = 0.8
	mu := math.Log(float64(mean)) - sigma*sigma/2
	h := &series.Histogram{Version: series.BoundsVersion}
	left, share := float64(ios), 1.0
	below := 0.0 // the share of all that is below a bound
	for b, bound := range series.Bounds() {
		upTo := 0.5 * (1 + math.Erf((math.Log(float64(bound))-mu)/sigma/math.Sqrt2))
		p := min(1, (upTo-below)/max(share, 1e-12)) // of those that are left
		n := math.Round(left*p + r.NormFloat64()*math.Sqrt(left*p*(1-p)))
		n = min(left, max(0, n))
		h.Counts[b] = uint64(n)
		left, share, below = left-n, share-(upTo-below), upTo
	}
	h.Counts[series.NumBuckets-1] = uint64(left)
	return h
}
