package mapper

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/prometheus/procfs"
)

// TestWhatProcfsLacks is why mountinfo and swaps are read here. A procfs that reads
// these files right fails it: then take procfs' readers.
func TestWhatProcfsLacks(t *testing.T) {
	const (
		mail    = "40 1 253:13 / /srv/My\\040Mail rw - ext4 /dev/mapper/mail rw\n"
		spoiled = "41 1 253:14 / /srv/x rw\n"
		header  = "Filename Type Size Used Priority\n"
		swap    = "/dev/mapper/a\\040b partition 8 0 -2\n"
		torn    = "/dev/dm-3 partition\n"
	)
	for _, tt := range []struct {
		name, mountinfo, swaps string
		procfsFails            bool
	}{
		{"escapes", mail, header + swap, false},
		{"a spoiled line", spoiled + mail, header + torn + swap, true},
	} {
		infos, _ := parseMountinfo([]byte(tt.mountinfo))
		if len(infos) != 1 || infos[0].Mountpoint != "/srv/My Mail" {
			t.Errorf("%s: mounts %v", tt.name, infos)
		}
		if got := parseSwaps(tt.swaps); !slices.Equal(got, []string{"/dev/mapper/a b"}) {
			t.Errorf("%s: swaps %q", tt.name, got)
		}
		proc := t.TempDir()
		for file, text := range map[string]string{"self/mountinfo": tt.mountinfo, "swaps": tt.swaps} {
			path := filepath.Join(proc, file)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		fs, err := procfs.NewFS(proc)
		if err != nil {
			t.Fatal(err)
		}
		mounts, err := fs.GetMounts()
		if right := err == nil && len(mounts) == 1 && mounts[0].MountPoint == "/srv/My Mail"; right || (err != nil) != tt.procfsFails {
			t.Errorf("%s: procfs reads the mounts as %v, %v", tt.name, mounts, err)
		}
		swaps, err := fs.Swaps()
		if right := err == nil && len(swaps) == 1 && swaps[0].Filename == "/dev/mapper/a b"; right || (err != nil) != tt.procfsFails {
			t.Errorf("%s: procfs reads the swaps as %v, %v", tt.name, swaps, err)
		}
	}
}
