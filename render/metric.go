package render

import "lunstat/collector/series"

// metric is one figure that is drawn over time. Each is a quotient of two sums,
// so that it can be taken over any stretch of time exactly.
type metric int

const (
	iops metric = iota
	readIOPS
	writeIOPS
	bytesPerS
	readBytes
	writeBytes
	readAwait
	writeAwait
	util
	queue
	slow // percent of the time in which await was above the limit
	numMetrics
)

// metricNames are the names in report.json.
var metricNames = [numMetrics]string{
	"iops", "read_iops", "write_iops", "bytes_per_s", "read_bytes_per_s", "write_bytes_per_s",
	"read_await_ms", "write_await_ms", "util_percent", "queue_size", "slow_percent",
}

func allMetrics() []metric {
	all := make([]metric, numMetrics)
	for m := range all {
		all[m] = metric(m)
	}
	return all
}

func (m metric) String() string { return metricNames[m] }

// adds reports that figures of two hosts at the same time may be added up: what
// they did and what they had in flight, not how long it took or how busy it was.
func (m metric) adds() bool { return m < readAwait || m == queue }

// ratio is a quotient of sums. Its zero value has none.
type ratio struct{ num, den float64 }

func (r *ratio) add(o ratio)                    { r.num += o.num; r.den += o.den }
func (r ratio) times(share float64) ratio       { return ratio{r.num * share, r.den * share} }
func (r ratio) value() (v float64, ok bool)     { return r.num / r.den, r.den > 0 }
func over(n uint64, den float64, ok bool) ratio { return scaled(n, 1, den, ok) }

func scaled(n uint64, scale, den float64, ok bool) ratio {
	if !ok {
		return ratio{}
	}
	return ratio{float64(n) * scale, den}
}

// ratios are an interval's figures; one that is absent has the zero ratio.
func ratios(i *series.Interval) (r [numMetrics]ratio) {
	s := float64(i.ElapsedMS) / 1000
	get := func(n uint64, ok bool) ratio { return over(n, s, ok) }
	r[iops] = get(i.Total())
	r[readIOPS] = get(i.Get(series.ReadIOs))
	r[writeIOPS] = get(i.Get(series.WriteIOs))
	r[bytesPerS] = get(i.TotalBytes())
	r[readBytes] = get(i.Get(series.ReadBytes))
	r[writeBytes] = get(i.Get(series.WriteBytes))
	r[readAwait] = await(i, series.ReadMS, series.ReadIOs)
	r[writeAwait] = await(i, series.WriteMS, series.WriteIOs)
	busy, ok := i.Get(series.BusyMS)
	r[util] = scaled(busy, 0.1, s, ok) // ms per second, as percent
	weighted, ok := i.Get(series.QueueMS)
	r[queue] = scaled(weighted, 0.001, s, ok)
	above, ok := i.Get(series.SlowMS)
	r[slow] = scaled(above, 0.1, s, ok && !i.Quality.Has(series.Long))
	return r
}

func await(i *series.Interval, ms, ios series.Field) ratio {
	took, ok := i.Get(ms)
	n, has := i.Get(ios)
	return over(took, float64(n), ok && has)
}

// of picks a metric's figure out of maxima; ok is false for those that have none.
func (m metric) of(x *series.Maxima) (v float64, ok bool) {
	if x.WindowMS == 0 {
		return 0, false
	}
	switch m {
	case iops:
		return float64(x.IOPS), true
	case bytesPerS:
		return float64(x.BytesPerS), true
	case readAwait:
		return float64(x.ReadAwait), x.ReadAwait > 0
	case writeAwait:
		return float64(x.WriteAwait), x.WriteAwait > 0
	case util:
		return float64(x.UtilPercent), true
	case queue:
		return float64(x.Queue), true
	}
	return 0, false
}
