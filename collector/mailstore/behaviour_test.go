package mailstore

import (
	"math"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

const gibF = float64(gib)

// TestLittle checks every interval by the laws of queues.
func TestLittle(t *testing.T) {
	intervals(Options{Start: monday}, func(c closed) {
		at := c.lun.DMName + " " + c.End.String()
		if util, _ := c.Util(); util > 100 {
			t.Errorf("%s: util %.2f %%", at, util)
		}
		if c.Quality.Has(series.Long) {
			return // some sums are absent
		}
		took, queue := c.Value(series.ReadMS)+c.Value(series.WriteMS), c.Value(series.QueueMS)
		if queue+2 < took || queue > took+2 {
			t.Errorf("%s: reads and writes took %d ms, weighted %d ms", at, took, queue)
		}
		if busy := c.Value(series.BusyMS); busy > queue+2 {
			t.Errorf("%s: busy %d ms with a queue of %d ms", at, busy, queue)
		}
		for _, f := range []struct{ ios, bytes series.Field }{
			{series.ReadIOs, series.ReadBytes}, {series.WriteIOs, series.WriteBytes},
		} {
			if ios, bytes := c.Value(f.ios), c.Value(f.bytes); bytes < ios*4096 || bytes > ios*128<<10 {
				t.Errorf("%s: %d %s of %d bytes", at, ios, f.ios, bytes)
			}
		}
	})
}

// TestLoad: await rises with load.
func TestLoad(t *testing.T) {
	l := &lun{volume: &volumes[13], noise: newNoise(0, 0)}
	last := 0.0
	for _, permille := range []int64{100, 300, 600, 900, 1200, 1500, 3000} {
		l.counters = counters{}
		d := l.demand(&levels{pop: permille, smtp: permille})
		l.serve(d, time.Hour)
		await := float64(l.reads.us) / float64(l.reads.ios) / 1000
		if await <= last && permille <= 1500 || await < last {
			t.Errorf("load %d ‰: await %.2f ms, with less load %.2f ms", permille, await, last)
		}
		if l.busyUS > time.Hour.Microseconds() {
			t.Errorf("load %d ‰: busy %d µs in an hour", permille, l.busyUS)
		}
		last = await
	}
}

// TestMonotone: within one boot counts only rise, and times do modulo 2³².
func TestMonotone(t *testing.T) {
	type state struct {
		boot string
		series.Counters
	}
	last := map[mapper.ID]state{}
	all(Options{Start: monday}, func(s *series.Sample) {
		for i, r := range s.Readings {
			id := s.LUNs[i].ID
			was := last[id]
			last[id] = state{s.At.BootID, r.Counters}
			if was.boot != s.At.BootID {
				continue
			}
			if r.ReadIOs < was.ReadIOs || r.WriteIOs < was.WriteIOs || r.ReadSectors < was.ReadSectors || r.WriteSectors < was.WriteSectors {
				t.Fatalf("%s at %s: %+v, then %+v", s.LUNs[i].DMName, s.At.Wall, was.Counters, r.Counters)
			}
			for _, d := range []uint32{r.ReadMS - was.ReadMS, r.WriteMS - was.WriteMS, r.BusyMS - was.BusyMS, r.QueueMS - was.QueueMS} {
				if d > 1<<31 {
					t.Fatalf("%s at %s: a time went back", s.LUNs[i].DMName, s.At.Wall)
				}
			}
		}
	})
}

// TestWeek: the users' rhythm, as mean IOPS of MySQL data over the first week.
func TestWeek(t *testing.T) {
	hours := map[string]float64{} // "Mon 09"
	days := map[string]float64{}
	intervals(Options{Start: monday, Minutes: 7 * 24 * 60}, func(c closed) {
		if c.lun.Role == "mysql" {
			n, _ := c.Total()
			hours[c.Start().Format("Mon 15")] += float64(n) / 3600
			days[c.Start().Format("Mon")] += float64(n) / 86400
		}
	})
	for _, tt := range []struct {
		more, less string
		by         float64
	}{
		{"Mon 09", "Mon 12", 1.3}, {"Tue 15", "Tue 12", 1.1}, {"Wed 09", "Wed 15", 1.05},
		{"Thu 19", "Thu 23", 1.5}, {"Fri 09", "Fri 03", 5}, {"Tue 09", "Sat 09", 2}, {"Sat 09", "Sat 03", 2},
	} {
		if hours[tt.more] < hours[tt.less]*tt.by {
			t.Errorf("%s: %.1f IOPS, want %.2f × %s's %.1f or more", tt.more, hours[tt.more], tt.by, tt.less, hours[tt.less])
		}
	}
	for _, d := range []string{"Mon", "Tue", "Wed", "Thu", "Fri"} {
		if days[d] < 1.8*days["Sat"] || days[d] < 1.8*days["Sun"] {
			t.Errorf("%s: %.1f IOPS; weekend %.1f and %.1f", d, days[d], days["Sat"], days["Sun"])
		}
	}
}

// TestZone: the users get up by their own clocks, also after a change to them.
func TestZone(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here: ", err)
	}
	start := time.Date(2009, 10, 23, 0, 0, 0, 0, zone) // a Friday; clocks change on the Sunday
	for _, day := range []int{0, 3} {
		midnight := levelsAt(start.AddDate(0, 0, day))
		nine := levelsAt(time.Date(2009, 10, 23+day, 9, 0, 0, 0, zone))
		if nine[pop] < 8*midnight[pop] {
			t.Errorf("day %d: level at midnight %d, at nine %d", day, midnight[pop], nine[pop])
		}
	}
}

