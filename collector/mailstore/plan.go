package mailstore

import "time"

// stretch is a time from (exclusive) – to (inclusive), like an interval.
type stretch struct{ from, to time.Time }

func (s stretch) holds(t time.Time) bool { return t.After(s.from) && !t.After(s.to) }

func (s stretch) overlaps(from, to time.Time) bool { return from.Before(s.to) && to.After(s.from) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// plan is what happens once.
type plan struct {
	gap     stretch   // the collector does not run
	down    stretch   // the host is down
	arrival time.Time // of 2,000 more users
}

// newPlan counts the weeks from the start, whatever its weekday.
func newPlan(start time.Time) plan {
	gap := next(start.AddDate(0, 0, 7), time.Wednesday, 13, 0)
	down := next(start.AddDate(0, 0, 14), time.Sunday, 4, 10)
	return plan{
		gap:     stretch{gap, gap.Add(5*time.Hour - time.Minute)},
		down:    stretch{down, down.Add(7 * time.Minute)},
		arrival: start.AddDate(0, 0, 28),
	}
}

// next is the first such moment of the week, at t or later.
func next(t time.Time, day time.Weekday, hour, minute int) time.Time {
	days := (int(day) - int(t.Weekday()) + 7) % 7
	at := time.Date(t.Year(), t.Month(), t.Day()+days, hour, minute, 0, 0, t.Location())
	if at.Before(t) {
		at = time.Date(t.Year(), t.Month(), t.Day()+days+7, hour, minute, 0, 0, t.Location())
	}
	return at
}

// users is how many a mailstore has, in permille of those at the start. Only the
// first mailstore gets more; they take up their mail day by day.
func (p *plan) users(s *store, t time.Time) int64 {
	if s.number != 1 || t.Before(p.arrival) {
		return 1000
	}
	days := int64(t.Sub(p.arrival) / (24 * time.Hour))
	return 1180 + min(days, 6)*35
}
