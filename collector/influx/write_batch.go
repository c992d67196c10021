package influx

import (
	"fmt"
	"time"

	"lunstat/collector/series"
)

// point is one line and the run that it is of.
type point struct {
	seq  uint64
	text []byte
}

// batch is what waits to be sent to one bucket. Its lines share a buffer.
type batch struct {
	buf    []byte
	points []point
}

func (b *batch) reset() { b.buf, b.points = b.buf[:0], b.points[:0] }

// add takes the line that build appends, if it can.
func (b *batch) add(seq uint64, build func([]byte) ([]byte, error)) error {
	at := len(b.buf)
	buf, err := build(b.buf)
	if err != nil {
		return err
	}
	b.buf = buf
	b.points = append(b.points, point{seq, buf[at:len(buf):len(buf)]})
	return nil
}

// addRun makes points of all that a run committed. What none can be made of is
// refused, with the rest going on.
func addRun(raw, rollup *batch, o *series.Outbound) []series.Refused {
	a := adder{raw: raw, rollup: rollup, both: []*batch{raw, rollup}, o: o}
	if raw == rollup {
		a.both = a.both[:1]
	}
	a.intervals()
	a.bins()
	a.spaces()
	a.ledger()
	a.run()
	return a.refused
}

type adder struct {
	raw, rollup *batch
	both        []*batch
	o           *series.Outbound
	refused     []series.Refused
}

func (a *adder) add(to *batch, at time.Time, what string, build func([]byte) ([]byte, error)) {
	err := storable(at)
	if err == nil {
		err = to.add(a.o.Seq, build)
	}
	if err != nil {
		a.refused = append(a.refused, series.Refused{Seq: a.o.Seq, Point: what, Reason: err.Error()})
	}
}

func (a *adder) intervals() {
	for i := range a.o.Intervals {
		v := &a.o.Intervals[i]
		a.latency(a.raw, rawIO, v, stampOf(v.End, int64(a.o.SameSecond)))
		a.add(a.raw, v.End, "an interval of "+string(v.Key.ID), func(b []byte) ([]byte, error) {
			return appendInterval(b, rawIO, v, a.o, stampOf(v.End, int64(a.o.SameSecond))), nil
		})
	}
}

// bins: those of one second are a bin, a long interval that stayed apart, and what
// a clock that was set back added.
func (a *adder) bins() {
	type key struct {
		series.Key
		measurement string
		end         int64
	}
	nth := map[key]int64{}
	for i := range a.o.Bins {
		v := &a.o.Bins[i]
		m, err := measurementOf(v.Width)
		if err == nil && v.Width == 0 {
			err = fmt.Errorf("a bin without width")
		}
		k := key{v.Key, m, v.End.Unix()}
		stamp := stampOf(v.End, (int64(v.RowsBefore)*binSlots+nth[k])*binStep)
		if err == nil {
			nth[k]++
			a.latency(a.rollup, m, &v.OutInterval, stamp)
		}
		a.add(a.rollup, v.End, fmt.Sprintf("a bin of %s", v.Key.ID), func(b []byte) ([]byte, error) {
			if err != nil {
				return nil, err
			}
			return appendInterval(b, m, &v.OutInterval, a.o, stamp), nil
		})
	}
}

// latency writes the histogram of an interval or a bin, if it has one. It goes before
// what it belongs to, so that nobody reads that without it. If the time can't be stored,
// the interval says so.
func (a *adder) latency(to *batch, measurement string, v *series.OutInterval, stamp int64) {
	h := histogramOf(&v.Interval)
	if h == nil || storable(v.End) != nil {
		return
	}
	a.add(to, v.End, "the latencies of "+string(v.Key.ID), func(b []byte) ([]byte, error) {
		return appendLatency(b, measurement, v, h, stamp), nil
	})
}

func (a *adder) spaces() {
	for i := range a.o.Spaces {
		v := &a.o.Spaces[i]
		for _, to := range a.both {
			a.add(to, v.At, "the space of "+v.Mount, func(b []byte) ([]byte, error) {
				return appendSpace(b, v, stampOf(v.At, int64(a.o.SameSecond))), nil
			})
		}
	}
}

func (a *adder) ledger() {
	nth := map[series.Key]int64{}
	for i := range a.o.Ledger {
		e := &a.o.Ledger[i]
		k := series.Key{ID: e.LUN.ID, Host: e.Host, Source: e.Source}
		stamp := stampOf(a.o.Run.At.Wall, int64(a.o.SameSecond)+nth[k]*infoStep)
		nth[k]++
		for _, to := range a.both {
			a.add(to, a.o.Run.At.Wall, fmt.Sprintf("the ledger's entry of %s", e.LUN.ID), func(b []byte) ([]byte, error) {
				return appendInfo(b, e, stamp)
			})
		}
	}
}

// run: next to roll-ups, one run in fifteen minutes is enough to tell boots apart.
func (a *adder) run() {
	for _, to := range a.both {
		if to != a.raw && len(a.o.Bins) == 0 {
			continue
		}
		a.add(to, a.o.Run.At.Wall, "the record of the run", func(b []byte) ([]byte, error) {
			return appendRun(b, &a.o.Run, stampOf(a.o.Run.At.Wall, int64(a.o.SameSecond)))
		})
	}
}
