package collector

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper/hosttest"
)

// A run that can't read something for a moment counts nothing twice and loses
// nothing: what it can't tell apart is left to the next interval, and the ledger
// learns nothing of it.
func TestUnreadForAMoment(t *testing.T) {
	luns := []hosttest.LUN{
		{Name: "vg-root", On: []string{"sda"}, Mount: "/"},
		{Name: "mpatha", WWID: "3600508b4000156d700012000000b0000", On: []string{"sdb", "sdc"}},
		{Name: "vg-data", On: []string{"mpatha"}, Mount: "/opt/zimbra/store"},
		{Kernel: "sdd", Serial: "PLAIN", Mount: "/backup"},
	}
	for _, file := range []string{
		"sys/block/dm-0/dm/uuid", "sys/block/dm-0/dm/name", "sys/block/dm-1/dm/uuid", "sys/block/dm-2/dm/uuid", "sys/block/dm-2/dm/name",
		"sys/block/sdb/device/wwid", "sys/block/sdd/device/vpd_pg80", "sys/block/dm-2/size", "sys/block/dm-2/diskseq",
		"sys/block", "sys/block/dm-2", "sys/block/dm-2/slaves", "sys/block/dm-1/slaves",
		"proc/self/mountinfo", "proc/swaps", "sys/kernel/uevent_seqnum",
	} {
		for _, seq := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s diskseq %v", strings.ReplaceAll(file, "/", "-"), seq), func(t *testing.T) {
				unreadForAMoment(t, luns, file, seq)
			})
		}
	}
}

func unreadForAMoment(t *testing.T, luns []hosttest.LUN, file string, seq bool) {
	c := newCrond(t, luns...)
	c.rules.Layers = "all"
	kernels := []string{"dm-0", "dm-1", "dm-2", "sda", "sdb", "sdc", "sdd"}
	if !seq {
		if strings.HasSuffix(file, "diskseq") {
			t.Skip("it has none")
		}
		for _, k := range kernels {
			c.host.Delete("sys/block/" + k + "/diskseq")
		}
	}
	for minute := range 7 {
		for _, k := range kernels {
			c.host.Do(k, hosttest.IO{Reads: 600, ReadMS: 60})
			if minute == 0 {
				c.host.Do(k, hosttest.IO{Reads: 50_000})
			}
		}
		restore := func() {}
		if minute == 3 {
			c.host.Uevent()
			restore = c.host.Unreadable(file)
		}
		c.host.Pass(time.Minute)
		c.run(c.host.Up())
		restore()
		if m := c.minutes[minute]; minute > 0 && m.Mapped != nil {
			for i := range m.State.Mapping {
				was := c.minutes[minute-1].State.Mapping
				if i >= len(was) || !reflect.DeepEqual(was[i], m.State.Mapping[i]) {
					t.Errorf("minute %d: the ledger learned %+v", minute, m.State.Mapping[i])
				}
			}
		}
	}
	reads, elapsed := map[series.Key]uint64{}, map[series.Key]uint64{}
	for _, m := range c.minutes {
		for _, i := range m.Intervals {
			reads[i.Key] += i.Value(series.ReadIOs)
			elapsed[i.Key] += i.ElapsedMS
			if i.Quality != 0 {
				t.Errorf("an interval of %s is %s", i.Key.ID, i.Quality)
			}
		}
	}
	if len(reads) != len(kernels) {
		t.Errorf("%d series, want %d: %v", len(reads), len(kernels), reads)
	}
	for k, n := range reads {
		if n != 6*600 || elapsed[k] != 6*60_000 {
			t.Errorf("%s: %d reads in %d ms, want 3600 in 360000", k.ID, n, elapsed[k])
		}
	}
}

// A run that knows nothing from before and can't tell a LUN apart leaves it out: under
// a makeshift identity it would be counted twice, if not now then the next time.
func TestUnreadAfterABoot(t *testing.T) {
	for _, file := range []string{"sys/block/dm-0/dm/uuid", "sys/block", "sys/block/sda/device/vpd_pg80"} {
		c := newCrond(t, hosttest.LUN{Name: "vg-root", On: []string{"sda"}, Mount: "/"})
		wall := c.host.Up()
		for minute := range 8 {
			if minute == 4 {
				c.host.Reboot(0)
			}
			restore := func() {}
			if minute == 0 || minute == 4 {
				restore = c.host.Unreadable(file)
			}
			c.host.Do("vg-root", hosttest.IO{Reads: 600})
			c.host.Do("sda", hosttest.IO{Reads: 600})
			c.host.Pass(time.Minute)
			wall += time.Minute
			c.run(wall)
			restore()
		}
		reads := map[series.Key]uint64{}
		for _, m := range c.minutes {
			for _, i := range m.Intervals {
				reads[i.Key] += i.Value(series.ReadIOs)
			}
		}
		if len(reads) != 2 {
			t.Errorf("%s: series %v, want 2", file, reads)
		}
		for k, n := range reads {
			if blind := strings.HasPrefix(string(k.ID), "serial:") == strings.HasSuffix(file, "vpd_pg80"); n != 6*600 && (blind || file == "sys/block" || n != 7*600) {
				t.Errorf("%s: %s has %d reads", file, k.ID, n)
			}
		}
		said := false
		for _, w := range c.minutes[0].Run.Warnings {
			said = said || strings.Contains(w.What, "could not be identified") && strings.Contains(w.Hint, "this minute lacks them")
		}
		if !said {
			t.Errorf("%s: warnings %+v", file, c.minutes[0].Run.Warnings)
		}
	}
}

// What a mapping that comes back half lacks is what it was, for as long as the
// counters go on.
func TestHalfAMapping(t *testing.T) {
	for _, gone := range []string{"sys/block/dm-0", "sys/block/sda", "sys/block/dm-0/dm", "sys/block/dm-0/dm/uuid", "sys/block/sdb/device", "sys/block", "sys"} {
		c := newCrond(t, hosttest.LUN{Name: "vg-root", On: []string{"sda"}, Mount: "/"}, hosttest.LUN{Kernel: "sdb", Serial: "B", Mount: "/b"})
		for _, k := range []string{"dm-0", "sda", "sdb"} {
			c.host.Delete("sys/block/" + k + "/diskseq")
			c.host.Do(k, hosttest.IO{Reads: 50_000})
		}
		for minute := range 6 {
			restore := func() {}
			if minute == 3 {
				c.host.Uevent()
				restore = c.host.Aside(gone)
			}
			for _, k := range []string{"dm-0", "sda", "sdb"} {
				c.host.Do(k, hosttest.IO{Reads: 600})
			}
			c.host.Pass(time.Minute)
			c.run(c.host.Up())
			restore()
			bare := gone != "sys/block/sdb/device" && gone != "sys/block/dm-0/dm/uuid" // else it may be another device
			for i, l := range c.minutes[minute].State.Mapping {
				if was := c.minutes[0].State.Mapping; bare && (i >= len(was) || was[i].ID != l.ID) {
					t.Errorf("%s is away for a run: minute %d knows %s as %s", gone, minute, l.Kernel, l.ID)
				}
			}
		}
		reads := map[series.Key]uint64{}
		for _, m := range c.minutes {
			for _, i := range m.Intervals {
				reads[i.Key] += i.Value(series.ReadIOs)
			}
		}
		for k, n := range reads {
			if n != 5*600 {
				t.Errorf("%s is away for a run: %s has %d reads, want 3000", gone, k.ID, n)
			}
		}
		if len(reads) != 3 {
			t.Errorf("%s is away for a run: %d series: %v", gone, len(reads), reads)
		}
	}
}
