package mapper

import (
	"cmp"
	"slices"
	"strings"
)

// The lines of multipath -ll, from RHEL 4 to 9.
var (
	// mpatha (36006…) dm-2 DGC,RAID 5; a WWID may have blanks, and what is only planned
	// has no number
	mapLine = pattern{expr: `^(?:[a-z]+: )?(\S+) +\(([^()]+)\) +(dm-\d+|undef)(?: +(.*))?$`}
	// 36006… dm-2 DGC,RAID 5, without an alias; RHEL 5 writes a long one right before dm-2
	bareMapLine = pattern{expr: `^(?:[a-z]+: )?([0-9A-Za-z]\S*?(?: +\S+)*?) *(dm-\d+) +([^,]*,.*)$`}
	// mpath1 (36006…), with the numbers below; RHEL 4 may have the size in the same line
	oldMapLine = pattern{expr: `^(?:[a-z]+: )?(\S+) \(([^():, ]{8,})\)(?: *(\[size=.*))?$`}
	// eui.0025… [nvme]:nvme0n1 NVMe,MODEL,FIRMWARE: NVMe's own multipath; or a name and (WWID)
	nvmeLine = pattern{expr: `^(\S.*?)(?: +\(([^()]+)\))? +\[nvme\]:(nvme\d+n\d+)(?: +(.*))?$`}
	// size=54T features='0' hwhandler='1 rdac' wp=rw, or [size=140G][features=…]
	sizeLine = pattern{expr: `^\[?size=([0-9.,]+ ?[KMGTPE]?)B?\]?[ \[]?`}
	// | |- 12:0:0:1 sdc 8:32 active ready running, or  \_ 5:0:1:0 sdq 65:0 [active][ready]
	pathLine = pattern{expr: "^[ |`'\\\\_+-]*?(\\d+:\\d+:\\d+:\\d+|#:#:#:#) +(\\S+) +(\\d+:\\d+|#:#|-:-) *(.*)$"}
	// | `- 1:4:1 nvme1c4n1 0:0 n/a optimized live
	nvmePathLine = pattern{expr: "^[ |`'+-]*?\\d+:\\d+:\\d+ +(nvme\\d+c\\d+n\\d+) +\\d+:\\d+ +(.*)$"}
	// |-+- policy='round-robin 0' prio=1 status=active, or \_ round-robin 0 [prio=2][active]
	groupLine = pattern{expr: "^[ |`'\\\\_+-]+(policy=|[a-z-]+ \\d+ \\[)"}
)

// multipathLine reads a line of multipath -ll.
func (t *textHost) multipathLine(line string) bool {
	line = strings.TrimPrefix(line, "multipathd> ")
	if head := strings.TrimLeft(line, " \t"); t.mapHeading(head) {
		return true
	}
	if t.map_ == nil {
		return false
	}
	t.map_ = t.map_.root()
	return t.mapSize(strings.TrimLeft(line, " \t")) || groupLine.compiled().MatchString(line) || t.mapPath(line)
}

// mapHeading begins a map at its first line.
func (t *textHost) mapHeading(line string) bool {
	if m := nvmeLine.compiled().FindStringSubmatch(line); m != nil {
		t.beginNVMe(cmp.Or(m[2], m[1]), m[3], m[4])
		return true
	}
	if m := mapLine.compiled().FindStringSubmatch(line); m != nil {
		t.beginMap(m[1], m[2], m[3], m[4])
		return true
	}
	if m := bareMapLine.compiled().FindStringSubmatch(line); m != nil {
		t.beginMap(m[1], "", m[2], m[3])
		return true
	}
	if m := oldMapLine.compiled().FindStringSubmatch(line); m != nil {
		t.beginMap(m[1], m[2], "", "")
		t.mapSize(m[3])
		return true
	}
	return false
}

// mapSize takes the line with a map's size. That of NVMe's own multipath is in sectors.
func (t *textHost) mapSize(line string) bool {
	m := sizeLine.compiled().FindStringSubmatch(line)
	if m == nil {
		return false
	}
	text := strings.ReplaceAll(m[1], " ", "")
	if size, ok := sized(text); ok && size < 1<<54 {
		if t.map_.DMName == "" && strings.Trim(text, "0123456789") == "" {
			size *= 512
		}
		t.map_.weakSize = size
	}
	return true
}

// mapPath takes a path's line.
func (t *textHost) mapPath(line string) bool {
	if m := nvmePathLine.compiled().FindStringSubmatch(line); m != nil {
		_, controller, _ := nvmePath(m[1])
		t.path(t.map_, t.kernel(m[1]), controller, lastWord(m[2]))
		return true
	}
	m := pathLine.compiled().FindStringSubmatch(line)
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

func lastWord(s string) string {
	words := strings.Fields(s)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// beginNVMe takes the first line of a namespace with several paths.
func (t *textHost) beginNVMe(wwid, kernel, product string) {
	d := t.kernel(kernel)
	d.WWID = wwid
	if parts := strings.Split(product, ","); len(parts) > 2 {
		d.hardware = Hardware{Model: strings.TrimSpace(parts[1]), Rev: strings.TrimSpace(parts[2])}
	}
	t.map_ = d
}

// beginMap takes the first line of a map. Without an alias it is called by its WWID.
func (t *textHost) beginMap(name, wwid, kernel, product string) {
	if wwid == "" {
		wwid = name
	}
	d := t.named(name)
	if kernel != "undef" {
		d = t.isCalled(d, kernel)
	}
	d.WWID, d.UUID = wwid, "mpath-"+wwid
	if vendor, model, ok := strings.Cut(product, ","); ok && vendor != "##" && vendor != "undef" {
		d.hardware = Hardware{Vendor: strings.TrimSpace(vendor), Model: strings.TrimSpace(model)}
	}
	t.map_ = d
}

// pathState is the last of a path's words that says how it is: "active ready running",
// "failed faulty offline", "[failed][faulty]". A path that the checker has found faulty
// doesn't run, whatever its device says. undef says that nobody has checked, as with
// multipath -l.
func pathState(words string) string {
	list := strings.FieldsFunc(words, func(r rune) bool { return strings.ContainsRune("[] ", r) })
	for _, bad := range [...]string{"failed", "faulty", "offline", "shaky", "ghost"} {
		if slices.Contains(list, bad) {
			return bad
		}
	}
	if slices.Contains(list, "running") || slices.Contains(list, "ready") || slices.Contains(list, "active") {
		return "running"
	}
	return ""
}
