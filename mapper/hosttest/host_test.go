package hosttest_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

func diskstats(t *testing.T, h *hosttest.Host) string {
	t.Helper()
	text, err := os.ReadFile(h.Paths.Proc + "/diskstats")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func find(t *testing.T, h *hosttest.Host, what string) mapper.LUN {
	t.Helper()
	devs, _, problems := mapper.DevicesAfter(h.Paths, h.Counted(), nil)
	files := mapper.ReadUseFiles(h.Paths)
	use, more := files.Use()
	problems = append(append(problems, more...), mapper.Classify(devs, use, nil)...)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	found, err := mapper.Find(devs, what, mapper.Paths{})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 {
		t.Fatalf("%q is %d devices", what, len(found))
	}
	return found[0]
}

func TestCounters(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	h.Set("dm-13", hosttest.IO{ReadMS: 1<<32 - 1})
	h.Do("zimbra1_sqldb-data", hosttest.IO{Reads: 3, ReadMS: 2, Inflight: 4})
	want := " 253      13 dm-13 3 0 0 1 0 0 0 0 4 0 0 0 0 0 0 0 0\n"
	if got := diskstats(t, h); !strings.Contains(got, want) {
		t.Errorf("the ms don't wrap at 2³²: no %q in\n%s", want, got)
	}
	h.Fields(14)
	if got := diskstats(t, h); !strings.Contains(got, "dm-13 3 0 0 1 0 0 0 0 4 0 0\n") {
		t.Errorf("not 14 fields:\n%s", got)
	}
	h.Spoil("dm-13", "253 13 dm-13 x")
	if got := diskstats(t, h); !strings.Contains(got, "\n253 13 dm-13 x\n") || strings.Contains(got, " 253      13") {
		t.Errorf("not spoilt:\n%s", got)
	}
}

func TestLifeOfALUN(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	before := find(t, h, "zimbra1_sqldb-data")
	h.Do("dm-13", hosttest.IO{Reads: 7})

	h.Renumber()
	is := find(t, h, "zimbra1_sqldb-data")
	if is.Kernel != "dm-0" || is.ID != before.ID || is.DiskSeq != before.DiskSeq {
		t.Errorf("renumbered: %s, %s, seq %d; was %s, seq %d", is.Kernel, is.ID, is.DiskSeq, before.ID, before.DiskSeq)
	}
	if !strings.Contains(diskstats(t, h), "dm-0 7 ") {
		t.Error("the counters did not go with the LUN")
	}

	h.Recreate("zimbra1_sqldb-data")
	if again := find(t, h, "zimbra1_sqldb-data"); again.DiskSeq <= is.DiskSeq || again.ID != is.ID {
		t.Errorf("made again: seq %d, %s; was %d, %s", again.DiskSeq, again.ID, is.DiskSeq, is.ID)
	}
	if strings.Contains(diskstats(t, h), "dm-0 7 ") {
		t.Error("made again, the counters go on")
	}

	h.Replace("zimbra1_sqldb-data")
	if other := find(t, h, "zimbra1_sqldb-data"); other.ID == is.ID || other.Kernel != is.Kernel {
		t.Errorf("replaced: %s, %s", other.Kernel, other.ID)
	}

	h.Remove("zimbra1_sqldb-data")
	if strings.Contains(diskstats(t, h), "dm-0 ") {
		t.Error("removed, it still stands in diskstats")
	}
	h.Return("zimbra1_sqldb-data")
	h.Rename("zimbra1_sqldb-data", "zimbra1_sqldb-new")
	if renamed := find(t, h, "zimbra1_sqldb-new"); renamed.Kernel != "dm-0" || renamed.LV != "new" {
		t.Errorf("renamed: %s, LV %s", renamed.Kernel, renamed.LV)
	}
}

func TestReboot(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	h.Do("dm-13", hosttest.IO{Reads: 7})
	boot, err := os.ReadFile(h.Paths.Proc + "/sys/kernel/random/boot_id")
	if err != nil {
		t.Fatal(err)
	}
	h.Reboot(30 * time.Second)
	h.Pass(1500 * time.Millisecond)
	if strings.Contains(diskstats(t, h), "dm-13 7") {
		t.Error("the counters outlive the reboot")
	}
	if up, err := os.ReadFile(h.Paths.Proc + "/uptime"); err != nil || !strings.HasPrefix(string(up), "31.50 ") {
		t.Errorf("up %q, %v; want 31.50", up, err)
	}
	if again, err := os.ReadFile(h.Paths.Proc + "/sys/kernel/random/boot_id"); err != nil || string(again) == string(boot) {
		t.Errorf("the boot id is still %q, %v", again, err)
	}
}

func TestMultipathAndPartitions(t *testing.T) {
	h := hosttest.New(t,
		hosttest.LUN{Name: "mpatha", WWID: "3600508b400105e210000900000490000", On: []string{"sda", "sdb"}},
		hosttest.LUN{Name: "vg-lv", On: []string{"mpatha"}, Mount: "/srv"},
		hosttest.LUN{Kernel: "sdc"},
		hosttest.LUN{Kernel: "sdc1", On: []string{"sdc"}, Mount: "/"},
	)
	h.State("sdb", "offline")
	m := find(t, h, "mpatha")
	if m.Layer != mapper.LayerMap || len(m.Paths) != 2 || m.Paths[0].State != "running" || m.Paths[1].State != "offline" {
		t.Errorf("mpatha is %s with paths %v", m.Layer, m.Paths)
	}
	if p := find(t, h, "sda"); p.Layer != mapper.LayerPath || p.ID != "naa.600508b400105e210000900000490000@0:0:0:2" {
		t.Errorf("sda is %s, %s", p.Layer, p.ID)
	}
	if l := find(t, h, "/"); l.Kernel != "sdc1" || l.ID != "serial:SER-sdc-part1" {
		t.Errorf("/ is %s, %s", l.Kernel, l.ID)
	}
	if _, ok := mapper.UeventSeq(h.Paths); !ok {
		t.Error("no count of uevents")
	}
}
