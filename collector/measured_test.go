package collector

import (
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// What is in use and not measured is said once, and is critical where it was measured
// before.
func TestUnmeasured(t *testing.T) {
	luns := []hosttest.LUN{
		{Name: "vg-root", On: []string{"sda"}, Mount: "/"},
		{Name: "vg-data", On: []string{"sdb"}, Mount: "/opt/zimbra/store"},
	}
	for _, tt := range []struct {
		name     string
		spoil    func(*crond)
		what     string
		severity Severity
	}{
		{"nothing", func(*crond) {}, "", OK},
		{"a mounted device is gone", func(c *crond) {
			use := mountinfoOf(c)
			c.host.Remove("vg-data")
			c.host.Write("proc/self/mountinfo", use)
		}, "mounted on /opt/zimbra/store, but its device is gone since", Critical},
		{"a device that was never seen", func(c *crond) {
			c.host.Write("proc/self/mountinfo", mountinfoOf(c)+"99 4 8:99 / /mnt rw - ext4 /dev/sdz9 rw\n")
		}, "mounted on /mnt, but not measured: no device is seen that is 8:99", Warning},
		{"a part of it, in a container", func(c *crond) {
			c.host.Write("proc/self/mountinfo", mountinfoOf(c)+"99 4 8:99 /etc/hosts /etc/hosts rw - ext4 /dev/sdz9 rw\n")
		}, "", OK},
		{"no line in diskstats", func(c *crond) { c.host.Spoil("vg-data", "   8      99 sdz 1 0 0 0 0 0 0 0 0 0 0\n") },
			"dm-1, mounted on /opt/zimbra/store, is not measured: it has no line in diskstats", Warning},
		{"diskstats is empty", func(c *crond) { c.host.Write("proc/diskstats", "") }, nothingSeen, Critical},
	} {
		c := newCrond(t, luns...)
		var said []string
		for minute := range 6 {
			if minute == 2 {
				tt.spoil(c)
			}
			if minute > 2 && tt.name == "diskstats is empty" {
				c.host.Write("proc/diskstats", "")
			}
			for _, n := range c.run(c.host.Up()).News {
				said = append(said, n.What)
			}
			c.host.Pass(time.Minute)
		}
		if tt.what == "" && len(said) != 0 || tt.what != "" && (len(said) != 1 || !strings.HasPrefix(tt.what, said[0])) {
			t.Errorf("%s: said %q", tt.name, said)
		}
		m := c.minutes[5]
		check := Checkup{Now: m.Run.At.Wall, Host: "mailstore", Runs: []series.Run{m.Run}, State: m.State, LUNs: mapper.Stored(m.State.Mapping, "luns"), Slow: func(string) time.Duration { return 0 }}
		worst := Finding{}
		for _, f := range check.Findings() {
			if Compare(f.Severity, worst.Severity) > 0 {
				worst = f
			}
		}
		if worst.Severity != tt.severity || !strings.HasPrefix(worst.What, tt.what) {
			t.Errorf("%s: status says %v: %s", tt.name, worst.Severity, worst.What)
		}
		if tt.severity == Critical && !worst.Since.Equal(c.minutes[2].Run.At.Wall) {
			t.Errorf("%s: since %v", tt.name, worst.Since)
		}
	}
}

func mountinfoOf(c *crond) string {
	text, err := mapper.ReadBounded(c.host.Paths.Proc + "/self/mountinfo")
	if err != nil {
		c.t.Fatal(err)
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
