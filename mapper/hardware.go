package mapper

import (
	"path/filepath"
	"strings"
)

// Hardware is what a disk says that it is.
type Hardware struct {
	Vendor, Model, Rev string
}

// String is "DGC RAID 5 0430 (Clariion or VNX)"; "" where nothing is known.
func (h Hardware) String() string {
	s := strings.Join(strings.Fields(h.Vendor+" "+h.Model+" "+h.Rev), " ")
	if strings.TrimSpace(h.Vendor) == "DGC" {
		s += " (Clariion or VNX)"
	}
	return s
}

// HardwareOf reads what a disk says that it is, from sysfs: device/vendor, model and rev,
// of NVMe model and firmware_rev.
func HardwareOf(p Paths, kernel string) Hardware {
	f := newFiles()
	dir, err := f.below(cwd, filepath.Join(p.Sys, "block"), sysfsName(kernel))
	if err != nil {
		return Hardware{}
	}
	defer f.close(dir)
	read := func(name string) string { return strings.TrimSpace(f.device(dir, name)) }
	h := Hardware{Vendor: read("vendor"), Model: read("model"), Rev: read("rev")}
	if h.Rev == "" {
		h.Rev = read("firmware_rev")
	}
	if strings.HasPrefix(h.Vendor, "0x") { // virtio has a number there
		h.Vendor = ""
	}
	return h
}
