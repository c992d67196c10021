package influx

import (
	"context"
	"fmt"

	"lunstat/collector/series"
	"lunstat/mapper"
)

func idOf(tags map[string]string) mapper.ID { return mapper.ID(tags["uuid"]) }

// Intervals calls fn for each interval or bin, in order of End within a key. A bin is
// given whole or not at all; it is in the range if its End is.
func (s *Source) Intervals(ctx context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error {
	if nothing(q) {
		return nil
	}
	if q.Width != 0 {
		return s.bins(ctx, q, fn)
	}
	return s.intervals(ctx, s.raw, rawIO, stampAfter(q.From), stampAfter(q.To), q, func(k series.Key, i *series.Interval, _ series.Closing) error {
		return fn(k, i)
	})
}

// intervalFunc is told an interval and the run that it came with, or a bin and the
// run that closed it.
type intervalFunc func(k series.Key, i *series.Interval, by series.Closing) error

// intervals reads one measurement from one time stamp to another; of the question, it
// takes whose intervals and what of them.
func (s *Source) intervals(ctx context.Context, bucket, measurement string, from, to int64, q series.Query, fn intervalFunc) error {
	c, err := s.columnsOf(ctx, bucket, measurement, q.SumsOnly)
	if err != nil || len(c.asked) == 0 {
		return err
	}
	told := teller{fn: fn}
	if q.SumsOnly {
		told.timed = latencies{}
	}
	var untimed error // why there are no histograms
	err = s.selectFrom(ctx, bucket, question{
		measurement: measurement, columns: c.asked, from: from, to: to, keys: q.Keys, by: byKey(),
	}, func(tags map[string]string, cells []cell) error {
		if told.timed == nil {
			// The histograms are asked for once the answer has begun: a run's are
			// written before its intervals, so none is missing of what is in it.
			if told.timed, untimed = s.latencies(ctx, bucket, measurement, from, to, q.Keys); untimed != nil {
				return untimed
			}
		}
		stamp, ok := cells[0].int()
		if !ok {
			return errForm
		}
		return told.row(keyOf(tags), stamp, c.all(cells[1:]))
	})
	if untimed != nil {
		return untimed // which says itself what was read
	}
	if err != nil {
		return err
	}
	return told.emit()
}

// teller tells intervals as their rows come. Of two points with one time stamp (they can
// differ in a tag only) the longer one counts.
type teller struct {
	fn    intervalFunc
	timed latencies

	// The interval at hand, if there is one.
	have  bool
	key   series.Key
	stamp int64
	last  series.Interval
	by    series.Closing
}

func (t *teller) row(k series.Key, stamp int64, all []cell) error {
	now := decodeInterval(stamp, all[len(runColumns(false)):])
	if now.ElapsedMS == 0 {
		return nil // a point of someone else's
	}
	if t.have && k == t.key && stamp == t.stamp {
		if now.ElapsedMS > t.last.ElapsedMS {
			t.last = now
		}
		return nil
	}
	if err := t.emit(); err != nil {
		return err
	}
	t.key, t.last, t.stamp, t.have = k, now, stamp, true
	t.by = series.Closing{}
	t.by.Run, _ = all[0].uint()
	t.by.At, _ = all[1].int()
	return nil
}

// emit tells the interval at hand, with its histogram.
func (t *teller) emit() error {
	if !t.have {
		return nil
	}
	t.have = false
	t.last.Latency = t.timed.at(t.key, t.stamp)
	return t.fn(t.key, &t.last, t.by)
}

// columns are those that a measurement has, and what place they have among all.
// Each column that is asked for costs the server time, the empty ones too.
type columns struct {
	asked []string
	place []int
	cells []cell
}

// all puts the cells of a row into their places; the others are absent.
func (c *columns) all(row []cell) []cell {
	for i, v := range row {
		c.cells[c.place[i]] = v
	}
	return c.cells
}

// columnsOf finds them; sumsOnly leaves out maxima.
func (s *Source) columnsOf(ctx context.Context, bucket, measurement string, sumsOnly bool) (*columns, error) {
	all := append(runColumns(measurement != rawIO), intervalColumns(measurement != rawIO)...)
	has := map[string]bool{}
	for _, name := range all {
		has[name] = false
	}
	from := quote(measurement)
	if _, policy := split(bucket); policy != "" {
		from = identifier(policy) + "." + from
	}
	err := s.ask(ctx, bucket, "SHOW FIELD KEYS FROM "+from, nil, rows{
		series: func(map[string]string, []string) error { return nil },
		row: func(c []cell) error {
			if _, ours := has[c[0].text()]; ours {
				has[c[0].text()] = true
			}
			return nil
		},
		most: shortAnswer,
	})
	if err != nil {
		return nil, fmt.Errorf("reading the fields of %s: %w", measurement, err)
	}
	c := &columns{cells: make([]cell, len(all))}
	maxima := len(runColumns(false)) + sumColumns
	for i, name := range all {
		if has[name] && (i < maxima || !sumsOnly) {
			c.asked, c.place = append(c.asked, name), append(c.place, i)
		}
	}
	return c, nil
}

// runColumns say whose run a point is. Raw ones have no closed_at.
func runColumns(bins bool) []string {
	if bins {
		return []string{"closed_run", "closed_at"}
	}
	return []string{"run", "closed_at"}
}

// sumColumns are how many of the columns of an interval come before its maxima.
const sumColumns = 2 + int(series.NumFields) + 2

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
