package mapper_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// host is a captured host as the mapper sees it.
type host struct {
	t      *testing.T
	expect string
	paths  mapper.Paths
	devs   []mapper.LUN
}

func captured(t *testing.T, snapshot string) *host {
	t.Helper()
	dir := hosttest.SharedDir(t, "hosts/"+snapshot)
	h := &host{t: t, expect: filepath.Join(dir, "expect"), paths: hosttest.PathsAt(dir)}
	var problems []error
	h.devs, problems = mapper.Host(h.paths, seenIn(t, h.paths.Proc), nil)
	if len(problems) > 0 {
		t.Errorf("problems on a healthy host: %v", problems)
	}
	return h
}

func seenIn(t *testing.T, proc string) (seen []mapper.Counted) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(proc, "diskstats"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) < 7 {
			continue
		}
		dev, ok := mapper.ParseDevNo(f[0] + ":" + f[1])
		if !ok {
			t.Fatalf("diskstats: %q", line)
		}
		seen = append(seen, mapper.Counted{Kernel: f[2], Dev: dev})
	}
	return seen
}

// lines gives the lines of what one of the host's own tools said; none where the
// host has no such tool.
func (h *host) lines(name string) []string {
	h.t.Helper()
	text, err := os.ReadFile(filepath.Join(h.expect, name))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return strings.Split(strings.TrimRight(string(text), "\n"), "\n")
}

func (h *host) byDev(dev mapper.DevNo) *mapper.LUN {
	for i := range h.devs {
		if h.devs[i].Dev == dev {
			return &h.devs[i]
		}
	}
	return nil
}

func (h *host) byName(name string) *mapper.LUN {
	h.t.Helper()
	for i := range h.devs {
		if h.devs[i].Name() == name {
			return &h.devs[i]
		}
	}
	h.t.Fatalf("no device %q", name)
	return nil
}

func number(t *testing.T, s string) mapper.DevNo {
	t.Helper()
	dev, ok := mapper.ParseDevNo(s)
	if !ok {
		t.Fatalf("%q is no device number", s)
	}
	return dev
}

// snapshots and how many LUNs each has.
var snapshots = map[string]int{
	"host-plain/after": 1, "host-plain/before": 1,
	"mail-hsm/after": 17, "mail-hsm/before": 17, "mail-idle/idle": 17,
	"mail-load/after": 17, "mail-load/before": 17, "mail-rebooted/idle": 17,
	"mail-renumber/after": 17, "mail-renumber/before": 17,
	"mail-vanish/after": 17, "mail-vanish/before": 17, "mail-vanish/gone": 15,
	"odd-stack/after": 51, "odd-stack/before": 50,
}

func TestCapturedHosts(t *testing.T) {
	for snapshot, luns := range snapshots {
		t.Run(snapshot, func(t *testing.T) {
			h := captured(t, snapshot)
			h.checkDmsetup()
			h.checkDeps()
			h.checkLVs()
			h.checkLsblk()
			if got := len(mapper.Stored(h.devs, "luns")); got != luns {
				t.Errorf("%d LUNs, want %d", got, luns)
			}
		})
	}
}

// checkDmsetup compares names, numbers and uuids with `dmsetup info -c`.
func (h *host) checkDmsetup() {
	lines := h.lines("dmsetup-info-c.txt")
	if len(lines) < 2 {
		for _, l := range h.devs {
			if l.DMName != "" {
				h.t.Errorf("%s is a dm device, and dmsetup knows none", l.Kernel)
			}
		}
		return
	}
	maj := strings.Index(lines[0], "Maj")
	found := 0
	for _, line := range lines[1:] {
		f := strings.Fields(line[maj:])
		if !strings.HasPrefix(f[2], "L") {
			continue // no live table: sysfs does not show it
		}
		found++
		name, uuid := strings.TrimRight(line[:maj], " "), ""
		if len(f) > 6 {
			uuid = f[6]
		}
		l := h.byDev(number(h.t, f[0]+":"+f[1]))
		switch {
		case l == nil:
			h.t.Errorf("%s is missing", name)
		case l.DMName != name || l.UUID != uuid:
			h.t.Errorf("%s is %q, %q; dmsetup says %q, %q", l.Dev, l.DMName, l.UUID, name, uuid)
		}
	}
	for _, l := range h.devs {
		if l.DMName != "" {
			found--
		}
	}
	if found != 0 {
		h.t.Errorf("dmsetup knows %d devices more", found)
	}
}

