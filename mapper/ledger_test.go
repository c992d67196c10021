package mapper

import (
	"slices"
	"testing"
)

func sample() LUN {
	return LUN{
		Kernel: "dm-13", Dev: DevNo{253, 13}, ID: "LVM-1", UUID: "LVM-1", DMName: "vg-lv", VG: "vg", LV: "lv",
		WWID: "w", Serial: "s", SizeBytes: 1, DiskSeq: 1, Layer: LayerLUN, Role: "mysql", RoleFrom: "name", Label: "l", Group: "g",
		Mounts: []Mount{{Point: "/a"}, {Point: "/b"}}, Slaves: []string{"sda"}, Holders: []string{"dm-14"},
		Paths: []Path{{Kernel: "sda", State: "running"}, {Kernel: "sdb", State: "running"}},
	}
}

func TestChanged(t *testing.T) {
	tests := []struct {
		name   string
		change func(*LUN)
		want   bool
	}{
		{"nothing", func(*LUN) {}, false},
		{"suspended", func(l *LUN) { l.Suspended = true }, false},
		{"iostats", func(l *LUN) { l.StatsOff = true }, false},
		{"diskseq", func(l *LUN) { l.DiskSeq = 2 }, false},
		{"path state", func(l *LUN) { l.Paths[0].State = "offline" }, false},
		{"mounts in another order", func(l *LUN) { slices.Reverse(l.Mounts) }, false},
		{"paths in another order", func(l *LUN) { slices.Reverse(l.Paths) }, false},
		{"kernel name", func(l *LUN) { l.Kernel = "dm-1" }, true},
		{"number", func(l *LUN) { l.Dev.Minor = 1 }, true},
		{"identity", func(l *LUN) { l.ID = "x" }, true},
		{"uuid", func(l *LUN) { l.UUID = "x" }, true},
		{"dm name", func(l *LUN) { l.DMName = "x" }, true},
		{"VG", func(l *LUN) { l.VG = "x" }, true},
		{"LV", func(l *LUN) { l.LV = "x" }, true},
		{"WWID", func(l *LUN) { l.WWID = "x" }, true},
		{"size", func(l *LUN) { l.SizeBytes = 2 }, true},
		{"layer", func(l *LUN) { l.Layer = LayerMap }, true},
		{"role", func(l *LUN) { l.Role = "x" }, true},
		{"label", func(l *LUN) { l.Label = "x" }, true},
		{"group", func(l *LUN) { l.Group = "x" }, true},
		{"colour", func(l *LUN) { l.Colour = "#0072b2" }, true},
		{"limits", func(l *LUN) { l.Limits.FullPercent = 97 }, true},
		{"swap", func(l *LUN) { l.Swap = true }, true},
		{"unmounted", func(l *LUN) { l.Mounts = l.Mounts[:1] }, true},
		{"mounted read-only", func(l *LUN) { l.Mounts[0].RO = true }, true},
		{"one mount twice, the other gone", func(l *LUN) { l.Mounts[1] = l.Mounts[0] }, true},
		{"slaves", func(l *LUN) { l.Slaves = []string{"sdb"} }, true},
		{"holders", func(l *LUN) { l.Holders = nil }, true},
		{"a path lost", func(l *LUN) { l.Paths = l.Paths[1:] }, true},
		{"another path", func(l *LUN) { l.Paths[0].Kernel = "sdc" }, true},
	}
	for _, tt := range tests {
		was, is := sample(), sample()
		tt.change(&is)
		if got := Changed(&was, &is); got != tt.want {
			t.Errorf("%s: changed is %v", tt.name, got)
		}
		if got := Changed(&is, &was); got != tt.want {
			t.Errorf("%s, the other way: changed is %v", tt.name, got)
		}
	}
}

// The ledger also writes whether a path is down, but not which word the kernel has for it.
func TestNoteworthy(t *testing.T) {
	for state, want := range map[string]bool{"running": false, "live": false, "": false, "ghost": false, "offline": true, "transport-offline": true, "blocked": true} {
		was, is := sample(), sample()
		is.Paths[1].State = state
		if Noteworthy(&was, &is) != want || Noteworthy(&is, &was) != want {
			t.Errorf("a path that is %q after running: want %v", state, want)
		}
	}
	was, is := sample(), sample()
	was.Paths[0].State, is.Paths[0].State = "offline", "transport-offline"
	if Noteworthy(&was, &is) {
		t.Error("a path that stays down")
	}
	is.SizeBytes = 2
	if !Noteworthy(&was, &is) {
		t.Error("another size")
	}
}
