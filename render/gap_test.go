package render

import (
	"context"
	"slices"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

func TestGapCauses(t *testing.T) {
	start := time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC)
	base := made{luns: madeLUNs(2), start: start, every: time.Minute, n: 120}
	min := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
	for _, c := range []struct {
		name  string
		spoil func(m *memory)
		skip  func(i int) bool
		to    int // minutes
		want  []gap
	}{
		{name: "none"},
		{name: "no runs", skip: func(i int) bool { return i >= 30 && i < 40 },
			spoil: func(m *memory) {
				m.runs = slices.DeleteFunc(m.runs, func(r series.Run) bool { return r.At.Wall.After(min(30)) && r.At.Wall.Before(min(40)) })
			},
			want: []gap{{facts.Span{From: min(30), To: min(40)}, causeNotRun, false, ""}}},
		{name: "reboot", skip: func(i int) bool { return i >= 30 && i < 37 },
			spoil: func(m *memory) {
				m.runs = slices.DeleteFunc(m.runs, func(r series.Run) bool { return r.At.Wall.After(min(30)) && r.At.Wall.Before(min(38)) })
				for i := range m.runs {
					if at := &m.runs[i].At; at.Wall.After(min(30)) {
						at.BootID, at.Mono, at.Boot = "b2", at.Wall.Sub(min(37)), at.Wall.Sub(min(37))
					}
				}
			},
			want: []gap{{facts.Span{From: min(30), To: min(37)}, causeDown, false, ""}}},
		{name: "sleep", skip: func(i int) bool { return i >= 30 && i < 50 },
			spoil: func(m *memory) {
				m.runs = slices.DeleteFunc(m.runs, func(r series.Run) bool { return r.At.Wall.After(min(30)) && r.At.Wall.Before(min(50)) })
				for i := range m.runs {
					if at := &m.runs[i].At; at.Wall.After(min(30)) {
						at.Mono -= 19 * time.Minute
					}
				}
			},
			want: []gap{{facts.Span{From: min(30), To: min(50)}, causeSuspended, false, ""}}},
		{name: "clock set forward", skip: func(i int) bool { return i >= 30 && i < 40 },
			spoil: func(m *memory) {
				m.runs = slices.DeleteFunc(m.runs, func(r series.Run) bool { return r.At.Wall.After(min(30)) && !r.At.Wall.After(min(40)) })
				for i := range m.runs {
					if at := &m.runs[i].At; at.Wall.After(min(30)) {
						at.Mono, at.Boot = at.Mono-10*time.Minute, at.Boot-10*time.Minute
					}
				}
			},
			want: []gap{{facts.Span{From: min(30), To: min(40)}, causeSetAhead, false, ""}}},
		{name: "before and after", skip: func(i int) bool { return i < 30 || i >= 90 },
			want: []gap{{facts.Span{From: min(0), To: min(30)}, causeBefore, false, ""}, {facts.Span{From: min(90), To: min(120)}, causeAfter, false, ""}}},
	} {
		m := base
		m.skip = c.skip
		mem := m.source()
		if c.spoil != nil {
			c.spoil(mem)
		}
		o := Options{From: start, To: min(120)}
		d, err := gather(context.Background(), mem, o.withDefaults())
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if !slices.Equal(d.gaps, c.want) {
			t.Errorf("%s: gaps %v, want %v", c.name, d.gaps, c.want)
		}
	}
}

// A range that begins in a hole has its cause from the runs on both sides: after the clock
// was set forward, the boot seems to lie within the hole.
func TestGapAtTheBeginning(t *testing.T) {
	start := time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC)
	mem := made{luns: madeLUNs(1), start: start, every: time.Minute, n: 240, skip: func(i int) bool { return i >= 30 && i < 120 }}.source()
	mem.runs = slices.DeleteFunc(mem.runs, func(r series.Run) bool {
		return r.At.Wall.After(start.Add(30*time.Minute)) && !r.At.Wall.After(start.Add(120*time.Minute))
	})
	for i := range mem.runs {
		at := &mem.runs[i].At
		at.Boot = at.Wall.Sub(start) + time.Minute
		if at.Wall.After(start.Add(time.Hour)) {
			at.Boot -= 90 * time.Minute
		}
		at.Mono = at.Boot
	}
	for from, cause := range map[int]string{0: causeSetAhead, 60: causeSetAhead} {
		d := gathered(t, mem, Options{From: start.Add(time.Duration(from) * time.Minute), To: start.Add(4 * time.Hour)})
		if len(d.gaps) != 1 || d.gaps[0].cause != cause {
			t.Errorf("from minute %d: gaps %v", from, d.gaps)
		}
	}
}

