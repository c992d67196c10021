package hosttest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// IO is the fields of a line of diskstats after the name, in their order. Times
// are in ms and, as in the kernel, shown modulo 2³².
type IO struct {
	Reads, ReadMerges, ReadSectors, ReadMS             uint64
	Writes, WriteMerges, WriteSectors, WriteMS         uint64
	Inflight, BusyMS, QueueMS                          uint64
	Discards, DiscardMerges, DiscardSectors, DiscardMS uint64
	Flushes, FlushMS                                   uint64
}

func (io *IO) fields() [17]*uint64 {
	return [...]*uint64{
		&io.Reads, &io.ReadMerges, &io.ReadSectors, &io.ReadMS,
		&io.Writes, &io.WriteMerges, &io.WriteSectors, &io.WriteMS,
		&io.Inflight, &io.BusyMS, &io.QueueMS,
		&io.Discards, &io.DiscardMerges, &io.DiscardSectors, &io.DiscardMS,
		&io.Flushes, &io.FlushMS,
	}
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

// count numbers the dm devices in the order of the rows, the disks by kind.
func (h *Host) count() {
	var dms, disks uint32
	for _, r := range h.rows {
		h.seq++
		r.seq = h.seq
		if r.Name != "" {
			r.dev = mapper.DevNo{Major: 253, Minor: dms}
			r.Kernel = fmt.Sprintf("dm-%d", dms)
			dms++
			continue
		}
		r.dev = mapper.DevNo{Major: 8, Minor: disks}
		disks++
	}
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

// Counted lists what diskstats shows.
func (h *Host) Counted() (counted []mapper.Counted) {
	for _, r := range h.rows {
		if !r.gone && r.line == "" {
			counted = append(counted, mapper.Counted{Kernel: r.Kernel, Dev: r.dev})
		}
	}
	return counted
}

// Pass lets time pass.
func (h *Host) Pass(d time.Duration) {
	h.up += d
	h.writeUptime()
}

// Do adds I/O to a LUN's counters; Inflight is set, as it is a gauge.
func (h *Host) Do(name string, io IO) {
	h.t.Helper()
	r := h.row(name)
	r.do(io)
	h.writeStats()
}

// DoAll adds to every device's counters what io says for its index. Calling Do for each
// device would write the file as often.
func (h *Host) DoAll(io func(i int) IO) {
	h.t.Helper()
	for i := range h.rows {
		h.rows[i].do(io(i))
	}
	h.writeStats()
}

func (r *row) do(io IO) {
	was := r.io.fields()
	for i, more := range io.fields() {
		*was[i] += *more
	}
	r.io.Inflight = io.Inflight
}

// Set gives a LUN these counters.
func (h *Host) Set(name string, io IO) {
	h.t.Helper()
	h.row(name).io = io
	h.writeStats()
}

// Fields says how many fields a line of diskstats has: 14, 18, 20 or more.
func (h *Host) Fields(n int) {
	h.fields = n
	h.writeStats()
}

// Spoil puts text in the place of a LUN's line of diskstats; "" puts it right.
func (h *Host) Spoil(name, text string) {
	h.t.Helper()
	h.row(name).line = text
	h.writeStats()
}

// Reboot starts the host again: it has been up for a while, and all counters have
// begun at zero. Renumber before or after it as the case may be.
func (h *Host) Reboot(up time.Duration) {
	h.boots++
	h.up, h.seq, h.uevents = up, 0, 0
	for _, r := range h.rows {
		r.io = IO{}
	}
	h.count()
	h.writeAll()
}

// Renumber gives the dm devices their minors in the order of these names, and
// then the others; without names in the opposite order. Their counters and
// diskseq stay: what stops and comes back is for [Host.Recreate].
func (h *Host) Renumber(names ...string) {
	h.t.Helper()
	if len(names) == 0 {
		for _, r := range slices.Backward(h.rows) {
			if r.Name != "" {
				names = append(names, r.Name)
			}
		}
	}
	rank := func(r *row) int {
		if i := slices.Index(names, r.Name); i >= 0 {
			return i
		}
		return len(names)
	}
	slices.SortStableFunc(h.rows, func(a, b *row) int { return rank(a) - rank(b) })
	seqs := make(map[*row]int)
	for _, r := range h.rows {
		seqs[r] = r.seq
	}
	last := h.seq
	h.count()
	h.seq = last
	for _, r := range h.rows {
		r.seq = seqs[r]
	}
	h.writeAll()
}

// Recreate makes a LUN again under its name, uuid and minor: its counters begin
// at zero and its diskseq is new.
func (h *Host) Recreate(name string) {
	h.t.Helper()
	r := h.row(name)
	h.seq++
	r.seq, r.io = h.seq, IO{}
	h.writeAll()
}

// Replace makes another LUN of the same name and minor.
func (h *Host) Replace(name string) {
	h.t.Helper()
	h.row(name).made++
	h.Recreate(name)
}

// Remove takes a LUN away.
func (h *Host) Remove(name string) {
	h.t.Helper()
	h.row(name).gone = true
	h.writeAll()
}

// Return brings a removed LUN back, made again.
func (h *Host) Return(name string) {
	h.t.Helper()
	h.row(name).gone = false
	h.Recreate(name)
}

// Rename gives a LUN another name; its uuid stays.
func (h *Host) Rename(name, to string) {
	h.t.Helper()
	r := h.row(name)
	r.UUID, r.made = r.uuid(), 0
	r.Name = to
	h.writeAll()
}

// Mount mounts a LUN, or unmounts it where the point is "".
func (h *Host) Mount(name, point string) {
	h.t.Helper()
	h.row(name).LUN.Mount = point
	h.writeUse()
}

// State sets the state of a path's SCSI device: running, offline, ….
func (h *Host) State(kernel, state string) {
	h.t.Helper()
	h.row(kernel).state = state
	h.writeAll()
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

// Uevent counts a change that the kernel announced.
func (h *Host) Uevent() {
	h.uevents++
	h.writeUevents()
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
