package mapper

import (
	"slices"
	"strings"
	"testing"
)

func TestSANWWID(t *testing.T) {
	for _, tt := range []struct {
		wwid, plain string
		ok          bool
	}{
		{"naa.600508b400105e210000900000490000", "3600508b400105e210000900000490000", true},
		{"3600508b400105e210000900000490000", "3600508b400105e210000900000490000", true},
		{"0x5000c500a1b2c3d4", "35000c500a1b2c3d4", true},
		{"60:06:01:60:0F:10:20:30:40:50:60:70:80:90:A0:B0", "3600601600f102030405060708090a0b0", true},
		{"eui.002538b471b0a0f2", "2002538b471b0a0f2", true},
		{"uuid.6f4b0d3a-0a8e-4c53-9a1b-0123456789ab", "uuid.6f4b0d3a-0a8e-4c53-9a1b-0123456789ab", true},
		{"t10.LIO-ORG data1:6f4b0d3a", "1lio-org data1:6f4b0d3a", true},
		{"1IET_00010001", "1iet_00010001", true},
		{"naa.0000000000000000", "30000000000000000", false},
		{"eui.0000000000000000", "20000000000000000", false},
		{"uuid.00000000-0000-0000-0000-000000000000", "uuid.00000000-0000-0000-0000-000000000000", false},
		{"t10.ATA     QEMU HARDDISK                           QM00001", "1ata     qemu harddisk                           qm00001", false},
		{"t10.        NOVENDOR", "1        novendor", false},
		{"t10.QEMU    QEMU HARDDISK   drive-scsi0", "1qemu    qemu harddisk   drive-scsi0", false},
		{"0QEMU_QEMU_HARDDISK_drive-scsi0", "0qemu_qemu_harddisk_drive-scsi0", false},
		{"SVendor_Model_serial", "svendor_model_serial", false},
		{"nvme.1b36-6465616462656566-51454d55-00000001", "nvme.1b36-6465616462656566-51454d55-00000001", false},
		{"md-uuid-1:2:3:4", "md-uuid-1:2:3:4", false},
		{"3600 is no hex", "3600 is no hex", false},
		{"3", "3", false},
		{"", "", false},
	} {
		plain, ok := SANWWID(tt.wwid)
		if plain != tt.plain || ok != tt.ok {
			t.Errorf("%q: %q, %v; want %q, %v", tt.wwid, plain, ok, tt.plain, tt.ok)
		}
	}
}

