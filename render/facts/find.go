package facts

import (
	"cmp"
	"math"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// Seen is everything that is known of some LUNs in a range.
type Seen struct {
	Span
	Now    time.Time      // the end of what can be known: Span.To or, if that is still to come, now
	Made   time.Time      // when this is asked; zero: at Now
	Bin    time.Duration  // of the bins read; the last bin may reach beyond the end of a range that is over; 0: intervals
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
	// Began is when it began, if that was before the range; zero: with From.
	Began time.Time
}

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

// severity is log₂ of how many times its limit something is. What was above its limit
// by how much nobody knows is a little above it.
func severity(times float64) float64 { return math.Log2(max(times, 1.1)) }
