package mapper_test

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// The cases of other projects' tests, with their own answers.

func TestPost(t *testing.T) {
	file, err := os.Open(hosttest.SharedDir(t, "post-dmsetup-ls.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	devs, problems := mapper.ParseDmsetup(file)
	problems = append(problems, mapper.Classify(devs, mapper.Use{}, nil)...)
	if len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
	want := []struct {
		name         string
		minor        uint32
		group, role  string
		label, title string
	}{
		{"sysvg-tmp", 1, "sysvg", "system", "/tmp", "/tmp of sysvg"},
		{"zimbra1_redo-redo", 11, "zimbra1", "redo", "Redo log", "Redo log of zimbra1"},
		{"zimbra1_sqldb-data", 13, "zimbra1", "mysql", "MySQL data", "MySQL data of zimbra1"},
		{"zimbra1_secondary-first", 7, "zimbra1", "secondary", "Secondary store", "Secondary store of zimbra1"},
		{"sysvg-usr", 4, "sysvg", "system", "/usr", "/usr of sysvg"},
		{"sysvg-var", 3, "sysvg", "system", "/var", "/var of sysvg"},
		{"zimbra1_log-log", 10, "zimbra1", "log", "Log", "Log of zimbra1"},
		{"zimbra1_index-index", 12, "zimbra1", "index", "Index", "Index of zimbra1"},
		{"sysvg-home", 2, "sysvg", "system", "/home", "/home of sysvg"},
		{"zimbra1_base-base", 9, "zimbra1", "base", "Zimbra base", "Zimbra base of zimbra1"},
		{"zimbra1_primary-store", 8, "zimbra1", "primary", "Primary store", "Primary store of zimbra1"},
		{"sysvg-opt", 6, "sysvg", "system", "/opt", "/opt of sysvg"},
		{"sysvg-swap", 5, "sysvg", "swap", "Swap", "Swap of sysvg"},
		{"sysvg-root", 0, "sysvg", "system", "Root", "Root of sysvg"},
	}
	if len(devs) != len(want) {
		t.Fatalf("%d LUNs, want %d", len(devs), len(want))
	}
	for i, w := range want {
		l := devs[i]
		if l.DMName != w.name || l.Dev != (mapper.DevNo{Major: 253, Minor: w.minor}) || l.Kernel != "dm-"+strconv.Itoa(int(w.minor)) {
			t.Errorf("line %d: %q, %s, %s; want %q, minor %d", i+1, l.DMName, l.Dev, l.Kernel, w.name, w.minor)
		}
		if l.Layer != mapper.LayerLUN || l.Group != w.group || l.Role != w.role || l.RoleFrom != "name" || l.Label != w.label || l.Title() != w.title {
			t.Errorf("%s: %s, group %q, role %q from %q, label %q, title %q", w.name, l.Layer, l.Group, l.Role, l.RoleFrom, l.Label, l.Title())
		}
	}
}

// node_exporter's fixture has no sysfs, and the names are in udev's database.
func TestNodeExporterUdev(t *testing.T) {
	dir := hosttest.SharedDir(t, "captures/node_exporter")
	proc, udev := t.TempDir(), t.TempDir()
	unttar(t, filepath.Join(dir, "udev.ttar"), udev)
	copyFile(t, filepath.Join(dir, "diskstats"), filepath.Join(proc, "diskstats"))
	p := mapper.Paths{Proc: proc, Sys: filepath.Join(proc, "none"), Udev: filepath.Join(udev, "udev/data")}
	devs, problems := mapper.Devices(p, seenIn(t, proc))
	if len(problems) != 1 {
		t.Errorf("the missing sysfs is %d problems: %v", len(problems), problems)
	}
	byKernel := map[string]mapper.LUN{}
	for _, l := range devs {
		byKernel[l.Kernel] = l
	}
	text, err := os.ReadFile(filepath.Join(dir, "expected.txt"))
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`device_mapper_info{device="(.*?)",lv_layer="(.*?)",lv_name="(.*?)",name="(.*?)",uuid="(.*?)",vg_name="(.*?)"}`)
	found := line.FindAllStringSubmatch(string(text), -1)
	if len(found) != 6 {
		t.Fatalf("%d devices are expected, want 6", len(found))
	}
	for _, f := range found {
		l := byKernel[f[1]]
		if l.LV != f[3] || l.DMName != f[4] || l.UUID != f[5] || l.VG != f[6] {
			t.Errorf("%s is %+v; node_exporter says %v", f[1], l, f)
		}
		if l.Dev.Major != 252 {
			t.Errorf("%s is %s; device-mapper is 252 here", f[1], l.Dev)
		}
	}
	if l := byKernel["mmcblk0p2"]; len(l.Slaves) != 1 || l.Slaves[0] != "mmcblk0" {
		t.Errorf("mmcblk0p2 is no partition: %+v", l)
	}
}

// unttar unpacks the text form of tar that Prometheus' projects use.
func unttar(t *testing.T, archive, to string) {
	t.Helper()
	text, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	for i := 0; i < len(lines); i++ {
		path, ok := strings.CutPrefix(lines[i], "Path: ")
		if !ok || i+1 == len(lines) {
			continue
		}
		count, ok := strings.CutPrefix(lines[i+1], "Lines: ")
		if !ok {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(count))
		if err != nil || i+2+n > len(lines) {
			t.Fatalf("%s:%d: %q lines", archive, i+2, count)
		}
		writeFile(t, filepath.Join(to, strings.TrimSpace(path)), strings.Join(lines[i+2:i+2+n], ""))
		i += 1 + n
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, to, string(text))
}

// A host of 2.6.18 with nothing but diskstats.
func TestNoSysfs(t *testing.T) {
	proc := t.TempDir()
	untar(t, hosttest.SharedDir(t, "captures/pcp-roots/blkdev-root-003.tgz"), proc)
	p := hosttest.PathsAt(proc)
	seen := seenIn(t, p.Proc)
	devs, _ := mapper.Host(p, seen, nil)
	if len(devs) != 81 || len(seen) != 81 {
		t.Errorf("%d devices of %d lines, want 81", len(devs), len(seen))
	}
	layers := map[string]mapper.Layer{}
	for _, l := range devs {
		layers[l.Kernel] = l.Layer
	}
	for kernel, want := range map[string]mapper.Layer{
		"dm-0": mapper.LayerLUN, "dm-4": mapper.LayerLUN,
		"cciss/c0d0": mapper.LayerDisk, "cciss/c0d0p1": mapper.LayerPart, "ram0": mapper.LayerOther,
	} {
		if layers[kernel] != want {
			t.Errorf("%s is %q, want %q", kernel, layers[kernel], want)
		}
	}
}

func untar(t *testing.T, archive, to string) {
	t.Helper()
	file, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(plain); ; {
		head, err := files.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if head.Typeflag == tar.TypeReg {
			text, err := io.ReadAll(files)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, filepath.Join(to, filepath.Clean(head.Name)), string(text))
		}
	}
}

