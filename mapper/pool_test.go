package mapper_test

import (
	"slices"
	"testing"

	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// root is a volume of LVM: on a host with device-mapper a bare disk isn't a LUN by
// itself.
func root(more ...hosttest.LUN) []hosttest.LUN {
	return append([]hosttest.LUN{{Name: "vg-root", On: []string{"sda"}, Mount: "/"}}, more...)
}

func udev(props ...string) []string { return props }

// What stores data is a LUN, though the kernel knows nobody who holds it.
func TestPoolMembers(t *testing.T) {
	zfs := udev("ID_FS_TYPE=zfs_member", "ID_FS_LABEL=tank", "ID_FS_UUID=11")
	tests := []struct {
		name string
		luns []hosttest.LUN
		want map[string]mapper.Layer
	}{
		{"ZFS on whole disks", []hosttest.LUN{{Kernel: "sdb", Udev: zfs}, {Kernel: "sdc", Udev: zfs}},
			map[string]mapper.Layer{"sda": "disk", "sdb": "lun", "sdc": "lun"}},
		{"ZFS makes partitions of the disks that it is given", []hosttest.LUN{
			{Kernel: "sdb", Udev: zfs}, {Kernel: "sdb1", On: []string{"sdb"}, Udev: zfs}, {Kernel: "sdb9", On: []string{"sdb"}, SizeMB: 8}},
			map[string]mapper.Layer{"sdb": "lun", "sdb1": "part", "sdb9": "part"}},
		{"ZFS on a partition beside others", []hosttest.LUN{
			{Kernel: "sdb", Udev: zfs}, {Kernel: "sdb1", On: []string{"sdb"}, Mount: "/boot"}, {Kernel: "sdb2", On: []string{"sdb"}, Udev: zfs}},
			map[string]mapper.Layer{"sdb": "disk", "sdb1": "lun", "sdb2": "lun"}},
		{"ZFS on a partition that the disk doesn't show", []hosttest.LUN{
			{Kernel: "sdb", Udev: udev("ID_PART_TABLE_TYPE=gpt")}, {Kernel: "sdb1", On: []string{"sdb"}, SizeMB: 1}, {Kernel: "sdb3", On: []string{"sdb"}, Udev: zfs}},
			map[string]mapper.Layer{"sdb": "disk", "sdb1": "part", "sdb3": "lun"}},
		{"two pools on one disk", []hosttest.LUN{
			{Kernel: "sdb", Udev: zfs}, {Kernel: "sdb1", On: []string{"sdb"}, Udev: zfs}, {Kernel: "sdb2", On: []string{"sdb"}, Udev: udev("ID_FS_TYPE=oracleasm")}},
			map[string]mapper.Layer{"sdb": "disk", "sdb1": "lun", "sdb2": "lun"}},
		{"the others' members", []hosttest.LUN{
			{Kernel: "sdb", Udev: udev("ID_FS_TYPE=btrfs")}, {Kernel: "sdc", Udev: udev("ID_FS_TYPE=bcachefs")},
			{Kernel: "sdd", Udev: udev("ID_FS_TYPE=oracleasm", "ID_FS_LABEL=DATA01")}, {Kernel: "sde", Udev: udev("ID_FS_TYPE=ceph_bluestore")},
			{Kernel: "nvme0n1", Udev: zfs}, {Kernel: "vdb", Udev: zfs}},
			map[string]mapper.Layer{"sdb": "lun", "sdc": "lun", "sdd": "lun", "sde": "lun", "nvme0n1": "lun", "vdb": "lun"}},
		{"what wants a device above it", []hosttest.LUN{
			{Kernel: "sdb", Udev: udev("ID_FS_TYPE=LVM2_member", "ID_FS_USAGE=raid")}, {Kernel: "sdc", Udev: udev("ID_FS_TYPE=linux_raid_member", "ID_FS_USAGE=raid")},
			{Kernel: "sdd", Udev: udev("ID_FS_TYPE=crypto_LUKS", "ID_FS_USAGE=crypto")}},
			map[string]mapper.Layer{"sdb": "disk", "sdc": "disk", "sdd": "disk"}},
		{"a member that LVM took", []hosttest.LUN{{Kernel: "sdb", Udev: zfs}, {Name: "vg-lv", On: []string{"sdb"}}},
			map[string]mapper.Layer{"sdb": "disk", "vg-lv": "lun"}},
		{"paths of a map", []hosttest.LUN{
			{Name: "mpatha", WWID: "3600508b400105e210000900000490000", On: []string{"sdb", "sdc"}},
			{Kernel: "sdb", WWID: "3600508b400105e210000900000490000", Udev: zfs}, {Kernel: "sdc", WWID: "3600508b400105e210000900000490000", Udev: zfs}},
			map[string]mapper.Layer{"mpatha": "lun", "sdb": "path", "sdc": "path"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			luns, problems := made(t, hosttest.New(t, root(tt.luns...)...))
			if len(problems) > 0 {
				t.Error(problems)
			}
			for name, want := range tt.want {
				if got := luns[name].Layer; got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

// A filesystem that has several devices is mounted on all of them, whichever of them its
// source names, and a dataset of ZFS is on the disks of its pool.
func TestPoolMounts(t *testing.T) {
	h := hosttest.New(t, root(
		hosttest.LUN{Kernel: "sdb"}, hosttest.LUN{Kernel: "sdc"},
		hosttest.LUN{Kernel: "sdd", Udev: udev("ID_FS_TYPE=btrfs", "ID_FS_UUID=77")}, hosttest.LUN{Kernel: "sde", Udev: udev("ID_FS_TYPE=btrfs", "ID_FS_UUID=77")},
		hosttest.LUN{Kernel: "sdf", Udev: udev("ID_FS_TYPE=btrfs", "ID_FS_UUID=88")},
		hosttest.LUN{Kernel: "sdg", Udev: udev("ID_FS_TYPE=zfs_member", "ID_FS_LABEL=tank")}, hosttest.LUN{Kernel: "sdh", Udev: udev("ID_FS_TYPE=zfs_member", "ID_FS_LABEL=dozer")},
		hosttest.LUN{Kernel: "sdi"}, hosttest.LUN{Kernel: "sdj"}, hosttest.LUN{Kernel: "sdk"}, hosttest.LUN{Kernel: "sdl"},
	)...)
	h.Write("dev/disk/by-path/pci-0:1", "../../sdk") // links, as a capture has them
	h.Write("dev/disk/by-path/pci-0:2", "../../sdl")
	const uuid = "0c3fe72b-1d1c-4b4e-9d2a-7b3f5f4e2a11"
	h.Write("sys/fs/btrfs/features/x", "")
	h.Write("sys/fs/btrfs/"+uuid+"/label", "mail\n")
	h.Write("sys/fs/btrfs/"+uuid+"/devices/sdi/dev", "")
	h.Write("sys/fs/btrfs/"+uuid+"/devices/sdj/dev", "")
	h.Write("proc/self/mountinfo", "4 1 253:0 / / rw - ext4 /dev/mapper/vg-root rw\n"+
		"5 4 0:45 / /pool rw - bcachefs /dev/sdb:/dev/sdc rw\n"+
		"6 4 0:46 / /tree rw - btrfs /dev/sdd rw\n"+
		"7 4 0:47 / /srv/mail rw - zfs tank/mail rw\n"+
		"8 4 0:48 / /mail rw - btrfs /dev/sdj rw\n"+
		"9 4 0:49 / /links rw - bcachefs /dev/disk/by-path/pci-0:1:/dev/disk/by-path/pci-0:2 rw\n"+
		"10 4 0:50 / /lost rw - btrfs /dev/disk/by-path/pci-0:3 rw\n")
	devs, problems := mapper.Host(h.Paths, h.Counted(), nil)
	if len(problems) > 0 {
		t.Error(problems)
	}
	for what, want := range map[string]string{
		"/pool/mail/1": "sdb sdc", "/tree": "sdd sde", "/srv/mail/x": "sdg", "/mail/x": "sdi sdj", "/x": "dm-0",
		"/links/x": "sdk sdl", "tank": "sdg",
	} {
		if found, err := mapper.Find(devs, what, h.Paths); err != nil || kernels(found) != want {
			t.Errorf("%s is on %q, %v; want %q", what, kernels(found), err, want)
		}
	}
	use, _ := mapper.ReadUse(h.Paths)
	if orphans := use.Orphans(devs); len(orphans) > 0 {
		t.Errorf("of a link that is not there nobody knows whether the device is gone: %+v", orphans)
	}
	labels := map[string]string{}
	for _, l := range devs {
		labels[l.Kernel] = l.Label
	}
	for kernel, want := range map[string]string{"sdb": "/pool (sdb)", "sdg": "ZFS pool tank", "sdf": "btrfs", "sdi": "/mail (sdi)"} {
		if labels[kernel] != want {
			t.Errorf("%s is called %q, want %q", kernel, labels[kernel], want)
		}
	}
}

// A bare disk that is written to holds a raw database; one that nobody writes to is
// a spare one. Once written to it stays what it is over a reboot.
func TestRawDisks(t *testing.T) {
	h := hosttest.New(t, root(
		hosttest.LUN{Kernel: "sdb"}, hosttest.LUN{Kernel: "sdc"}, hosttest.LUN{Kernel: "sdd", Udev: udev("ID_PART_TABLE_TYPE=gpt")},
		hosttest.LUN{Kernel: "sde", Udev: udev("ID_FS_TYPE=LVM2_member", "ID_FS_USAGE=raid")},
		hosttest.LUN{Kernel: "sdf"}, hosttest.LUN{Kernel: "sdf1", On: []string{"sdf"}}, hosttest.LUN{Kernel: "sdf2", On: []string{"sdf"}, SizeMB: 1},
		hosttest.LUN{Kernel: "sdg", Udev: udev("ID_FS_TYPE=ext4", "ID_FS_USAGE=filesystem")},
	)...)
	seen := h.Counted()
	for i := range seen {
		seen[i].Written = seen[i].Kernel != "sdc"
	}
	layers := func(devs []mapper.LUN) (luns []string) {
		use, _ := mapper.ReadUse(h.Paths)
		mapper.Classify(devs, use, nil)
		for _, l := range mapper.Stored(devs, "luns") {
			luns = append(luns, l.Kernel)
		}
		return luns
	}
	want := []string{"dm-0", "sdb", "sdf1"}
	devs, _ := mapper.Devices(h.Paths, seen)
	if got := layers(devs); !slices.Equal(got, want) {
		t.Errorf("the LUNs are %q, want %q", got, want)
	}
	later, _ := mapper.Devices(h.Paths, h.Counted())
	mapper.MarkWritten(later, h.Counted(), devs)
	if got := layers(later); !slices.Equal(got, want) {
		t.Errorf("after a reboot the LUNs are %q, want %q", got, want)
	}
}

// A vendor's pseudo-device is above the paths that have its WWID.
func TestPseudoDevices(t *testing.T) {
	const wwid, other = "360060160ade32800f2e3baf47665e211", "360060160ade32800f2e3baf47665e212"
	for _, pseudo := range []string{"emcpowera", "sddlmad", "vpatha", "VxDMP1", "ultrapatha", "unheardof0"} {
		t.Run(pseudo, func(t *testing.T) {
			h := hosttest.New(t, root(
				hosttest.LUN{Kernel: pseudo, WWID: wwid}, hosttest.LUN{Kernel: "sdb", WWID: wwid}, hosttest.LUN{Kernel: "sdc", WWID: wwid},
				hosttest.LUN{Kernel: "sdd", WWID: other},
			)...)
			seen := h.Counted()
			for i := range seen {
				seen[i].Written = true
			}
			devs, problems := mapper.Host(h.Paths, seen, nil)
			if len(problems) > 0 {
				t.Error(problems)
			}
			byName := map[string]mapper.LUN{}
			ids := map[mapper.ID]bool{}
			for _, l := range devs {
				byName[l.Kernel] = l
				if ids[l.ID] {
					t.Errorf("two have the identity %s", l.ID)
				}
				ids[l.ID] = true
			}
			for kernel, want := range map[string]mapper.Layer{pseudo: "lun", "sdb": "path", "sdc": "path", "sdd": "lun"} {
				if got := byName[kernel].Layer; got != want {
					t.Errorf("%s is %q, want %q", kernel, got, want)
				}
			}
			l := byName[pseudo]
			if len(l.Paths) != 2 || !slices.Equal(l.Slaves, []string{"sdb", "sdc"}) || !slices.Equal(byName["sdb"].Holders, []string{pseudo}) {
				t.Errorf("%s has paths %v and stands on %v; sdb holds up %v", pseudo, l.Paths, l.Slaves, byName["sdb"].Holders)
			}
		})
	}
}

// What is on a pseudo-device, and what its paths show of its contents.
func TestPseudoDevicesInUse(t *testing.T) {
	const wwid = "360060160ade32800f2e3baf47665e211"
	asm := udev("ID_FS_TYPE=oracleasm")
	tests := []struct {
		name string
		luns []hosttest.LUN
		want map[string]mapper.Layer
	}{
		{"LVM", []hosttest.LUN{{Kernel: "emcpowera", WWID: wwid}, {Kernel: "sdb", WWID: wwid}, {Name: "vg-lv", On: []string{"emcpowera"}}},
			map[string]mapper.Layer{"vg-lv": "lun", "emcpowera": "map", "sdb": "path"}},
		{"a partition", []hosttest.LUN{{Kernel: "emcpowera", WWID: wwid}, {Kernel: "emcpowera1", On: []string{"emcpowera"}, Mount: "/srv"},
			{Kernel: "sdb", WWID: wwid}, {Kernel: "sdb1", On: []string{"sdb"}}},
			map[string]mapper.Layer{"emcpowera1": "lun", "emcpowera": "map", "sdb": "path", "sdb1": "part"}},
		{"ASM", []hosttest.LUN{{Kernel: "emcpowera", WWID: wwid}, {Kernel: "emcpowera1", On: []string{"emcpowera"}, Udev: asm},
			{Kernel: "sdb", WWID: wwid}, {Kernel: "sdb1", On: []string{"sdb"}, Udev: asm}},
			map[string]mapper.Layer{"emcpowera1": "lun", "emcpowera": "map", "sdb": "path", "sdb1": "part"}},
		{"udev takes the WWID for a serial", []hosttest.LUN{{Kernel: "emcpowera", Serial: wwid}, {Kernel: "sdb", WWID: wwid}},
			map[string]mapper.Layer{"emcpowera": "lun", "sdb": "path"}},
		{"no WWID", []hosttest.LUN{{Kernel: "emcpowera"}, {Kernel: "sdb", WWID: wwid}, {Kernel: "sdc", WWID: wwid}, {Kernel: "sdd", SizeMB: 7}},
			map[string]mapper.Layer{"emcpowera": "lun", "sdb": "disk", "sdc": "disk", "sdd": "lun"}},
		{"VxVM took it", []hosttest.LUN{{Kernel: "VxDMP1", WWID: wwid}, {Kernel: "VxVM3000", Mount: "/srv"}, {Kernel: "sdb", WWID: wwid}},
			map[string]mapper.Layer{"VxDMP1": "map", "VxVM3000": "lun", "sdb": "path"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := hosttest.New(t, root(tt.luns...)...)
			seen := h.Counted()
			for i := range seen {
				seen[i].Written = true
			}
			devs, _ := mapper.Host(h.Paths, seen, nil)
			for _, l := range devs {
				if want, ok := tt.want[l.Name()]; ok && l.Layer != want {
					t.Errorf("%s is %q, want %q", l.Name(), l.Layer, want)
				}
			}
		})
	}
}

// A capture that lacks the folder "slaves": the map finds its paths by the WWID.
func TestMapWithoutSlaves(t *testing.T) {
	const wwid = "360060160ade32800f2e3baf47665e211"
	h := hosttest.New(t, root(hosttest.LUN{Name: "mpatha", WWID: wwid, On: []string{"sdb", "sdc"}}, hosttest.LUN{Name: "vg-lv", On: []string{"mpatha"}})...)
	h.Delete("sys/block/dm-1/slaves")
	luns, _ := made(t, h)
	m := luns["mpatha"]
	if len(m.Paths) != 2 || !slices.Equal(m.Slaves, []string{"sdb", "sdc"}) {
		t.Errorf("mpatha has paths %v and stands on %v", m.Paths, m.Slaves)
	}
	for _, kernel := range []string{"sdb", "sdc"} {
		if l := luns[kernel]; l.Layer != mapper.LayerPath || !slices.Equal(l.Holders, []string{"dm-1"}) {
			t.Errorf("%s is %q and holds up %v", kernel, l.Layer, l.Holders)
		}
	}
}

// A degraded bcachefs names fewer members than it has; sysfs has them all.
func TestBcachefsInSysfs(t *testing.T) {
	h := hosttest.New(t, root(hosttest.LUN{Kernel: "sdb"}, hosttest.LUN{Kernel: "sdc"}, hosttest.LUN{Kernel: "sdd"}, hosttest.LUN{Kernel: "sdd1", On: []string{"sdd"}})...)
	const fs = "sys/fs/bcachefs/0c3fe72b-1d1c-4b4e-9d2a-7b3f5f4e2a11/"
	h.Write(fs+"dev-0/block", "../../../../devices/virtual/block/sdb")
	h.Write(fs+"dev-1/block", "../../../../devices/virtual/block/sdc")
	h.Write(fs+"dev-2/block", "../../../../devices/virtual/block/sdd/sdd1")
	h.Write(fs+"options/x", "")
	h.Write("proc/self/mountinfo", "4 1 253:0 / / rw - ext4 /dev/mapper/vg-root rw\n5 4 0:45 / /pool rw - bcachefs /dev/sdb rw\n")
	devs, _ := mapper.Host(h.Paths, h.Counted(), nil)
	if found, err := mapper.Find(devs, "/pool/x", h.Paths); err != nil || kernels(found) != "sdb sdc sdd1" {
		t.Errorf("/pool/x is on %q, %v", kernels(found), err)
	}
	if got := kernels(mapper.Stored(devs, "luns")); got != "dm-0 sdb sdc sdd1" {
		t.Errorf("the LUNs are %q", got)
	}
}
