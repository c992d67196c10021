package mapper_test

import (
	"slices"
	"strings"
	"testing"

	"lunstat/mapper"
)

// The layer of each device of a host with every layer, and VG and LV as LVM has them.
func TestOddStack(t *testing.T) {
	h := captured(t, "odd-stack/before")
	tests := []struct {
		name   string
		layer  mapper.Layer
		vg, lv string
	}{
		{"vgraid-mail_store_1", mapper.LayerLUN, "vgraid", "mail_store_1"},
		{"vgraid-mail_store_1_rimage_0", mapper.LayerHidden, "vgraid", "mail_store_1_rimage_0"},
		{"vgraid-mail_store_1_rmeta_1", mapper.LayerHidden, "vgraid", "mail_store_1_rmeta_1"},
		{"vgraid-old_mirror", mapper.LayerLUN, "vgraid", "old_mirror"},
		{"vgraid-old_mirror_mimage_0", mapper.LayerHidden, "vgraid", "old_mirror_mimage_0"},
		{"vgraid-stripe.d", mapper.LayerLUN, "vgraid", "stripe.d"},
		{"vgthin-thin_mail", mapper.LayerLUN, "vgthin", "thin_mail"},
		{"vgthin-thin_snap", mapper.LayerLUN, "vgthin", "thin_snap"},
		{"vgthin-pool0", mapper.LayerHidden, "vgthin", "pool0"},
		{"vgthin-pool0-tpool", mapper.LayerHidden, "vgthin", "pool0"},
		{"vgthin-pool0_tdata", mapper.LayerHidden, "vgthin", "pool0_tdata"},
		{"vgthin-pool0_tmeta", mapper.LayerHidden, "vgthin", "pool0_tmeta"},
		{"vgthin-plain", mapper.LayerLUN, "vgthin", "plain"},
		{"vgthin-plain-real", mapper.LayerHidden, "vgthin", "plain"},
		{"vgthin-plain--snap", mapper.LayerLUN, "vgthin", "plain-snap"},
		{"vgthin-plain--snap-cow", mapper.LayerHidden, "vgthin", "plain-snap"},
		{"vg--a.b+c-trap--real", mapper.LayerLUN, "vg-a.b+c", "trap-real"},
		{"vg--a.b+c-trap--cow", mapper.LayerLUN, "vg-a.b+c", "trap-cow"},
		{"vg--a.b+c-d----e_f+g.h", mapper.LayerLUN, "vg-a.b+c", "d--e_f+g.h"},
		{"vg-lv-extra", mapper.LayerLUN, "", ""},
		{"crypt_mail", mapper.LayerLUN, "", ""},
		{"vgthin-secret", mapper.LayerHidden, "vgthin", "secret"},
		{"vgmd-deep", mapper.LayerLUN, "vgmd", "deep"},
		{"md0", mapper.LayerDisk, "", ""},
		{"vgthin-md_a", mapper.LayerHidden, "vgthin", "md_a"},
		{"360060160ade32800", mapper.LayerMap, "", ""},
		{"mpatha", mapper.LayerMap, "", ""},
		{"mpatha-part1", mapper.LayerLUN, "", ""},
		{"mpatha-part2", mapper.LayerLUN, "", ""}, // nothing holds it
		{"sdb", mapper.LayerDisk, "", ""},
		{"sdb1", mapper.LayerLUN, "", ""},
		{"sdb2", mapper.LayerPart, "", ""},
		{"sde", mapper.LayerPath, "", ""},
		{"nvme0n1", mapper.LayerDisk, "", ""},
		{"nvme0c0n1", mapper.LayerPath, "", ""},
		{"nvme0c1n1", mapper.LayerPath, "", ""},
		{"on_loop", mapper.LayerLUN, "", ""},
		{"loop0", mapper.LayerOther, "", ""},
		{"docker-253:1-1051828-pool", mapper.LayerLUN, "", ""},
		{"253:13", mapper.LayerLUN, "", ""},
		{"high", mapper.LayerLUN, "", ""},
		{"stalled", mapper.LayerLUN, "", ""},
		{"stall", mapper.LayerHidden, "", ""},
		{"zimbra1_sqldb-data", mapper.LayerLUN, "zimbra1_sqldb", "data"},
	}
	for _, tt := range tests {
		l := h.byName(tt.name)
		if l.Layer != tt.layer || l.VG != tt.vg || l.LV != tt.lv {
			t.Errorf("%s is %s, VG %q, LV %q; want %s, %q, %q", tt.name, l.Layer, l.VG, l.LV, tt.layer, tt.vg, tt.lv)
		}
	}
	if l := h.byName("high"); l.Dev != (mapper.DevNo{Major: 253, Minor: 496}) {
		t.Errorf("high is %s", l.Dev)
	}
	if l := h.byName("susp"); !l.Suspended {
		t.Error("susp is not suspended")
	}
	if !h.byName("sdb").StatsOff || h.byName("sde").StatsOff {
		t.Error("iostats are off on sdb, on on sde; we say otherwise")
	}
	if l := h.byName("crypt_mail"); l.Group != "vgthin" {
		t.Errorf("what is encrypted on an LV is in group %q, want its VG", l.Group)
	}
}

