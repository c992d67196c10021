package facts

import (
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
)

// A LUN is slow before and after 42 hours without data: the slow time is what was
// measured, and the sentence says so. A gap at night, between slow days, is none of it.
func TestSlowAroundAGap(t *testing.T) {
	slow := func(end time.Time) uint64 {
		if h := end.Sub(monday).Hours(); h > 5 && h <= 10 || h > 52 && h <= 60 {
			return 40
		}
		return 5
	}
	gap := Gap{Span: Span{at(0, 10, 0), at(2, 4, 0)}, Cause: "collector not run", Host: "mail1"}
	raw := append(minutesOf(monday, gap.From, slow), minutesOf(gap.To, at(3, 0, 0), slow)...)
	for name, list := range map[string][]series.Interval{"minutes": raw, "bins": series.Roll(raw, 15*time.Minute)} {
		l := mysql()
		l.Slow, l.Gaps = []*Slowness{watched(list)}, []Gap{gap, {Span: Span{at(2, 20, 0), at(2, 22, 0)}, Cause: "collector not run"}}
		f := only(KindSlow, Find(week(l)))[0]
		if !strings.Contains(f.Text, ", not counting 42 h without data; worst 40 ms") || f.Duration != 13*time.Hour {
			t.Errorf("%s: %v: %s", name, f.Duration, f.Text)
		}
	}
}

// In the night in which the clocks are set back, 2:30 comes twice: the sentence says
// which one, and the command asks for that one.
func TestDoubledHour(t *testing.T) {
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	day := time.Date(2026, 10, 25, 0, 0, 0, 0, z)
	for _, c := range []struct {
		from       time.Duration
		says, next string
	}{
		{2 * time.Hour, "since Sun 02:00 CEST; worst 40 ms on Sun 02:01 CEST", `--from "2026-10-25 01:30" --to "2026-10-25T02:30:00+01:00"`},
		{3 * time.Hour, "since Sun 02:00 CET; worst 40 ms on Sun 02:01 CET", `--from "2026-10-25T02:30:00+02:00" --to "2026-10-25 03:30"`},
		{4 * time.Hour, "since Sun 03:00; worst 40 ms on Sun 03:01", `--from "2026-10-25T02:30:00+01:00" --to "2026-10-25 04:30"`},
	} {
		l := mysql()
		l.Slow = []*Slowness{watched(minutesOf(day, day.Add(8*time.Hour), func(end time.Time) uint64 {
			if end.After(day.Add(c.from)) && !end.After(day.Add(c.from+time.Hour)) {
				return 40
			}
			return 5
		}))}
		f := Find(Seen{Span: Span{day, day.Add(25 * time.Hour)}, Now: day.Add(25 * time.Hour), Zone: z, LUNs: []LUN{l}})[0]
		if !strings.Contains(f.Text, c.says) || !strings.Contains(f.Next[1], c.next) {
			t.Errorf("%v: %s\n%s", c.from, f.Text, f.Next[1])
		}
	}
	for _, zone := range []string{"Australia/Lord_Howe", "Europe/Berlin", "UTC"} {
		z, err := time.LoadLocation(zone)
		if err != nil {
			t.Skip(err)
		}
		twice := 0
		for at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() == 2026; at = at.Add(10 * time.Minute) {
			if shownTwice(at.In(z)) {
				twice++
			}
		}
		if want := map[string]int{"Australia/Lord_Howe": 6, "Europe/Berlin": 12}[zone]; twice != want {
			t.Errorf("%s: %d moments of ten minutes are shown twice, want %d", zone, twice, want)
		}
	}
}

// Of very many LUNs that are slow together each names a hundred others and counts the rest.
func TestManyTogether(t *testing.T) {
	var luns []LUN
	for range 150 {
		luns = append(luns, slowFrom("x", 8, 9))
	}
	for _, f := range Find(week(luns...)) {
		if len(f.With) != 100 || f.WithMore != 49 {
			t.Fatalf("%d and %d more", len(f.With), f.WithMore)
		}
	}
}

// A LUN that is slow and then goes away is one trouble; one that was slow on the day
// before is not.
func TestSlowAndThenGone(t *testing.T) {
	for gone, want := range map[time.Time]int{at(1, 12, 10): 1, at(2, 12, 10): 2} {
		l := slowFrom("a", 8, 12)
		l.Gone, l.Entry.LUN.Swap = gone, true
		if texts := told(Find(week(l))); len(texts) != want {
			t.Errorf("gone at %v: %q", gone, texts)
		}
	}
}