// checkDeps compares what is on what with `dmsetup deps`.
func (h *host) checkDeps() {
	for _, line := range h.lines("dmsetup-deps.txt") {
		name, rest, ok := strings.Cut(line, " dependencies")
		if !ok {
			continue
		}
		name = name[:strings.LastIndex(name, ": ")]
		if name == "empty" {
			continue // no table
		}
		var want []string
		for _, dev := range strings.FieldsFunc(rest, func(r rune) bool { return r == '(' || r == ')' }) {
			if !strings.Contains(dev, ",") {
				continue
			}
			below := h.byDev(number(h.t, strings.Replace(dev, ",", ":", 1)))
			if below == nil {
				h.t.Errorf("%s stands on %s, which is missing", name, dev)
				continue
			}
			want = append(want, below.Kernel)
			if !slices.Contains(below.Holders, h.dm(name).Kernel) {
				h.t.Errorf("%s does not say that it holds %s: %v", below.Kernel, name, below.Holders)
			}
		}
		slices.Sort(want)
		if got := h.dm(name).Slaves; !slices.Equal(got, want) {
			h.t.Errorf("%s stands on %v; dmsetup says %v", name, got, want)
		}
	}
}

func (h *host) dm(name string) *mapper.LUN {
	for i := range h.devs {
		if h.devs[i].DMName == name {
			return &h.devs[i]
		}
	}
	h.t.Errorf("no dm device %q", name)
	return &mapper.LUN{}
}

// checkLVs compares VG and LV with `lvs`.
func (h *host) checkLVs() {
	for _, line := range h.lines("lvs.txt") {
		f := strings.Fields(line)
		n := len(f)
		if n < 4 || f[n-1] == "-1" || f[0] == "LV" {
			continue
		}
		l := h.byDev(number(h.t, f[n-2]+":"+f[n-1]))
		lv := strings.Trim(f[0], "[]")
		if l == nil || l.VG != f[1] || l.LV != lv {
			h.t.Errorf("%s/%s is %+v", f[1], lv, l)
		}
	}
}

type lsblk struct {
	KName    string  `json:"kname"`
	MajMin   string  `json:"maj:min"`
	Size     uint64  `json:"size"`
	HCTL     *string `json:"hctl"`
	State    *string `json:"state"`
	Type     string
	Points   []*string `json:"mountpoints"`
	Children []lsblk
}

func (h *host) checkLsblk() {
	text, err := os.ReadFile(filepath.Join(h.expect, "lsblk.json"))
	if err != nil {
		h.t.Fatal(err)
	}
	var all struct{ Blockdevices []lsblk }
	if err := json.Unmarshal(text, &all); err != nil {
		h.t.Fatal(err)
	}
	if len(all.Blockdevices) == 0 {
		h.t.Fatal("lsblk says nothing")
	}
	for _, d := range all.Blockdevices {
		h.checkBlock(d)
	}
}

func (h *host) checkBlock(d lsblk) {
	l := h.byDev(number(h.t, d.MajMin))
	if l == nil {
		h.t.Errorf("%s is missing", d.KName)
		return
	}
	if l.Kernel != d.KName || l.SizeBytes != d.Size {
		h.t.Errorf("%s has %d bytes; lsblk says %s has %d", l.Kernel, l.SizeBytes, d.KName, d.Size)
	}
	var want, got []string
	for _, p := range d.Points {
		if p != nil && *p != "[SWAP]" {
			want = append(want, *p)
		}
	}
	for _, m := range l.Mounts {
		got = append(got, m.Point)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		h.t.Errorf("%s is mounted on %q; lsblk says %q", l.Name(), got, want)
	}
	if swap := slices.ContainsFunc(d.Points, func(p *string) bool { return p != nil && *p == "[SWAP]" }); swap != l.Swap {
		h.t.Errorf("%s is swap: %v; lsblk says %v", l.Name(), l.Swap, swap)
	}
	for _, c := range d.Children {
		if d.Type == "disk" && c.Type == "mpath" {
			h.checkPath(d, number(h.t, c.MajMin))
		}
		h.checkBlock(c)
	}
}

func (h *host) checkPath(d lsblk, m mapper.DevNo) {
	want := mapper.Path{Kernel: d.KName, Dev: number(h.t, d.MajMin)}
	if d.HCTL != nil {
		want.HCTL = *d.HCTL
	}
	if d.State != nil {
		want.State = *d.State
	}
	if l := h.byDev(m); l == nil || !slices.Contains(l.Paths, want) {
		h.t.Errorf("%s has no path %v: %+v", m, want, l)
	}
}

// Captures travel through tools that turn links into files: one host says the
// same with its links whole and flat.
func TestFlatLinks(t *testing.T) {
	flat := captured(t, "odd-stack/before")
	whole := hosttest.Shared(t, "hosts/odd-stack/before")
	devs, problems := mapper.Host(whole, seenIn(t, whole.Proc), nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for i := range min(len(devs), len(flat.devs)) {
		if !reflect.DeepEqual(devs[i], flat.devs[i]) {
			t.Errorf("with links whole %+v\nwith links flat %+v", devs[i], flat.devs[i])
		}
	}
	for _, paths := range []mapper.Paths{flat.paths, whole} {
		for _, link := range []string{"/dev/disk/by-label/data", "/dev/disk/by-id/dm-name-zimbra1_sqldb-data"} {
			if found, err := mapper.Find(devs, link, paths); err != nil || len(found) != 1 || found[0].Kernel != "dm-13" {
				t.Errorf("%s is %v, %v", link, found, err)
			}
		}
	}
}
