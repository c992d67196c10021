package facts

import "time"

// Span is a stretch of time.
type Span struct{ From, To time.Time }

// Long is how long it is.
func (s Span) Long() time.Duration { return s.To.Sub(s.From) }

// Overlaps reports whether two stretches have more than an end in common.
func (s Span) Overlaps(o Span) bool { return s.From.Before(o.To) && o.From.Before(s.To) }

// Clip is the part of a stretch that lies within another one.
func (s Span) Clip(to Span) Span {
	if s.From.Before(to.From) {
		s.From = to.From
	}
	if s.To.After(to.To) {
		s.To = to.To
	}
	return s
}
