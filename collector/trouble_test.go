package collector

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// past is a LUN's last hours, oldest first.
type past struct {
	intervals []series.Interval
	spaces    []series.Space
}

func (p past) Load(_ series.Key, judge func(*series.Interval) Judgement) (since time.Time) {
	for i := range p.intervals {
		switch j := judge(&p.intervals[i]); {
		case j == Well:
			since = time.Time{}
		case j == Wrong && since.IsZero():
			since = p.intervals[i].Start()
		}
	}
	return since
}

func (p past) Space(_ series.Key, judge func(*series.Space) Judgement) (since time.Time) {
	for i := range p.spaces {
		switch j := judge(&p.spaces[i]); {
		case j == Well:
			since = time.Time{}
		case j == Wrong && since.IsZero():
			since = p.spaces[i].At
		}
	}
	return since
}

// A full, busy or slow LUN is so since it began, not since its last reading.
func TestTroubleSinceItBegan(t *testing.T) {
	now := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	key := series.Key{ID: "x", Host: "h", Source: series.SourceHost}
	var p past
	for minute := 60; minute >= 0; minute-- {
		i := series.Interval{End: now.Add(-time.Duration(minute) * time.Minute), ElapsedMS: 60_000, SpanMS: 60_000}
		s := series.Space{At: i.End, SizeBytes: 100, UsedBytes: 50, AvailBytes: 50, Inodes: 100, InodesUsed: 10}
		if minute <= 40 {
			i.Set(series.BusyMS, 60_000)
			i.Set(series.ReadIOs, 100)
			i.Set(series.ReadMS, 100_000)
			s.UsedBytes, s.AvailBytes, s.InodesUsed = 95, 5, 99
		} else {
			i.Set(series.BusyMS, 0)
			i.Set(series.ReadIOs, 100)
			i.Set(series.ReadMS, 0)
		}
		if minute == 20 { // hardly a read: that says nothing of how slow it is
			i.Set(series.ReadIOs, 1)
			i.Set(series.ReadMS, 0)
		}
		p.intervals, p.spaces = append(p.intervals, i), append(p.spaces, s)
	}
	check := Checkup{
		Now: now, Host: "h", Runs: []series.Run{{Host: "h", At: series.Instant{Wall: now}}},
		LUNs:      []mapper.LUN{{ID: "x", Kernel: "dm-0", Layer: mapper.LayerLUN, Role: "mysql", Mounts: []mapper.Mount{{Point: "/x"}}}},
		Intervals: map[series.Key]series.Interval{key: p.intervals[60]},
		Spaces:    map[series.Key]series.KeySpace{key: {Key: key, Space: p.spaces[60]}},
		Bounds:    Bounds{LastRunS: Bound{300, 900}, UtilPercent: Bound{90, 0}, AwaitFactor: Bound{3, 10}, SpacePercent: Bound{90, 99}, InodesPercent: Bound{90, 0}},
		Slow:      func(string) time.Duration { return 20 * time.Millisecond },
	}
	for _, began := range []Began{nil, p} {
		check.Began = began
		load, space := now.Add(-time.Minute), now
		if began != nil {
			load, space = now.Add(-41*time.Minute), now.Add(-40*time.Minute)
		}
		found := 0
		for _, f := range check.Findings() {
			want := load
			if f.What == "dm-0 (dm-0) is 95 % full (/x)" || f.What == "dm-0 (dm-0) has used 99 % of its inodes (/x)" {
				want = space
			}
			if found++; !f.Since.Equal(want) {
				t.Errorf("%s: since %v, want %v", f.What, f.Since, want)
			}
		}
		if found != 4 {
			t.Errorf("%d findings: %+v", found, check.Findings())
		}
	}
}

// One missed send is no finding: how many runs wait decides.
func TestOneMissedSend(t *testing.T) {
	f := &Forwarder{Name: "influx", Warn: 60}
	o := &outbox{}
	for _, tt := range []struct {
		pending  int
		critical bool
		said     int
	}{{1, false, 0}, {59, false, 0}, {60, false, 1}, {1, true, 1}} {
		o.runs, o.is = tt.pending, series.Forwarding{Critical: tt.critical, Trouble: series.Warning{What: "no answer"}}
		w, err := f.warnings(t.Context(), o)
		if err != nil || len(w) != tt.said {
			t.Errorf("%d runs wait, critical %v: %+v, %v", tt.pending, tt.critical, w, err)
		}
	}
	check := Checkup{Now: boot, Host: "h", LUNs: []mapper.LUN{{Layer: mapper.LayerLUN, Role: "mysql", ID: "x"}}, Runs: []series.Run{{Host: "h", At: series.Instant{Wall: boot}}},
		Forward: &series.Forwarding{Pending: 1, Trouble: series.Warning{What: "no answer"}}, Bounds: Bounds{Backlog: Bound{60, 0}}}
	if got := Worst(check.Findings()); got != OK {
		t.Errorf("status says %v: %+v", got, check.Findings())
	}
}

// The counters of a LUN that is gone stay a base for 35 days, and no longer.
func TestGoneForLong(t *testing.T) {
	rules := Rules{Layers: "luns"}
	lun := []mapper.LUN{{Kernel: "sda", ID: "x", Layer: mapper.LayerLUN}}
	for _, tt := range []struct {
		away time.Duration
		kept bool
	}{{35*24*time.Hour - time.Second, true}, {35 * 24 * time.Hour, false}} {
		at := series.Instant{Wall: boot, Mono: time.Hour, Boot: time.Hour, BootID: "b"}
		first := Close(series.State{}, series.Sample{Host: "h", Source: "host", At: at, LUNs: lun, Readings: []series.Reading{{Kernel: "sda"}}}, rules)
		at.Wall, at.Mono, at.Boot = at.Wall.Add(tt.away), at.Mono+tt.away, at.Boot+tt.away
		if then := Close(first.State, series.Sample{Host: "h", Source: "host", At: at}, rules); (len(then.State.Last) == 1) != tt.kept {
			t.Errorf("away for %v: %d bases", tt.away, len(then.State.Last))
		}
	}
}

// Space is due again at once after the clock was set back.
func TestSpaceAfterAStepBack(t *testing.T) {
	o := Options{SpaceEvery: 5 * time.Minute, LockFile: t.TempDir() + "/lock", Rules: Rules{Layers: "luns"}, Statfs: func(_ string, s *unix.Statfs_t) error {
		*s = unix.Statfs_t{Frsize: 1024, Blocks: 100, Bfree: 50, Bavail: 50}
		return nil
	}}
	sample := func(at time.Duration) series.Sample {
		return series.Sample{At: series.Instant{Wall: boot.Add(at)}, LUNs: []mapper.LUN{{ID: "x", Kernel: "sda", Layer: mapper.LayerLUN, Mounts: []mapper.Mount{{Point: "/x"}}}}}
	}
	var state series.State
	for n, tt := range []struct {
		at     time.Duration
		stored int
	}{{time.Hour, 1}, {time.Hour + time.Minute, 0}, {-time.Hour, 1}, {-time.Hour + time.Minute, 0}, {-time.Hour + 5*time.Minute, 1}} {
		s := sample(tt.at)
		state = o.space(t.Context(), &s, state)
		if len(s.Spaces) != tt.stored {
			t.Errorf("run %d: %d spaces stored, want %d", n, len(s.Spaces), tt.stored)
		}
	}
}
