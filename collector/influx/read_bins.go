package influx

import (
	"context"
	"math"
	"slices"
	"time"

	"lunstat/collector/series"
)

// bins gives closed bins, and what is in none yet rolled up here.
func (s *Source) bins(ctx context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error {
	m, err := measurementOf(q.Width)
	if err != nil {
		return err
	}
	from, to := binRange(q)
	closed, err := s.closings(ctx, m, from)
	if err != nil {
		return err
	}
	tails, err := s.tails(ctx, q, closed, from, to)
	if err != nil {
		return err
	}
	b := &binner{width: q.Width, tails: tails, emit: func(k series.Key, i *series.Interval) error {
		if !q.Has(i.End) {
			return nil
		}
		return fn(k, i)
	}}
	err = s.intervals(ctx, s.rollup, m, from, to, q, func(k series.Key, i *series.Interval, by series.Closing) error {
		if by.After(closed[origin{k.Host, k.Source}]) {
			return nil // it was closed since the tails were read, which have all of it
		}
		return b.add(k, i)
	})
	if err != nil {
		return err
	}
	return b.end()
}

// binRange is the time stamps of all bins that the range touches.
func binRange(q series.Query) (from, to int64) {
	const least, most = math.MinInt64 + 2, math.MaxInt64 - 1
	from, to = least, most
	if stampAfter(q.From) > least {
		from = binStart(series.BinOf(q.From, q.Width), q.Width)
	}
	if stampAfter(q.To) < most {
		to = binStart(series.BinOf(q.To, q.Width)+1, q.Width)
	}
	return from, to
}

// binStart is the time stamp at which a bin begins.
func binStart(bin int64, width time.Duration) int64 { return bin * int64(width) }

// binner puts the pieces of bins together, which come in order of End within a
// key: closed bins, among which those of the tails take their place.
type binner struct {
	width time.Duration
	tails map[series.Key][]series.Interval
	emit  func(series.Key, *series.Interval) error
	key   series.Key
	in    []series.Interval // of one bin
}

func (b *binner) bin(i *series.Interval) int64 { return series.BinOf(i.End, b.width) }

func (b *binner) add(k series.Key, i *series.Interval) error {
	if len(b.in) > 0 && (k != b.key || b.bin(i) != b.bin(&b.in[0])) {
		if err := b.flush(); err != nil {
			return err
		}
	}
	if k != b.key {
		if err := b.rest(b.key, math.MaxInt64); err != nil {
			return err
		}
		b.key = k
	}
	b.in = append(b.in, *i)
	return nil
}

// flush tells the bin at hand, after what the key's tail has before it.
func (b *binner) flush() error {
	if len(b.in) == 0 {
		return nil
	}
	bin := b.bin(&b.in[0])
	if err := b.rest(b.key, bin); err != nil {
		return err
	}
	n, tail := 0, b.tails[b.key]
	for n < len(tail) && b.bin(&tail[n]) == bin {
		n++
	}
	out := series.JoinBin(b.in, tail[:n], b.width)
	if n > 0 {
		b.tails[b.key] = tail[n:]
	}
	b.in = b.in[:0]
	return b.tell(out)
}

func (b *binner) tell(out []series.Interval) error {
	for i := range out {
		if err := b.emit(b.key, &out[i]); err != nil {
			return err
		}
	}
	return nil
}

// rest tells what a key's tail has before a bin.
func (b *binner) rest(k series.Key, before int64) error {
	tail := b.tails[k]
	n := slices.IndexFunc(tail, func(i series.Interval) bool { return b.bin(&i) >= before })
	if n < 0 {
		n = len(tail)
	}
	b.key = k
	b.tails[k] = tail[n:]
	if len(tail) == n {
		delete(b.tails, k)
	}
	return b.tell(tail[:n])
}

// end tells the bin at hand and all tails that are left.
func (b *binner) end() error {
	if err := b.flush(); err != nil {
		return err
	}
	for k := range b.tails {
		if err := b.rest(k, math.MaxInt64); err != nil {
			return err
		}
	}
	return nil
}

// tailOf collects the raw intervals of no bin, rolled up as far as can be.
type tailOf struct {
	width time.Duration
	out   map[series.Key][]series.Interval
	key   series.Key
	in    []series.Interval // of one key and bin
}

func (t *tailOf) add(k series.Key, i *series.Interval) {
	if len(t.in) > 0 && (k != t.key || series.BinOf(i.End, t.width) != series.BinOf(t.in[0].End, t.width)) {
		t.flush()
	}
	t.key = k
	t.in = append(t.in, *i)
}

func (t *tailOf) flush() {
	if len(t.in) > 0 {
		t.out[t.key] = append(t.out[t.key], series.Roll(t.in, t.width)...)
		t.in = t.in[:0]
	}
}

// origin is whose runs close bins together.
type origin struct{ host, source string }

// farAhead is how many seconds after the end of a question the last closing may be
// to be believed: five years, since somebody may ask for what was years ago.
const farAhead = 5 * 366 * 86400

// tails reads the raw intervals that no bin holds: those that came with the run
// that closed the last one, or after it. Which run that was is asked first: minutes
// go on coming while all this is read.
func (s *Source) tails(ctx context.Context, q series.Query, closed map[origin]series.Closing, from, to int64) (map[series.Key][]series.Interval, error) {
	latest, err := s.latest(ctx, from)
	if err != nil {
		return nil, err
	}
	whose := map[int64]map[origin]bool{} // by the time stamp of the first that there may be
	for o, stamp := range latest {
		begin := from
		// What came since then is in the bin of that second, unless no point could be
		// made of what was closed later (a clock showed a year that no stamp has), or what
		// was closed later went with its journal while a clock was years ahead.
		if c, ok := closed[o]; ok && c.At > from/int64(time.Second) && c.At <= stamp/int64(time.Second) && c.At-to/int64(time.Second) <= farAhead {
			begin = max(from, binStart(series.BinOf(time.Unix(c.At, 0), q.Width), q.Width))
		}
		if stamp >= begin && begin <= to {
			if whose[begin] == nil {
				whose[begin] = map[origin]bool{}
			}
			whose[begin][o] = true
		}
	}
	t := &tailOf{width: q.Width, out: map[series.Key][]series.Interval{}}
	for begin, origins := range whose {
		one := *s
		one.hosts = s.hostsOf(origins)
		err := one.intervals(ctx, s.raw, rawIO, begin, to, q, func(k series.Key, i *series.Interval, by series.Closing) error {
			o := origin{k.Host, k.Source}
			if origins[o] && closed[o].InTail(by.Run) {
				t.add(k, i)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		t.flush()
	}
	return t.out, nil
}

func (s *Source) hostsOf(origins map[origin]bool) []string {
	var names []string
	for o := range origins {
		names = append(names, o.host)
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) > maxNamed {
		return s.hosts
	}
	return names
}

// closings finds the run that closed each origin's last bin: that of the highest
// number, or of the last bin.
func (s *Source) closings(ctx context.Context, measurement string, from int64) (map[origin]series.Closing, error) {
	found := map[origin]series.Closing{}
	for _, call := range []string{"max(closed_run)", "last(closed_run)"} {
		err := s.selectFrom(ctx, s.rollup, question{
			measurement: measurement, columns: []string{call, "closed_at"}, from: from, to: math.MaxInt64 - 1, by: []string{"host", "source"},
		}, func(tags map[string]string, c []cell) error {
			run, _ := c[1].uint()
			at, _ := c[2].int()
			o := origin{tags["host"], tags["source"]}
			closed := series.Closing{Run: run, At: at}
			if was, ok := found[o]; ok {
				closed = was.Latest(closed)
			}
			found[o] = closed
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// latest finds each origin's last raw interval.
func (s *Source) latest(ctx context.Context, from int64) (map[origin]int64, error) {
	last := map[origin]int64{}
	err := s.selectFrom(ctx, s.raw, question{
		measurement: rawIO, columns: []string{"last(elapsed_ms)"}, from: from, to: math.MaxInt64 - 1, by: []string{"host", "source"},
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
