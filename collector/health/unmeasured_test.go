package health

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/collector"
	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// lastMinute is a journal that keeps the last minute only.
type lastMinute struct {
	collector.Outbox // none
	series.Minute
}

func (m *lastMinute) Warnings() []series.Warning { return nil }

func (m *lastMinute) State(context.Context, string) (series.State, error) { return m.Minute.State, nil }

func (m *lastMinute) Commit(_ context.Context, minute *series.Minute) error {
	m.Minute = *minute
	return nil
}

// What is in use and not measured is a warning, and critical since the minute in which
// it was lost where it was measured before.
func TestUnmeasured(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(*hosttest.Host)
		what  string
		worst Severity
	}{
		{"nothing", func(*hosttest.Host) {}, "", OK},
		{"a mounted device is gone", func(h *hosttest.Host) {
			use := mountinfoOf(t, h)
			h.Remove("vg-data")
			h.Write("proc/self/mountinfo", use)
		}, "mounted on /opt/zimbra/store, but its device is gone since", Critical},
		{"a device that was never seen", func(h *hosttest.Host) {
			h.Write("proc/self/mountinfo", mountinfoOf(t, h)+"99 4 8:99 / /mnt rw - ext4 /dev/sdz9 rw\n")
		}, "mounted on /mnt, but not measured: no device is seen that is 8:99", Warning},
		{"a part of it, in a container", func(h *hosttest.Host) {
			h.Write("proc/self/mountinfo", mountinfoOf(t, h)+"99 4 8:99 /etc/hosts /etc/hosts rw - ext4 /dev/sdz9 rw\n")
		}, "", OK},
		{"no line in diskstats", func(h *hosttest.Host) { h.Spoil("vg-data", "   8      99 sdz 1 0 0 0 0 0 0 0 0 0 0\n") },
			"dm-1, mounted on /opt/zimbra/store, is not measured: it has no line in diskstats", Warning},
		{"diskstats is empty", func(h *hosttest.Host) { h.Write("proc/diskstats", "") }, collector.NothingMeasured, Critical},
	} {
		h := hosttest.New(t,
			hosttest.LUN{Name: "vg-root", On: []string{"sda"}, Mount: "/"},
			hosttest.LUN{Name: "vg-data", On: []string{"sdb"}, Mount: "/opt/zimbra/store"})
		var kept lastMinute
		lock := filepath.Join(t.TempDir(), "lock")
		for minute := range 6 {
			if minute == 2 || minute > 2 && tt.what == collector.NothingMeasured { // the host writes its counters each minute
				tt.spoil(h)
			}
			o := collector.Options{Paths: h.Paths, Host: "mailstore", LockFile: lock, Rules: collector.Rules{Layers: "maps"}, ReadingTime: boot.Add(h.Up())}
			if _, err := collector.Run(t.Context(), o, func() (collector.Journal, error) { return &kept, nil }); err != nil {
				t.Fatal(err)
			}
			h.Pass(time.Minute)
		}
		check := Checkup{Now: kept.Run.At.Wall, Host: "mailstore", Runs: []series.Run{kept.Run}, State: kept.Minute.State,
			LUNs: mapper.Stored(kept.Minute.State.Mapping, "luns"), Slow: func(string) time.Duration { return 0 }}
		worst := Finding{}
		for _, f := range check.Findings() {
			if Compare(f.Severity, worst.Severity) > 0 {
				worst = f
			}
		}
		if worst.Severity != tt.worst || !strings.HasPrefix(worst.What, tt.what) {
			t.Errorf("%s: status says %v: %s", tt.name, worst.Severity, worst.What)
		}
		if tt.worst == Critical && !worst.Since.Equal(kept.Run.At.Wall.Add(-3*time.Minute)) {
			t.Errorf("%s: since %v", tt.name, worst.Since)
		}
	}
}

func mountinfoOf(t *testing.T, h *hosttest.Host) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(h.Paths.Proc, "self/mountinfo"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A host without any LUN is not well.
func TestNoLUN(t *testing.T) {
	check := Checkup{Now: boot, Host: "h", Runs: []series.Run{{Host: "h", At: series.Instant{Wall: boot}}}}
	if f := check.Findings(); Worst(f) != Warning || f[0].What != "no LUN is measured" {
		t.Errorf("findings %+v", f)
	}
}
