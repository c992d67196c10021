package facts

import (
	"math"
	"strings"
	"testing"
	"time"
)

const quarter = 15 * time.Minute

// hundred are 100 quarters of an hour with 1 to 100 IOPS.
func hundred(slow func(iops int) float64) []Stretch {
	var out []Stretch
	for n := range 100 {
		iops := (n*37)%100 + 1 // in no order
		out = append(out, Stretch{quarter, float64(iops), slow(iops)})
	}
	return out
}

func above(iops int) float64 {
	if iops > 80 {
		return 1
	}
	return 0
}

func TestWithMore(t *testing.T) {
	for name, c := range map[string]struct {
		did       []Stretch
		ok        bool
		now, then time.Duration
		atLeast   bool
	}{
		// 81 to 100 IOPS were slow: 20 quarters. With a tenth more those from 73 on are
		// (73 × 1.1 = 80.3, and the next that was seen is 81): 28 quarters.
		"slow above 80": {hundred(above), true, 5 * time.Hour, 7 * time.Hour, false},
		// Half of the time from 81 on: 100 × 1.1 is above all that was seen, and may be
		// slow for longer than half of it.
		"half slow above 80":  {hundred(func(n int) float64 { return above(n) / 2 }), true, 150 * time.Minute, 210 * time.Minute, true},
		"never slow":          {hundred(func(int) float64 { return 0 }), false, 0, 0, false},
		"always slow":         {hundred(func(int) float64 { return 1 }), false, 0, 0, false},
		"slow at any load":    {hundred(func(n int) float64 { return float64(n % 2) }), false, 0, 0, false},
		"slow at little load": {hundred(func(n int) float64 { return 1 - above(n) }), false, 0, 0, false},
		"less than a day":     {hundred(above)[:95], false, 0, 0, false},
		"nothing":             {nil, false, 0, 0, false},
	} {
		m, ok := withMore(c.did)
		if ok != c.ok || ok && (m.Now != c.now || m.Then != c.then || m.AtLeast != c.atLeast) {
			t.Errorf("%s: %+v, %t, want %v, then %v, %t", name, m, ok, c.now, c.then, c.atLeast)
		}
	}
}

// TestSizing: 600 IOPS of 12,000 mailboxes are 0.05 each; 450 reads of 600 are 75 %.
func TestSizing(t *testing.T) {
	monday := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	at := func(h int, reads, writes float64) Served {
		return Served{Load{monday.Add(time.Duration(h)*time.Hour + 30*time.Minute), time.Hour, reads + writes}, reads, writes}
	}
	served := []Served{at(0, 450, 150), at(1, 50, 50), at(7*24, 450, 150)}
	luns := []Serving{{"Index", hundred(func(int) float64 { return 0 })}, {"MySQL data", hundred(above)}}
	s, ok := SizingOf("zimbra1", 12_000, served, luns, time.UTC)
	if !ok || s.PerMailbox != 0.05 || s.Reads != 0.75 || s.Busy != (Hour{time.Monday, 9, 600}) {
		t.Errorf("%+v, %t", s, ok)
	}
	want := "zimbra1: 0.050 IOPS per mailbox in the busy hour (Monday, 9 to 10 h: 600 IOPS for 12,000 mailboxes), reads to writes 75:25. " +
		"With 10 % more, MySQL data would have been slow for about 7 h instead of 5 h"
	if got := s.Text(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}

	served[0].Reads, served[2].Reads = math.NaN(), math.NaN()
	s, _ = SizingOf("zimbra1", 100, served, luns[:1], time.UTC)
	if got, want := s.Text(), "zimbra1: 6 IOPS per mailbox in the busy hour (Monday, 9 to 10 h: 600 IOPS for 100 mailboxes)"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	for _, n := range []int{0, -1} {
		if _, ok := SizingOf("zimbra1", n, served, luns, time.UTC); ok {
			t.Errorf("sized for %d mailboxes", n)
		}
	}
	for _, idle := range [][]Served{nil, {at(0, 0, 0)}} {
		if _, ok := SizingOf("zimbra1", 5, idle, luns, time.UTC); ok {
			t.Error("sized without any load")
		}
	}
	s.More = &More{Title: "MySQL data", Now: 5 * time.Hour, Then: 5*time.Hour + 20*time.Minute}
	if got, want := s.Text(), ". With 10 % more, MySQL data would have been slow for about as long as it was, 5 h"; !strings.HasSuffix(got, want) {
		t.Errorf("%q", got)
	}
}