// TestTrouble: MySQL data is fast enough until more users come, then it is not,
// in working hours, and on Thursday longer than on Monday.
func TestTrouble(t *testing.T) {
	slow := map[int]uint64{} // minutes by day of the run
	others := map[string]uint64{}
	night := uint64(0)
	intervals(Options{Start: monday}, func(c closed) {
		minutes := c.Value(series.SlowMS) / 60_000
		if c.lun.Role != "mysql" {
			others[c.lun.DMName] += minutes
			return
		}
		slow[int(c.Start().Sub(monday)/(24*time.Hour))] += minutes
		if h := c.Start().Hour(); h < 7 || h > 18 {
			night += minutes
		}
	})
	for day := range 28 {
		if slow[day] > 0 {
			t.Errorf("day %d: %d minutes above 20 ms", day, slow[day])
		}
	}
	if slow[28] < 60 || slow[31] < 2*slow[28] || slow[33] > 0 || night > 0 {
		t.Errorf("last week: Monday %d minutes above 20 ms, Thursday %d, Saturday %d, at night %d", slow[28], slow[31], slow[33], night)
	}
	for name, minutes := range others {
		if minutes > 0 {
			t.Errorf("%s: %d minutes above 20 ms", name, minutes)
		}
	}
	m := New(Options{Start: monday})
	if notes := m.Notes(); len(notes) != 1 || !notes[0].At.Equal(monday.AddDate(0, 0, 28)) {
		t.Errorf("notes %v", notes)
	}
	if notes := New(Options{Start: monday, Minutes: 60}).Notes(); notes != nil {
		t.Errorf("notes of one hour: %v", notes)
	}
}

// friday is what HSM did in one night, in GiB.
type friday struct {
	read, written float64 // I/O between 23:00 and 05:00, everything that the volumes do
	rose, fell    float64 // space of secondary, primary
	end           time.Time
	steps         int // falls of primary between two looks
}

