package mapper_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// TestIdentityBeforeTheName: a device without a serial is known by what is below it
// or by what udev found, and only then by its name.
func TestIdentityBeforeTheName(t *testing.T) {
	const kernelName = "kernel:"
	for _, tt := range []struct {
		name, kernel, on string // on: the device below, with the serial DISK
		udev             []string
		want             string // kernelName: the mere name
	}{
		{"nothing known", "zd0", "", nil, kernelName},
		{"a bcache of a disk with a serial", "bcache0", "sda", []string{"S:bcache/by-uuid/11", "E:ID_FS_UUID=22"}, "bcache:serial:DISK"},
		{"a bcache of a disk without", "bcache0", "vdz", []string{"S:bcache/by-uuid/11", "E:ID_FS_UUID=22"}, "by-id:bcache/by-uuid/11"},
		{"a zvol", "zd16", "", []string{"S:zvol/tank/vm", "S:disk/by-uuid/22", "E:ID_FS_UUID=22"}, "by-id:zvol/tank/vm"},
		{"an rbd", "rbd0", "", []string{"S:rbd/pool/image", "S:disk/by-path/x"}, "by-id:rbd/pool/image"},
		{"by-id, the shortest", "xvda", "", []string{"S:disk/by-id/ccw-0X1234.5678", "S:disk/by-id/ccw-0X1234"}, "by-id:ccw-0X1234"},
		{"neither path nor label", "xvda", "", []string{"S:disk/by-path/x", "S:disk/by-label/root", "S:disk/by-diskseq/4"}, kernelName},
		{"a partition table", "xvda", "", []string{"E:ID_PART_TABLE_UUID=33", "E:ID_FS_UUID=22"}, "ptuuid:33"},
		{"a filesystem", "xvdb", "", []string{"E:ID_FS_UUID=22"}, "fsuuid:22"},
		{"one member of a filesystem", "xvdb", "", []string{"E:ID_FS_UUID=22", "E:ID_FS_UUID_SUB=44"}, "fsuuid:22/44"},
		{"udev's serial", "xvdb", "", []string{"E:ID_SERIAL=S1", "E:ID_FS_UUID=22"}, "serial:S1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows := []hosttest.LUN{{Kernel: tt.kernel, Serial: " "}}
			if tt.on != "" {
				below := hosttest.LUN{Kernel: tt.on, Serial: "DISK"}
				if tt.on == "vdz" {
					below.Serial = " "
				}
				rows[0].On = []string{tt.on}
				rows = append(rows, below)
			}
			h := hosttest.New(t, rows...)
			if len(tt.udev) > 0 {
				h.Write("run/udev/data/b8:0", strings.Join(tt.udev, "\n")+"\n")
			}
			if got := string(device(t, h, tt.kernel).ID); got != strings.Replace(tt.want, kernelName, "kernel:"+tt.kernel, 1) {
				t.Errorf("%s is %s, want %s", tt.kernel, got, tt.want)
			}
		})
	}
}

// A partition of a disk without a serial is known by the disk's partition table; where
// that has no UUID, by its own or its filesystem's.
func TestIdentityOfPartitions(t *testing.T) {
	for _, tt := range []struct{ disk, part, want string }{
		{"E:ID_PART_TABLE_UUID=33", "E:ID_FS_UUID=22", "ptuuid:33-part1"},
		{"", "E:ID_PART_ENTRY_UUID=55\nE:ID_FS_UUID=22", "partuuid:55"},
		{"", "E:ID_FS_UUID=22", "fsuuid:22"},
		{"", "", "kernel:vda1"},
	} {
		h := hosttest.New(t, hosttest.LUN{Kernel: "vda", Serial: " "}, hosttest.LUN{Kernel: "vda1", On: []string{"vda"}})
		h.Write("run/udev/data/b8:0", tt.disk+"\n")
		h.Write("run/udev/data/b8:1", tt.part+"\n")
		if got := string(device(t, h, "vda1").ID); got != tt.want {
			t.Errorf("disk %q, partition %q: %s, want %s", tt.disk, tt.part, got, tt.want)
		}
	}
}

func device(t *testing.T, h *hosttest.Host, kernel string) mapper.LUN {
	t.Helper()
	devs, problems := mapper.Devices(h.Paths, h.Counted())
	if len(problems) > 0 {
		t.Error(problems)
	}
	i := slices.IndexFunc(devs, func(l mapper.LUN) bool { return l.Kernel == kernel })
	if i < 0 {
		t.Fatalf("no %s", kernel)
	}
	return devs[i]
}

func TestContinue(t *testing.T) {
	lun := func(id mapper.ID, seq, size uint64) mapper.LUN {
		return mapper.LUN{Kernel: "vda", ID: id, DiskSeq: seq, SizeBytes: size}
	}
	for _, tt := range []struct {
		name    string
		was, is mapper.LUN
		want    string // identity, former
	}{
		{"as it was", lun("kernel:vda", 4, 1), lun("kernel:vda", 4, 1), "kernel:vda "},
		{"a better one", lun("kernel:vda", 4, 1), lun("fsuuid:1", 4, 1), "fsuuid:1 kernel:vda"},
		{"a better one, no diskseq", lun("kernel:vda", 0, 1), lun("fsuuid:1", 0, 1), "fsuuid:1 kernel:vda"},
		{"another disk of that name", lun("kernel:vda", 4, 1), lun("fsuuid:1", 5, 1), "fsuuid:1 "},
		{"another size, no diskseq", lun("kernel:vda", 0, 1), lun("fsuuid:1", 0, 2), "fsuuid:1 "},
		{"formatted again", lun("fsuuid:1", 4, 1), lun("fsuuid:2", 4, 1), "fsuuid:2 fsuuid:1"},
		{"another filesystem, no diskseq", lun("fsuuid:1", 0, 1), lun("fsuuid:2", 0, 1), "fsuuid:2 "},
		{"udev lost sight of it", lun("ptuuid:1", 4, 1), lun("kernel:vda", 4, 1), "ptuuid:1 "},
		{"another disk that nothing is known of", lun("ptuuid:1", 4, 1), lun("kernel:vda", 5, 1), "kernel:vda "},
		{"a serial is the device's own", lun("serial:1", 4, 1), lun("serial:2", 4, 1), "serial:2 "},
	} {
		is := []mapper.LUN{tt.is}
		mapper.Continue([]mapper.LUN{tt.was}, is)
		if got := fmt.Sprint(is[0].ID, " ", is[0].Was); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	is := []mapper.LUN{lun("fsuuid:1", 4, 1)}
	mapper.Continue([]mapper.LUN{{Kernel: "vda", ID: "fsuuid:1", Was: "kernel:vda", DiskSeq: 4, SizeBytes: 1}}, is)
	if is[0].Was != "kernel:vda" {
		t.Errorf("the next run of the boot has forgotten what it was: %+v", is[0])
	}
}
