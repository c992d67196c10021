package series

import "time"

// Thinner thins spaces: of each bin it lets the last one through, without a width
// all of them, and of two at one instant the later. Those of one key come in order
// of time, and go on to Give in that order.
type Thinner struct {
	Width time.Duration // of a bin; 0: none
	Give  func(Key, *Space) error

	waiting []KeySpace
	place   map[Key]int // in waiting
}

// Add takes the next space of a key.
func (t *Thinner) Add(k Key, s *Space) error {
	n, ok := t.place[k]
	if !ok {
		if t.place == nil {
			t.place = map[Key]int{}
		}
		t.place[k] = len(t.waiting)
		t.waiting = append(t.waiting, KeySpace{Key: k, Space: *s})
		return nil
	}
	was := t.waiting[n].Space
	t.waiting[n].Space = *s
	if was.At.Equal(s.At) || t.Width > 0 && BinOf(was.At, t.Width) == BinOf(s.At, t.Width) {
		return nil
	}
	return t.Give(k, &was)
}

// Flush lets through what waits: no more comes of the keys so far.
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
