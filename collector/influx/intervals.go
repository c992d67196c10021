package influx

import (
	"context"
	"math"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

func idOf(tags map[string]string) mapper.ID { return mapper.ID(tags["uuid"]) }

// Intervals calls fn for each interval or bin, in order of End within a key.
func (s *Source) Intervals(ctx context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error {
	if nothing(q) {
		return nil
	}
	m, err := measurementOf(q.Width)
	if err != nil {
		return err
	}
	if q.Width == 0 {
		return s.intervals(ctx, s.raw, m, stampAfter(q.From), stampAfter(q.To), q.Keys, fn)
	}
	b := &binner{width: q.Width, fn: fn}
	if err := s.intervals(ctx, s.rollup, m, stampAfter(q.From), stampAfter(q.To), q.Keys, b.add); err != nil {
		return err
	}
	if err := b.flush(); err != nil {
		return err
	}
	return s.tails(ctx, q, m, b)
}

// intervals reads one measurement. Of two points with one time stamp (they can
// differ in a tag only) the longer stands.
func (s *Source) intervals(ctx context.Context, bucket, measurement string, from, to int64, keys []series.Key, fn func(series.Key, *series.Interval) error) error {
	var key series.Key
	var last series.Interval
	var lastStamp int64
	have := false
	emit := func() error {
		if !have {
			return nil
		}
		have = false
		return fn(key, &last)
	}
	columns := intervalColumns(measurement != rawIO)
	err := s.selectFrom(ctx, bucket, question{
		measurement: measurement, columns: columns, from: from, to: to, keys: keys, by: byKey(),
	}, func(tags map[string]string, c []cell) error {
		stamp, ok := c[0].int()
		if !ok {
			return errForm
		}
		k := keyOf(tags)
		now := decodeInterval(stamp, c[1:])
		if now.ElapsedMS == 0 {
			return nil // a point of someone else's
		}
		if have && k == key && stamp == lastStamp {
			if now.ElapsedMS > last.ElapsedMS {
				last = now
			}
			return nil
		}
		if err := emit(); err != nil {
			return err
		}
		key, last, lastStamp, have = k, now, stamp, true
		return nil
	})
	if err != nil {
		return err
	}
	return emit()
}

// intervalColumns are the fields in the order in which decodeInterval takes them.
func intervalColumns(bins bool) []string {
	columns := []string{"elapsed_ms", "span_ms"}
	for f := range series.NumFields {
		columns = append(columns, f.String())
	}
	columns = append(columns, "inflight", "quality")
	columns = append(columns, maximaColumns(peaks)...)
	if bins {
		columns = append(columns, maximaColumns(means)...)
	}
	return columns
}

func maximaColumns(which int) []string {
	n := namesOf(which)
	return []string{n.window, n.iops, n.iopsAt, n.bytes, n.util, n.queue, n.readAwait, n.writeAwait}
}

func decodeInterval(stamp int64, c []cell) (i series.Interval) {
	i.End = secondOf(stamp)
	i.ElapsedMS, _ = c[0].uint()
	span, ok := c[1].uint()
	if !ok {
		span = i.ElapsedMS
	}
	i.SpanMS = span
	c = c[2:]
	for f := range series.NumFields {
		if v, ok := c[f].uint(); ok {
			i.Set(f, v)
		}
	}
	c = c[series.NumFields:]
	inflight, ok := c[0].uint()
	i.Inflight, i.InflightKnown = uint32(inflight), ok
	quality, _ := c[1].uint()
	i.Quality = series.Quality(quality)
	i.Peak = decodeMaxima(c[2:])
	if c = c[2+maximaFields:]; len(c) > 0 {
		i.Mean = decodeMaxima(c)
	}
	return i
}

const maximaFields = 8

func decodeMaxima(c []cell) (m series.Maxima) {
	window, ok := c[0].uint()
	if !ok {
		return m
	}
	m.WindowMS = uint32(window)
	m.IOPS, _ = c[1].float32()
	m.IOPSAt, _ = c[2].int()
	m.BytesPerS, _ = c[3].float32()
	m.UtilPercent, _ = c[4].float32()
	m.Queue, _ = c[5].float32()
	m.ReadAwait, _ = c[6].float32()
	m.WriteAwait, _ = c[7].float32()
	return m
}

// binner rolls what comes in order of End up into bins.
type binner struct {
	width time.Duration
	fn    func(series.Key, *series.Interval) error
	key   series.Key
	in    []series.Interval // of one bin
}

func (b *binner) add(k series.Key, i *series.Interval) error {
	if len(b.in) > 0 && (k != b.key || series.BinOf(i.End, b.width) != series.BinOf(b.in[0].End, b.width)) {
		if err := b.flush(); err != nil {
			return err
		}
	}
	b.key = k
	b.in = append(b.in, *i)
	return nil
}

// flush tells the bin at hand, with long intervals apart.
func (b *binner) flush() error {
	out := b.in
	if len(out) > 1 || len(out) == 1 && out[0].Mean.WindowMS == 0 {
		out = series.Roll(out, b.width)
	}
	b.in = b.in[:0]
	for i := range out {
		if err := b.fn(b.key, &out[i]); err != nil {
			return err
		}
	}
	return nil
}

// origin is whose runs close bins together.
type origin struct{ host, source string }

// tails rolls up the raw intervals behind each host's last bin: those of the bin
// that is still open, and of a host that has no bin yet.
func (s *Source) tails(ctx context.Context, q series.Query, measurement string, b *binner) error {
	closed, err := s.lastOf(ctx, s.rollup, measurement, stampAfter(q.From), math.MaxInt64-1)
	if err != nil {
		return err
	}
	latest, err := s.lastOf(ctx, s.raw, rawIO, stampAfter(q.From), stampAfter(q.To))
	if err != nil {
		return err
	}
	begins := map[int64]map[origin]bool{} // time stamp: whose tail begins there
	for o, stamp := range latest {
		from := stampAfter(q.From)
		if last, ok := closed[o]; ok {
			next := (series.BinOf(secondOf(last), q.Width) + 1) * int64(q.Width)
			from = max(from, next)
		}
		if stamp < from {
			continue
		}
		if begins[from] == nil {
			begins[from] = map[origin]bool{}
		}
		begins[from][o] = true
	}
	froms := make([]int64, 0, len(begins))
	for from := range begins {
		froms = append(froms, from)
	}
	slices.Sort(froms)
	for _, from := range froms {
		if err := s.tail(ctx, q, from, begins[from], b); err != nil {
			return err
		}
	}
	return nil
}

// tail reads the raw intervals of some hosts from one time stamp on.
func (s *Source) tail(ctx context.Context, q series.Query, from int64, whose map[origin]bool, b *binner) error {
	one := *s
	one.hosts = s.hostsOf(whose)
	err := one.intervals(ctx, s.raw, rawIO, from, stampAfter(q.To), q.Keys, func(k series.Key, i *series.Interval) error {
		if !whose[origin{k.Host, k.Source}] {
			return nil
		}
		return b.add(k, i)
	})
	if err != nil {
		return err
	}
	return b.flush()
}

func (s *Source) hostsOf(whose map[origin]bool) []string {
	var names []string
	for o := range whose {
		names = append(names, o.host)
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) > maxNamed {
		return s.hosts
	}
	return names
}

// lastOf finds each host's last point.
func (s *Source) lastOf(ctx context.Context, bucket, measurement string, from, to int64) (map[origin]int64, error) {
	last := map[origin]int64{}
	err := s.selectFrom(ctx, bucket, question{
		measurement: measurement, columns: []string{"last(elapsed_ms)"}, from: from, to: to, by: []string{"host", "source"},
	}, func(tags map[string]string, c []cell) error {
		stamp, ok := c[0].int()
		if !ok {
			return errForm
		}
		last[origin{tags["host"], tags["source"]}] = stamp
		return nil
	})
	return last, err
}
