package collector

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// memory is a journal that keeps minutes in memory.
type memory struct {
	Outbox  // none
	state   series.State
	minutes []series.Minute
	dealt   []series.Warning
	// What is set aside while the state is read, and while a minute is committed.
	atState, atCommit []series.Warning
}

func (m *memory) Warnings() []series.Warning { return m.dealt }

func (m *memory) State(context.Context, string) (series.State, error) {
	m.dealt = append(m.dealt, m.atState...)
	return m.state, nil
}

func (m *memory) Commit(_ context.Context, minute *series.Minute) error {
	m.dealt = append(m.dealt, m.atCommit...)
	m.state = minute.State
	m.minutes = append(m.minutes, *minute)
	return nil
}

// crond calls Run for a made host as cron would.
type crond struct {
	t    testing.TB
	host *hosttest.Host
	memory
	lockFile string
	rules    Rules
	kept     Histograms // by the kernel; nil: none are asked for
}

// boot is the wall clock at the host's first boot.
var boot = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

func newCrond(t testing.TB, luns ...hosttest.LUN) *crond {
	return &crond{t: t, host: hosttest.New(t, luns...), lockFile: filepath.Join(t.TempDir(), "lock"), rules: Rules{Layers: "maps"}}
}

// run is one minute; wall is the time of day since the first boot.
func (c *crond) run(wall time.Duration) Result {
	c.t.Helper()
	r, err := Run(c.t.Context(), Options{
		Paths: c.host.Paths, Host: "mailstore", LockFile: c.lockFile, Rules: c.rules, ReadingTime: boot.Add(wall),
		Histograms: c.kept,
	}, func() (Journal, error) { return &c.memory, nil })
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

// last is the interval of a LUN in the last minute.
func (c *crond) last(name string) (series.Interval, bool) {
	m := c.minutes[len(c.minutes)-1]
	for _, i := range m.Intervals {
		for _, l := range m.State.Mapping {
			if l.ID == i.Key.ID && l.Name() == name {
				return i.Interval, true
			}
		}
	}
	return series.Interval{}, false
}

// TestRun walks a mailstore through a bad day.
func TestRun(t *testing.T) {
	c := newCrond(t, hosttest.Mail()...)
	const sqldb, store, redo = "zimbra1_sqldb-data", "zimbra1_primary-store", "zimbra1_redo-redo"
	wall := c.host.Up()
	pass := func(d time.Duration) { c.host.Pass(d); wall += d }
	check := func(step, lun string, reads uint64, elapsed time.Duration, q series.Quality) {
		t.Helper()
		i, ok := c.last(lun)
		got, _ := i.Get(series.ReadIOs)
		if !ok || got != reads || i.ElapsedMS != uint64(elapsed.Milliseconds()) || i.Quality != q {
			t.Errorf("%s: %s: interval %v, %d reads in %d ms, %q; want %d in %v, %q", step, lun, ok, got, i.ElapsedMS, i.Quality, reads, elapsed, q)
		}
	}

	c.run(wall)
	if m := c.minutes[0]; len(m.Intervals) != 0 || len(m.Mapped) == 0 {
		t.Errorf("first run: %d intervals, %d LUNs in the ledger", len(m.Intervals), len(m.Mapped))
	}

	pass(time.Minute)
	c.host.Do(sqldb, hosttest.IO{Reads: 600, ReadSectors: 4800, ReadMS: 1200})
	c.run(wall)
	check("plain", sqldb, 600, time.Minute, 0)
	check("plain", store, 0, time.Minute, 0)
	if m := c.minutes[1]; m.Mapped != nil {
		t.Error("nothing changed, but the ledger was written")
	}

	// Two minutes are missed: none of their I/O is lost.
	pass(3 * time.Minute)
	c.host.Do(sqldb, hosttest.IO{Reads: 30})
	c.run(wall)
	check("missed runs", sqldb, 30, 3*time.Minute, 0)
	pass(6 * time.Minute)
	c.host.Do(sqldb, hosttest.IO{Reads: 31})
	c.run(wall)
	check("long", sqldb, 31, 6*time.Minute, series.Long)

	// A LUN is made again under the same identity, and by the reading has done more
	// than before.
	pass(time.Minute)
	c.host.Recreate(redo)
	c.host.Do(redo, hosttest.IO{Reads: 9000})
	c.run(wall)
	check("made again", redo, 9000, time.Minute, series.Reset)

	// A LUN goes, and comes back.
	pass(time.Minute)
	c.host.Remove(store)
	c.run(wall)
	if _, ok := c.last(store); ok {
		t.Error("an interval of a LUN that is gone")
	}
	pass(time.Minute)
	c.host.Return(store)
	c.host.Do(store, hosttest.IO{Reads: 5})
	c.run(wall)
	if i, ok := c.last(store); !ok || i.Value(series.ReadIOs) != 5 || i.Quality != series.Reset {
		t.Errorf("gone and back: %v, %d reads, %q", ok, i.Value(series.ReadIOs), i.Quality)
	}

	// The host reboots and gives the minors to other LUNs.
	wall += 10 * time.Minute
	c.host.Renumber()
	c.host.Reboot(90 * time.Second)
	c.host.Do(sqldb, hosttest.IO{Reads: 77})
	c.run(wall)
	check("reboot", sqldb, 77, 90*time.Second, series.Reset)
	check("reboot", store, 0, 90*time.Second, series.Reset)
	if c.minutes[len(c.minutes)-1].Mapped == nil {
		t.Error("the reboot is not in the ledger")
	}

	// A bad line is named; the others are kept.
	pass(time.Minute)
	c.host.Spoil(redo, "253 9 dm-9 1 2 x")
	c.host.Do(sqldb, hosttest.IO{Reads: 3})
	r := c.run(wall)
	check("bad line", sqldb, 3, time.Minute, 0)
	if len(r.News) != 1 || !strings.Contains(r.News[0].What, `field 6 is not a count`) {
		t.Errorf("news %+v", r.News)
	}
	pass(time.Minute)
	if r = c.run(wall); len(r.News) != 0 {
		t.Errorf("said again: %+v", r.News)
	}
	pass(time.Minute)
	c.host.Spoil(redo, "")
	c.host.Do(redo, hosttest.IO{Reads: 4})
	r = c.run(wall)
	check("good again", redo, 4, 3*time.Minute, 0)
	if len(r.News) != 1 || !r.News[0].Ended {
		t.Errorf("news %+v, want the end", r.News)
	}

	// Another LUN under the name and minor of the old one: no difference of the two.
	pass(time.Minute)
	c.host.Replace(redo)
	c.host.Do(redo, hosttest.IO{Reads: 100_000})
	c.run(wall)
	if _, ok := c.last(redo); ok {
		t.Error("an interval between two LUNs of one minor")
	}

	// Twice within a second: the base stays.
	pass(500 * time.Millisecond)
	c.host.Do(sqldb, hosttest.IO{Reads: 10})
	c.run(wall)
	if _, ok := c.last(sqldb); ok {
		t.Error("an interval of half a second")
	}
	pass(time.Minute - 500*time.Millisecond)
	c.run(wall)
	check("after two within a second", sqldb, 10, time.Minute, 0)
}

// A journal may turn out to be corrupt only when it is read or written: that it was
// set aside is said all the same.
func TestSetAsideIsSaid(t *testing.T) {
	aside := []series.Warning{{What: "it was corrupt"}}
	for name, spoil := range map[string]func(*memory){
		"reading the state":     func(m *memory) { m.atState = aside },
		"committing the minute": func(m *memory) { m.atCommit = aside },
	} {
		c := newCrond(t, hosttest.Mail()...)
		spoil(&c.memory)
		r := c.run(c.host.Up())
		if len(r.News) != 1 || r.News[0].What != aside[0].What || r.News[0].Ended {
			t.Errorf("%s: news %+v", name, r.News)
		}
	}
}

// Two LUNs with one identity in one reading are both kept, and said.
func TestKeysOfTwins(t *testing.T) {
	luns := []mapper.LUN{{Kernel: "dm-1", ID: "LVM-a"}, {Kernel: "dm-2", ID: "LVM-b"}, {Kernel: "dm-3", ID: "LVM-a"}}
	keys, warnings := keysOf(luns, series.State{}, series.Sample{Host: "h", Source: series.SourceHost})
	want := []mapper.ID{"LVM-a", "LVM-b", "LVM-a#dm-3"}
	for i, k := range keys {
		if k.ID != want[i] {
			t.Errorf("key %d is %s, want %s", i, k.ID, want[i])
		}
	}
	if len(warnings) != 1 || warnings[0].What != "dm-1 and dm-3 have one identity, LVM-a" {
		t.Errorf("warnings %v", warnings)
	}
}

// BenchmarkClose is what a minute computes, without any file.
func BenchmarkClose(b *testing.B) {
	for _, n := range []int{14, 1000, 10_000} {
		luns := make([]mapper.LUN, n)
		s := series.Sample{Host: "h", Source: series.SourceHost, At: series.Instant{Wall: boot, Mono: time.Hour, Boot: time.Hour, BootID: "a"}, Readings: make([]series.Reading, n)}
		for i := range luns {
			kernel := "dm-" + strings.Repeat("i", i%10) + string(rune('0'+i))
			luns[i] = mapper.LUN{Kernel: kernel, ID: mapper.ID("LVM-" + kernel), Layer: mapper.LayerLUN}
			s.Readings[i] = series.Reading{Kernel: kernel, Counters: series.Counters{ReadIOs: 5}}
		}
		s.LUNs = luns
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			first, _ := Close(series.State{}, s, Rules{Layers: "maps"})
			s.At.Wall, s.At.Mono, s.At.Boot = s.At.Wall.Add(time.Minute), s.At.Mono+time.Minute, s.At.Boot+time.Minute
			b.ReportAllocs()
			for b.Loop() {
				if m, _ := Close(first.State, s, Rules{Layers: "maps"}); len(m.Intervals) != n {
					b.Fatal(len(m.Intervals))
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "LUNs/s")
		})
	}
}
