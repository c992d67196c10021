package facts

import (
	"cmp"
	"time"
)

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

// byLength orders stretches by how long they are.
func byLength(a, b Span) int { return cmp.Compare(a.Long(), b.Long()) }

// sum is how long stretches are together.
func sum(spans []Span) (all time.Duration) {
	for _, s := range spans {
		all += s.Long()
	}
	return all
}
