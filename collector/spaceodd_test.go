package collector

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Some filesystems say that less than nothing is available, or that more is free than
// there is: the first is full, and the second empty.
func TestSpaceOfOddFilesystems(t *testing.T) {
	below := ^uint64(0) - 9 // -10
	for _, c := range []struct {
		name    string
		stat    unix.Statfs_t
		percent int
		avail   uint64
	}{
		{"below zero", unix.Statfs_t{Frsize: 4096, Blocks: 1000, Bfree: 40, Bavail: below}, 100, 0},
		{"more free than there is", unix.Statfs_t{Frsize: 4096, Blocks: 1000, Bfree: 2000, Bavail: 2000}, 0, 2000 * 4096},
	} {
		s := SpaceOf(&c.stat, time.Unix(0, 0))
		if got, ok := s.UsedPercent(); !ok || got != c.percent || s.AvailBytes != c.avail {
			t.Errorf("%s: %d %%, %d bytes available", c.name, got, s.AvailBytes)
		}
	}
}
