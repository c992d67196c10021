package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector/health"
	"lunstat/collector/journal"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// Which runs status judges by, whatever the wall clock did in between.
func TestLastRuns(t *testing.T) {
	now := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	ago := func(d ...time.Duration) (walls []time.Time) {
		for _, d := range d {
			walls = append(walls, now.Add(-d))
		}
		return walls
	}
	tests := []struct {
		name string
		runs []time.Time
		last time.Time // of those that status takes
		n    int
	}{
		{"none", nil, time.Time{}, 0},
		{"a run a minute", ago(3*time.Hour, 2*time.Minute, time.Minute), now.Add(-time.Minute), 2},
		{"it stopped a week ago", ago(8*24*time.Hour, 7*24*time.Hour+time.Minute, 7*24*time.Hour), now.Add(-7 * 24 * time.Hour), 2},
		{"the clock was ahead for a run", ago(2*time.Minute, -5*time.Hour, time.Minute), now.Add(-time.Minute), 2},
		{"all runs are ahead", ago(-5*time.Hour, -5*time.Hour-time.Minute), now.Add(5*time.Hour + time.Minute), 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx := context.Background()
			j, err := journal.Open(filepath.Join(t.TempDir(), "j.db"), journal.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer j.Close()
			for n, wall := range tt.runs {
				up := time.Duration(n+1) * time.Minute
				m := series.Minute{Run: series.Run{Host: "h", At: series.Instant{Wall: wall, Mono: up, Boot: up, BootID: "a"}}}
				if err := j.Commit(ctx, &m); err != nil {
					t.Fatal(err)
				}
			}
			runs, err := lastRuns(ctx, j, &health.Checkup{Now: now, Host: "h"})
			if err != nil {
				t.Fatal(err)
			}
			if len(runs) != tt.n {
				t.Fatalf("%d runs, want %d: %+v", len(runs), tt.n, runs)
			}
			if tt.n > 0 && !runs[len(runs)-1].At.Wall.Equal(tt.last) {
				t.Errorf("the last was at %v, want %v", runs[len(runs)-1].At.Wall, tt.last)
			}
		})
	}
}

// The journal's folder is on the LUN of the nearest mount above it; on a captured host it
// is on none.
func TestJournalOn(t *testing.T) {
	dir, err := os.Getwd() // any that is not below /dev, where temporary folders may be
	if err != nil {
		t.Fatal(err)
	}
	luns := []mapper.LUN{
		{Kernel: "dm-1", Layer: mapper.LayerLUN, Mounts: []mapper.Mount{{Point: filepath.Dir(dir)}}},
		{Kernel: "dm-2", Layer: mapper.LayerLUN, Mounts: []mapper.Mount{{Point: dir}}},
	}
	here := &config.Config{}
	here.Paths.Procfs, here.Paths.Sysfs, here.Paths.Devfs = "/proc", "/sys", "/dev"
	if l := journalOn(filepath.Join(dir, "state"), luns, here); l == nil || l.Kernel != "dm-2" {
		t.Errorf("on %+v, want dm-2", l)
	}
	captured := *here
	captured.Paths.Procfs = dir
	if l := journalOn(dir, luns, &captured); l != nil {
		t.Errorf("of a captured host: on %s", l.Kernel)
	}
}

