package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"lunstat/render/calendar"
)

// period is the flags by which a stretch of time is named.
type period struct {
	last, week, from, to string
}

// AddFlags gives a command the flags.
func (p *period) AddFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.last, "last", "", "the `TIME` up to now: 90m, 36h, 7d, 5w")
	f.StringVar(&p.week, "week", "", "a calendar `WEEK` from Monday to Sunday: 2026-W47")
	f.StringVar(&p.from, "from", "", "from this `TIME` on: 2026-11-16, \"2026-11-16 08:30\", yesterday, 08:30, -5w")
	f.StringVar(&p.to, "to", "", "to this `TIME`, as --from; a day is meant to its end (default now)")
}

// zone is the one that the flags mean: the range of --last is the same in all.
func (p *period) zone(e *env) *time.Location {
	if p.week == "" && p.from == "" && p.to == "" {
		return e.Zone
	}
	return e.times()
}

// parse reads the flags; without any of them the range is the last of the
// given length.
func (p *period) parse(now time.Time, zone *time.Location, otherwise Duration) (from, to time.Time, err error) {
	if *p == (period{}) {
		return parseRange(now, zone, otherwise.String(), "", "", "")
	}
	return parseRange(now, zone, p.last, p.week, p.from, p.to)
}

// parseRange reads a range of time, of which last, week, or from (with or without
// to) is given and the others are "". Days and weeks are the zone's, so that one
// in which the clock changes has 23 or 25 hours.
func parseRange(now time.Time, zone *time.Location, last, week, from, to string) (time.Time, time.Time, error) {
	begin, end, err := rangeEnds(now.In(zone), last, week, from, to)
	if err != nil {
		return time.Time{}, time.Time{}, usageError{err}
	}
	if !begin.Before(end) {
		const form = "2006-01-02 15:04:05 MST"
		return time.Time{}, time.Time{}, usagef("the range ends (%s) before it begins (%s)", end.Format(form), begin.Format(form))
	}
	return begin, end, nil
}

func rangeEnds(now time.Time, last, week, from, to string) (begin, end time.Time, err error) {
	switch {
	case last != "" && week == "" && from == "" && to == "":
		begin, err = back(now, last)
		return begin, now, err
	case week != "" && last == "" && from == "" && to == "":
		return isoWeek(week, now.Location())
	case from != "" && last == "" && week == "":
		if begin, err = moment(now, from, first); err != nil || to == "" {
			return begin, now, err
		}
		end, err = moment(now, to, final)
		return begin, end, err
	case to != "" && from == "" && last == "" && week == "":
		return begin, end, errors.New("--to without --from: where is the range to begin?")
	}
	return begin, end, errors.New("a range is one of --last 7d, --week 2026-W47, --from TIME [--to TIME]")
}

// parseMoment reads an instant as --at takes it. A day alone is its first instant.
func parseMoment(now time.Time, zone *time.Location, s string) (time.Time, error) {
	t, err := moment(now.In(zone), s, first)
	if err != nil {
		return time.Time{}, usageError{err}
	}
	return t, nil
}

// The instants that are meant where a text names several: a whole day, or an hour
// that the clock shows twice.
const (
	first = calendar.First // of a range's beginning: midnight; the first of the two
	final = calendar.Last  // of its end: the next midnight; the second of the two
)

const maxYears = 100 // a bound for what is typed, so that nothing overflows

// moment reads an instant in now's zone.
func moment(now time.Time, s string, side calendar.Which) (time.Time, error) {
	y, m, d := now.Date()
	zone := now.Location()
	switch s {
	case "now":
		return now, nil
	case "today":
		return wholeDay(y, m, d, zone, side), nil
	case "yesterday":
		return wholeDay(y, m, d-1, zone, side), nil
	}
	if ago, ok := strings.CutPrefix(s, "-"); ok {
		return back(now, ago)
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return sane(now, t.In(zone), s)
	}
	if t, err := time.Parse("2006-01-02", s); err == nil {
		return sane(now, wholeDay(t.Year(), t.Month(), t.Day(), zone, side), s)
	}
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(form, s); err == nil {
			return sane(now, calendar.At(t, zone, side), s)
		}
	}
	for _, form := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(form, s); err == nil {
			return calendar.At(time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, time.UTC), zone, side), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time: want 2026-11-16, \"2026-11-16 08:30\", 08:30, yesterday, today, now, -5w or 2026-11-16T08:30:00Z", s)
}

func sane(now, t time.Time, s string) (time.Time, error) {
	if years := t.Year() - now.Year(); years < -maxYears || years > maxYears {
		return time.Time{}, fmt.Errorf("%q is more than %d years off", s, maxYears)
	}
	return t, nil
}

// back goes back by a duration. Days and weeks keep the time of day, whatever the
// clock did in between; hours, minutes and seconds are as long as they are.
func back(now time.Time, s string) (time.Time, error) {
	n, ok := wholeNumber(strings.TrimRight(s, "dw"))
	if ok && n > 0 && len(s) > 1 {
		switch s[len(s)-1] {
		case 'd':
			return daysBack(now, n, s)
		case 'w':
			return daysBack(now, 7*n, s)
		}
	}
	d, err := parseDuration(s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q: %w", s, err)
	}
	if d <= 0 || d > maxYears*366*day {
		return time.Time{}, fmt.Errorf("%q: want more than nothing and less than %d years", s, maxYears)
	}
	return now.Add(-d), nil
}

func daysBack(now time.Time, n int64, s string) (time.Time, error) {
	if n > maxYears*366 {
		return time.Time{}, fmt.Errorf("%q: want less than %d years", s, maxYears)
	}
	return calendar.At(calendar.Wall(now).AddDate(0, 0, -int(n)), now.Location(), first), nil
}

// isoWeek is a week of ISO 8601: from Monday to Monday, the first of the year
// being the one with the 4th of January.
func isoWeek(s string, zone *time.Location) (from, to time.Time, err error) {
	bad := fmt.Errorf("%q is no week: want a year and its ISO week, as 2026-W47", s)
	y, w, found := strings.Cut(strings.ToUpper(s), "-W")
	year, yearOK := wholeNumber(y)
	number, weekOK := wholeNumber(w)
	if !found || !yearOK || !weekOK || len(y) != 4 || len(w) != 2 {
		return from, to, bad
	}
	jan4 := time.Date(int(year), time.January, 4, 0, 0, 0, 0, time.UTC)
	monday := jan4.AddDate(0, 0, -(int(jan4.Weekday())+6)%7+7*(int(number)-1))
	if gotYear, got := monday.ISOWeek(); gotYear != int(year) || got != int(number) {
		return from, to, fmt.Errorf("%d has no week %s", year, strconv.Quote(w))
	}
	next := monday.AddDate(0, 0, 7)
	return calendar.At(monday, zone, calendar.First), calendar.At(next, zone, calendar.First), nil
}

// wholeDay is the beginning or the end of a day. The day may be out of the
// month's range, as for time.Date.
func wholeDay(y int, m time.Month, d int, zone *time.Location, side calendar.Which) time.Time {
	if side == final {
		d++
	}
	return calendar.Midnight(y, m, d, zone)
}
