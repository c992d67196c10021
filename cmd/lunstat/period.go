package main

import (
	"time"

	"github.com/spf13/cobra"

	"lunstat/cmd/lunstat/when"
)

// period is the flags by which a stretch of time is named.
type period struct{ when.Range }

// AddFlags gives a command the flags.
func (p *period) AddFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.Last, "last", "", "the last `DURATION`, up to now: 90m, 36h, 7d, 5w")
	f.StringVar(&p.Week, "week", "", "the calendar `WEEK`, from Monday to Sunday: 2026-W47")
	f.StringVar(&p.From, "from", "", "begin at this `TIME`: 2026-11-16, \"2026-11-16 08:30\", yesterday, 08:30, -5w")
	f.StringVar(&p.To, "to", "", "end at this `TIME`, written as for --from; a day includes all its hours (default now)")
}

// zone is the one that the flags mean: the range of --last is the same in all.
func (p *period) zone(e *env) *time.Location {
	if p.Week == "" && p.From == "" && p.To == "" {
		return e.Zone
	}
	return e.times()
}

// parse reads the flags; without any of them the range is the last of the
// given length.
func (p *period) parse(now time.Time, zone *time.Location, otherwise when.Duration) (from, to time.Time, err error) {
	r := p.Range
	if r == (when.Range{}) {
		r.Last = otherwise.String()
	}
	if from, to, err = r.Ends(now, zone); err != nil {
		return from, to, usageError{err}
	}
	return from, to, nil
}

// parseMoment reads an instant as --at takes it.
func parseMoment(now time.Time, zone *time.Location, s string) (time.Time, error) {
	t, err := when.Moment(now, zone, s)
	if err != nil {
		return t, usageError{err}
	}
	return t, nil
}
