package facts

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/dustin/go-humanize/english"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// Seen is everything that is known of some LUNs in a range.
type Seen struct {
	Span
	Now    time.Time      // the end of what can be known: Span.To or, if that is still to come, now
	Made   time.Time      // when this is asked; zero: at Now
	Bin    time.Duration  // of the bins read, of which one may reach beyond the end of a range that is over; 0: intervals
	Zone   *time.Location // in which times are said
	LUNs   []LUN
	Gaps   []Gap   // of whole hosts
	Maps   []Map   // multipath maps below LUNs
	Stores []Store // between whose LUNs HSM moves mail

	// Report is the command for a report: "lunstat report" with the flags that say
	// where to read from.
	Report string
}

// LUN is everything that is known of one LUN in a range.
type LUN struct {
	Title   string // what the report calls it
	Entry   mapper.Entry
	Slow    []*Slowness   // one, or one a host where two used it at once
	Limit   time.Duration // the await limit of its role; 0: none
	Tails   *Tails        // how long its I/Os took; nil: not known
	Stalls  []Span        // in order; one that the range begins with begins when it did
	LastEnd time.Time     // of the last interval; zero: none
	Space   *series.Space
	Hours   *Hours // of the range and the four weeks before; nil: not read
	Levels  Levels // of its filesystem, over five weeks and more
	SpaceOK bool   // Space is of now: neither the LUN nor its filesystem is gone
	Gaps    []Gap
	Gone    time.Time      // when it went away; zero: it did not
	New     time.Time      // when it was first seen, if that is in the range; zero: it is older
	History []mapper.Entry // of the ledger, in order of time
	Grounds []Ground       // what it rests on, the nearest first
}

// Gap is a stretch without data.
type Gap struct {
	Span
	Cause string
	Host  string
	Flat  bool // one long interval: the totals are known
}

// A filesystem is a finding from these shares on, in percent as df shows them, unless
// its LUN has a limit of its own: see [FullFrom].
const (
	FullWarn  = 90
	FullAlarm = 95
)

// FullFrom are the shares from which a LUN's filesystem is nearly full, and from which
// that is trouble.
func FullFrom(l *mapper.LUN) (warn, alarm float64) {
	if own := l.Limits.FullPercent; own > 0 {
		return own, max(own, FullAlarm)
	}
	return FullWarn, FullAlarm
}

// A LUN that was slow for less than both is not worth a reader's time: any LUN has
// a bad minute.
const (
	slowWhile = 15 * time.Minute
	slowShare = 0.01
)

// Find gives what somebody should know, sorted by time × severity, the heaviest first.
func Find(in Seen) []Finding {
	if in.Zone == nil {
		in.Zone = time.UTC
	}
	if in.Report == "" {
		in.Report = "lunstat report"
	}
	f := finder{Seen: in, clock: clock{in.Zone, in.Span}}
	for i := range in.LUNs {
		f.of, f.lun = i, &in.LUNs[i]
		f.slow()
		f.tail()
		f.stalled()
		f.full()
		f.gone()
		f.appeared()
		f.absent()
		f.history()
		f.changed()
	}
	f.paths()
	f.hsm()
	f.carry()
	f.share()
	f.gaps()
	f.leaveOpen()
	slices.SortStableFunc(f.found, func(a, b Finding) int { return cmp.Compare(b.Weight, a.Weight) })
	return f.found
}

// finder gathers findings.
type finder struct {
	Seen
	clock
	found []Finding
	lun   *LUN // the one that is looked at
	of    int
	on    map[Ground]int // how many LUNs rest on it; nil: not counted yet
}

// add fills in what all findings of the LUN have.
func (f *finder) add(n Finding, says string) {
	l := f.lun
	n.LUN, n.Title, n.Of = l.Entry.LUN.Name(), l.Title, f.of
	if n.Host == "" {
		n.Host = l.Entry.Host
	}
	n.Text = n.Title + ": " + says
	n.Next = f.next(&n)
	f.found = append(f.found, n)
}

// slow is one finding for all of a LUN's slow time in the range.
func (f *finder) slow() {
	for _, s := range f.lun.Slow {
		if s.Slow == 0 || s.Slow < slowWhile && float64(s.Slow) < slowShare*float64(s.Watched) {
			continue
		}
		first, last := s.ends()
		n := Finding{
			Kind: KindSlow, Host: s.Host, Since: first.From, Until: last.To,
			Worst: s.worst, Unit: "ms", Limit: float64(s.Limit) / float64(time.Millisecond), TimesLimit: s.times(s.worst),
			Duration: s.slowFor(), Weight: s.weight(),
		}
		if s.worst > 0 {
			n.WorstAt = s.worstIn.To
		}
		onwards := ""
		if s.slowAtEnd() {
			onwards = ", and still is"
			if when := f.goOn(&n, s.end); when != "" {
				onwards = ", and was " + when
			}
		}
		f.add(n, f.slowWords(s, &n, onwards))
	}
}

