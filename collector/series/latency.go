package series

import "time"

// latency closes the histogram of an interval that began at since, on CLOCK_MONOTONIC.
// The counters are 64 bits wide and only grow: one that fell was cleared. There is no
// histogram if nobody knows how much was counted before the interval began, or if the
// kernel began to count too late for any of its I/O.
func (i *Interval) latency(last, now *LatencyReading, since time.Duration) {
	if now == nil {
		return
	}
	same := last != nil && last.Made == now.Made && last.Version == now.Version
	var was LatencyReading
	whole := !now.Short
	switch {
	case same && now.grewFrom(last):
		was = *last
	case same, time.Duration(now.Made) >= since:
		whole = false // it counted for a part of the interval
	default:
		return
	}
	h := Histogram{Version: now.Version}
	for b := range h.Counts {
		h.Counts[b] = now.Counts[b] - was.Counts[b]
	}
	n, ok := i.Total()
	idle := ok && n == 0 && h.Total() == 0 // that is the whole, whenever the count began
	if !whole && !idle {
		i.Quality |= LatencyPartial
		if h.Total() == 0 {
			return // of I/O that was done it saw none
		}
	}
	i.Latency = &h
}

// grewFrom reports that no counter fell since the last reading.
func (r *LatencyReading) grewFrom(last *LatencyReading) bool {
	for b, c := range r.Counts {
		if c < last.Counts[b] {
			return false
		}
	}
	return r.ReadNS >= last.ReadNS && r.WriteNS >= last.WriteNS
}

// mergeLatency adds the histograms of two intervals. Where one has none, or has other
// bounds, the rest has fewer I/Os than the sums, and is marked. If their versions differ,
// the newer one is kept, so that grouping does not matter. A histogram of means gives way
// to any of a kernel; it never has all I/Os, so its gaps make no mark.
func mergeLatency(x, y *Histogram) (*Histogram, Quality) {
	if x != nil && x.FromMeans() {
		x, y = y, x
	}
	switch {
	case y != nil && y.FromMeans() && x == nil:
		return y, 0
	case y != nil && y.FromMeans() && !x.FromMeans():
		return x, LatencyPartial
	case x == nil && y == nil:
		return nil, 0
	case x == nil:
		return y, LatencyPartial
	case y == nil:
		return x, LatencyPartial
	}
	if sum, ok := x.Add(y); ok {
		return &sum, 0
	}
	if x.Version < y.Version {
		return y, LatencyPartial
	}
	return x, LatencyPartial
}