// After a step back of the clock the runs of two boots may come in turn: each began once.
func TestBootsInTurn(t *testing.T) {
	var runs []series.Run
	for minute := range 20 {
		id, up := "a", 100+minute
		if minute%2 == 1 {
			id, up = "b", minute
		}
		long := time.Duration(up) * time.Minute
		runs = append(runs, series.Run{Host: "box", At: series.Instant{Wall: monday.Add(time.Duration(minute) * time.Minute), BootID: id, Mono: long, Boot: long}})
	}
	if got := boots(runs, facts.Span{From: monday.AddDate(0, 0, -1), To: monday.AddDate(0, 0, 1)}); len(got) != 2 {
		t.Errorf("boots: %v", got)
	}
}

// One LUN that went away while the others stayed.
func TestGapOfOneLUN(t *testing.T) {
	start := time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC)
	mem := made{luns: madeLUNs(2), start: start, every: time.Minute, n: 60}.source()
	k := series.Key{ID: "LVM-0001", Host: "box", Source: series.SourceHost}
	mem.intervals[k] = slices.Delete(mem.intervals[k], 20, 30)
	d, err := gather(context.Background(), mem, Options{From: start, To: start.Add(time.Hour)}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	want := []gap{{facts.Span{From: start.Add(20 * time.Minute), To: start.Add(30 * time.Minute)}, causeAbsent, false, ""}}
	if len(d.gaps) != 0 || len(d.luns[0].gaps) != 0 || !slices.Equal(d.luns[1].gaps, want) {
		t.Errorf("gaps of all %v, of one %v, of the other %v", d.gaps, d.luns[0].gaps, d.luns[1].gaps)
	}
}

// A LUN that went away for an hour and came back: the interval after which it did reaches
// over the hour, which isn't the collector's fault.
func TestGapBeforeComingBack(t *testing.T) {
	start := time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC)
	mem := made{luns: madeLUNs(2), start: start, every: time.Minute, n: 180}.source()
	k := series.Key{ID: "LVM-0001", Host: "box", Source: series.SourceHost}
	back := mem.intervals[k][80]
	back.ElapsedMS, back.SpanMS, back.Quality = 61*60_000, 61*60_000, series.Long|series.Reset
	mem.intervals[k] = slices.Concat(mem.intervals[k][:20], []series.Interval{back}, mem.intervals[k][81:])
	for i, e := range mem.entries {
		if e.LUN.ID == k.ID {
			again := e
			mem.entries[i].To, again.From = start.Add(21*time.Minute), start.Add(81*time.Minute)
			mem.entries = append(mem.entries, again)
			break
		}
	}
	d := gathered(t, mem, Options{From: start, To: start.Add(3 * time.Hour), Now: start.Add(3 * time.Hour)})
	want := []gap{{facts.Span{From: start.Add(20 * time.Minute), To: start.Add(81 * time.Minute)}, causeAbsent, false, ""}}
	if !slices.Equal(d.luns[1].gaps, want) {
		t.Errorf("gaps %v, want %v", d.luns[1].gaps, want)
	}
	said := slices.ContainsFunc(d.findings, func(f facts.Finding) bool {
		return f.Kind == facts.KindGap && f.Text == d.luns[1].title+": not there for 61 min, from 08:20 to 09:21" ||
			f.Text == d.luns[1].title+": not there for 61 min, from Mon 08:20 to Mon 09:21"
	})
	if !said {
		t.Errorf("findings %+v", d.findings)
	}
}

// Three minutes down within one bin of 15: no bin is missing, the hole is known.
func TestGapWithinBin(t *testing.T) {
	start := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	m := made{luns: madeLUNs(1), start: start, every: time.Minute, n: 2 * 1440, skip: func(i int) bool { return i >= 484 && i < 487 }}
	mem := m.source()
	boot := start.Add(487 * time.Minute)
	for i := range mem.runs {
		if at := &mem.runs[i].At; !at.Wall.Before(boot.Add(time.Minute)) {
			at.BootID, at.Mono, at.Boot = "b2", at.Wall.Sub(boot), at.Wall.Sub(boot)
		}
	}
	d, err := gather(context.Background(), mem, Options{From: start, To: start.AddDate(0, 0, 2)}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	want := []gap{{facts.Span{From: boot.Add(-3 * time.Minute), To: boot}, causeDown, false, ""}}
	if !slices.Equal(d.gaps, want) {
		t.Errorf("gaps %v, want %v", d.gaps, want)
	}
}
