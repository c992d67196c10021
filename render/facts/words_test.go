package facts

import (
	"testing"
	"time"
)

// Times of a range have no more of the date than tells them apart.
func TestClock(t *testing.T) {
	week := Span{monday, at(7, 0, 0)}
	noon := Span{monday.Add(12 * time.Hour), at(7, 12, 0)}
	for _, c := range []struct {
		over Span
		t    time.Time
		want string
	}{
		{week, at(0, 9, 0), "Mon 09:00"}, {week, at(6, 23, 59), "Sun 23:59"}, {week, at(7, 0, 0), "Mon 30 Nov 00:00"},
		{week, at(-1, 9, 0), "Sun 22 Nov 09:00"}, {week, at(7, 0, 1), "Mon 30 Nov 00:01"},
		{noon, at(0, 13, 0), "Mon 23 Nov 13:00"}, {noon, at(7, 11, 0), "Mon 11:00"}, {noon, at(3, 11, 0), "Thu 11:00"},
		{Span{monday, at(1, 0, 0)}, at(1, 0, 0), "Tue 00:00"},
		{Span{monday, at(14, 0, 0)}, at(3, 9, 0), "Thu 26 Nov 09:00"},
		{Span{monday, at(60, 0, 0)}, at(3, 9, 0), "Thu 26 Nov 2026 09:00"},
	} {
		if got := (clock{time.UTC, c.over}).at(c.t); got != c.want {
			t.Errorf("%v in %v: %q, want %q", c.t, c.over, got, c.want)
		}
	}
}

func TestBeyondLimit(t *testing.T) {
	for times, want := range map[float64]string{1.02: "just above its limit of 50 ms", 1.06: "1.1 × its limit of 50 ms", 11: "11 × its limit of 50 ms"} {
		if got := beyondLimit(times, 50); got != want {
			t.Errorf("%v: %q", times, got)
		}
	}
}
