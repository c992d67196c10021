package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"lunstat/cmd/lunstat/when"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// promMetric is one metric of the textfile that node_exporter reads: what each LUN
// did in its last interval, as gauges. They are means of that interval, so a scrape
// that misses one misses it; the journal doesn't.
type promMetric struct {
	name, help string
	value      func(*promLUN) (float64, bool)
}

type promLUN struct {
	labels string
	last   series.Interval
	space  *series.Space
}

func promMetrics() []promMetric {
	interval := func(f func(*series.Interval) (float64, bool), unit float64) func(*promLUN) (float64, bool) {
		return func(l *promLUN) (float64, bool) {
			v, ok := f(&l.last)
			return v * unit, ok
		}
	}
	space := func(f func(*series.Space) uint64) func(*promLUN) (float64, bool) {
		return func(l *promLUN) (float64, bool) {
			if l.space == nil {
				return 0, false
			}
			return float64(f(l.space)), true
		}
	}
	return []promMetric{
		{"lunstat_interval_end_timestamp_seconds", "end of the LUN's last interval", func(l *promLUN) (float64, bool) { return float64(l.last.End.Unix()), true }},
		{"lunstat_interval_seconds", "length of the LUN's last interval", func(l *promLUN) (float64, bool) { return float64(l.last.ElapsedMS) / 1000, true }},
		{"lunstat_iops", "reads, writes and discards per second", interval((*series.Interval).IOPS, 1)},
		{"lunstat_read_iops", "reads per second", interval((*series.Interval).ReadIOPS, 1)},
		{"lunstat_write_iops", "writes per second", interval((*series.Interval).WriteIOPS, 1)},
		{"lunstat_read_bytes_per_second", "bytes read per second", interval((*series.Interval).ReadBytesPerS, 1)},
		{"lunstat_write_bytes_per_second", "bytes written per second", interval((*series.Interval).WriteBytesPerS, 1)},
		{"lunstat_util_ratio", "share of the time with I/O in flight, not capped", interval((*series.Interval).Util, 0.01)},
		{"lunstat_read_await_seconds", "mean time of a read; absent if none completed", interval((*series.Interval).ReadAwait, 0.001)},
		{"lunstat_write_await_seconds", "mean time of a write; absent if none completed", interval((*series.Interval).WriteAwait, 0.001)},
		{"lunstat_queue_size", "mean number of I/Os in flight", interval((*series.Interval).Queue, 1)},
		{"lunstat_stalled", "1 if I/O is in flight and none completes", func(l *promLUN) (float64, bool) {
			if l.last.Quality.Has(series.Stalled) {
				return 1, true
			}
			return 0, true
		}},
		{"lunstat_space_size_bytes", "size of the filesystem", space(func(s *series.Space) uint64 { return s.SizeBytes })},
		{"lunstat_space_used_bytes", "used", space(func(s *series.Space) uint64 { return s.UsedBytes })},
		{"lunstat_space_avail_bytes", "available to users other than root", space(func(s *series.Space) uint64 { return s.AvailBytes })},
	}
}

// promAge is how old the last interval of a LUN may be in a file for Prometheus, which
// takes what it reads for what is now.
const promAge = 15 * time.Minute

// promQuery is the query with the range in which the last interval of each LUN is looked
// for.
func (x *exporter) promQuery() series.Query {
	q := x.query
	if x.period.Range == (when.Range{}) {
		q.From, q.To = x.now.Add(-promAge), x.now.Add(time.Minute)
	}
	return q
}

// writeProm writes the last interval of each LUN in the query's range in Prometheus' text
// format.
func (x *exporter) writeProm(ctx context.Context, w io.Writer) error {
	q := x.promQuery()
	luns, err := x.promLUNs(ctx, q)
	if err != nil {
		return err
	}
	if err := writePromMetrics(w, luns); err != nil {
		return err
	}
	if q.To.Before(x.now) {
		return nil // the counters below are those of now
	}
	states, err := lastStates(ctx, x.src, luns)
	if err != nil {
		return err
	}
	if err := writePromPressure(w, states); err != nil {
		return err
	}
	return writePromLatency(w, states, luns)
}