// TestReach: how far the identity of each device of a stack is unique.
func TestReach(t *testing.T) {
	const san, san2 = "naa.600508b400105e210000900000490000", "naa.600508b400105e210000900000490001"
	const a, b = "3600508b400105e210000900000490000", "3600508b400105e210000900000490001"
	disk := func(kernel, wwid, serial string, on ...string) LUN {
		l := LUN{Kernel: kernel, WWID: wwid, Serial: serial, Slaves: on}
		l.ID = identity(&l)
		return l
	}
	dm := func(kernel, name, uuid string, on ...string) LUN {
		l := LUN{Kernel: kernel, DMName: name, UUID: uuid, Slaves: on, WWID: mapWWID(uuid)}
		l.ID = identity(&l)
		return l
	}
	path, part, twin := disk("sdp", san, ""), disk("sda1", "", "", "sda"), dm("dm-11", "vg-twin", "LVM-1", "dm-0")
	path.ID += "@0:0:1:7"
	part.ID = ID(san + "-part1")
	twin.ID += "#dm-11"
	devs := []LUN{
		disk("sda", san, ""), part, path, disk("sdb", san2, ""),
		disk("sdc", "", "drive-scsi0"), disk("sdd", "0QEMU_QEMU_HARDDISK_drive-scsi0", ""), disk("vda", "", ""),
		dm("dm-0", "mpatha", "mpath-"+a, "sdp"), dm("dm-1", "mpathb", "mpath-0QEMU_QEMU_HARDDISK_drive-scsi0", "sdd"),
		dm("dm-2", "vg-lv", "LVM-2", "dm-0", "sdb"), dm("dm-3", "vg-mixed", "LVM-3", "dm-0", "sdc"), dm("dm-4", "vg-vda", "LVM-4", "vda"),
		dm("dm-5", "crypt", "CRYPT-LUKS2-5", "dm-2"), dm("dm-6", "slow", "", "sda"), dm("dm-7", "vg-part", "LVM-7", "sda1"),
		dm("dm-8", "vg-lost", "LVM-8", "sdz"), dm("dm-9", "vg-missing", "LVM-9"), dm("dm-10", "vg-onpool", "LVM-10", "dm-2"), twin,
		disk("md0", "md-uuid-1", "", "sda", "sdb"), disk("md1", "md-uuid-2", "", "sdc", "sdd"), dm("dm-12", "vg-onmd", "LVM-12", "md0"),
		dm("dm-13", "vg-named", "LVM-13", "vda"), dm("dm-20", "ring1", "LVM-20", "dm-21"), dm("dm-21", "ring2", "LVM-21", "dm-20"),
	}
	if problems := Classify(devs, Use{}, []Rule{{Match: "vg-named", Shared: true}, {Match: "vg-named", Label: "x"}}); len(problems) > 0 {
		t.Fatal(problems)
	}
	want := map[string]struct {
		reach Reach
		san   string
	}{
		"sda": {ReachGlobal, a}, "sda1": {ReachGlobal, a}, "sdp": {ReachHost, ""}, "sdb": {ReachGlobal, b},
		"sdc": {ReachHost, ""}, "sdd": {ReachHost, ""}, "vda": {ReachHost, ""},
		"dm-0": {ReachGlobal, a}, "dm-1": {ReachMoving, ""}, "dm-2": {ReachGlobal, a + " " + b}, "dm-3": {ReachMoving, ""}, "dm-4": {ReachMoving, ""},
		"dm-5": {ReachGlobal, a + " " + b}, "dm-6": {ReachHost, ""}, "dm-7": {ReachGlobal, a}, "dm-8": {ReachMoving, ""}, "dm-9": {ReachMoving, ""},
		"dm-10": {ReachGlobal, a + " " + b}, "dm-11": {ReachHost, ""}, "md0": {ReachGlobal, a + " " + b}, "md1": {ReachHost, ""},
		"dm-12": {ReachGlobal, a + " " + b}, "dm-13": {ReachGlobal, ""}, "dm-20": {ReachMoving, ""}, "dm-21": {ReachMoving, ""},
	}
	for _, l := range devs {
		w, ok := want[l.Kernel]
		if !ok || l.Reach != w.reach || strings.Join(l.SAN, " ") != w.san || l.ReachFrom == "" {
			t.Errorf("%s, %s: reach %q (%s), on %v; want %q on %q", l.Kernel, l.ID, l.Reach, l.ReachFrom, l.SAN, w.reach, w.san)
		}
	}
	// The rule goes, and its word with it.
	Classify(devs, Use{}, nil)
	if i := slices.IndexFunc(devs, func(l LUN) bool { return l.DMName == "vg-named" }); devs[i].Reach != ReachMoving {
		t.Errorf("without its rule vg-named is %s, %s", devs[i].Reach, devs[i].ReachFrom)
	}
}

// What InfluxDB's tags keep of a LUN is its identity and its name.
func TestReachOfTags(t *testing.T) {
	for id, want := range map[ID]Reach{
		"LVM-1": ReachMoving, "CRYPT-1": ReachMoving, "mpath-3600508b400105e21": ReachGlobal, "part1-mpath-0QEMU": ReachMoving,
		"naa.600508b400105e21": ReachGlobal, "naa.600508b400105e21-part3": ReachGlobal, "naa.600508b400105e21@0:0:1:7": ReachHost,
		"serial:x": ReachHost, "name:x": ReachHost, "kernel:sda": ReachHost, "fsuuid:x": ReachHost, "by-id:zvol/tank/vm@monday": ReachHost, "CRYPT-LUKS2-1-a@b": ReachMoving, "LVM-1#dm-5": ReachMoving,
	} {
		r := Reaches{Below: func(*LUN, string) *LUN { return nil }}
		if got, why, _ := r.Of(&LUN{ID: id, DMName: "x"}); got != want || why == "" {
			t.Errorf("%s: %s (%s), want %s", id, got, why, want)
		} else if isPath := why == "a path of this host"; isPath != (id == "naa.600508b400105e21@0:0:1:7") {
			t.Errorf("%s: %s", id, why)
		}
	}
}
