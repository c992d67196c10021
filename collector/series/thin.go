package series

import "time"

// Thinner thins out spaces. It passes on the last one of each bin, or all of them
// without a width, and those between which a filesystem filled up or got room again: how
// long nothing could be written matters to the minute. Of two at the same instant it
// passes on the later. The spaces of one key come in order of time, and Give gets them in
// that order.
type Thinner struct {
	Width time.Duration // of a bin; 0: none
	Give  func(Key, *Space) error

	waiting []waitingSpace
	place   map[Key]int // in waiting
}

// waitingSpace is the last space of a key.
type waitingSpace struct {
	KeySpace
	turned bool // the one before had other room
}

// Add takes the next space of a key.
func (t *Thinner) Add(k Key, s *Space) error {
	n, ok := t.place[k]
	if !ok {
		if t.place == nil {
			t.place = map[Key]int{}
		}
		t.place[k] = len(t.waiting)
		t.waiting = append(t.waiting, waitingSpace{KeySpace: KeySpace{Key: k, Space: *s}})
		return nil
	}
	was := t.waiting[n]
	turns := was.turns(s)
	t.waiting[n].Space, t.waiting[n].turned = *s, turns
	switch {
	case was.At.Equal(s.At):
		t.waiting[n].turned = was.turned || turns
		return nil
	case t.Width > 0 && BinOf(was.At, t.Width) == BinOf(s.At, t.Width) && !turns && !was.turned:
		return nil
	}
	return t.Give(k, &was.Space)
}

// Flush passes on what waits. Call it when no more spaces of these keys come.
func (t *Thinner) Flush() error {
	for i := range t.waiting {
		if err := t.Give(t.waiting[i].Key, &t.waiting[i].Space); err != nil {
			return err
		}
	}
	t.waiting = t.waiting[:0]
	clear(t.place)
	return nil
}
