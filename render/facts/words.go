package facts

import (
	"strconv"
	"strings"
	"time"
)

// Long is a duration as people say it, in one unit or two: "90 s", "12 min",
// "5 h 10 min", "3 days 4 h".
func Long(d time.Duration) string {
	d = d.Round(time.Second)
	if d < 2*time.Minute && d%time.Minute != 0 || d == 0 {
		return strconv.Itoa(int(d/time.Second)) + " s"
	}
	if d = d.Round(time.Minute); d < 2*time.Hour {
		return strconv.Itoa(int(d/time.Minute)) + " min"
	}
	const day = 24 * time.Hour
	if d < 2*day {
		return inUnits(d, time.Hour, " h", time.Minute, " min")
	}
	return inUnits(d.Round(time.Hour), day, " days", time.Hour, " h")
}

func inUnits(d, large time.Duration, name string, small time.Duration, smallName string) string {
	text := grouped(strconv.Itoa(int(d/large))) + name
	if n := d % large / small; n > 0 {
		text += " " + strconv.Itoa(int(n)) + smallName
	}
	return text
}

// figure writes a value, below ten with so many decimals, and no ".0".
func figure(v, unit float64, decimals int) string {
	v /= unit
	if v >= 9.95 {
		decimals = 0
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return grouped(s)
}

// grouped puts commas between thousands.
func grouped(s string) string {
	whole, rest, dot := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dot {
		return whole + "." + rest
	}
	return whole
}

// milliseconds is an await: "115 ms", "2.4 ms", "0.35 ms", "12 s".
func milliseconds(ms float64) string {
	switch {
	case ms >= 10_000:
		return figure(ms, 1000, 1) + " s"
	case ms < 0.995:
		return figure(ms, 1, 2) + " ms"
	}
	return figure(ms, 1, 1) + " ms"
}

// multiple is how many times a limit something was: "11 ×", "1.3 ×".
func multiple(times float64) string { return figure(times, 1, 1) + " ×" }

// beyondLimit compares with a limit: "11 × its limit of 10 ms".
func beyondLimit(times, limitMS float64) string {
	by := multiple(times)
	if times < 1.05 { // 1 × it would be as much as the limit
		by = "just above"
	}
	return by + " its limit of " + milliseconds(limitMS)
}

// clock writes moments of a range: with no more of the date than tells them apart.
type clock struct {
	zone *time.Location
	over Span
}

const weekLong = 7*24*time.Hour + time.Hour // the clocks may be set back in it

func (c clock) at(t time.Time) string {
	t = t.In(c.zone)
	form := "Mon 15:04"
	switch {
	case t.Year() != c.over.To.In(c.zone).Year():
		form = "Mon 2 Jan 2006 15:04"
	case c.over.Long() > weekLong || t.Before(c.over.From) || t.After(c.over.To) || c.otherDay(t):
		form = "Mon 2 Jan 15:04"
	}
	if shownTwice(t) {
		form += " MST"
	}
	return t.Format(form)
}

// otherDay reports that a moment is on another day than the range's last one, and that both
// have one name: a week back from Monday at noon, Monday may be either.
func (c clock) otherDay(t time.Time) bool {
	last := c.over.To.Add(-time.Second).In(c.zone)
	return t.Weekday() == last.Weekday() && t.YearDay() != last.YearDay() ||
		t.Equal(c.over.To) && t.Weekday() == c.over.From.In(c.zone).Weekday() && t.YearDay() != c.over.From.In(c.zone).YearDay()
}

// typed is a moment as --from and --to take it.
func (c clock) typed(t time.Time) string {
	t = t.In(c.zone)
	if shownTwice(t) {
		return t.Format(time.RFC3339)
	}
	return t.Format("2006-01-02 15:04")
}

// shownTwice reports that the clock on the wall shows a moment twice, as it is set back.
func shownTwice(t time.Time) bool {
	const wall = "2006-01-02 15:04:05"
	for _, back := range []time.Duration{time.Hour, 30 * time.Minute} {
		if now := t.Format(wall); t.Add(back).Format(wall) == now || t.Add(-back).Format(wall) == now {
			return true
		}
	}
	return false
}
