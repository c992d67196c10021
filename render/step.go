package render

import (
	"fmt"
	"slices"
	"time"

	"lunstat/render/calendar"
)

// unit is a step of the clock or the calendar.
type unit int

const (
	seconds unit = iota
	minutes
	hours
	days
	weeks
	months
	years
)

type step struct {
	unit
	n    int
	long time.Duration // about
}

// steps are all that axes use, each dividing the next greater unit.
func steps() []step {
	day := 24 * time.Hour
	list := []step{}
	for _, n := range []int{1, 2, 5, 10, 15, 30} {
		list = append(list, step{seconds, n, time.Duration(n) * time.Second})
	}
	for _, n := range []int{1, 2, 5, 10, 15, 30} {
		list = append(list, step{minutes, n, time.Duration(n) * time.Minute})
	}
	for _, n := range []int{1, 2, 3, 6, 12} {
		list = append(list, step{hours, n, time.Duration(n) * time.Hour})
	}
	list = append(list, step{days, 1, day}, step{weeks, 1, 7 * day})
	for _, n := range []int{1, 3} {
		list = append(list, step{months, n, time.Duration(n) * 30 * day})
	}
	for _, n := range []int{1, 2, 5, 10, 20, 50} {
		list = append(list, step{years, n, time.Duration(n) * 365 * day})
	}
	return list
}

// plural is a calendar's step in words: "days", "3 months".
func (s step) plural() string {
	name := [...]string{days: "days", weeks: "weeks", months: "months", years: "years"}[s.unit]
	if s.n == 1 {
		return name
	}
	return fmt.Sprintf("%d %s", s.n, name)
}

// room is how many pixels a label of a step needs.
func (s step) room() float64 {
	switch s.unit {
	case seconds:
		return 64
	case days:
		return 28
	case weeks:
		return 42
	case months:
		return 34
	}
	return 46
}

// clock is a boundary's time of day.
func (s step) clock(t time.Time) string {
	if s.unit == seconds {
		return t.Format("15:04:05")
	}
	return t.Format("15:04")
}

func dayTexts(t time.Time) []string {
	return []string{t.Format("Monday 2 January 2006"), t.Format("Mon 2 Jan"), t.Format("Mon 2"), t.Format("Mon")}
}

// alone names the stretch that contains t where nothing else says the year.
func (s step) alone(t time.Time) []string {
	if s.unit != weeks {
		return s.texts(t)
	}
	y, w := t.ISOWeek()
	return []string{fmt.Sprintf("week %d of %d", w, y), fmt.Sprintf("week %d", w), fmt.Sprintf("W%d", w)}
}

// texts name the stretch that contains t, the longest text first.
func (s step) texts(t time.Time) []string {
	switch s.unit {
	case days:
		return []string{t.Format("Monday 2 Jan"), t.Format("Mon 2 Jan"), t.Format("Mon 2"), t.Format("Mon"), t.Format("2")}
	case weeks:
		_, w := t.ISOWeek()
		monday := s.floor(t)
		return []string{fmt.Sprintf("week %d, %s–%s", w, monday.Format("2 Jan"), monday.AddDate(0, 0, 6).Format("2 Jan")),
			fmt.Sprintf("week %d, %s", w, monday.Format("2 Jan")), fmt.Sprintf("week %d", w), fmt.Sprintf("W%d", w)}
	case months:
		if s.n == 3 {
			first := s.floor(t)
			return []string{first.Format("Jan") + "–" + first.AddDate(0, 2, 0).Format("Jan"), first.Format("Jan")}
		}
		return []string{t.Format("January"), t.Format("Jan")}
	}
	return []string{t.Format("2006")}
}

// major tells the heavier boundaries.
func (s step) major(t time.Time) bool {
	_, m, sec := t.Clock()
	switch s.unit {
	case seconds:
		return sec == 0 && s.n < 60
	case minutes:
		return m == 0
	case hours:
		return calendar.Begins(t)
	case days:
		return t.Weekday() == time.Monday
	case weeks:
		return false
	}
	return t.YearDay() == 1
}

// bounds are the boundaries in (from, to), in from's zone and in order. Days, weeks
// and more begin where the calendar says; hours and less are those at which a clock
// on the wall shows a multiple, both of them where it is set back.
func (s step) bounds(from, to time.Time) []time.Time {
	if s.unit <= hours {
		return merged(s.clockBounds(from, to), step{days, 1, 0}.bounds(from, to))
	}
	var out []time.Time
	last := from
	// Dates are counted, not instants: a day may begin at 1:00, or not be at all.
	for date := s.floor(from); ; date = s.next(date) {
		t := calendar.At(date, from.Location(), calendar.First)
		if !t.Before(to) {
			return out
		}
		if t.After(last) {
			out = append(out, t)
			last = t
		}
	}
}

// edges are the boundaries that enclose a range: the first is at or before from, the
// last at or after to.
func (s step) edges(from, to time.Time) []time.Time {
	date := s.floor(from)
	out := []time.Time{calendar.At(date, from.Location(), calendar.First)}
	for {
		date = s.next(date)
		t := calendar.At(date, from.Location(), calendar.First)
		if t.After(out[len(out)-1]) {
			out = append(out, t)
		}
		if !t.Before(to) {
			return out
		}
	}
}

// clockBounds are the multiples that the clock shows. Zones may be off by minutes
// and seconds, and so each stretch without a change of clock has its own grid.
func (s step) clockBounds(from, to time.Time) []time.Time {
	var out []time.Time
	size := int64(s.size() / time.Second)
	for start := from; start.Before(to); {
		end := calendar.Until(start)
		if end.IsZero() || end.After(to) {
			end = to
		}
		_, offset := start.Zone()
		wall := start.Unix() + int64(offset)
		t := time.Unix(start.Unix()-floorMod(wall, size), 0).In(from.Location())
		for ; t.Before(end); t = t.Add(s.size()) {
			if t.After(from) && !t.Before(start) {
				out = append(out, t)
			}
		}
		start = end
	}
	return out
}

// floorMod is the remainder of a division that rounds down.
func floorMod(a, b int64) int64 { return (a%b + b) % b }

// merged are two ordered lists as one, each instant once.
func merged(a, b []time.Time) []time.Time {
	out := slices.Concat(a, b)
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}

// size is exact for the units of the clock only.
func (s step) size() time.Duration {
	return time.Duration(s.n) * [...]time.Duration{time.Second, time.Minute, time.Hour}[s.unit]
}

// floor is the date, in UTC, of the boundary at or before t.
func (s step) floor(t time.Time) time.Time {
	y, m, d := t.Date()
	switch s.unit {
	case weeks:
		d -= (int(t.Weekday()) + 6) % 7
	case months:
		m, d = m-(m-1)%time.Month(s.n), 1
	case years:
		y, m, d = y-y%s.n, 1, 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// next is the boundary after the one of a date.
func (s step) next(date time.Time) time.Time {
	switch s.unit {
	case weeks:
		return date.AddDate(0, 0, 7)
	case months:
		return date.AddDate(0, s.n, 0)
	case years:
		return date.AddDate(s.n, 0, 0)
	}
	return date.AddDate(0, 0, s.n)
}
