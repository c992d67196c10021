package mapper

import (
	"slices"
	"testing"
)

func TestSplitPart(t *testing.T) {
	wholes := []string{"sda", "sdaa", "nvme0n1", "cciss/c0d0", "mmcblk0", "md0", "loop0", "dm-1", "vda"}
	isWhole := func(name string) bool { return slices.Contains(wholes, name) }
	tests := map[string][2]string{
		"sda1": {"sda", "1"}, "sda15": {"sda", "15"}, "sdaa1": {"sdaa", "1"}, "nvme0n1p2": {"nvme0n1", "2"},
		"cciss/c0d0p1": {"cciss/c0d0", "1"}, "mmcblk0p12": {"mmcblk0", "12"}, "md0p1": {"md0", "1"}, "loop0p1": {"loop0", "1"},
		"sda": {}, "sdb1": {}, "nvme0n1": {}, "nvme0n2": {}, "mmcblk0boot0": {}, "dm-1": {}, "dm-11": {}, "md0": {}, "vdap1": {}, "1": {}, "": {},
	}
	for name, want := range tests {
		disk, n, ok := splitPart(name, isWhole)
		if got := [2]string{disk, n}; got != want || ok != (want[0] != "") {
			t.Errorf("%q is partition %s of %q, %v; want %v", name, n, disk, ok, want)
		}
	}
}

func TestNVMePath(t *testing.T) {
	for name, want := range map[string][2]string{
		"nvme0c1n1": {"nvme0n1", "c1"}, "nvme12c34n56": {"nvme12n56", "c34"},
		"nvme0n1": {}, "nvme0c1n1p1": {}, "nvme": {}, "nvmec1n1": {}, "nvme0cn1": {}, "sda": {}, "": {},
	} {
		disk, c, ok := nvmePath(name)
		if got := [2]string{disk, c}; got != want || ok != (want[0] != "") {
			t.Errorf("%q is a path of %q by %q, %v; want %v", name, disk, c, ok, want)
		}
	}
}

func TestPlainWWID(t *testing.T) {
	const multipath = "360060160ade32800f2e3baf47665e211"
	for _, same := range []string{
		multipath, "naa.60060160ade32800f2e3baf47665e211", "0x60060160ade32800f2e3baf47665e211",
		"60:06:01:60:AD:E3:28:00:F2:E3:BA:F4:76:65:E2:11", " NAA.60060160ADE32800F2E3BAF47665E211\n",
	} {
		if got := PlainWWID(same); got != multipath {
			t.Errorf("%q is %q, want %q", same, got, multipath)
		}
	}
	if got := PlainWWID("eui.0025385971b05b2f"); got != "20025385971b05b2f" {
		t.Errorf("eui is %q", got)
	}
}

func TestParseDevNo(t *testing.T) {
	for text, want := range map[string]DevNo{"253:13": {253, 13}, " 8: 16": {8, 16}, "253: 28000 ": {253, 28000}, "0:0": {}} {
		if got, ok := ParseDevNo(text); !ok || got != want {
			t.Errorf("%q is %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "253", ":", "a:b", "253:-1", "4294967296:0", "1:2:3", "+1:2"} {
		if got, ok := ParseDevNo(text); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
}
