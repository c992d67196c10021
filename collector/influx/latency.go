package influx

import (
	"lunstat/collector/series"
)

// boundsVersion is the field that says by which bounds the buckets of a point were
// counted.
const boundsVersion = "bounds_version"

// latencyOf names the measurement of the histograms that belong to one of intervals or
// bins.
func latencyOf(measurement string) string {
	switch measurement {
	case quarterIO:
		return quarterLatency
	case hourIO:
		return hourLatency
	}
	return rawLatency
}

// latencyFields are the fields of a histogram: how many I/Os are in each bucket, named by
// its upper bound. Unlike Prometheus' buckets none holds those of the ones below it.
func latencyFields() (names [series.NumBuckets]string) {
	for i := range names {
		names[i] = "le_" + series.BoundName(i)
	}
	return names
}

// histogramOf is an interval's histogram, or nil if there is none that can be written:
// the fields have the names of these bounds only.
func histogramOf(i *series.Interval) *series.Histogram {
	if i.Latency == nil || !series.KnownBounds(uint64(i.Latency.Version)) || !i.Latency.Storable() {
		return nil
	}
	return i.Latency
}

// appendLatency writes a histogram with the tags and the time stamp of its interval.
func appendLatency(b []byte, measurement string, i *series.OutInterval, h *series.Histogram, stamp int64) []byte {
	l := line{b: append(b, latencyOf(measurement)...)}
	l.lunTags(i.Key, i.LUN, "")
	l.uint(boundsVersion, uint64(h.Version))
	for n, name := range latencyFields() {
		l.uint(name, h.Counts[n])
	}
	return l.end(stamp)
}
