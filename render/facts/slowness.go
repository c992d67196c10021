package facts

import (
	"cmp"
	"slices"
	"time"

	"lunstat/collector/series"
)

// touch is how far two stretches may lie apart and still be one: ends are whole seconds.
const touch = 2 * time.Second

// Slowness is when one LUN was slow, and how slow. It reads intervals or bins and keeps
// only the slow hours. Only slow_ms counts as slow time; of intervals without it,
// nothing is known.
type Slowness struct {
	Host    string        // on which it was; "": on whichever had it
	Limit   time.Duration // the await limit of its role; 0: none
	Slow    time.Duration
	Watched time.Duration // in which slow time would have been seen

	before  *before    // what was so before the range; nil: nobody looked
	hours   []slowHour // in order, only those with slow time
	end     time.Time  // of the last interval or bin
	worst   float64    // ms; 0: not known
	worstIn Span       // the interval or bin with it
}

// slowHour is what an hour had of slow time.
type slowHour struct {
	at    int64 // hours since 1970, of its middle
	slow  time.Duration
	worst float64 // await in ms; 0: not known

	first, last Span // the first and the last interval or bin with slow time
}

// Add adds the next interval or bin. Long ones say nothing about slow time.
func (s *Slowness) Add(i *series.Interval) {
	slowMS, ok := i.Get(series.SlowMS)
	if !ok || i.Quality.Has(series.Long) {
		return
	}
	s.Watched += time.Duration(i.ElapsedMS) * time.Millisecond
	in := Span{i.Start(), i.End}
	if i.End.After(s.end) {
		s.end = i.End
	}
	if slowMS == 0 {
		return
	}
	slow := time.Duration(slowMS) * time.Millisecond
	s.Slow += slow
	worst := WorstAwait(i)
	if worst > s.worst {
		s.worst, s.worstIn = worst, in
	}
	s.hour(in, slow, worst)
}

// worthwhile is how much slow time a row of hours needs to count as the beginning of slow
// time: any LUN has a bad minute the day before.
const worthwhile = 5 * time.Minute

// ends are the first and the last interval or bin with slow time, in the rows of hours
// that are worthwhile, if there are any. The first may be before the range.
func (s *Slowness) ends() (first, last *Span) {
	first, last = s.inRange()
	if s.before != nil && len(s.before.hours) > 0 {
		first = &s.before.hours[0].first
	}
	return first, last
}

// inRange are those in the range.
func (s *Slowness) inRange() (first, last *Span) {
	for i := 0; i < len(s.hours); {
		j, slow := i, time.Duration(0)
		for ; j < len(s.hours) && (j == i || s.hours[j].at == s.hours[j-1].at+1); j++ {
			slow += s.hours[j].slow
		}
		if slow >= worthwhile {
			if first == nil {
				first = &s.hours[i].first
			}
			last = &s.hours[j-1].last
		}
		i = j
	}
	if first == nil && len(s.hours) > 0 {
		return &s.hours[0].first, &s.hours[len(s.hours)-1].last
	}
	return first, last
}

func (s *Slowness) times(ms float64) float64 {
	if s.Limit <= 0 {
		return 0
	}
	return ms * float64(time.Millisecond) / float64(s.Limit)
}

// hour adds to the hour in which the middle of a stretch lies.
func (s *Slowness) hour(in Span, slow time.Duration, worst float64) {
	at := series.BinOf(in.From.Add(in.Long()/2), time.Hour)
	n := len(s.hours)
	if n == 0 || s.hours[n-1].at != at {
		s.hours = append(s.hours, slowHour{at: at})
		n++
	}
	h := &s.hours[n-1]
	h.slow += slow
	h.worst = max(h.worst, worst)
	if h.first.To.IsZero() {
		h.first = in
	}
	h.last = in
}