// promLUNs are the LUNs that have an interval, each with its last one.
func (x *exporter) promLUNs(ctx context.Context, q series.Query) (map[series.Key]*promLUN, error) {
	then := newHistory(x.entries)
	luns := make(map[series.Key]*promLUN)
	err := x.src.Intervals(ctx, q, func(k series.Key, i *series.Interval) error {
		luns[k] = &promLUN{last: *i, labels: promLabels(k, then.at(k, i.End))}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = x.src.Spaces(ctx, q, func(k series.Key, s *series.Space) error {
		if l := luns[k]; l != nil {
			last := *s
			l.space = &last
		}
		return nil
	})
	return luns, err
}

// writePromMetrics writes the gauges, metric by metric.
func writePromMetrics(w io.Writer, luns map[series.Key]*promLUN) error {
	ordered := slices.SortedFunc(maps.Values(luns), func(a, b *promLUN) int { return strings.Compare(a.labels, b.labels) })
	for _, m := range promMetrics() {
		head := false
		for _, l := range ordered {
			v, ok := m.value(l)
			if !ok {
				continue
			}
			if !head {
				fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s gauge\n", m.name, m.help, m.name)
				head = true
			}
			if _, err := fmt.Fprintf(w, "%s{%s} %s\n", m.name, l.labels, strconv.FormatFloat(v, 'g', -1, 64)); err != nil {
				return err
			}
		}
	}
	return nil
}

// lastStates are the last readings of each LUN's host. The journal has them; InfluxDB
// has none.
func lastStates(ctx context.Context, src store, luns map[series.Key]*promLUN) (map[string]series.State, error) {
	states := make(map[string]series.State)
	for k := range luns {
		if _, known := states[k.Host]; known {
			continue
		}
		state, err := src.last(ctx, k.Host)
		if err != nil {
			return nil, err
		}
		states[k.Host] = state
	}
	return states, nil
}

// promLatency is the name of the histograms.
const promLatency = "lunstat_io_latency_seconds"

// writePromLatency writes the latency histograms that the kernel keeps of some LUNs. They
// count since the kernel began to: when it begins again, at a reboot or because a device
// was made again, Prometheus sees a reset as of any counter.
func writePromLatency(w io.Writer, states map[string]series.State, luns map[series.Key]*promLUN) error {
	readings := map[string]*series.LatencyReading{} // by labels
	for _, state := range states {
		for i := range state.Last {
			r := state.Last[i].Latency
			if l := luns[state.Last[i].Key]; l != nil && r != nil && r.Version == series.BoundsVersion {
				readings[l.labels] = r
			}
		}
	}
	if len(readings) > 0 {
		fmt.Fprintf(w, "# HELP %s time that I/Os took, reads and writes together, since the kernel began to count\n# TYPE %s histogram\n", promLatency, promLatency)
	}
	for _, labels := range slices.Sorted(maps.Keys(readings)) {
		if err := writePromHistogram(w, labels, readings[labels]); err != nil {
			return err
		}
	}
	return nil
}

// writePromHistogram writes one histogram, whose buckets add up in this format.
func writePromHistogram(w io.Writer, labels string, r *series.LatencyReading) error {
	var b strings.Builder
	n, bounds := uint64(0), series.Bounds()
	for i, c := range r.Counts {
		le := "+Inf"
		if i < len(bounds) {
			le = strconv.FormatFloat(bounds[i].Seconds(), 'g', -1, 64)
		}
		n += c
		fmt.Fprintf(&b, "%s_bucket{%s,le=\"%s\"} %d\n", promLatency, labels, le, n)
	}
	seconds := (float64(r.ReadNS) + float64(r.WriteNS)) / 1e9
	fmt.Fprintf(&b, "%s_sum{%s} %s\n%s_count{%s} %d\n", promLatency, labels, strconv.FormatFloat(seconds, 'g', -1, 64), promLatency, labels, n)
	_, err := io.WriteString(w, b.String())
	return err
}

// promLabels are a LUN's labels; the values are plain text, escaped as the format
// wants it.
func promLabels(k series.Key, l *mapper.LUN) string {
	if l == nil {
		l = &mapper.LUN{Kernel: string(k.ID)}
	}
	var b strings.Builder
	for i, pair := range [][2]string{
		{"host", k.Host}, {"lun", l.Name()}, {"uuid", string(k.ID)}, {"device", l.Kernel},
		{"label", l.Label}, {"role", l.Role}, {"group", l.Group}, {"layer", string(l.Layer)}, {"source", k.Source},
	} {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `%s="%s"`, pair[0], promEscape(pair[1]))
	}
	return b.String()
}
