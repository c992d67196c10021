package series

import (
	"slices"
	"testing"
	"time"

	"lunstat/mapper"
)

func TestClosesBins(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		was, is       time.Duration
		quarter, hour bool
	}{
		{time.Minute, 14*time.Minute + 59*time.Second, false, false},
		{14 * time.Minute, 15 * time.Minute, true, false},
		{59 * time.Minute, time.Hour, true, true},
		{16 * time.Minute, 14 * time.Minute, true, false}, // set back
		{time.Minute, 49 * time.Hour, true, true},
	} {
		for n, want := range []bool{test.quarter, test.hour} {
			if got := ClosesBins(noon.Add(test.was), noon.Add(test.is), Widths()[n]); got != want {
				t.Errorf("%s to %s closes bins of %s: %v", test.was, test.is, Widths()[n], got)
			}
		}
	}
}

// TestClosing: which of two closings is the later, and what came after the one that
// is known. Numbers above 2²⁸ say which journal they are of.
func TestClosing(t *testing.T) {
	const journal, next = uint64(7) << 28, uint64(8) << 28
	for _, test := range []struct {
		name         string
		known, other Closing
		after        bool // other closed something after known
		latest       int  // 0: known, 1: other
	}{
		{"the next run", Closing{journal | 4, 900}, Closing{journal | 5, 1800}, true, 1},
		{"an earlier run", Closing{journal | 5, 1800}, Closing{journal | 4, 900}, false, 0},
		{"itself", Closing{journal | 4, 900}, Closing{journal | 4, 900}, false, 0},
		{"after a step back", Closing{journal | 5, 1800}, Closing{journal | 6, 900}, true, 1},
		{"of a journal that was begun later", Closing{journal | 500, 1800}, Closing{next | 3, 900}, true, 1},
		{"of a journal that was lost", Closing{next | 3, 900}, Closing{journal | 500, 1800}, false, 0},
		{"of an older version's, which was lost", Closing{500, 900}, Closing{3, 1800}, false, 1},
		{"of an older version, the next", Closing{500, 900}, Closing{501, 1800}, true, 1},
		{"of an older version, earlier in time", Closing{500, 1800}, Closing{501, 900}, false, 0},
		{"a new number after an old one", Closing{500, 1800}, Closing{journal | 1, 900}, true, 1},
		{"without a number", Closing{journal | 4, 900}, Closing{0, 1800}, false, 0},
	} {
		if got := test.other.After(test.known); got != test.after {
			t.Errorf("%s: after is %v", test.name, got)
		}
		want := []Closing{test.known, test.other}[test.latest]
		if got := test.known.Latest(test.other); got != want {
			t.Errorf("%s: the latest is %+v, want %+v", test.name, got, want)
		}
	}
	c := Closing{Run: 7}
	if c.InTail(6) || !c.InTail(7) || !c.InTail(8) {
		t.Error("the closing run and those after it are the tail, those before it are not")
	}
}

// TestJoinBin: what was written and its tail give what all of it rolled up at once
// gives.
func TestJoinBin(t *testing.T) {
	minute := func(n int) Interval {
		i := Interval{End: time.Unix(int64(n)*60, 0).UTC(), ElapsedMS: 60_000, SpanMS: 60_000}
		i.Set(ReadIOs, uint64(100*n))
		return i
	}
	all := []Interval{minute(0), minute(1), minute(2), minute(3), minute(4)}
	all[2].Quality = Long // it stays apart
	const width = 15 * time.Minute
	want := Roll(all, width)
	for n := range len(all) + 1 {
		for _, written := range [][]Interval{Roll(all[:n], width), all[:n]} { // as a bin, or what it is mended from
			before := slices.Clone(written)
			if got := JoinBin(written, all[n:], width); !slices.Equal(got, want) {
				t.Errorf("%d were written:\n got %+v\nwant %+v", n, got, want)
			}
			if !slices.Equal(written, before) {
				t.Errorf("%d were written, and what was given is changed", n)
			}
		}
	}
	if got := JoinBin([]Interval{minute(3)}, nil, width); got[0].Mean.WindowMS != minuteMS {
		t.Errorf("a bin of one minute has no largest mean: %+v", got)
	}
}

func TestThinner(t *testing.T) {
	for _, test := range []struct {
		width time.Duration
		at    []int // seconds
		want  []int // the index of those that are let through
	}{
		{0, []int{0, 300, 600}, []int{0, 1, 2}},
		{0, []int{0, 0, 300, 300}, []int{1, 3}},
		{15 * time.Minute, []int{0, 300, 899, 900, 1500, 4000}, []int{2, 4, 5}},
		{time.Hour, []int{3599, 3600}, []int{0, 1}},
	} {
		var got []int
		thin := Thinner{Width: test.width, Give: func(_ Key, s *Space) error {
			got = append(got, int(s.UsedBytes))
			return nil
		}}
		for n, at := range test.at {
			if err := thin.Add(Key{ID: "a"}, &Space{At: time.Unix(int64(at), 0), UsedBytes: uint64(n)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := thin.Flush(); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s of %v: let through %v, want %v", test.width, test.at, got, test.want)
		}
		if err := thin.Flush(); err != nil || len(got) != len(test.want) {
			t.Errorf("%s: flushed twice, %v", test.width, got)
		}
	}
}

// TestThinnerFull: a filesystem that was full for ten minutes of an hour is passed on with
// both ends, whatever the width.
func TestThinnerFull(t *testing.T) {
	var got []int
	thin := Thinner{Width: time.Hour, Give: func(_ Key, s *Space) error {
		got = append(got, int(s.At.Unix()/60))
		return nil
	}}
	for minute := 0; minute < 60; minute += 5 {
		s := Space{At: time.Unix(int64(minute)*60, 0), UsedBytes: 900, AvailBytes: 100}
		if minute >= 10 && minute < 25 {
			s.UsedBytes, s.AvailBytes = 1000, 0
		}
		if err := thin.Add(Key{ID: "a"}, &s); err != nil {
			t.Fatal(err)
		}
	}
	if err := thin.Flush(); err != nil || !slices.Equal(got, []int{5, 10, 20, 25, 55}) {
		t.Errorf("let through at %v, %v", got, err)
	}
}

// TestThinnerKeys: keys don't thin each other.
func TestThinnerKeys(t *testing.T) {
	got := map[Key]int{}
	thin := Thinner{Width: time.Hour, Give: func(k Key, s *Space) error { got[k] += int(s.UsedBytes); return nil }}
	for n := range 6 {
		k := Key{ID: mapper.ID([]string{"a", "b"}[n%2])}
		if err := thin.Add(k, &Space{At: time.Unix(int64(n), 0), UsedBytes: uint64(n)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := thin.Flush(); err != nil || got[Key{ID: "a"}] != 4 || got[Key{ID: "b"}] != 5 {
		t.Errorf("%v, %v", got, err)
	}
}
