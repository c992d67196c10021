package health

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/collector"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// boot is the wall clock at the boot of each host here.
var boot = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

// checkupNow is a healthy host: a run a minute for an hour, three LUNs.
func checkupNow() *Checkup {
	c := &Checkup{
		Now: boot.Add(2 * time.Hour), Host: "h",
		Bounds:    Bounds{LastRunS: Bound{300, 900}, UtilPercent: Bound{98, 0}, AwaitFactor: Bound{2, 10}, SpacePercent: Bound{90, 95}, InodesPercent: Bound{90, 95}, JournalPercent: Bound{90, 97}, Backlog: Bound{60, 1440}},
		Slow:      func(string) time.Duration { return 20 * time.Millisecond },
		Intervals: map[series.Key]series.Interval{}, Spaces: map[series.Key]series.KeySpace{}, Paths: map[mapper.ID]int{},
	}
	for m := 60; m <= 119; m++ {
		d := time.Duration(m)*time.Minute + 20*time.Second
		c.Runs = append(c.Runs, series.Run{Host: "h", At: series.Instant{Wall: boot.Add(d), Mono: d, Boot: d, BootID: "a"}})
	}
	for i, role := range []string{"mysql", "redo", ""} {
		l := mapper.LUN{Kernel: fmt.Sprintf("dm-%d", i), ID: mapper.ID(fmt.Sprint("id", i)), DMName: fmt.Sprint("lv", i), Layer: mapper.LayerLUN, Role: role}
		c.LUNs = append(c.LUNs, l)
		c.set(i, func(*series.Interval) {})
	}
	return c
}

func (c *Checkup) key(lun int) series.Key {
	return series.Key{ID: c.LUNs[lun].ID, Host: "h", Source: series.SourceHost}
}

// set changes the last interval of a LUN.
func (c *Checkup) set(lun int, f func(*series.Interval)) {
	i := series.Interval{End: c.Runs[len(c.Runs)-1].At.Wall, ElapsedMS: 60_000, SpanMS: 60_000}
	for field := series.ReadIOs; field <= series.SlowMS; field++ {
		i.Set(field, 0)
	}
	i.Set(series.ReadIOs, 600)
	i.Set(series.ReadMS, 6000)
	f(&i)
	c.Intervals[c.key(lun)] = i
}

// hole lets the collector miss the hour before its run 80 minutes after the boot.
func (c *Checkup) hole() {
	for i := range c.Runs[:20] {
		at := &c.Runs[i].At
		at.Wall, at.Mono, at.Boot = at.Wall.Add(-time.Hour), at.Mono-time.Hour, at.Boot-time.Hour
	}
	c.Runs = c.Runs[:50]
	c.Bounds.LastRunS = Bound{}
}

// step is what the clock's step in the middle of the hour makes of the runs' times.
func (c *Checkup) step(d time.Duration) {
	for i := range c.Runs[30:] {
		c.Runs[30+i].At.Wall = c.Runs[30+i].At.Wall.Add(d)
	}
}

// path gives the first LUNs so many paths.
func (c *Checkup) path(counts ...int) {
	for i, n := range counts {
		for range n {
			c.LUNs[i].Paths = append(c.LUNs[i].Paths, mapper.Path{State: "running"})
		}
	}
}

func (c *Checkup) fill(lun int, used, avail uint64) {
	c.Spaces[c.key(lun)] = series.KeySpace{Mount: "/x", Space: series.Space{At: c.Now, SizeBytes: used + avail, UsedBytes: used, AvailBytes: avail, Inodes: 1000, InodesUsed: 10}}
}