// TestPerfdataUnknown: what nobody measured isn't 0.
func TestPerfdataUnknown(t *testing.T) {
	lun := mapper.LUN{ID: "LVM-a", Layer: mapper.LayerLUN}
	check := &health.Checkup{LUNs: []mapper.LUN{lun}}
	if got, want := perfdata(check), "luns=1 iops=U busiest=U;; fullest=U;; stalled=0;;0"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	idle := series.Interval{ElapsedMS: 60_000}
	for _, f := range []series.Field{series.ReadIOs, series.WriteIOs, series.BusyMS} {
		idle.Set(f, 0)
	}
	check.Intervals = map[series.Key]series.Interval{{ID: lun.ID, Source: series.SourceHost}: idle}
	if got, want := perfdata(check), "luns=1 iops=0.0 busiest=0.0%;; fullest=U;; stalled=0;;0"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// The layers below LUNs are in no figure; points that were refused and those that were
// lost are one.
func TestPerfdataCountsLUNs(t *testing.T) {
	lun, path := mapper.LUN{ID: "LVM-a", Layer: mapper.LayerLUN}, mapper.LUN{ID: "path", Layer: mapper.LayerPath}
	busy := series.Interval{ElapsedMS: 60_000, Quality: series.Stalled}
	busy.Set(series.ReadIOs, 600)
	busy.Set(series.BusyMS, 30_000)
	check := &health.Checkup{LUNs: []mapper.LUN{lun, path}, Forward: &series.Forwarding{Pending: 7, Refused: 2, Lost: 3}, Intervals: map[series.Key]series.Interval{
		{ID: lun.ID, Source: series.SourceHost}:  busy,
		{ID: path.ID, Source: series.SourceHost}: busy,
	}}
	if got, want := perfdata(check), "luns=1 iops=10.0 busiest=50.0%;; fullest=U;; stalled=1;;0 backlog=7;; refused=5;0"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// How many paths a LUN had at its best is asked of the last month, and of this host.
func TestMostPaths(t *testing.T) {
	now := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	j, err := journal.Open(filepath.Join(t.TempDir(), "j.db"), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for n, m := range []struct {
		host  string
		at    time.Time
		paths int
	}{{"h", now.AddDate(0, -1, -2), 8}, {"h", now.AddDate(0, -1, -1), 4}, {"h", now.AddDate(0, 0, -1), 2}, {"other", now.AddDate(0, 0, -1), 6}} {
		up := time.Duration(n+1) * time.Minute
		minute := series.Minute{Run: series.Run{Host: m.host, At: series.Instant{Wall: m.at, Mono: up, Boot: up, BootID: "a"}},
			Mapped: []mapper.LUN{{ID: "mpath-x", Kernel: "dm-0", Layer: mapper.LayerLUN, Paths: make([]mapper.Path, m.paths)}}}
		if err := j.Commit(t.Context(), &minute); err != nil {
			t.Fatal(err)
		}
	}
	most, err := mostPaths(t.Context(), j, &health.Checkup{Now: now, Host: "h"})
	if err != nil || most["mpath-x"] != 4 {
		t.Errorf("%d paths at best, want 4; %v", most["mpath-x"], err)
	}
}

// slowPast gives one LUN's minutes, slow from some moment on, and counts how often it is
// asked.
type slowPast struct {
	to, slow time.Time
	asked    int
}

func (p *slowPast) Intervals(_ context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error {
	p.asked++
	for at := q.From.Truncate(time.Minute).Add(time.Minute); !at.After(p.to) && at.Before(q.To); at = at.Add(time.Minute) {
		i := series.Interval{End: at, ElapsedMS: 60_000, SpanMS: 60_000}
		i.Set(series.ReadMS, 0)
		if at.After(p.slow) {
			i.Set(series.ReadMS, 1)
		}
		if err := fn(q.Keys[0], &i); err != nil {
			return err
		}
	}
	return nil
}

func (p *slowPast) Spaces(context.Context, series.Query, func(series.Key, *series.Space) error) error {
	return nil
}

// Status looks back further only where it has to, and as far as raw minutes are kept.
func TestBeganLooksBack(t *testing.T) {
	to := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		ago   time.Duration
		asked int
	}{{time.Hour, 1}, {5 * time.Hour, 2}, {3 * 24 * time.Hour, 3}, {34 * 24 * time.Hour, 4}} {
		p := &slowPast{to: to, slow: to.Add(-tt.ago)}
		since := began{t.Context(), p, to}.Load(series.Key{ID: "x"}, func(i *series.Interval) health.Judgement {
			if i.Value(series.ReadMS) > 0 {
				return health.Wrong
			}
			return health.Well
		})
		if !since.Equal(p.slow) || p.asked != tt.asked {
			t.Errorf("slow for %v: since %v, asked %d times, want %d", tt.ago, since, p.asked, tt.asked)
		}
	}
}
