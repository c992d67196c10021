package collector

import (
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// A device that had nothing but its name, and then gets a filesystem, is the same
// device: no I/O is lost or counted twice, and the ledger says who it was.
func TestBetterIdentity(t *testing.T) {
	c := newCrond(t, hosttest.LUN{Kernel: "zd0", Serial: " "}, hosttest.LUN{Name: "vg-lv"})
	c.run(time.Minute)
	reads := func(want uint64) {
		t.Helper()
		c.host.Pass(time.Minute)
		c.host.Do("zd0", hosttest.IO{Reads: want})
		c.run(time.Duration(len(c.minutes)+1) * time.Minute)
		i, ok := c.last("zd0")
		if got, _ := i.Get(series.ReadIOs); !ok || got != want {
			t.Errorf("minute %d: %d reads, %v; want %d", len(c.minutes), got, ok, want)
		}
	}
	reads(10)
	c.host.Write("run/udev/data/b8:0", "E:ID_FS_UUID=22\n")
	c.host.Write("sys/kernel/uevent_seqnum", "99999\n")
	reads(20)
	m := c.minutes[len(c.minutes)-1]
	if len(m.Mapped) == 0 {
		t.Error("the ledger was told nothing")
	}
	for _, l := range m.Mapped {
		if l.Kernel == "zd0" && (l.ID != "fsuuid:22" || l.Was != "kernel:zd0") {
			t.Errorf("the ledger says %s, before %s", l.ID, l.Was)
		}
	}
	for _, l := range m.State.Last {
		if l.Key.ID == "kernel:zd0" {
			t.Error("the counters are kept under both identities")
		}
	}
	reads(30)
}

// What an older version left of the devices is not taken for the whole truth.
func TestMappingOfAnOlderVersion(t *testing.T) {
	c := newCrond(t, hosttest.Mail()...)
	c.run(time.Minute)
	for i := range c.state.Mapping {
		l := &c.state.Mapping[i]
		l.Reach, l.ReachFrom, l.SAN = "", "", nil
		if l.Kernel == "vda" {
			l.ID, l.Serial = "kernel:vda", ""
		}
	}
	c.host.Pass(time.Minute)
	c.run(2 * time.Minute)
	for _, l := range c.state.Mapping {
		if l.Reach == "" || l.Kernel == "vda" && (l.ID != "serial:SER-vda" || l.Was != mapper.ID("kernel:vda")) {
			t.Errorf("%s is %s, before %q, reach %q", l.Kernel, l.ID, l.Was, l.Reach)
		}
	}
}
