package when

import (
	"fmt"
	"strings"
	"time"

	"lunstat/render/calendar"
)

// Moment reads an instant as --at takes it. A day alone is its first instant.
func Moment(now time.Time, zone *time.Location, s string) (time.Time, error) {
	return moment(now.In(zone), s, first)
}

// A text can name several instants: a whole day, or an hour that the clock shows
// twice. These say which one counts.
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
	return time.Time{}, fmt.Errorf("%q is no time: write 2026-11-16, \"2026-11-16 08:30\", 08:30, yesterday, today, now, -5w or 2026-11-16T08:30:00Z", s)
}

func sane(now, t time.Time, s string) (time.Time, error) {
	if years := t.Year() - now.Year(); years < -maxYears || years > maxYears {
		return time.Time{}, fmt.Errorf("%q is more than %d years off", s, maxYears)
	}
	return t, nil
}

// back goes back by a duration. Days and weeks keep the time of day, even if the
// clocks were set in between. Hours, minutes and seconds have their real length.
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
	d, err := ParseDuration(s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q: %w", s, err)
	}
	if d <= 0 || d > maxYears*366*Day {
		return time.Time{}, fmt.Errorf("%q: must be more than 0 and less than %d years", s, maxYears)
	}
	return now.Add(-d), nil
}

func daysBack(now time.Time, n int64, s string) (time.Time, error) {
	if n > maxYears*366 {
		return time.Time{}, fmt.Errorf("%q: must be less than %d years", s, maxYears)
	}
	return calendar.At(calendar.Wall(now).AddDate(0, 0, -int(n)), now.Location(), first), nil
}

// wholeDay is the beginning or the end of a day. Like time.Date, it accepts a day
// outside of the month.
func wholeDay(y int, m time.Month, d int, zone *time.Location, side calendar.Which) time.Time {
	if side == final {
		d++
	}
	return calendar.Midnight(y, m, d, zone)
}
