package mapper

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// NotFoundError says that a token names no device.
type NotFoundError struct {
	What string
	Near []string    // names like it, "zimbra1_sqldb-data (dm-13)", the nearest first
	On   *MountedDev // of a path: the mount on which it lies, and that is of no device of the host
}

func (e *NotFoundError) Error() string {
	if e.On == nil {
		return fmt.Sprintf("no LUN %q", e.What)
	}
	if e.On.Point == e.What {
		return fmt.Sprintf("no LUN %q: %s", e.What, e.On.what())
	}
	return fmt.Sprintf("no LUN %q: it is on %s, which is %s", e.What, e.On.Point, e.On.what())
}

// Hint says which LUNs may have been meant, or where to look.
func (e *NotFoundError) Hint() string {
	switch {
	case e.On != nil:
		return "`findmnt -T " + ShellWord(e.What) + "` shows the mount; `lunstat lookup` lists all LUNs"
	case len(e.Near) > 0:
		return "near: " + strings.Join(e.Near, ", ")
	}
	return "`lunstat lookup` lists all LUNs"
}

// Find gives the devices that a token names. It takes anything that an admin may have:
// a kernel name, a number ("253:13", "dev253-13", or a dm minor alone), the address of a
// SCSI disk ("1:0:0:7"), a dm name,
// "vg/lv", a path below /dev, an identity, uuid, WWID in any spelling or serial, a
// mount point or any path below one ([CheckPath] says whether there is such a path), a
// role, a label or both ("MySQL data of zimbra1").
//
// If a token names several devices exactly, Find gives all of them, the one with that
// kernel name first. It takes a token for a role or a label only if it names nothing
// else. With the zero Paths it looks at no file. Otherwise it follows links below
// p.Dev, and if p.Dev is /dev itself, the links in the path of a file.
func Find(devs []LUN, what string, p Paths) ([]LUN, error) {
	x := newIndex(devs)
	found, on := x.exact(what), (*MountedDev)(nil) // a name may begin with a blank
	if len(found) == 0 {
		found, on = x.find(strings.TrimSpace(what), p)
	}
	if len(found) == 0 {
		return nil, &NotFoundError{What: what, Near: x.near(what), On: on}
	}
	luns := make([]LUN, len(found))
	for i, at := range found {
		luns[i] = devs[at]
	}
	return luns, nil
}

// IsKind reports whether a token doesn't name one device, but something that several
// may share: a role, a label, a group, a pool. Then nobody can tell which one is meant.
func IsKind(devs []LUN, what string) bool {
	x := newIndex(devs)
	what = strings.TrimSpace(what)
	return len(x.exact(what)) == 0 && len(x.called(what)) > 1
}

// FindRecorded is [Find] for LUNs as a ledger has them. A path must be one of their
// mount points, or a path below one; if files can be looked at, the path must exist.
// The path of a mount that is not there names no LUN.
func FindRecorded(devs []LUN, what string, p Paths) ([]LUN, error) {
	clean := path.Clean(Absolute(strings.TrimSpace(what), p))
	x := newIndex(devs)
	isPath := strings.HasPrefix(clean, "/") && !strings.HasPrefix(clean, "/dev/") && len(x.exact(what)) == 0
	if !isPath || len(x.mountPoint(clean)) == 0 && ownHost(p) && existing(clean) == clean {
		return Find(devs, what, p)
	}
	var luns []LUN
	for _, i := range x.mountPoint(clean) {
		luns = append(luns, devs[i])
	}
	if len(luns) == 0 {
		return nil, &NotFoundError{What: what, Near: x.nearMounts(clean)}
	}
	return luns, nil
}

// nearMounts are the mount points like a path, with their LUNs: "/srv/mail (dm-3)".
func (x *index) nearMounts(what string) (near []string) {
	var points []string
	for i := range x.devs {
		points = append(points, x.devs[i].points()...)
	}
	for _, point := range nearPaths(what, points) {
		near = append(near, fmt.Sprintf("%s (%s)", point, x.devs[x.mountPoint(point)[0]].Name()))
	}
	return near
}

func (x *index) find(what string, p Paths) (found []int, on *MountedDev) {
	if what == "" {
		return nil, nil
	}
	if found := x.exact(what); len(found) > 0 {
		return found, nil
	}
	if found := x.addressed(what); len(found) > 0 {
		return found, nil
	}
	what = Absolute(what, p)
	if strings.HasPrefix(what, "/dev/") {
		if found := x.devLink(what, p); len(found) > 0 {
			return found, nil
		}
		return nil, mountBelowDev(what, p)
	}
	if strings.HasPrefix(what, "/") {
		return x.pathBelow(what, p)
	}
	if found := x.called(what); len(found) > 0 || !ownHost(p) {
		return found, nil
	}
	if whole, err := filepath.Abs(what); err == nil && existing(whole) == whole {
		return x.pathBelow(whole, p) // a file in the current folder
	}
	return nil, nil
}

// exact gives what has the token for a number, name or identity.
func (x *index) exact(what string) (found []int) {
	add := func(more ...int) {
		for _, i := range more {
			if !slices.Contains(found, i) {
				found = append(found, i)
			}
		}
	}
	name := strings.TrimPrefix(what, "/dev/")
	if i, ok := x.kernel[name]; ok {
		add(i)
	} else if i, ok := x.kernel[strings.ToLower(name)]; ok { // "DM-13"
		add(i)
	}
	if dev, ok := writtenDevNo(what); ok {
		add(x.dev[dev]...)
	}
	if minor, err := strconv.ParseUint(what, 10, 32); err == nil {
		if i, ok := x.kernel["dm-"+strconv.FormatUint(minor, 10)]; ok {
			add(i)
		}
	}
	add(x.devPath(what)...)
	if !strings.HasPrefix(what, "/") {
		add(x.name[what]...)
		if !utf8.ValidString(what) {
			add(x.name[string([]rune(what))]...) // as the ledger has it: JSON can't hold other bytes
		}
	}
	add(x.identified(what)...)
	return found
}

