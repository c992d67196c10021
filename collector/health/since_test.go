package health

import (
	"testing"
	"time"

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
		if minute == 20 { // hardly a read: too few to say how slow it is
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