// TestHSM: what is read on the one side is written on the other, and space moves
// as much.
func TestHSM(t *testing.T) {
	nights := map[string]*friday{}
	night := func(at time.Time) *friday {
		from := at.Add(-23 * time.Hour)
		if from.Weekday() != time.Friday || from.Hour() >= 6 {
			return nil
		}
		k := from.Format("2006-01-02")
		if nights[k] == nil {
			nights[k] = &friday{}
		}
		return nights[k]
	}
	intervals(Options{Start: monday}, func(c closed) {
		n := night(c.Start())
		if n == nil {
			return
		}
		switch c.lun.Role {
		case "primary":
			n.read += float64(c.Value(series.ReadBytes)) / gibF
		case "secondary":
			n.written += float64(c.Value(series.WriteBytes)) / gibF
		}
	})
	last := map[string]float64{}
	all(Options{Start: monday}, func(s *series.Sample) {
		for _, sp := range s.Spaces {
			used := float64(sp.UsedBytes) / gibF
			d := used - last[sp.Mount]
			last[sp.Mount] = used
			n := night(sp.At)
			if n == nil {
				continue
			}
			switch {
			case sp.Mount == "/opt/zimbra/hsm" && d > 0:
				n.rose += d
				n.end = sp.At
			case sp.Mount == "/opt/zimbra/store" && d < 0:
				n.fell -= d
				n.steps++
			}
		}
	})
	if len(nights) != 5 {
		t.Fatalf("%d Friday nights, want 5", len(nights))
	}
	for day, n := range nights {
		if n.rose < 35 || n.rose > 45 {
			t.Errorf("%s: secondary rose by %.2f GiB, want 35 to 45", day, n.rose)
		}
		if math.Abs(n.fell-n.rose) > 0.03*n.rose {
			t.Errorf("%s: primary fell by %.2f GiB, secondary rose by %.2f", day, n.fell, n.rose)
		}
		if n.written < n.rose || n.written > 1.03*n.rose {
			t.Errorf("%s: %.2f GiB written on secondary, which rose by %.2f", day, n.written, n.rose)
		}
		// The users and the nightly backup read on primary as well.
		if n.read < n.rose || n.read > n.rose+22 {
			t.Errorf("%s: %.2f GiB read on primary, %.2f moved", day, n.read, n.rose)
		}
		if h := n.end.Hour(); h < 3 || h > 4 {
			t.Errorf("%s: HSM ended at %s", day, n.end)
		}
		if n.steps < 15 || n.steps > 25 {
			t.Errorf("%s: primary fell in %d steps, want one for 2 GiB", day, n.steps)
		}
	}
}

// TestSpace: every five minutes, never more than there is, and primary fills
// faster than HSM empties it.
func TestSpace(t *testing.T) {
	first, last, looks := map[string]series.Space{}, map[string]series.Space{}, 0
	all(Options{Start: monday}, func(s *series.Sample) {
		if len(s.Spaces) == 0 {
			return
		}
		looks++
		if len(s.Spaces) != 13 {
			t.Fatalf("%s: %d spaces, want 13: all but swap", s.At.Wall, len(s.Spaces))
		}
		for _, sp := range s.Spaces {
			if sp.UsedBytes+sp.FreeBytes != sp.SizeBytes || sp.AvailBytes > sp.FreeBytes || sp.InodesUsed > sp.Inodes {
				t.Fatalf("%s: %+v", sp.Mount, sp.Space)
			}
			if before := last[sp.Mount].At; !before.IsZero() && sp.At.Sub(before) < 5*time.Minute {
				t.Fatalf("%s: asked at %s and %s", sp.Mount, before, sp.At)
			}
			if _, ok := first[sp.Mount]; !ok {
				first[sp.Mount] = sp.Space
			}
			last[sp.Mount] = sp.Space
		}
	})
	if want := (FiveWeeks - 5*60) / 5; looks < want-5 || looks > want+5 {
		t.Errorf("%d looks at space, want about %d", looks, want)
	}
	grew := func(mount string) float64 {
		return (float64(last[mount].UsedBytes) - float64(first[mount].UsedBytes)) / gibF
	}
	for _, tt := range []struct {
		mount    string
		min, max float64 // GiB in five weeks
	}{
		{"/opt/zimbra/hsm", 5 * 35, 5 * 45},
		{"/opt/zimbra/store", 20, 60},
		{"/opt/zimbra/db/data", 0.3, 4},
		{"/opt/zimbra/index", 0.3, 4},
		{"/usr", 0, 0},
	} {
		if g := grew(tt.mount); g < tt.min || g > tt.max {
			t.Errorf("%s: grew by %.2f GiB, want %g to %g", tt.mount, g, tt.min, tt.max)
		}
	}
}

// TestStep: seconds add up to minutes, but for the noise.
func TestStep(t *testing.T) {
	total := func(step time.Duration) (reads float64) {
		intervals(Options{Start: monday.Add(9 * time.Hour), Minutes: 60, Step: step}, func(c closed) {
			reads += float64(c.Value(series.ReadIOs))
		})
		return reads
	}
	bySecond, byMinute := total(time.Second), total(time.Minute)
	if r := bySecond / byMinute; r < 0.97 || r > 1.03 {
		t.Errorf("%.0f reads by the second, %.0f by the minute", bySecond, byMinute)
	}
}
