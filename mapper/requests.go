package mapper

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
)

// RequestBased reports whether a device-mapper map hands on requests, as most multipath
// maps do, and not bios, as everything of LVM does. Device-mapper's latency histograms are
// right for bios only. A request-based map has the queue of a disk, with a choice of
// schedulers; older kernels gave it no directory mq.
func (p Paths) RequestBased(kernel string) bool {
	dir := filepath.Join(p.Sys, "block", kernel)
	if _, err := os.Stat(filepath.Join(dir, "mq")); err == nil {
		return true
	}
	scheduler, _ := ReadBounded(filepath.Join(dir, "queue", "scheduler"))
	return bytes.ContainsRune(scheduler, '[')
}

// Mapped reports whether a device is one of device-mapper.
func (l *LUN) Mapped() bool { return strings.HasPrefix(l.Kernel, "dm-") }
