package main

import (
	"fmt"
	"math"
	"slices"
	"time"

	"lunstat/collector/series"
)

// p99Column is shown where some LUN has a histogram.
const p99Column = "p99"

// p99 is the bound in ms below which 99 of 100 I/Os were; +Inf: more than 1 in 100 took
// longer than the last bound.
func p99(r *watchRow) (float64, bool) {
	if r.last.Latency == nil {
		return 0, false
	}
	b, ok := r.last.Latency.Quantile(0.99)
	if ok && b.Above() {
		return math.Inf(1), true
	}
	return float64(b.Upper) / float64(time.Millisecond), ok
}

func p99Form(ms float64) string {
	if math.IsInf(ms, 1) {
		bounds := series.Bounds()
		return fmt.Sprintf(">%d", bounds[len(bounds)-1].Milliseconds())
	}
	return fmt.Sprintf("<%g", ms)
}

// columns are those that say something: without any histogram there is no p99.
func (t *watchTable) columns() []watchColumn {
	counted := false
	for _, r := range t.rows {
		counted = counted || r.last.Latency != nil && !r.last.Latency.FromMeans()
	}
	return slices.DeleteFunc(watchColumns(), func(c watchColumn) bool { return c.name == p99Column && !counted })
}