// writtenDevNo is a number as people and tools write it: 253:13, ls's "253, 13",
// sar's dev253-13.
func writtenDevNo(s string) (DevNo, bool) {
	if sar, ok := strings.CutPrefix(s, "dev"); ok {
		if major, minor, ok := strings.Cut(sar, "-"); ok {
			return devNo(major, minor)
		}
	}
	if major, minor, ok := strings.Cut(s, ","); ok {
		return devNo(major, minor)
	}
	return ParseDevNo(s)
}

// identified gives what has the token for identity, uuid, WWID or serial. The
// paths of a map have its WWID too; the map represents them.
func (x *index) identified(what string) (found []int) {
	wwid := PlainWWID(what)
	var paths []int
	for i := range x.devs {
		l := &x.devs[i]
		switch {
		case string(l.ID) == what || l.UUID == what && what != "":
			found = append(found, i)
		case sameWWID(l.WWID, wwid) || l.Serial == what && what != "":
			if strings.Contains(string(l.ID), "@") {
				paths = append(paths, i)
			} else {
				found = append(found, i)
			}
		}
	}
	if len(found) == 0 {
		return paths
	}
	return found
}

// sameWWID also takes a WWID without the digit that says which kind it is.
func sameWWID(has, plain string) bool {
	if len(plain) < 8 {
		return false
	}
	has = PlainWWID(has)
	return has == plain || len(has) > len(plain) && has[1:] == plain
}

// devLink follows a link of udev's: /dev/disk/by-id/….
func (x *index) devLink(what string, p Paths) []int {
	if p.Dev == "" {
		return nil
	}
	rel, ok := newFiles().follow(p.Dev, what)
	if i, known := x.kernel[rel]; ok && known {
		return []int{i}
	}
	return nil
}

// follow gives what a link below /dev leads to, as a path that counts from there.
func (f *files) follow(dev, link string) (rel string, ok bool) {
	at := filepath.Join(dev, strings.TrimPrefix(link, "/dev/"))
	for range 8 { // links to links; more is a ring
		target := f.link(cwd, at)
		if target == "" || filepath.IsAbs(target) { // udev's links are relative
			break
		}
		at = filepath.Join(filepath.Dir(at), target)
	}
	rel, err := filepath.Rel(dev, at)
	return rel, err == nil
}

// mountBelowDev is the mount in /dev on which a path lies: /dev/shm.
func mountBelowDev(what string, p Paths) *MountedDev {
	table := mountTable(p)
	for dir := path.Clean(what); strings.HasPrefix(dir, "/dev/"); dir = path.Dir(dir) {
		if top := topMount(table, dir); top != nil {
			return top
		}
	}
	return nil
}

// called gives what has the token for a role, label, title, group, volume group or pool.
func (x *index) called(what string) (found []int) {
	for i := range x.devs {
		l := &x.devs[i]
		for _, name := range [...]string{l.Role, l.Label, l.Title(), l.Group, l.VG, l.Pool.Name} {
			if name != "" && strings.EqualFold(name, what) && l.Layer == LayerLUN {
				found = append(found, i)
				break
			}
		}
	}
	return found
}

func (x *index) names(at []int) []string {
	names := make([]string, len(at))
	for i, j := range at {
		l := &x.devs[j]
		names[i] = l.Name()
		if l.DMName != "" {
			names[i] = fmt.Sprintf("%s (%s)", l.DMName, l.Kernel)
		}
	}
	return names
}

const maxNear = 5

// near gives names like the token: those that begin with it, those that hold
// it, those that a few typing errors make of it; LUNs before their layers.
func (x *index) near(what string) []string {
	what = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(what), "/dev/mapper/"))
	if what == "" || len(what) > 256 {
		return nil
	}
	type hit struct{ at, far, layer int }
	var hits []hit
	for i := range x.devs {
		l := &x.devs[i]
		best := tooFar
		for _, name := range [...]string{l.Kernel, l.DMName, Unmangle(l.DMName), l.LV, l.Label, l.Role, l.Mounted()} {
			best = min(best, distance(what, strings.ToLower(name)))
		}
		if best < tooFar {
			h := hit{at: i, far: best}
			if l.Layer != LayerLUN {
				h.layer = 1
			}
			hits = append(hits, h)
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(a.layer, b.layer))
	})
	var at []int
	for _, h := range hits[:min(len(hits), maxNear)] {
		at = append(at, h.at)
	}
	return x.names(at)
}

const tooFar = 1 << 30

func distance(what, name string) int {
	switch {
	case name == "":
		return tooFar
	case strings.HasPrefix(name, what):
		return 0
	case len(what) > 1 && strings.Contains(name, what):
		return 1
	}
	best := misspelt(what, name)
	if len(what) < leastPart {
		return best
	}
	for i, c := range name {
		if strings.ContainsRune("_-/", c) {
			best = min(best, misspelt(what, name[i+1:]))
		}
	}
	return best
}

// leastPart is how long a token must be to be compared with the ends of names too
// ("sqldb-dta" is like the end of zimbra1_sqldb-data): shorter ones are like anything.
const leastPart = 5

func misspelt(what, name string) int {
	limit := max(1, len(what)/3)
	if diff := len(name) - len(what); diff > limit || -diff > limit {
		return tooFar
	}
	if d := levenshtein.ComputeDistance(what, name); d <= limit {
		return 1 + d
	}
	return tooFar
}