func (f *finder) slowWords(s *Slowness, n *Finding, onwards string) string {
	text := ""
	if s.Host != "" {
		text = "on " + s.Host + " "
	}
	text += fmt.Sprintf("slow for %s since %s", Long(n.Duration), f.at(n.Since))
	if s.orEarlier(n.Since, f.From) {
		text += " or earlier"
	}
	text += onwards
	if gap := s.unknownAmid(f.lun.Gaps); gap > 0 {
		text += ", not counting " + Long(gap) + " without data"
	}
	if n.Worst == 0 {
		return text
	}
	text += fmt.Sprintf("; worst %s on %s", milliseconds(n.Worst), f.at(n.WorstAt))
	if n.TimesLimit >= 1 {
		text += fmt.Sprintf(", %s its limit of %s", multiple(n.TimesLimit), milliseconds(n.Limit))
	}
	return text
}

// stallSeverity is that of no answer at all, as if it were 1,000 × the limit.
const stallSeverity = 10

// stalled is one finding for all stalls of a LUN.
func (f *finder) stalled() {
	stalls := f.lun.Stalls
	if len(stalls) == 0 {
		return
	}
	n := Finding{Kind: KindStalled, Since: stalls[0].From, Unit: "s"}
	longest := stalls[0]
	for _, s := range stalls {
		n.Duration += s.Long()
		if s.Long() > longest.Long() {
			longest = s
		}
	}
	last := stalls[len(stalls)-1]
	n.Until = last.To
	when := ""
	if !last.To.Before(f.lun.LastEnd.Add(-touch)) {
		when = f.goOn(&n, last.To)
	}
	n.Worst, n.WorstAt = longest.Long().Seconds(), longest.To
	// However short, it is more than a slow hour: programs hang meanwhile.
	n.Weight = max(n.Duration.Hours(), 1) * stallSeverity
	f.add(n, f.stallWords(&n, stalls, longest, when))
}

func (f *finder) stallWords(n *Finding, stalls []Span, longest Span, when string) string {
	switch {
	case len(stalls) > 1:
		text := fmt.Sprintf("stalled %s: no I/O completed for %s in all, %s of it from %s on",
			times(len(stalls)), Long(n.Duration), Long(longest.Long()), f.at(longest.From))
		switch {
		case n.Lasts():
			text += "; the last one lasts"
		case when != "":
			text += "; the last one was not over " + when
		}
		return text
	case n.Lasts():
		return fmt.Sprintf("stalled since %s: no I/O completed for %s", f.at(n.Since), Long(n.Duration))
	case when != "":
		return fmt.Sprintf("stalled since %s, and was %s: no I/O completed for %s", f.at(n.Since), when, Long(n.Duration))
	}
	return fmt.Sprintf("stalled: no I/O completed for %s, from %s to %s", Long(n.Duration), f.at(n.Since), f.at(n.Until))
}

func times(n int) string {
	if n == 2 {
		return "twice"
	}
	return english.Plural(n, "time", "")
}

// gapSeverity is that of not knowing.
const gapSeverity = 0.5

// gaps are one finding for all that a host has no data of.
func (f *finder) gaps() {
	var hosts []string
	by := map[string][]Gap{}
	for _, g := range f.Gaps {
		if by[g.Host] == nil {
			hosts = append(hosts, g.Host)
		}
		by[g.Host] = append(by[g.Host], g)
	}
	for _, h := range hosts {
		all := by[h]
		n := Finding{Kind: KindGap, Title: h, Host: h, Since: all[0].From, Unit: "s", Of: -1}
		longest := all[0]
		for _, g := range all {
			n.Duration += g.Long()
			if g.Long() > longest.Long() {
				longest = g
			}
		}
		if last := all[len(all)-1]; last.Flat || last.To.Before(f.Now.Add(-touch)) { // a long interval ends with a reading
			n.Until = last.To
		}
		n.Worst, n.WorstAt = longest.Long().Seconds(), longest.To
		n.Weight = n.Duration.Hours() * gapSeverity
		n.Text = n.Title + ": " + f.gapWords(&n, all, longest)
		n.Next = []string{"lunstat status"}
		f.found = append(f.found, n)
	}
}

func (f *finder) gapWords(n *Finding, all []Gap, longest Gap) string {
	what := "no data"
	if !slices.ContainsFunc(all, func(g Gap) bool { return !g.Flat }) {
		what = "no more than the totals"
	}
	if len(all) == 1 {
		return fmt.Sprintf("%s for %s since %s: %s", what, Long(n.Duration), f.at(n.Since), longest.Cause)
	}
	return fmt.Sprintf("%s %s, for %s in all; the longest %s from %s on: %s",
		what, times(len(all)), Long(n.Duration), Long(longest.Long()), f.at(longest.From), longest.Cause)
}

// severity is log₂ of how many times its limit something is. What was above its limit
// by how much nobody knows is a little above it.
func severity(times float64) float64 { return math.Log2(max(times, 1.1)) }