func TestOddStackIdentities(t *testing.T) {
	h := captured(t, "odd-stack/before")
	for name, id := range map[string]mapper.ID{
		"slow":      "name:slow",
		"loop0":     "kernel:loop0",
		"vda":       "serial:sysvg",
		"sdb2":      "serial:parted9-part2",
		"sde":       "naa.60060160ade32800@1:0:0:7",
		"nvme0c1n1": "nvme.1b36-4e56303030303031-51454d55204e564d65204374726c-00000001@c1",
		"mpatha":    "mpath-3600508b400105e210000900000490000",
	} {
		if l := h.byName(name); l.ID != id {
			t.Errorf("%s is %q, want %q", name, l.ID, id)
		}
	}
	if disk, way := h.byName("sdb"), h.byName("sde"); disk.HCTL != "0:0:0:9" || way.HCTL != "" || !mapper.Matches(h.devs, "lun:9") {
		t.Errorf("the disk's address is %q, and a path's %q, which its map has", disk.HCTL, way.HCTL)
	}
	seen := map[mapper.ID]string{}
	for _, l := range h.devs {
		if other, twice := seen[l.ID]; twice {
			t.Errorf("%s and %s are both %s", other, l.Kernel, l.ID)
		}
		seen[l.ID] = l.Kernel
	}
}

func TestOddStackMounts(t *testing.T) {
	h := captured(t, "odd-stack/before")
	if m := h.byName("vgthin-tree").Mounts; len(m) != 1 || m[0].Point != "/srv/btrfs" {
		t.Errorf("btrfs, found by its source, is mounted on %+v", m)
	}
	if m := h.byName("vgnvme-fast").Mounted(); m != "/srv/with space\tand tab" {
		t.Errorf("mounted on %q", m)
	}
	if l := h.byName("vgthin-plain"); l.Mounted() != "" || len(l.Mounts) != 1 || !l.Mounts[0].Hidden {
		t.Errorf("the lower of two filesystems on one point: %+v", l.Mounts)
	}
	if l := h.byName("vgthin-plain--snap"); l.Mounted() != "/srv/over" {
		t.Errorf("the upper of two filesystems on one point: %+v", l.Mounts)
	}
	index := h.byName("zimbra1_index-index")
	if len(index.Mounts) != 2 || index.Mounts[0].RO || !index.Mounts[1].RO {
		t.Errorf("a read-only bind: %+v", index.Mounts)
	}
	store := h.byName("zimbra1_primary-store")
	if len(store.Mounts) != 2 || store.Mounts[1].Root != "/sub" || store.Label != "Primary store" {
		t.Errorf("a bind of a folder: %+v, %q", store.Mounts, store.Label)
	}
}

func TestOddStackChanges(t *testing.T) {
	before, after := captured(t, "odd-stack/before"), captured(t, "odd-stack/after")
	d := mapper.Changes(before.devs, after.devs)
	names := func(luns []mapper.LUN) (names []string) {
		for _, l := range luns {
			names = append(names, l.Name())
		}
		slices.Sort(names)
		return names
	}
	if got, want := strings.Join(names(d.Gone), " "), `dm-8 sdf vgnvme-fast with\x20space`; got != want {
		t.Errorf("gone: %s\nwant: %s", got, want)
	}
	if got, want := strings.Join(names(d.Added), " "), `new_in_its_place vgnvme-fast vgthin-thin_snap2 with\x20other\x20space`; got != want {
		t.Errorf("added: %s\nwant: %s", got, want)
	}
	changed := map[string]mapper.LUN{}
	for _, c := range d.Changed {
		changed[c.Was.Name()] = c.Is
	}
	if is := changed["vgraid-stripe.d"]; is.DMName != "vgraid-stripe_renamed" {
		t.Errorf("stripe.d is now %q", is.DMName)
	}
	if is := changed["backup_vg-daily_set"]; is.SizeBytes != 96<<20 {
		t.Errorf("daily_set has %d bytes", is.SizeBytes)
	}
	if is := changed["vgmd-deep"]; is.Mounted() == "" {
		t.Error("deep got no mount")
	}
	if is := changed["mpatha"]; len(is.Paths) != 1 {
		t.Errorf("mpatha has paths %v", is.Paths)
	}
	for _, same := range []string{"zimbra1_redo-redo", "susp", "360060160ade32800"} {
		if is, ok := changed[same]; ok {
			t.Errorf("%s has not changed for the ledger: %+v", same, is)
		}
	}
	for _, p := range after.byName("360060160ade32800").Paths {
		if want := map[string]string{"sda": "offline", "sde": "running"}[p.Kernel]; p.State != want {
			t.Errorf("path %s is %s, want %s", p.Kernel, p.State, want)
		}
	}
}

func TestRenumberedAndRebooted(t *testing.T) {
	was := captured(t, "mail-renumber/before")
	for _, snapshot := range []string{"mail-renumber/after", "mail-rebooted/idle"} {
		is := captured(t, snapshot)
		d := mapper.Changes(was.devs, is.devs)
		if len(d.Gone)+len(d.Added) > 0 {
			t.Errorf("%s: gone %v, added %v: the identities do not hold", snapshot, d.Gone, d.Added)
		}
		moved := 0
		for _, c := range d.Changed {
			if c.Was.Dev != c.Is.Dev {
				moved++
			}
		}
		if moved < 6 {
			t.Errorf("%s: %d LUNs have other numbers", snapshot, moved)
		}
	}
}
