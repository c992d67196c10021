// Package calendar finds the instants at which the clocks of a zone show a given time,
// and the instants at which its days begin.
//
// Start with [At]; [Midnight] is At for the beginning of a day. A zone may skip any
// time, even midnight or whole days, and may show any time twice. time.Date promises no
// particular instant there, and adding hours to an instant misses the beginning of the
// day. So code that walks through a calendar should count dates and ask this package for
// their instants, which never run backwards.
package calendar

import "time"

// Which says which of two instants is meant if the clock shows a time twice.
type Which bool

// The two of them.
const (
	First Which = false
	Last  Which = true
)

// reach is how far from the time in UTC an instant can lie: the largest offset
// is below 16 hours, and a zone that moves over the date line leaps by 24.
const reach = 48 * time.Hour

// At is the instant at which the clocks of a zone show what wall shows in UTC. If they
// show it twice, which chooses one of the two. If they skip it, it is the instant of
// the change.
func At(wall time.Time, zone *time.Location, which Which) time.Time {
	wall = wall.UTC()
	var found time.Time
	for from := wall.Add(-reach).In(zone); ; {
		_, offset := from.Zone()
		end := Until(from)
		at := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		reached := end.IsZero() || at.Before(end)
		switch {
		case reached && at.Before(from):
			if found.IsZero() {
				return from
			}
			return found
		case reached && which == First:
			return at
		case reached:
			found = at
		}
		if end.IsZero() || end.After(wall.Add(reach)) {
			return found
		}
		from = end
	}
}

// Until is an instant after t up to which the zone keeps the offset that it has at t;
// zero: for ever. The offset may also stay the same after it.
func Until(t time.Time) time.Time {
	_, end := t.ZoneBounds()
	if end.IsZero() || end.After(t) {
		return end
	}
	// On the last day of a leap year ZoneBounds gives the beginning of that day
	// (Go 1.26), and a loop over its ends would not end. No zone changes on it.
	return t.Add(time.Hour)
}

// Midnight is the instant at which a day of a zone begins. That is not 0:00 if the
// clocks skip midnight, and it is the beginning of the next day if they skip the whole
// day. The day may be outside the month's range, as for time.Date.
func Midnight(year int, month time.Month, day int, zone *time.Location) time.Time {
	return At(time.Date(year, month, day, 0, 0, 0, 0, time.UTC), zone, First)
}

// Wall is what the clock shows at t in its zone, as a time in UTC: the inverse of
// [At].
func Wall(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.Add(time.Duration(offset) * time.Second).UTC()
}

// Begins reports whether a day of t's zone begins at t.
func Begins(t time.Time) bool {
	y, m, d := t.Date()
	return t.Equal(Midnight(y, m, d, t.Location()))
}
