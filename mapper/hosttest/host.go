package hosttest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/mapper"
)

// LUN is a row of the table that a made host is written from. A row with a Name
// is a dm device: LVM's where the name looks so, multipath where there is a
// WWID. A row without is a disk or, standing on one, a partition. What a row
// is On and has no row of its own becomes a disk.
type LUN struct {
	Name   string   // "zimbra1_sqldb-data"
	Kernel string   // "sdq"; that of a dm device follows from its minor
	UUID   string   // follows from the name or WWID if empty; "-" is none
	WWID   string   // as multipath has it, "3600…"; its disks get it too
	Serial string   // a disk's; "SER-sdq" if it has no WWID either
	SizeMB uint64   // 1024 if 0
	Mount  string   // where it is mounted, if it is
	Swap   bool     //
	Udev   []string // what udev's database has of it: "ID_FS_TYPE=zfs_member"
	On     []string // kernel names or dm names of what it is on
}

// Mail is the mail server of the post: 14 volumes with its names, which get its
// minors in this order.
func Mail() []LUN {
	return []LUN{
		{Name: "sysvg-root", On: []string{"vda"}, Mount: "/"},
		{Name: "sysvg-tmp", On: []string{"vda"}, Mount: "/tmp"},
		{Name: "sysvg-home", On: []string{"vda"}, Mount: "/home"},
		{Name: "sysvg-var", On: []string{"vda"}, Mount: "/var"},
		{Name: "sysvg-usr", On: []string{"vda"}, Mount: "/usr"},
		{Name: "sysvg-swap", On: []string{"vda"}, Swap: true},
		{Name: "sysvg-opt", On: []string{"vda"}, Mount: "/opt"},
		{Name: "zimbra1_secondary-first", On: []string{"vdb"}, Mount: "/opt/zimbra/hsm"},
		{Name: "zimbra1_primary-store", On: []string{"vdc"}, Mount: "/opt/zimbra/store"},
		{Name: "zimbra1_base-base", On: []string{"vdd"}, Mount: "/opt/zimbra"},
		{Name: "zimbra1_log-log", On: []string{"vde"}, Mount: "/opt/zimbra/log"},
		{Name: "zimbra1_redo-redo", On: []string{"vdf"}, Mount: "/opt/zimbra/redolog"},
		{Name: "zimbra1_index-index", On: []string{"vdg"}, Mount: "/opt/zimbra/index"},
		{Name: "zimbra1_sqldb-data", On: []string{"vdh"}, Mount: "/opt/zimbra/db/data"},
	}
}

// Many is a host with n volumes; each has its own disk.
func Many(n int) []LUN {
	luns := make([]LUN, n)
	for i := range luns {
		luns[i] = LUN{Name: fmt.Sprintf("vg%d-lv%d", i, i), On: []string{"sd" + letters(i)}, Mount: fmt.Sprintf("/srv/%d", i)}
	}
	return luns
}

// letters counts as the kernel names disks: a, …, z, aa, ab.
func letters(i int) string {
	if i < 26 {
		return string(rune('a' + i))
	}
	return letters(i/26-1) + string(rune('a'+i%26))
}

// Host is a made host. Each method leaves its files as a kernel would show them
// at that moment.
type Host struct {
	Paths mapper.Paths

	t       testing.TB
	dir     string
	rows    []*row
	up      time.Duration
	boots   int
	seq     int // the last diskseq
	uevents int
	fields  int // how many fields a line of diskstats has
}

type row struct {
	LUN
	dev   mapper.DevNo
	seq   int
	io    IO
	gone  bool
	line  string // instead of its line of diskstats
	state string // of its SCSI device
	made  int    // how often it got a new uuid
}

// New writes a host that has been up for 1,000 s.
func New(t testing.TB, luns ...LUN) *Host {
	t.Helper()
	h := &Host{t: t, dir: t.TempDir(), up: 1000 * time.Second, boots: 1, fields: 20}
	h.Paths = PathsAt(h.dir)
	known := make(map[string]bool)
	for _, l := range luns {
		h.addRow(l)
		known[l.Name], known[l.Kernel] = true, true
	}
	for _, l := range luns {
		for _, below := range l.On {
			if !known[below] {
				h.addRow(LUN{Kernel: below, WWID: l.WWID, SizeMB: l.SizeMB})
				known[below] = true
			}
		}
	}
	h.count()
	h.writeAll()
	return h
}

func (h *Host) addRow(l LUN) {
	if l.SizeMB == 0 {
		l.SizeMB = 1024
	}
	if l.Name == "" && l.WWID == "" && l.Serial == "" {
		l.Serial = "SER-" + l.Kernel
	}
	h.rows = append(h.rows, &row{LUN: l, state: "running"})
}

func (h *Host) find(name string) *row {
	for _, r := range h.rows {
		if r.Name == name && name != "" || r.Kernel == name {
			return r
		}
	}
	return nil
}

func (h *Host) row(name string) *row {
	h.t.Helper()
	r := h.find(name)
	if r == nil {
		h.t.Fatalf("hosttest: no row %q", name)
	}
	return r
}

// Up is how long the host has been up.
func (h *Host) Up() time.Duration { return h.up }

// Pass lets time pass.
func (h *Host) Pass(d time.Duration) {
	h.up += d
	h.writeUptime()
}

// Write puts a file of the host ("proc/self/mountinfo") to a test's liking.
func (h *Host) Write(rel, text string) {
	h.t.Helper()
	path := filepath.Join(h.dir, rel)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		h.t.Fatal(err)
	}
}

// Delete takes files away; it fails where there are none.
func (h *Host) Delete(rel string) {
	h.t.Helper()
	path := filepath.Join(h.dir, rel)
	if _, err := os.Lstat(path); err != nil {
		h.t.Fatal(err)
	}
	if err := os.RemoveAll(path); err != nil {
		h.t.Fatal(err)
	}
}

// Aside takes a file or folder away until it is restored.
func (h *Host) Aside(rel string) (restore func()) {
	h.t.Helper()
	path, aside := filepath.Join(h.dir, rel), filepath.Join(h.t.TempDir(), "aside")
	if err := os.Rename(path, aside); err != nil {
		h.t.Fatal(err)
	}
	return func() {
		h.t.Helper()
		if err := errors.Join(os.RemoveAll(path), os.Rename(aside, path)); err != nil {
			h.t.Fatal(err)
		}
	}
}

// Unreadable lets reading a file or folder fail with EIO until it is restored.
func (h *Host) Unreadable(rel string) (restore func()) {
	h.t.Helper()
	restore = h.Aside(rel)
	if err := os.Symlink("/proc/self/mem", filepath.Join(h.dir, rel)); err != nil { // nothing is mapped at 0
		h.t.Fatal(err)
	}
	return restore
}

// uuid is as long as the real ones.
func (r *row) uuid() string {
	switch {
	case r.UUID == "-":
		return ""
	case r.UUID != "":
		return r.UUID
	case r.WWID != "":
		return "mpath-" + r.WWID
	}
	vg, lv, _, ok := mapper.SplitName(r.Name)
	if !ok {
		return ""
	}
	if r.made > 0 {
		lv = fmt.Sprintf("%d%s", r.made, lv)
	}
	return "LVM-" + pad(vg) + pad(lv)
}

// pad makes 32 characters of LVM's kind; long names lose their beginning.
func pad(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < 128 && (c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z') {
			return c
		}
		return 'x'
	}, s)
	return (strings.Repeat("0", 32) + s)[len(s):]
}