// WorstAwait is the longest await of a minute within an interval or bin, in ms: the
// larger one of reads and writes. A minute counts if it has at least ten of either. If
// no minute has so many, it is the mean of the whole, and 0 if nothing completed.
func WorstAwait(i *series.Interval) float64 {
	m := i.Mean
	if m.WindowMS == 0 {
		m = i.Window()
	}
	if worst := max(m.ReadAwait, m.WriteAwait); worst > 0 {
		return float64(worst)
	}
	read, _ := i.ReadAwait()
	write, _ := i.WriteAwait()
	return max(read, write)
}

// Merge adds what another host saw that had the LUN at other times.
func (s *Slowness) Merge(o *Slowness) {
	s.Slow += o.Slow
	s.Watched += o.Watched
	if o.end.After(s.end) {
		s.end = o.end
	}
	if o.worst > s.worst {
		s.worst, s.worstIn = o.worst, o.worstIn
	}
	s.hours = append(s.hours, o.hours...)
	slices.SortStableFunc(s.hours, func(a, b slowHour) int { return cmp.Compare(a.at, b.at) })
	for i := len(s.hours) - 1; i > 0; i-- {
		if a, b := &s.hours[i-1], s.hours[i]; a.at == b.at {
			a.slow += b.slow
			a.worst = max(a.worst, b.worst)
			if b.first.From.Before(a.first.From) {
				a.first = b.first
			}
			if b.last.To.After(a.last.To) {
				a.last = b.last
			}
			s.hours = slices.Delete(s.hours, i, i+1)
		}
	}
}

// Doubtful are the bins whose minutes would say when it began, was worst, and
// ended.
func (s *Slowness) Doubtful() []Span {
	first, last := s.ends()
	if first == nil {
		return nil
	}
	var out []Span
	for _, in := range []Span{*first, s.worstIn, *last} {
		if !in.To.IsZero() && !slices.Contains(out, in) {
			out = append(out, in)
		}
	}
	return out
}

// Sharpen replaces doubtful bins with their minutes. If the minutes are already
// deleted, the bins stay.
func (s *Slowness) Sharpen(minutes []series.Interval) {
	first, last := s.ends()
	if first == nil {
		return
	}
	of := func(bin Span) *Slowness {
		within := &Slowness{}
		for n := range minutes {
			if i := &minutes[n]; i.End.After(bin.From) && !i.End.After(bin.To) {
				within.Add(i)
			}
		}
		return within
	}
	begun, ended, worst := of(*first), of(*last), of(s.worstIn)
	if n := len(begun.hours); n > 0 {
		*first = begun.hours[0].first
	}
	if n := len(ended.hours); n > 0 {
		*last = ended.hours[n-1].last
	}
	if worst.worst > 0 {
		s.worst, s.worstIn = worst.worst, worst.worstIn
	}
}

// slowAtEnd reports that it was slow in the last that is known of it.
func (s *Slowness) slowAtEnd() bool {
	n := len(s.hours)
	return n > 0 && !s.hours[n-1].last.To.Before(s.end.Add(-touch))
}

// unknownAmid is the time in gaps with slow time before and after: only what was measured
// counts as slow.
func (s *Slowness) unknownAmid(gaps []Gap) (sum time.Duration) {
	for _, g := range gaps {
		before, after := false, false
		for i := range s.hours {
			h := &s.hours[i]
			before = before || h.first.From.Before(g.From) && !h.last.To.Before(g.From.Add(-amid))
			after = after || h.last.To.After(g.To) && !h.first.From.After(g.To.Add(amid))
		}
		if before && after {
			sum += g.Long()
		}
	}
	return sum
}

// amid is how near to a gap slow time has to be: there may be a bin of a quarter of an
// hour in between.
const amid = 16 * time.Minute

// weight is slow hours × log₂ of the multiple, the worst of each hour.
func (s *Slowness) weight() float64 {
	sum := 0.0
	for _, h := range s.hours {
		sum += h.slow.Hours() * severity(s.times(h.worst))
	}
	return sum
}
