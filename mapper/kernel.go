package mapper

import (
	"cmp"
	"strconv"
	"strings"
)

// The functions here know what the kernel's names say by themselves, which is all that
// there is without sysfs.

func isDM(kernel string) bool { return strings.HasPrefix(kernel, "dm-") }

// isMD reports md RAID: md0, md127, md_d0; no partition of one.
func isMD(kernel string) bool { return strings.HasPrefix(kernel, "md") }

// isNone reports what is storage for nobody unless the config names it.
func isNone(kernel string) bool {
	name, _, _ := strings.Cut(strings.TrimRight(kernel, "0123456789"), "/")
	switch name {
	case "loop", "ram", "zram", "sr", "scd", "fd":
		return true
	}
	return strings.HasPrefix(kernel, "loop") // loop0p1
}

// isPseudo reports the devices that vendors' multipathing puts over the SCSI disks:
// PowerPath's, HDLM's, SDD's, VxVM's DMP and UltraPath's. "sddlmad" isn't a SCSI disk:
// there would have to be millions.
func isPseudo(kernel string) bool {
	for _, p := range [...]string{"emcpower", "sddlm", "vpath", "VxDMP", "ultrapath"} {
		if rest, ok := strings.CutPrefix(kernel, p); ok && rest != "" {
			return true
		}
	}
	return false
}

// isSCSI reports a SCSI disk or a partition of one.
func isSCSI(kernel string) bool { return strings.HasPrefix(kernel, "sd") && !isPseudo(kernel) }

// isLeaf reports a kind that is never on another block device.
func isLeaf(kernel string) bool {
	if isPseudo(kernel) {
		return false
	}
	for _, p := range [...]string{"sd", "vd", "xvd", "hd", "nvme", "mmcblk", "ram", "sr", "cciss"} {
		if strings.HasPrefix(kernel, p) {
			return true
		}
	}
	return isNone(kernel)
}

// splitPart takes "sda3", "nvme0n1p3" or "cciss/c0d0p3" for a partition of the
// whole device whose name it gives, if that is one.
func splitPart(kernel string, isWhole func(string) bool) (disk, number string, ok bool) {
	base := strings.TrimRight(kernel, "0123456789")
	if base == kernel || base == "" {
		return "", "", false
	}
	number = kernel[len(base):]
	if disk := strings.TrimSuffix(base, "p"); disk != base && endsInDigit(disk) && isWhole(disk) {
		return disk, number, true
	}
	if !endsInDigit(base) && isWhole(base) {
		return base, number, true
	}
	return "", "", false
}

func endsInDigit(s string) bool {
	return s != "" && '0' <= s[len(s)-1] && s[len(s)-1] <= '9'
}

// nvmePath gives the disk of a hidden path: nvme0c1n1 is a path of nvme0n1 by
// controller "c1".
func nvmePath(kernel string) (disk, controller string, ok bool) {
	rest, ok := strings.CutPrefix(kernel, "nvme")
	if !ok {
		return "", "", false
	}
	subsys, rest, ok := cutDigits(rest)
	if !ok || !strings.HasPrefix(rest, "c") {
		return "", "", false
	}
	c, rest, ok := cutDigits(rest[1:])
	if !ok || !strings.HasPrefix(rest, "n") {
		return "", "", false
	}
	if n, tail, ok := cutDigits(rest[1:]); ok && tail == "" {
		return "nvme" + subsys + "n" + n, "c" + c, true
	}
	return "", "", false
}

func cutDigits(s string) (digits, rest string, ok bool) {
	rest = strings.TrimLeft(s, "0123456789")
	return s[:len(s)-len(rest)], rest, len(rest) < len(s)
}

// ParseDevNo reads "253:13", spaces allowed around either number.
func ParseDevNo(s string) (DevNo, bool) {
	major, minor, ok := strings.Cut(s, ":")
	if !ok {
		return DevNo{}, false
	}
	return devNo(major, minor)
}

func devNo(major, minor string) (DevNo, bool) {
	a, err1 := strconv.ParseUint(strings.TrimSpace(major), 10, 32)
	b, err2 := strconv.ParseUint(strings.TrimSpace(minor), 10, 32)
	return DevNo{Major: uint32(a), Minor: uint32(b)}, err1 == nil && err2 == nil
}

// compareNames orders as people count: dm-2 before dm-10.
func compareNames(a, b string) int {
	headA, headB := strings.TrimRight(a, "0123456789"), strings.TrimRight(b, "0123456789")
	if headA != headB {
		return cmp.Compare(headA, headB)
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
