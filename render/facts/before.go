package facts

import (
	"slices"
	"time"
)

// before is what was looked at before a range that begins with slow time.
type before struct {
	hours []slowHour // in a row up to the range, in order; empty: it was not slow
	slow  time.Duration
	begun time.Time // with the first of them, by its bin
	open  bool      // there is no data from before that or, where it is empty, the range
}

// SlowAt reports that the slow time that matters had begun when the range did.
func (s *Slowness) SlowAt(from time.Time) bool {
	first, _ := s.inRange()
	return first != nil && !first.From.After(from.Add(touch))
}

// Precede takes in what was measured before a range with whose beginning slow time begins,
// back to a moment, and when there was data. It reports whether that was slow up to its
// beginning, so that one has to look farther back; then b has to be all of it again.
func (s *Slowness) Precede(b *Slowness, seen []Span, since time.Time) (farther bool) {
	s.before = nil
	first, _ := s.inRange()
	if first == nil {
		return false
	}
	at, begun := s.hours[0].at, *first
	bf := &before{}
	for i := len(b.hours) - 1; i >= 0; i-- {
		h := b.hours[i]
		whole := h.slow >= worthwhile || h.at == at // of an hour that is in the range too, less is known
		if h.at < at-1 || !whole && h.last.To.Before(begun.From.Add(-touch)) {
			break
		}
		bf.hours, bf.slow = append(bf.hours, h), bf.slow+h.slow
		at, begun = h.at, h.first
		if !whole { // some minutes at the end of an hour are where it began
			break
		}
	}
	slices.Reverse(bf.hours)
	bf.begun = begun.From
	bf.open = !slices.ContainsFunc(seen, func(in Span) bool {
		return in.From.Before(begun.From.Add(-touch)) && !in.To.Before(begun.From.Add(-touch))
	})
	s.before = bf
	return !begun.From.After(since.Add(time.Hour)) && len(bf.hours) > 0
}

// slowFor is for how long it was slow since it began, before the range too.
func (s *Slowness) slowFor() time.Duration {
	if s.before == nil {
		return s.Slow
	}
	return s.before.slow + s.Slow
}

// orEarlier reports that it may have been slow before the moment that is known, because
// nobody looked: a range that begins at from, and what was looked at before it.
func (s *Slowness) orEarlier(since, from time.Time) bool {
	switch {
	case s.before == nil:
		return !since.After(from.Add(touch))
	case len(s.before.hours) == 0:
		return s.before.open && !since.After(from.Add(touch))
	}
	return s.before.open && !since.After(s.before.begun.Add(touch))
}