// util-linux' dump of a host with one LV over four loops, and of disks with partitions;
// lsblk's own text is next to it.
func TestUtilLinuxLVM(t *testing.T) {
	archive := hosttest.SharedDir(t, "captures/util-linux-simple-lvm/simple-lvm.tar.xz")
	if _, err := exec.LookPath("xz"); err != nil {
		t.Skip("no xz to unpack the dump with")
	}
	dir := t.TempDir()
	if out, err := exec.Command("tar", "-xJf", archive, "-C", dir).CombinedOutput(); err != nil {
		t.Skipf("tar: %v: %s", err, out)
	}
	p := mapper.Paths{Proc: filepath.Join(dir, "simple-lvm/proc"), Sys: filepath.Join(dir, "simple-lvm/sys")}
	devs, problems := mapper.Host(p, nil, nil)
	if len(problems) > 0 {
		t.Error(problems)
	}
	byKernel := map[string]mapper.LUN{}
	for _, l := range devs {
		byKernel[l.Kernel] = l
	}
	lv := byKernel["dm-0"]
	if lv.VG != "vg_foo.4059" || lv.LV != "lv_foo.4059" || lv.SizeBytes != 32<<20 || lv.Layer != mapper.LayerLUN ||
		strings.Join(lv.Slaves, " ") != "loop0 loop1 loop2 loop3" {
		t.Errorf("dm-0 is %+v", lv)
	}
	for kernel, point := range map[string]string{
		"sda1": "/boot/efi", "sda2": "/boot", "sda3": "", "sda4": "/", "sdb1": "/home/archive", "nvme0n1p2": "/home", "nvme0n1p3": "/home/test",
	} {
		l := byKernel[kernel]
		want := mapper.LayerLUN
		if point == "" {
			want = mapper.LayerPart
		}
		if l.Mounted() != point || l.Layer != want {
			t.Errorf("%s is %s on %q; lsblk says %q", kernel, l.Layer, l.Mounted(), point)
		}
	}
}
