//go:build vm

package vmtest

import (
	"strings"
	"testing"
)

// uevents: as long as the kernel's count of uevents stays the same, a run assumes that
// the devices are still those of the last run. So the count must move with everything
// that devices are read for, and not otherwise; what it misses must be read at each run.
func uevents(t *testing.T, r results, _ *table) {
	if r.has("failed.log") {
		t.Errorf("changes that could not be made: %s", r.read(t, "failed.log"))
	}
	still := map[string]bool{
		"nothing": true, "nothing, again": true, "read a device": true,
		"load a table": true, // without effect until the map is resumed
		// What mapper.Refresh reads at each run:
		"suspend": true, "suspend without a new table": true, "counters off": true, "counters on": true,
		"a SCSI path goes offline": true, "a SCSI path runs again": true,
	}
	// Mounts and swaps are read at each run, too; whether closing a device that was
	// open for writing counts is udev's to decide.
	either := map[string]bool{"umount": true, "mount": true, "swapoff": true, "swapon": true, "write to a device": true}
	n := 0
	for text := range strings.Lines(r.read(t, "uevents.tsv")) {
		f := strings.Split(strings.TrimSpace(text), "\t")
		if len(f) != 3 {
			t.Fatalf("uevents.tsv: %q", text)
		}
		n++
		moved := f[1] != f[2]
		t.Logf("%-32s %s -> %s", f[0], f[1], f[2])
		if moved == still[f[0]] && !either[f[0]] {
			t.Errorf("%s: the count moved: %v", f[0], moved)
		}
	}
	if n < 20 {
		t.Errorf("%d changes were made, want all", n)
	}
}
