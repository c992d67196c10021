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
		after := Span{r.From, r.To.Add(hsmPause / 2)}
		return r.Bytes < hsmLeast || -primary.grew(after) < hsmShrinks*float64(r.Bytes)
	})
}

// grew is by how many bytes more was used after a stretch than at its begin, below 0 if it
// was less; 0 if that isn't known.
func (l *Levels) grew(in Span) float64 {
	before, ok := l.at(in.From)
	after, ok2 := l.at(in.To)
	if !ok || !ok2 {
		return 0
	}
	return float64(after.Used) - float64(before.Used)
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
	mostOff   = 12 * time.Hour // by which a run may be late and still be that run
)

// wall is the clock on the wall as a time in UTC, which knows no change of clock.
func (f *finder) wall(t time.Time) time.Time { return calendar.Wall(t.In(f.zone)) }

// real is the moment at which the clock on the wall shows what wall says.
func (f *finder) real(wall time.Time) time.Time { return calendar.At(wall, f.zone, calendar.First) }

// habitsOf are when runs usually begin: each so many days or, where that fits none, on some
// days of each week.
func (f *finder) habitsOf(runs []HSMRun) []habit {
	if len(runs) < leastRuns {
		return nil
	}
	if every := f.usuallyApart(runs); every >= day {
		if h, of := f.habitOf(runs, every); of*3 >= len(runs)*2 {
			return []habit{h}
		}
	}
	var out []habit
	rest, within := runs, 0
	for {
		h, of := f.habitOf(rest, 7*day)
		if of < leastRuns {
			break
		}
		out, within = append(out, h), within+of
		rest = slices.DeleteFunc(slices.Clone(rest), func(r HSMRun) bool { return f.near(r, h) })
	}
	if within*3 < len(runs)*2 {
		return nil
	}
	return out
}

const day = 24 * time.Hour

// usuallyApart is the median of how far apart runs begin, in whole days.
func (f *finder) usuallyApart(runs []HSMRun) time.Duration {
	var apart []time.Duration
	for i, r := range runs[1:] {
		apart = append(apart, f.wall(r.From).Sub(f.wall(runs[i].From)))
	}
	slices.Sort(apart)
	return (apart[len(apart)/2] + day/2).Truncate(day)
}

// habitOf is the phase of a period near which most runs begin, and how many do; fewer than
// three make none. A run at midnight may begin on either side of it.
func (f *finder) habitOf(runs []HSMRun, every time.Duration) (h habit, of int) {
	h.every = every
	var best []time.Duration // how far those are behind the phase
	for _, r := range runs {
		from := f.phase(r.From, every)
		var behind []time.Duration
		for _, other := range runs {
			if d := off(f.phase(other.From, every), from, every); d.Abs() <= punctual {
				behind = append(behind, d)
			}
		}
		if len(behind) > len(best) {
			best, h.phase = behind, from
		}
	}
	if len(best) < leastRuns {
		return habit{}, 0
	}
	slices.Sort(best)
	h.phase = (h.phase + best[len(best)/2] + every) % every
	return h, len(best)
}

// near reports that a run begins when a habit says.
func (f *finder) near(r HSMRun, h habit) bool {
	return off(f.phase(r.From, h.every), h.phase, h.every).Abs() <= 2*punctual
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
		secondary := &f.LUNs[s.Secondary].Levels
		runs := HSMRuns(&f.LUNs[s.Primary].Levels, secondary)
		f.of, f.lun = s.Primary, &f.LUNs[s.Primary]
		f.inOffice(runs)
		whole := runs
		if len(runs) > 0 && runs[0].From.Equal(secondary.list[0].At) {
			whole = runs[1:] // nobody saw it begin
		}
		habits := f.habitsOf(whole)
		for _, h := range habits {
			u := usualRuns{habit: h, runs: runs, to: secondary, how: h.often()}
			if len(habits) > 1 {
				u.how = "each " + f.begin(h, whole[0]).Weekday().String()
			}
			f.hsmBy(&u, f.begin(h, whole[0]))
		}
	}
}

// usualRuns are a store's runs and one of the habits they have.
type usualRuns struct {
	habit
	runs []HSMRun
	to   *Levels // of the secondary store
	how  string  // often they are: "each week"
}

// begin is the first time at which a run was due, on the wall.
func (f *finder) begin(h habit, first HSMRun) time.Time {
	return f.wall(first.From).Add(-f.phase(first.From, h.every)).Add(h.phase)
}

// often is how often runs are.
func (h habit) often() string {
	switch n := int(h.every / day); n {
	case 1:
		return "each day"
	case 7:
		return "each week"
	default:
		return fmt.Sprintf("each %d days", n)
	}
}

// hsmBy looks for the runs that are due in the range, from a first one on. Those that are
// missing in a row are one finding.
func (f *finder) hsmBy(u *usualRuns, first time.Time) {
	var missed []time.Time
	for at := first; ; at = at.Add(u.every) {
		due := f.real(at)
		if due.After(f.Now) || due.After(f.To) {
			break
		}
		if !due.After(f.From) || !f.misses(u, due) {
			continue
		}
		if n := len(missed); n > 0 && slices.ContainsFunc(u.runs, func(r HSMRun) bool { return r.From.After(missed[n-1]) && r.From.Before(due) }) {
			f.addMissing(u, missed)
			missed = nil
		}
		missed = append(missed, due)
	}
	if len(missed) > 0 {
		f.addMissing(u, missed)
	}
}

// misses reports that the run that is due at a moment is missing. One that is late is a
// finding.
func (f *finder) misses(u *usualRuns, due time.Time) bool {
	grace := min(u.every/3, mostOff)
	if i := slices.IndexFunc(u.runs, func(r HSMRun) bool { return r.From.Sub(due).Abs() <= grace }); i >= 0 {
		if r := u.runs[i]; r.From.Sub(due) > punctual {
			f.add(Finding{Kind: KindHSM, Since: r.From, Until: r.To, Duration: r.Long(), Weight: hsmLate},
				fmt.Sprintf("HSM was late: it began on %s, %s after its time", f.at(r.From), Long(r.From.Sub(due).Round(time.Minute))))
		}
		return false
	}
	wait := u.wait()
	return f.Now.Sub(due) >= wait && f.lun.Levels.knows(Span{due, due.Add(wait)}) // else it may come yet, or nobody looked
}

// wait is after how long one that is due is missing.
func (h habit) wait() time.Duration { return min(h.every/3, patience) }

func (f *finder) addMissing(u *usualRuns, missed []time.Time) {
	due := missed[0]
	n := Finding{Kind: KindHSM, Since: due, Weight: hsmMissing * float64(len(missed))}
	text := "HSM did not run on " + f.at(due)
	if more := len(missed) - 1; more > 0 {
		text += " and " + times(more) + " since"
	}
	text += ", but it runs " + u.how
	if moved := u.to.grew(Span{due.Add(-punctual), due.Add(u.wait())}); moved >= hsmLittle && len(missed) == 1 {
		text = fmt.Sprintf("HSM moved only %s on %s", humanize.IBytes(uint64(moved)), f.at(due))
	}
	for _, r := range slices.Backward(u.runs) {
		if !r.From.After(due) {
			text += fmt.Sprintf("; the last run ended on %s and moved %s", f.at(r.To), humanize.IBytes(r.Bytes))
			break
		}
		n.Until = r.From
	}
	n.Duration = f.spanOf(&n).Long()
	f.add(n, text)
}

// hsmLittle is from how many bytes on something was moved, though it was no run.
const hsmLittle = 64 << 20

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