func TestFindings(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*Checkup)
		want  string // the worst finding; "" for none above OK
		worst Severity
	}{
		{"healthy", func(*Checkup) {}, "", OK},
		{"never ran", func(c *Checkup) { c.Runs = nil }, "the collector has never run on h", Critical},
		{"late", func(c *Checkup) { c.Now = c.Now.Add(5 * time.Minute) }, "the last run was 5m40s ago", Warning},
		{"very late", func(c *Checkup) { c.Now = c.Now.Add(15 * time.Minute) }, "the last run was 15m40s ago", Critical},
		{"missed minutes", func(c *Checkup) { c.Runs = append(c.Runs[:20], c.Runs[30:]...) }, "the collector missed 10 minutes of the last hour", Warning},
		{"a reboot is no hole", func(c *Checkup) {
			c.Runs = append(c.Runs[:20], c.Runs[30:]...)
			for i := range c.Runs[20:] {
				c.Runs[20+i].At.BootID = "b"
			}
		}, "", OK},
		{"clock step", func(c *Checkup) {
			for i := range c.Runs[30:] {
				c.Runs[30+i].At.Wall = c.Runs[30+i].At.Wall.Add(10 * time.Second)
			}
		}, "the clock was stepped by 10s", Warning},
		{"the clock is steered", func(c *Checkup) { c.step(2 * time.Second) }, "", OK},
		{"the clock is steered back", func(c *Checkup) { c.step(-2 * time.Second) }, "", OK},
		{"a small step", func(c *Checkup) { c.step(3 * time.Second) }, "the clock was stepped by 3s", Warning},
		{"a small step back", func(c *Checkup) { c.step(-3 * time.Second) }, "the clock was stepped by -3s", Warning},
		{"a step more than an hour ago", func(c *Checkup) {
			c.step(time.Minute)
			c.Now = c.Runs[30].At.Wall.Add(time.Hour + time.Second)
			c.Bounds.LastRunS = Bound{}
		}, "", OK},
		{"runs two minutes apart", func(c *Checkup) { c.Runs = append(c.Runs[:20], c.Runs[21:]...) }, "", OK},
		{"missed minutes more than an hour ago", func(c *Checkup) { c.hole(); c.Now = c.Now.Add(21 * time.Minute) }, "", OK},
		{"missed until an hour ago", func(c *Checkup) { c.hole(); c.Now = c.Now.Add(20 * time.Minute) }, "", OK},
		{"missed until half an hour ago", func(c *Checkup) { c.hole(); c.Now = c.Now.Add(-10*time.Minute + 20*time.Second) }, "the collector missed 29 minutes of the last hour", Warning},
		{"runs fail", func(c *Checkup) {
			c.Failing = &series.Condition{Warning: series.Warning{What: "no space left"}, Since: boot}
		}, "the collector's runs fail: no space left", Warning},
		{"a missed minute", func(c *Checkup) { c.Runs = append(c.Runs[:20], c.Runs[22:]...) }, "the collector missed 2 minutes of the last hour", Warning},
		{"set back", func(c *Checkup) {
			// The clock was ahead by 40 minutes, and is right again: its runs and the
			// later ones are mixed in the order of the clock.
			for i := range c.Runs[:20] {
				c.Runs[i].At.Wall = c.Runs[i].At.Wall.Add(40 * time.Minute)
			}
			slices.SortFunc(c.Runs, func(a, b series.Run) int { return a.At.Wall.Compare(b.At.Wall) })
		}, "the clock was stepped by -40m0s", Warning},
		{"ahead of the clock", func(c *Checkup) { c.Now = c.Now.Add(-time.Hour) }, "the last run was 59m20s ahead of the clock", Warning},
		{"ahead by no more than clocks differ", func(c *Checkup) { c.Now = c.LastRun().At.Wall.Add(-time.Minute) }, "", OK},
		{"ahead by a second more", func(c *Checkup) { c.Now = c.LastRun().At.Wall.Add(-61 * time.Second) }, "the last run was 1m1s ahead of the clock", Warning},
		{"journal on a mailstore's LUN", func(c *Checkup) { c.JournalOn = &c.LUNs[0] }, "the journal is on a LUN that it watches, lv0 (dm-0)", Warning},
		{"journal on another LUN", func(c *Checkup) { c.JournalOn = &c.LUNs[2] }, "", OK},
		{"held lock", func(c *Checkup) {
			c.Holder = &collector.BusyError{Path: "x.lock", PID: "77", Since: c.Now.Add(-time.Hour)}
		}, "collector 77 holds x.lock since", Critical},
		{"a run at work", func(c *Checkup) {
			c.Holder = &collector.BusyError{Path: "x.lock", PID: "77", Since: c.Now.Add(-time.Minute)}
		}, "", OK},
		{"a run of two minutes", func(c *Checkup) {
			c.Holder = &collector.BusyError{Path: "x.lock", PID: "77", Since: c.Now.Add(-2 * time.Minute)}
		}, "collector 77 holds x.lock since", Critical},
		{"a run of nearly two minutes", func(c *Checkup) {
			c.Holder = &collector.BusyError{Path: "x.lock", PID: "77", Since: c.Now.Add(-2*time.Minute + time.Second)}
		}, "", OK},
		{"a condition that is over", func(c *Checkup) {
			c.State.Conditions = []series.Condition{{Warning: series.Warning{What: "diskstats:2: bad"}, Since: boot, Gone: boot.Add(time.Minute)}}
		}, "", OK},
		{"no LUN, and nothing was measured for a while", func(c *Checkup) {
			c.State.Conditions = []series.Condition{{Warning: series.Warning{What: collector.NothingMeasured}, Since: boot, Gone: boot.Add(time.Minute)}}
			c.LUNs = nil
		}, "no LUN is measured", Warning},
		{"condition", func(c *Checkup) {
			c.State.Conditions = []series.Condition{{Warning: series.Warning{What: "diskstats:2: bad"}, Since: boot}}
		}, "diskstats:2: bad", Warning},
		{"busy", func(c *Checkup) { c.set(0, func(i *series.Interval) { i.Set(series.BusyMS, 59_400) }) }, "lv0 (dm-0) is 99 % busy", Warning},
		{"busy, and its own limit is above", func(c *Checkup) {
			c.LUNs[0].Limits.UtilPercent = 100
			c.set(0, func(i *series.Interval) { i.Set(series.BusyMS, 59_400) })
		}, "", OK},
		{"busier than its own limit", func(c *Checkup) {
			c.LUNs[0].Limits.UtilPercent = 40
			c.set(0, func(i *series.Interval) { i.Set(series.BusyMS, 30_000) })
		}, "lv0 (dm-0) is 50 % busy", Warning},
		{"slow by its role alone", func(c *Checkup) {
			c.LUNs[0].Limits.AwaitMS = 25
			c.set(0, func(i *series.Interval) { i.Set(series.ReadMS, 600*45) })
		}, "", OK},
		{"slow by its own limit", func(c *Checkup) {
			c.LUNs[0].Limits.AwaitMS = 1.5
			c.set(0, func(i *series.Interval) { i.Set(series.ReadMS, 600*3) })
		}, "lv0 (dm-0): reads take 3 ms, its limit is 1.5 ms", Warning},
		{"slow", func(c *Checkup) { c.set(0, func(i *series.Interval) { i.Set(series.ReadMS, 600*45) }) }, "lv0 (dm-0): reads take 45 ms, its limit is 20 ms", Warning},
		{"very slow", func(c *Checkup) { c.set(0, func(i *series.Interval) { i.Set(series.ReadMS, 600*200) }) }, "lv0 (dm-0): reads take 200 ms", Critical},
		{"one slow read", func(c *Checkup) {
			c.set(0, func(i *series.Interval) { i.Set(series.ReadIOs, 1); i.Set(series.ReadMS, 500) })
		}, "", OK},
		{"nine slow reads", func(c *Checkup) {
			c.set(0, func(i *series.Interval) { i.Set(series.ReadIOs, 9); i.Set(series.ReadMS, 4500) })
		}, "", OK},
		{"ten slow reads", func(c *Checkup) {
			c.set(0, func(i *series.Interval) { i.Set(series.ReadIOs, 10); i.Set(series.ReadMS, 5000) })
		}, "lv0 (dm-0): reads take 500 ms", Critical},
		{"a role without a limit", func(c *Checkup) {
			c.Slow = func(string) time.Duration { return 0 }
			c.set(0, func(i *series.Interval) { i.Set(series.ReadMS, 600*200) })
		}, "", OK},
		{"slow, and the run is late", func(c *Checkup) {
			c.Now = c.Now.Add(5 * time.Minute)
			c.set(0, func(i *series.Interval) { i.Set(series.ReadMS, 600*200) })
		}, "lv0 (dm-0): reads take 200 ms", Critical},
		{"slow when it was last read, long ago", func(c *Checkup) {
			c.set(0, func(i *series.Interval) { i.Set(series.ReadMS, 600*200); i.End = c.Now.Add(-900 * time.Second) })
		}, "", OK},
		{"stalled", func(c *Checkup) {
			c.set(1, func(i *series.Interval) { i.Quality, i.Inflight = series.Stalled, 4 })
			c.State.Last = []series.Last{{Key: c.key(1), StallSince: boot.Add(time.Hour)}}
		}, "lv1 (dm-1) is stalled: 4 I/Os in flight", Critical},
		{"full", func(c *Checkup) { c.fill(0, 899, 101) }, "lv0 (dm-0) is 90 % full (/x)", Warning},
		{"fuller", func(c *Checkup) { c.fill(0, 951, 49) }, "lv0 (dm-0) is 96 % full (/x)", Critical},
		{"fuller, and its own limit is above", func(c *Checkup) { c.LUNs[0].Limits.FullPercent = 98; c.fill(0, 961, 39) }, "", OK},
		{"fuller than its own high limit", func(c *Checkup) { c.LUNs[0].Limits.FullPercent = 98; c.fill(0, 980, 20) }, "lv0 (dm-0) is 98 % full (/x)", Critical},
		{"fuller than its own low limit", func(c *Checkup) { c.LUNs[0].Limits.FullPercent = 70; c.fill(0, 700, 300) }, "lv0 (dm-0) is 70 % full (/x)", Warning},
		{"full, from the journal", func(c *Checkup) {
			c.fill(0, 899, 101)
			s := c.Spaces[c.key(0)]
			s.Mount = ""
			c.Spaces[c.key(0)] = s
			c.LUNs[0].Mounts = []mapper.Mount{{Point: "/hidden", Hidden: true}, {Point: "/y"}}
		}, "lv0 (dm-0) is 90 % full (/y)", Warning},
		{"not full", func(c *Checkup) { c.fill(0, 890, 110) }, "", OK},
		{"inodes", func(c *Checkup) {
			c.fill(0, 1, 99)
			s := c.Spaces[c.key(0)]
			s.InodesUsed = 960
			c.Spaces[c.key(0)] = s
		}, "lv0 (dm-0) has used 96 % of its inodes", Critical},
		{"a filesystem that counts no inodes", func(c *Checkup) {
			c.fill(0, 1, 99)
			s := c.Spaces[c.key(0)]
			s.Inodes, s.InodesUsed = 0, 5
			c.Spaces[c.key(0)] = s
		}, "", OK},
		{"suspended", func(c *Checkup) { c.LUNs[2].Suspended = true }, "lv2 (dm-2) is suspended", Critical},
		{"iostats off, counting", func(c *Checkup) { c.LUNs[0].StatsOff = true }, "", OK},
		{"iostats off, standing still", func(c *Checkup) {
			c.LUNs[0].Kernel, c.LUNs[0].StatsOff = "sda", true
			c.set(0, func(i *series.Interval) { i.Set(series.ReadIOs, 0); i.Set(series.ReadMS, 0) })
		}, "lv0 (sda) is not counted", Warning},
		{"an idle map, whose iostats are always off", func(c *Checkup) {
			c.LUNs[0].StatsOff = true
			c.set(0, func(i *series.Interval) { i.Set(series.ReadIOs, 0); i.Set(series.ReadMS, 0) })
		}, "", OK},
		{"NVMe's own multipath, whose paths count", func(c *Checkup) {
			c.LUNs[0].Kernel, c.LUNs[0].StatsOff = "nvme0n1", true
			c.LUNs[0].Paths = []mapper.Path{{Kernel: "nvme0c0n1", State: "live"}, {Kernel: "nvme0c1n1", State: "live"}}
			c.set(0, func(i *series.Interval) { i.Set(series.ReadIOs, 0); i.Set(series.ReadMS, 0) })
		}, "lv0 (nvme0n1) is not counted by this kernel", OK},
		{"a path is offline", func(c *Checkup) {
			c.LUNs[0].Paths = []mapper.Path{{Kernel: "sda", State: "offline"}, {Kernel: "sdb", State: "running"}}
		}, "lv0 (dm-0) has lost a path: sda offline", Warning},
		{"all paths are offline", func(c *Checkup) {
			c.LUNs[0].Paths = []mapper.Path{{Kernel: "sda", State: "offline"}, {Kernel: "sdb", State: "transport-offline"}}
		}, "lv0 (dm-0) has no running path", Critical},
		{"fewer paths than it had", func(c *Checkup) {
			c.LUNs[0].Paths = []mapper.Path{{Kernel: "sda", State: "running"}, {Kernel: "sdb", State: "running"}}
			c.Paths["id0"] = 4
		}, "lv0 (dm-0) has 2 paths, and had 4", Warning},
		{"fewer paths than its siblings", func(c *Checkup) {
			for i := range 3 {
				c.LUNs[i].Paths = []mapper.Path{{State: "running"}, {State: "running"}}
			}
			c.LUNs[2].Paths = c.LUNs[2].Paths[:1]
		}, "lv2 (dm-2) has 1 path, its siblings have 2", Warning},
		{"as many with two paths as with four", func(c *Checkup) { c.path(2, 4) }, "", OK},
		{"as many with four paths as with two", func(c *Checkup) { c.path(4, 2) }, "", OK},
		{"journal's disk", func(c *Checkup) { c.Journal = &series.Space{SizeBytes: 100, UsedBytes: 98, AvailBytes: 2} }, "the journal's filesystem is 98 % full", Critical},
		{"backlog", func(c *Checkup) { c.Forward = &series.Forwarding{Pending: 61} }, "61 runs wait to be forwarded", Warning},
		{"no answer", func(c *Checkup) {
			c.Forward = &series.Forwarding{Pending: 1, Trouble: series.Warning{What: "no answer", Hint: "timeout"}}
			c.State.Conditions = []series.Condition{{Warning: series.Warning{What: "no answer"}}}
		}, "no answer", Warning},
		{"revoked", func(c *Checkup) {
			c.Forward = &series.Forwarding{Pending: 1, Trouble: series.Warning{What: "401", Hint: "a new token"}, Critical: true}
			c.State.Conditions = []series.Condition{{Warning: series.Warning{What: "401"}}}
		}, "401", Critical},
		{"waited too long", func(c *Checkup) { c.Forward = &series.Forwarding{Dropped: 3} }, "3 runs waited too long: only their roll-ups are", OK},
		{"refused", func(c *Checkup) {
			c.Forward = &series.Forwarding{Refused: 2, Lost: 1}
			c.State.Conditions = []series.Condition{{Warning: series.Warning{What: collector.PointsRefused}}}
		}, "3 points were refused where they are forwarded to", Warning},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := checkupNow()
			tt.spoil(c)
			f := c.Findings()
			if got := Worst(f); got != tt.worst {
				t.Errorf("%v, want %v: %+v", got, tt.worst, f)
			}
			if tt.want != "" && (len(f) == 0 || !strings.HasPrefix(f[0].What, tt.want)) {
				t.Errorf("first finding %+v, want %q", f, tt.want)
			}
			for _, x := range f {
				if x.Hint == "" && x.What != "diskstats:2: bad" {
					t.Errorf("%q says not what to do", x.What)
				}
			}
		})
	}
	// A LUN without a role is worth a word, not an alarm.
	if f := checkupNow().Findings(); len(f) != 1 || f[0].What != "lv2 (dm-2) has no role" {
		t.Errorf("healthy host: %+v", f)
	}
}

// If a host's last run is too old, nothing is said about its LUNs.
func TestNothingOfLUNsLongAgo(t *testing.T) {
	c := checkupNow()
	c.LUNs[0].Suspended = true
	c.Now = c.LastRun().At.Wall.Add(899 * time.Second)
	if f := c.Findings(); Worst(f) != Critical {
		t.Errorf("just in time: %+v", f)
	}
	c.Now = c.Now.Add(time.Second)
	for _, f := range c.Findings() {
		if strings.Contains(f.What, "lv") {
			t.Errorf("too late: %+v", f)
		}
	}
}

// Nagios' own order of the worst: critical, unknown, warning.
func TestCompare(t *testing.T) {
	order := []Severity{OK, Warning, Unknown, Critical}
	for i, a := range order {
		for j, b := range order {
			if got, want := Compare(a, b), cmp.Compare(i, j); got != want {
				t.Errorf("%v beside %v: %d, want %d", a, b, got, want)
			}
			if got := Worst([]Finding{{Severity: a}, {Severity: b}}); got != order[max(i, j)] {
				t.Errorf("worst of %v and %v: %v", a, b, got)
			}
		}
	}
}
