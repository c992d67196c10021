package mapper

import (
	"path"
	"path/filepath"
	"strings"
)

// isAddress reports a SCSI address, "1:0:0:7": host, channel, target, LUN.
func isAddress(s string) bool {
	parts := strings.Split(s, ":")
	for _, p := range parts {
		if _, rest, ok := cutDigits(p); !ok || rest != "" {
			return false
		}
	}
	return len(parts) == 4
}

// addressed finds the SCSI disk at an address: among the paths of maps, or as sysfs has
// it. Kernel messages begin with it: "sd 1:0:0:7: [sdq]".
func (x *index) addressed(what string, p Paths) (found []int) {
	if !isAddress(what) {
		return nil
	}
	for i := range x.devs {
		for _, way := range x.devs[i].Paths {
			if j, known := x.kernel[way.Kernel]; known && way.HCTL == what {
				return []int{j}
			}
		}
	}
	f := newFiles()
	block, err := f.dir(cwd, filepath.Join(p.Sys, "block"))
	if p.Sys == "" || err != nil {
		return nil
	}
	defer f.close(block)
	for i := range x.devs {
		if l := &x.devs[i]; isSCSI(l.Kernel) && f.address(block, l.Kernel) == what {
			found = append(found, i)
		}
	}
	return found
}

// address is the SCSI address of a disk; "" for a partition, and where sysfs has none.
func (f *files) address(block int, kernel string) string {
	dir, err := f.dir(block, sysfsName(kernel))
	if err != nil {
		return ""
	}
	defer f.close(dir)
	return path.Base(f.link(dir, "device"))
}
