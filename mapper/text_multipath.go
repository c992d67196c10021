package mapper

import (
	"slices"
	"strings"
)

// The lines of multipath -ll, from RHEL 4 to 9.
var (
	// mpatha (36006…) dm-2 DGC,RAID 5; a WWID may have blanks
	mapLine = pattern(`^(?:[a-z]+: )?(\S+) +\(([^()]+)\) +(dm-\d+)(?: +(.*))?$`)
	// 36006… dm-2 DGC,RAID 5, without an alias
	bareMapLine = pattern(`^(?:[a-z]+: )?([0-9A-Za-z]\S*(?: +\S+)*?) +(dm-\d+) +([^,]*,.*)$`)
	// mpath1 (36006…), with the numbers below
	oldMapLine = pattern(`^(?:[a-z]+: )?(\S+) \(([^():, ]{8,})\)$`)
	// size=54T features='0' hwhandler='1 rdac' wp=rw, or [size=140G][features=…]
	mapSize = pattern(`^\[?size=([0-9.,]+ ?[KMGTPE]?)B?\]?[ \[]?`)
	// | |- 12:0:0:1 sdc 8:32 active ready running, or  \_ 5:0:1:0 sdq 65:0 [active][ready]
	pathLine = pattern("^[ |`\\\\_+-]*?(\\d+:\\d+:\\d+:\\d+|#:#:#:#) +(\\S+) +(\\d+:\\d+|#:#|-:-) *(.*)$")
	// |-+- policy='round-robin 0' prio=1 status=active, or \_ round-robin 0 [prio=2][active]
	groupLine = pattern("^[ |`\\\\_+-]+(policy=|[a-z-]+ \\d+ \\[)")
)

// multipathLine reads a line of multipath -ll.
func (t *textHost) multipathLine(line string) bool {
	if m := mapLine().FindStringSubmatch(line); m != nil {
		t.beginMap(m[1], m[2], m[3], m[4])
		return true
	}
	if m := bareMapLine().FindStringSubmatch(line); m != nil {
		t.beginMap(m[1], "", m[2], m[3])
		return true
	}
	if m := oldMapLine().FindStringSubmatch(line); m != nil {
		t.beginMap(m[1], m[2], "", "")
		return true
	}
	if t.map_ == nil {
		return false
	}
	t.map_ = t.map_.root()
	if m := mapSize().FindStringSubmatch(line); m != nil {
		if size, ok := sized(strings.ReplaceAll(m[1], " ", "")); ok {
			t.map_.weakSize = size
		}
		return true
	}
	if groupLine().MatchString(line) {
		return true
	}
	m := pathLine().FindStringSubmatch(line)
	if m == nil {
		return false
	}
	if m[2] == "-" { // a path whose device is gone
		return true
	}
	dev, _ := ParseDevNo(m[3])
	disk := t.isAt(t.kernel(m[2]), dev)
	hctl := m[1]
	if strings.HasPrefix(hctl, "#") {
		hctl = ""
	}
	t.path(t.map_, disk, hctl, pathState(m[4]))
	return true
}

// beginMap takes the first line of a map. Without an alias it is called by its WWID.
func (t *textHost) beginMap(name, wwid, kernel, product string) {
	if wwid == "" {
		wwid = name
	}
	d := t.named(name)
	d = t.isCalled(d, kernel)
	d.WWID, d.UUID = wwid, "mpath-"+wwid
	if vendor, model, ok := strings.Cut(product, ","); ok {
		d.hardware = Hardware{Vendor: strings.TrimSpace(vendor), Model: strings.TrimSpace(model)}
	}
	t.map_ = d
}

// pathState is the last of a path's words that says how it is: "active ready running",
// "failed faulty offline", "[failed][faulty]". A path that the checker has found faulty
// doesn't run, whatever its device says.
func pathState(words string) string {
	list := strings.FieldsFunc(words, func(r rune) bool { return strings.ContainsRune("[] ", r) })
	for _, bad := range [...]string{"failed", "faulty", "offline", "shaky", "ghost", "undef"} {
		if slices.Contains(list, bad) {
			return bad
		}
	}
	if slices.Contains(list, "running") || slices.Contains(list, "ready") || slices.Contains(list, "active") {
		return "running"
	}
	return ""
}
