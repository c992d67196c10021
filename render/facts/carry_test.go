package facts

import (
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// told are the sentences that have to be read.
func told(all []Finding) (texts []string) {
	for _, f := range Leading(all) {
		texts = append(texts, f.Text)
	}
	return texts
}

// What one trouble of a LUN shows is one sentence. All of it stays in the list, with the
// same weights.
func TestOneTroubleIsToldOnce(t *testing.T) {
	slow := func(from, to int) LUN { return slowFrom("MySQL data", from, to) }
	changed := func(l LUN) LUN {
		l.Hours = hoursOf(4, func(h int) (float64, float64, bool) {
			if h >= 24 {
				return 50, 20, true
			}
			return 50, 5, true
		})
		return l
	}
	stalled := func(l LUN, stalls ...Span) LUN {
		l.Stalls, l.LastEnd = stalls, at(7, 0, 0)
		return l
	}
	for _, c := range []struct {
		name string
		lun  LUN
		all  int
		told []string // what each sentence contains
	}{
		{"slow and changed", changed(slow(8, 20)), 2, []string{"slow for 12 h since Tue 08:00; worst 40 ms on Tue 08:01, 2 × its limit of 20 ms; 4 × the await, compared with the four weeks before, since Tue 00:00"}},
		{"changed since the same hour", changed(slow(0, 20)), 2, []string{"2 × its limit of 20 ms; 4 × the await, compared with the four weeks before"}},
		{"a stall inside slow time", stalled(slow(8, 20), Span{at(1, 10, 0), at(1, 10, 20)}), 2, []string{"slow for 12 h since Tue 08:00; worst 40 ms on Tue 08:01, 2 × its limit of 20 ms; stalled: no I/O completed for 20 min, from Tue 10:00 to Tue 10:20"}},
		{"slow after a stall", stalled(slow(10, 11), Span{at(1, 6, 0), at(1, 9, 50)}), 2, []string{"stalled: no I/O completed for 3 h 50 min, from Tue 06:00 to Tue 09:50; slow for 60 min since Tue 10:00"}},
		{"a stall of another night", stalled(slow(8, 20), Span{at(3, 3, 0), at(3, 3, 20)}), 2, []string{"slow for 12 h", "stalled: no I/O"}},
		{"one stall inside and one apart", stalled(slow(8, 20), Span{at(1, 10, 0), at(1, 10, 20)}, Span{at(3, 3, 0), at(3, 3, 20)}), 2, []string{"slow for 12 h", "stalled twice"}},
		{"a change alone", changed(mysql()), 1, []string{"4 × the await"}},
	} {
		found := Find(week(c.lun))
		texts := told(found)
		if len(found) != c.all || len(texts) != len(c.told) {
			t.Errorf("%s: %d findings, told %q", c.name, len(found), texts)
			continue
		}
		for i, want := range c.told {
			if !strings.Contains(texts[i], want) {
				t.Errorf("%s: %q, want %q", c.name, texts[i], want)
			}
		}
		if c.told[0] == "2 × its limit of 20 ms; 4 × the await, compared with the four weeks before" && strings.Contains(texts[0], "before, since") {
			t.Errorf("%s: says twice since when: %s", c.name, texts[0])
		}
	}
}

// A full filesystem that does less than before, one that HSM did not relieve, and a LUN
// without paths that stalled and went read-only.
func TestOneTroubleOfOtherKinds(t *testing.T) {
	full := mysql()
	full.Space, full.SpaceOK = &series.Space{At: at(6, 23, 55), SizeBytes: 1 << 40, UsedBytes: 95 << 30}, true
	full.Hours = hoursOf(4, func(h int) (float64, float64, bool) {
		if h >= 120 {
			return 5, 5, true
		}
		return 50, 5, true
	})
	full.Levels = Levels{list: []Level{{at(4, 20, 0), 50 << 30, 45 << 30}}}
	for h := 0; h < 48; h++ {
		full.Levels.list = append(full.Levels.list, Level{at(5, h, 0), 95 << 30, 0})
	}
	if texts := told(Find(week(full))); len(texts) != 1 || !strings.HasPrefix(texts[0], "MySQL data: full since Sat 00:00: nothing is free; 90 % fewer IOPS") {
		t.Errorf("%q", texts)
	}

	dead := mysql()
	dead.LastEnd = at(7, 0, 0)
	dead.Stalls = []Span{{at(5, 0, 1), at(5, 2, 0)}}
	dead.History = []mapper.Entry{
		entry(at(-9, 0, 0), func(*mapper.LUN) {}),
		entry(at(5, 2, 1), func(l *mapper.LUN) { l.Mounts = []mapper.Mount{{Point: "/opt/zimbra/db", RO: true}} }),
	}
	in := week(dead)
	paths := func(from time.Time, n int) mapper.Entry {
		e := mapper.Entry{Host: "mail1", From: from}
		e.LUN.Paths = make([]mapper.Path, n)
		return e
	}
	in.Maps = []Map{{Name: "mpatha", LUNs: []int{0}, History: []mapper.Entry{paths(at(-9, 0, 0), 4), paths(at(5, 0, 0), 0), paths(at(5, 3, 0), 4)}}}
	found := Find(in)
	if texts := told(found); len(found) != 3 || len(texts) != 1 || !strings.Contains(texts[0], "read-only since") ||
		!strings.Contains(texts[0], "; 0 of 4 paths from") || !strings.Contains(texts[0], "; stalled: no I/O") {
		t.Errorf("%d findings: %q", len(found), texts)
	}
	if all := LeadingOf(found, KindStalled, KindSlow); len(all) != 1 || all[0].Kind != KindStalled {
		t.Errorf("where read-only isn't told, the stall is: %+v", all)
	}
}
