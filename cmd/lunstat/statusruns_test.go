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

// The journal's folder lies on the LUN of the nearest mount above it; on a captured
// host on none.
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

// TestPerfdataUnknown: what nobody measured is no 0.
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
