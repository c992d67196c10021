package mapper

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func readUse(t testing.TB, mountinfo, swaps string) (Use, []error) {
	t.Helper()
	proc := t.TempDir()
	if err := os.MkdirAll(filepath.Join(proc, "self"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"self/mountinfo": mountinfo, "swaps": swaps} {
		if err := os.WriteFile(filepath.Join(proc, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return ReadUse(Paths{Proc: proc})
}

// hides gives the mount points with a mark on those that can't be reached.
func hides(u Use) (points []string) {
	for _, m := range u.Mounts {
		if m.Hidden {
			m.Point += " hidden"
		}
		points = append(points, m.Source+" "+m.Point)
	}
	return points
}

func TestHiddenMounts(t *testing.T) {
	const root = "25 1 253:0 / / rw - ext4 /dev/r rw\n"
	tests := []struct {
		name, mountinfo string
		want            []string
	}{
		{"a plain tree", root + "26 25 253:1 / /a rw - ext4 /dev/a rw\n27 26 253:2 / /a/b rw - ext4 /dev/b rw\n",
			[]string{"/dev/r /", "/dev/a /a", "/dev/b /a/b"}},
		{"over each other", root + "26 25 253:1 / /a rw - ext4 /dev/a rw\n27 26 253:2 / /a rw - ext4 /dev/b rw\n",
			[]string{"/dev/r /", "/dev/a /a hidden", "/dev/b /a"}},
		{"three deep", root + "26 25 253:1 / /a rw - ext4 /dev/a rw\n27 26 253:2 / /a rw - ext4 /dev/b rw\n28 27 253:3 / /a rw - ext4 /dev/c rw\n",
			[]string{"/dev/r /", "/dev/a /a hidden", "/dev/b /a hidden", "/dev/c /a"}},
		{"below one that is covered", root + "26 25 253:1 / /a rw - ext4 /dev/a rw\n27 26 253:2 / /a/b rw - ext4 /dev/b rw\n28 26 253:3 / /a rw - ext4 /dev/c rw\n",
			[]string{"/dev/r /", "/dev/a /a hidden", "/dev/b /a/b hidden", "/dev/c /a"}},
		{"below a covered folder", root + "26 25 253:1 / /a/b rw - ext4 /dev/a rw\n27 25 253:2 / /a rw - ext4 /dev/b rw\n",
			[]string{"/dev/r /", "/dev/a /a/b hidden", "/dev/b /a"}},
		{"above what covers", root + "26 25 253:1 / /a rw - ext4 /dev/a rw\n27 26 253:2 / /a rw - ext4 /dev/b rw\n28 27 253:3 / /a/b rw - ext4 /dev/c rw\n",
			[]string{"/dev/r /", "/dev/a /a hidden", "/dev/b /a", "/dev/c /a/b"}},
		{"by tmpfs", root + "26 25 253:1 / /a rw - ext4 /dev/a rw\n27 26 0:40 / /a rw - tmpfs tmpfs rw\n",
			[]string{"/dev/r /", "/dev/a /a hidden"}},
		{"names that only begin alike", root + "26 25 253:1 / /ab rw - ext4 /dev/a rw\n27 25 253:2 / /a rw - ext4 /dev/b rw\n",
			[]string{"/dev/r /", "/dev/a /ab", "/dev/b /a"}},
		{"the root is listed, over the first root", "1 1 0:2 / / rw - rootfs rootfs rw\n" + root + "26 25 253:1 / /a rw - ext4 /dev/a rw\n",
			[]string{"/dev/r /", "/dev/a /a"}},
		{"a ring", "26 27 253:1 / /a rw - ext4 /dev/a rw\n27 26 253:2 / /b rw - ext4 /dev/b rw\n",
			[]string{"/dev/a /a", "/dev/b /b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			use, problems := readUse(t, tt.mountinfo, "")
			if got := hides(use); len(problems) > 0 || !slices.Equal(got, tt.want) {
				t.Errorf("%q, %v; want %q", got, problems, tt.want)
			}
		})
	}
}

func TestReadUse(t *testing.T) {
	use, problems := readUse(t,
		"25 1 253:0 / / rw,relatime shared:1 - ext4 /dev/mapper/r rw\n"+
			"bad\n"+
			`26 25 253:1 /sub /with\040space\011tab ro - xfs /dev/mapper/a\040b rw`+"\n"+
			"27 25 0:31 / /btrfs rw - btrfs /dev/vg/lv rw\n"+
			"28 25 0:5 / /dev rw - devtmpfs /dev/odd rw\n"+
			"29 25 0:50 / /nfs rw - nfs4 filer:/vol rw\n"+
			"30 25 253:2 / /broken rw - ext4 /dev/b ro,errors=remount-ro\n",
		"Filename Type Size Used Priority\n"+
			"/dev/dm-5                               partition\t65532\t0\t-2\n"+
			`/dev/mapper/a\040b partition 65532 0 -3`+"\n"+
			"/swapfile file 65532 0 -4\n")
	want := Use{
		Mounts: []MountedDev{
			{Dev: DevNo{253, 0}, Mount: Mount{Point: "/", FSType: "ext4", Root: "/", Source: "/dev/mapper/r"}},
			{Dev: DevNo{253, 1}, Mount: Mount{Point: "/with space\ttab", FSType: "xfs", Root: "/sub", Source: "/dev/mapper/a b", RO: true}},
			{Dev: DevNo{0, 31}, Mount: Mount{Point: "/btrfs", FSType: "btrfs", Root: "/", Source: "/dev/vg/lv"}},
			{Dev: DevNo{253, 2}, Mount: Mount{Point: "/broken", FSType: "ext4", Root: "/", Source: "/dev/b", RO: true}},
		},
		Swaps: []string{"/dev/dm-5", "/dev/mapper/a b"},
		Other: []string{"/dev", "/nfs"},
	}
	if !reflect.DeepEqual(use, want) {
		t.Errorf("%+v\nwant %+v", use, want)
	}
	if len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), "mountinfo:2: ") {
		t.Errorf("problems %v, want one in line 2", problems)
	}
}

// Kernels before 2.6.26 have no mountinfo, and mounts knows no numbers.
func TestMountsOfOldKernels(t *testing.T) {
	proc := t.TempDir()
	text := "rootfs / rootfs rw 0 0\n/dev/mapper/vg-root / ext3 rw 0 0\n/dev/vg/data /srv/a\\040b ext3 ro 0 0\n"
	if err := os.WriteFile(filepath.Join(proc, "mounts"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	use, problems := ReadUse(Paths{Proc: proc})
	devs := []LUN{
		{Kernel: "dm-0", Dev: DevNo{253, 0}, DMName: "vg-root", VG: "vg", LV: "root"},
		{Kernel: "dm-1", Dev: DevNo{253, 1}, DMName: "vg-data", VG: "vg", LV: "data"},
	}
	problems = append(problems, Classify(devs, use, nil)...)
	if len(problems) > 0 || devs[0].Mounted() != "/" || devs[1].Mounted() != "/srv/a b" || !devs[1].Mounts[0].RO {
		t.Errorf("%+v, %v", devs, problems)
	}
}

func TestReadUseMissing(t *testing.T) {
	if _, problems := ReadUse(Paths{Proc: filepath.Join(t.TempDir(), "none")}); len(problems) != 1 {
		t.Errorf("no /proc is %d problems: %v", len(problems), problems)
	}
}

func FuzzReadUse(f *testing.F) {
	f.Add("25 1 253:0 / / rw - ext4 /dev/r rw\n26 25 0:31 / /a\\040b rw - btrfs /dev/vg/lv rw\n", "x\n/dev/dm-5 partition 1 0 -2\n")
	f.Add("26 27 253:1 / /a rw - ext4 /dev/a rw\n27 26 253:2 / /a rw - ext4 /dev/b rw\n", "")
	f.Add("25 1 253:0 / / rw\n", "/dev/a\\04 partition 1 0 -2\n")
	f.Fuzz(func(t *testing.T, mountinfo, swaps string) {
		infos, _ := parseMountinfo([]byte(mountinfo))
		var use Use
		use.keep(infos)
		use.Swaps = parseSwaps(swaps)
		devs := []LUN{{Kernel: "dm-0", Dev: DevNo{253, 0}, DMName: "vg-lv", VG: "vg", LV: "lv"}, {Kernel: "dm-5", Dev: DevNo{253, 5}}}
		Classify(devs, use, nil)
		if n := len(devs[0].Mounts) + len(devs[1].Mounts); n > strings.Count(mountinfo, "\n")+1 {
			t.Errorf("%d mounts of %q", n, mountinfo)
		}
	})
}
