package facts

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/dustin/go-humanize"

	"lunstat/render/calendar"
)

// Store is a mailstore whose HSM moves mail from one LUN to another. Both are indexes
// in Seen.
type Store struct{ Primary, Secondary int }

// HSMRun is one run of HSM, seen from space: the secondary store grew while the primary
// one shrank.
type HSMRun struct {
	Span
	Bytes uint64 // by which the secondary store grew
}

// BytesPerS is how fast HSM moved mail.
func (r HSMRun) BytesPerS() float64 { return float64(r.Bytes) / max(r.Long().Seconds(), 1) }

// How HSM is told from mail that comes in: it moves so much, without a longer pause.
const (
	hsmGrowth = 64 << 10 // bytes/s from one level to the next
	hsmLeast  = 1 << 30
	hsmPause  = time.Hour
	// The primary store shrinks by at least so much of what the secondary one grows: mail
	// comes in meanwhile, and originals are deleted in batches.
	hsmShrinks = 0.5
)

// HSMRuns finds HSM's runs in the levels of both stores.
func HSMRuns(primary, secondary *Levels) []HSMRun {
	var out []HSMRun
	for i := 1; i < len(secondary.list); i++ {
		was, is := secondary.list[i-1], secondary.list[i]
		long := is.At.Sub(was.At)
		if is.Used <= was.Used || long > hsmPause || float64(is.Used-was.Used) < hsmGrowth*long.Seconds() {
			continue
		}
		if n := len(out); n > 0 && was.At.Sub(out[n-1].To) <= hsmPause {
			out[n-1].To = is.At
			out[n-1].Bytes += is.Used - was.Used
			continue
		}
		out = append(out, HSMRun{Span{was.At, is.At}, is.Used - was.Used})
	}
	return slices.DeleteFunc(out, func(r HSMRun) bool {
		return r.Bytes < hsmLeast || primary.shrank(r.Span) < hsmShrinks*float64(r.Bytes)
	})
}

// shrank is by how much less was used after a stretch than at its begin.
func (l *Levels) shrank(in Span) float64 {
	before, ok := l.at(in.From)
	after, ok2 := l.at(in.To.Add(hsmPause / 2))
	if !ok || !ok2 || before.Used < after.Used {
		return 0
	}
	return float64(before.Used - after.Used)
}

// at is the last level at or before a moment; ok is false where it is old.
func (l *Levels) at(t time.Time) (level Level, ok bool) {
	i, exact := slices.BinarySearchFunc(l.list, t, func(a Level, t time.Time) int { return a.At.Compare(t) })
	if !exact {
		i--
	}
	if i < 0 || t.Sub(l.list[i].At) > held {
		return Level{}, false
	}
	return l.list[i], true
}

// habit is when HSM usually begins: each so many days, at a time of the day on the wall.
type habit struct {
	every time.Duration
	phase time.Duration // of the begin within the period, on the wall
}

// How regular runs have to be for one to be missed.
const (
	leastRuns = 3
	punctual  = 2 * time.Hour
	patience  = 6 * time.Hour  // after which one that is due is missing
	mostOff   = 12 * time.Hour // by which one may be late and still be that one
)

// wall is the clock on the wall as a time in UTC, which knows no change of clock.
func (f *finder) wall(t time.Time) time.Time { return calendar.Wall(t.In(f.zone)) }

// real is the moment at which the clock on the wall shows what wall says.
func (f *finder) real(wall time.Time) time.Time { return calendar.At(wall, f.zone, calendar.First) }

// habitOf is when three runs and more in a row mostly begin.
func (f *finder) habitOf(runs []HSMRun) (h habit, ok bool) {
	if len(runs) < leastRuns {
		return h, false
	}
	const day = 24 * time.Hour
	var apart, phases []time.Duration
	for i, r := range runs[1:] {
		apart = append(apart, f.wall(r.From).Sub(f.wall(runs[i].From)))
	}
	slices.Sort(apart)
	h.every = (apart[len(apart)/2] + day/2).Truncate(day)
	if h.every < day {
		return h, false
	}
	for _, r := range runs {
		phases = append(phases, f.phase(r.From, h.every))
	}
	// The phase near which most are: a run at midnight may begin on either side of it.
	most := 0
	for _, p := range phases {
		n := 0
		for _, q := range phases {
			if off(q, p, h.every).Abs() <= punctual {
				n++
			}
		}
		if n > most {
			most, h.phase = n, p
		}
	}
	return h, most >= leastRuns && most*3 >= len(runs)*2
}

func (f *finder) phase(t time.Time, every time.Duration) time.Duration {
	return time.Duration(f.wall(t).Unix()) * time.Second % every
}

