package series

import (
	"fmt"
	"time"
)

// latencyObject is a histogram in JSON. It gives a percentile as a bucket: at least From,
// and below Below, which is absent above the last bound. A histogram of no I/O has no
// percentiles.
type latencyObject struct {
	From     string   `json:"from,omitempty"` // "means": the counts are by windows' means, and have no percentiles
	BoundsUS []int64  `json:"bounds_us"`
	Counts   []uint64 `json:"counts"` // one more than bounds
	P50From  *int64   `json:"p50_from_us,omitempty"`
	P50Below *int64   `json:"p50_below_us,omitempty"`
	P95From  *int64   `json:"p95_from_us,omitempty"`
	P95Below *int64   `json:"p95_below_us,omitempty"`
	P99From  *int64   `json:"p99_from_us,omitempty"`
	P99Below *int64   `json:"p99_below_us,omitempty"`
}

// exported is a record's histogram of each I/O, or nil if there is none whose bounds are
// known. A column has no room to say that its counts are of means.
func (r *Record) exported() *Histogram {
	if h := r.Latency; h != nil && h.Version == BoundsVersion {
		return h
	}
	return nil
}

// latencyColumn is the histogram as an object.
func latencyColumn() column {
	return column{"latency", func(r *Record) any {
		h := r.Latency
		if h == nil || !KnownBounds(uint64(h.Version)) {
			return nil
		}
		o := latencyObject{Counts: h.Counts[:]}
		if h.FromMeans() {
			o.From = "means"
		}
		for _, b := range Bounds() {
			o.BoundsUS = append(o.BoundsUS, b.Microseconds())
		}
		o.P50From, o.P50Below = quantileUS(h, 0.50)
		o.P95From, o.P95Below = quantileUS(h, 0.95)
		o.P99From, o.P99Below = quantileUS(h, 0.99)
		return o
	}}
}

func quantileUS(h *Histogram, p float64) (from, below *int64) {
	b, ok := h.Quantile(p)
	if !ok {
		return nil, nil
	}
	us := func(d time.Duration) *int64 { v := d.Microseconds(); return &v }
	if from = us(b.Lower); b.Above() {
		return from, nil
	}
	return from, us(b.Upper)
}

// bucketColumns are the histogram's counts, a column each.
func bucketColumns() (cols []column) {
	for i := range NumBuckets {
		cols = append(cols, column{fmt.Sprintf("le_%s", BoundName(i)), func(r *Record) any {
			if h := r.exported(); h != nil {
				return h.Counts[i]
			}
			return nil
		}})
	}
	return cols
}
