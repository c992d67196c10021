package main

import (
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// TestPastNamesAreKept: a text with a time in each line looks at the ledger again only where
// a name changed, and has the names of each second all the same.
func TestPastNamesAreKept(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 11, 5, 0, minute, 0, 0, time.UTC) }
	entry := func(host, name string, from, to int) mapper.Entry {
		e := mapper.Entry{Host: host, Source: series.SourceHost, From: at(from), LUN: mapper.LUN{Kernel: "dm-1", ID: mapper.ID(name), DMName: name}}
		if to > 0 {
			e.To = at(to)
		}
		return e
	}
	entries := []mapper.Entry{
		entry("a", "first", 10, 100), entry("a", "a_longer_name", 100, 700), entry("a", "last", 800, 0), // from 700 to 800 there is none
		entry("b", "another_host's", 0, 0),
	}
	calls, name := 0, ""
	p := newPastNames(entries, "a", func(devices []mapper.LUN) *mapper.Names {
		calls++
		return mapper.NewNames(devices, func(l *mapper.LUN) string { name = l.DMName; return l.DMName })
	})
	for s := range 24 * 60 * 60 {
		from := at(0).Add(time.Duration(s) * time.Second)
		name = ""
		fresh := mapper.HeldAt(p.entries, "a", from)
		if got := p.at(from); got.None() != (len(fresh) == 0) || name != "" && name != fresh[0].DMName {
			t.Fatalf("at %s: %q of %v", from.Format(time.TimeOnly), name, fresh)
		}
	}
	if calls != 5 {
		t.Errorf("names were made %d times in a day with 4 changes", calls)
	}
	for minute, want := range map[int]int{0: len("a_longer_name"), 699: len("a_longer_name"), 700: len("last"), 5000: len("last"), -24*60 + 10: 0, -24*60 + 11: len("first")} {
		if got := p.widestFrom(at(minute)); got != want {
			t.Errorf("widest of the day from minute %d: %d, want %d", minute, got, want)
		}
	}
	if none := newPastNames(nil, "a", p.call); !none.at(at(1)).None() || none.widestFrom(at(1)) != 0 {
		t.Error("an empty ledger has names")
	}
}
