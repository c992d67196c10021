package mailstore

import "time"

// span is a stretch of time without its first moment, like an interval.
type span struct{ from, to time.Time }

func (s span) holds(t time.Time) bool { return t.After(s.from) && !t.After(s.to) }

// plan is what happens once.
type plan struct {
	gap     span      // the collector does not run
	down    span      // the host is down
	arrival time.Time // of 2,000 more users
	leave   time.Time // of theirs; zero: they stay
	bad     bad
}

// newPlan counts the weeks from the start, whatever its weekday.
func newPlan(start time.Time) plan {
	gap := next(start.AddDate(0, 0, 7), time.Wednesday, 13, 0)
	down := next(start.AddDate(0, 0, 14), time.Sunday, 4, 10)
	return plan{
		gap:     span{gap, gap.Add(5*time.Hour - time.Minute)},
		down:    span{down, down.Add(7 * time.Minute)},
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
	if !p.leave.IsZero() && !t.Before(p.leave) {
		return 1000
	}
	days := int64(t.Sub(p.arrival) / (24 * time.Hour))
	return 1250 + min(days, 6)*45
}
