package collector

import (
	"testing"
	"time"

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
		name  string
		spoil func(*crond)
		what  string
		lost  bool
	}{
		{"nothing", func(*crond) {}, "", false},
		{"a mounted device is gone", func(c *crond) {
			use := mountinfoOf(c)
			c.host.Remove("vg-data")
			c.host.Write("proc/self/mountinfo", use)
		}, "mounted on /opt/zimbra/store, but its device is gone", true},
		{"a device that was never seen", func(c *crond) {
			c.host.Write("proc/self/mountinfo", mountinfoOf(c)+"99 4 8:99 / /mnt rw - ext4 /dev/sdz9 rw\n")
		}, "mounted on /mnt, but not measured: no device is seen that is 8:99", false},
		{"a part of it, in a container", func(c *crond) {
			c.host.Write("proc/self/mountinfo", mountinfoOf(c)+"99 4 8:99 /etc/hosts /etc/hosts rw - ext4 /dev/sdz9 rw\n")
		}, "", false},
		{"no line in diskstats", func(c *crond) { c.host.Spoil("vg-data", "   8      99 sdz 1 0 0 0 0 0 0 0 0 0 0\n") },
			"dm-1, mounted on /opt/zimbra/store, is not measured: it has no line in diskstats", false},
		{"diskstats is empty", func(c *crond) { c.host.Write("proc/diskstats", "") }, NothingMeasured, true},
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
		if tt.what == "" && len(said) != 0 || tt.what != "" && (len(said) != 1 || said[0] != tt.what) {
			t.Errorf("%s: said %q", tt.name, said)
		}
		for _, condition := range c.minutes[5].State.Conditions {
			if IsLost(condition.What) != tt.lost || !condition.Since.Equal(c.minutes[2].Run.At.Wall) {
				t.Errorf("%s: lost %v, since %v: %s", tt.name, IsLost(condition.What), condition.Since, condition.What)
			}
		}
		if got := len(c.minutes[5].State.Conditions); got != len(said) {
			t.Errorf("%s: %d conditions, %q said", tt.name, got, said)
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