// off is how far a phase is behind another one, at most half a period.
func off(p, from, every time.Duration) time.Duration {
	d := (p - from + every) % every
	if d > every/2 {
		d -= every
	}
	return d
}

// The weights of what HSM does otherwise than usual, in hours.
const (
	hsmMissing = 12
	hsmLate    = 3
	hsmOffice  = 2
)

// hsm compares each store's runs in the range with when they usually are.
func (f *finder) hsm() {
	for _, s := range f.Stores {
		runs := HSMRuns(&f.LUNs[s.Primary].Levels, &f.LUNs[s.Secondary].Levels)
		f.of, f.lun = s.Primary, &f.LUNs[s.Primary]
		f.inOffice(runs)
		h, ok := f.habitOf(runs)
		if !ok {
			continue
		}
		begin := f.wall(runs[0].From).Add(-f.phase(runs[0].From, h.every))
		for at := begin.Add(h.phase); ; at = at.Add(h.every) {
			due := f.real(at)
			if due.After(f.Now) || due.After(f.To) {
				break
			}
			if due.After(f.From) {
				f.hsmAt(due, h, runs)
			}
		}
	}
}

// hsmAt looks for the run that is due at a moment.
func (f *finder) hsmAt(due time.Time, h habit, runs []HSMRun) {
	grace := min(h.every/3, mostOff)
	i := slices.IndexFunc(runs, func(r HSMRun) bool { return r.From.Sub(due).Abs() <= grace })
	how := "each week"
	if n := int(h.every / (24 * time.Hour)); n != 7 {
		how = map[bool]string{true: "each day", false: fmt.Sprintf("each %d days", n)}[n == 1]
	}
	if i >= 0 {
		if r := runs[i]; r.From.Sub(due) > punctual {
			f.add(Finding{Kind: KindHSM, Since: r.From, Until: r.To, Duration: r.Long(), Weight: hsmLate},
				fmt.Sprintf("HSM was late: it began on %s, %s after its time", f.at(r.From), Long(r.From.Sub(due).Round(time.Minute))))
		}
		return
	}
	wait := min(h.every/3, patience)
	if f.Now.Sub(due) < wait || !f.lun.Levels.knows(Span{due, due.Add(wait)}) {
		return // it may come yet, or nobody looked
	}
	n := Finding{Kind: KindHSM, Since: due, Weight: hsmMissing}
	text := fmt.Sprintf("HSM did not run on %s, but it runs %s", f.at(due), how)
	for _, r := range slices.Backward(runs) {
		switch {
		case r.From.After(due):
			n.Until = r.From
		default:
			f.add(n, text+fmt.Sprintf("; the last run ended on %s and moved %s", f.at(r.To), humanize.IBytes(r.Bytes)))
			return
		}
	}
	f.add(n, text)
}

// knows reports that there are levels in most of a stretch.
func (l *Levels) knows(in Span) bool {
	known := time.Duration(0)
	for i := range l.list {
		if s := (Span{l.list[i].At, l.until(i, in.To)}); s.Overlaps(in) {
			known += s.Clip(in).Long()
		}
	}
	return known >= in.Long()*3/4
}

// Office hours, from Monday to Friday on the wall.
const (
	officeFrom = 8
	officeTo   = 18
)

// inOffice is a run that went on for an hour and more while users were there, though not
// all runs do.
func (f *finder) inOffice(runs []HSMRun) {
	var in []HSMRun
	for _, r := range runs {
		if f.office(r.Span) >= time.Hour {
			in = append(in, r)
		}
	}
	if len(in)*2 > len(runs) {
		return // that is how they want it
	}
	slices.SortFunc(in, func(a, b HSMRun) int { return cmp.Compare(f.office(b.Span), f.office(a.Span)) })
	for _, r := range in {
		if r.From.After(f.From) && r.From.Before(f.To) {
			f.add(Finding{Kind: KindHSM, Since: r.From, Until: r.To, Duration: f.office(r.Span), Weight: hsmOffice}, fmt.Sprintf(
				"HSM ran in office hours for %s, from %s to %s, and moved %s", Long(f.office(r.Span)), f.at(r.From), f.at(r.To), humanize.IBytes(r.Bytes)))
			return
		}
	}
}

// office is how much of a stretch is in office hours.
func (f *finder) office(in Span) time.Duration {
	sum := time.Duration(0)
	for t := in.From.Truncate(15 * time.Minute); t.Before(in.To); t = t.Add(15 * time.Minute) {
		w := f.wall(t)
		if d := w.Weekday(); d != time.Saturday && d != time.Sunday && w.Hour() >= officeFrom && w.Hour() < officeTo {
			sum += Span{t, t.Add(15 * time.Minute)}.Clip(in).Long()
		}
	}
	return sum
}
