package facts

import (
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// answers are a LUN whose filesystem of 1,000 GiB was asked every five minutes of a week.
// used says how many GiB are used; below 0 it does not answer.
func answers(every time.Duration, used func(t time.Time) float64) LUN {
	l := mysql()
	l.Entry.LUN.Mounts = []mapper.Mount{{Point: "/opt/zimbra/db/data"}}
	l.Levels.Every = every
	for t := monday.Add(5 * time.Minute); !t.After(at(7, 0, 0)); t = t.Add(5 * time.Minute) {
		u := used(t)
		if u < 0 {
			continue
		}
		l.Space = &series.Space{At: t, UsedBytes: uint64(u * gib), AvailBytes: uint64((1000 - u) * gib)}
		l.Levels.Add(l.Space)
	}
	l.SpaceOK = at(7, 0, 0).Sub(l.Space.At) < time.Hour
	return l
}

// fullIn is full in some stretches, else so much is used.
func fullIn(used float64, spells ...Span) func(t time.Time) float64 {
	return func(t time.Time) float64 {
		for _, s := range spells {
			if !t.Before(s.From) && t.Before(s.To) {
				return 1000
			}
		}
		return used
	}
}

// However coarsely levels are kept, what was full says so with the times of its answers.
func TestFullSpells(t *testing.T) {
	thursday, friday := Span{at(3, 10, 10), at(3, 10, 40)}, Span{at(4, 22, 0), at(4, 23, 0)}
	for _, c := range []struct {
		name   string
		l      LUN
		want   string
		short  string
		since  time.Time
		worst  float64
		length time.Duration
	}{
		{
			"half an hour", answers(time.Hour, fullIn(500, thursday)),
			"was full for 30 min, from Thu 10:10 to Thu 10:40", "was full", thursday.From, 100, 30 * time.Minute,
		},
		{
			"twice", answers(time.Hour, fullIn(500, thursday, friday)),
			"was full twice, for 90 min in all, between Thu 10:10 and Fri 23:00", "was full", thursday.From, 100, 90 * time.Minute,
		},
		{
			"nearly full since", answers(time.Hour, fullIn(920, friday)),
			"92 % full, 80 GiB free; it was full for 60 min, from Fri 22:00 to Fri 23:00", "92 % full", monday.Add(5 * time.Minute), 100, 7*24*time.Hour - 5*time.Minute,
		},
		{
			"nearly full before and after a gap", answers(time.Hour, func(t time.Time) float64 {
				switch {
				case t.Before(at(2, 0, 0)):
					return 500
				case t.After(at(4, 0, 0)) && t.Before(at(5, 0, 0)):
					return -1
				}
				return 920
			}), "92 % full, 80 GiB free", "92 % full", at(2, 0, 55), 92, 5*24*time.Hour - 55*time.Minute,
		},
		{
			"full now", answers(time.Hour, fullIn(920, Span{at(5, 4, 25), at(9, 0, 0)})),
			"full since Sat 04:25: nothing is free", "full", at(5, 4, 25), 100, 43*time.Hour + 35*time.Minute,
		},
		{
			"full all along", answers(time.Hour, fullIn(1000)),
			"full since Mon 00:05 or earlier: nothing is free", "full", monday.Add(5 * time.Minute), 100, 7*24*time.Hour - 5*time.Minute,
		},
		{
			"hangs", answers(time.Hour, func(t time.Time) float64 {
				if t.After(at(4, 9, 0)) {
					return -1
				}
				return 940
			}), "was 94 % full, 60 GiB free, when it last answered on Fri 09:00", "was 94 % full", monday.Add(5 * time.Minute), 94, 4*24*time.Hour + 8*time.Hour + 55*time.Minute,
		},
	} {
		found := Find(week(c.l))
		if len(found) != 1 {
			t.Fatalf("%s: %d findings", c.name, len(found))
		}
		f := found[0]
		if f.Text != "MySQL data: "+c.want || f.Short != c.short || !f.Since.Equal(c.since) || f.Worst != c.worst || f.Duration != c.length {
			t.Errorf("%s: %q, %q, since %v for %v, worst %v", c.name, f.Text, f.Short, f.Since, f.Duration, f.Worst)
		}
	}
}

// A filesystem that can hardly take another file is full, however much room it has.
func TestInodes(t *testing.T) {
	for used, want := range map[uint64]string{
		880: "", 900: "90 % of its inodes are used: room for 100 more files", 999: "99 % of its inodes are used: room for 1 more file",
		1000: "100 % of its inodes are used: no room for another file",
	} {
		l := answers(0, fullIn(500))
		l.Space.Inodes, l.Space.InodesUsed = 1000, used
		found := Find(week(l))
		if want == "" {
			if len(found) != 0 {
				t.Errorf("%d: %+v", used, found)
			}
			continue
		}
		if len(found) != 1 || found[0].Kind != KindFull || found[0].Text != "MySQL data: "+want || !found[0].Troubling() {
			t.Errorf("%d: %+v", used, found)
		}
	}
}
