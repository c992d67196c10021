package mapper

import (
	"strings"
	"unicode/utf8"
)

// lsblkHeading begins the table of lsblk as people paste it: RHEL 6 and 7 have no -J.
func (t *textHost) lsblkHeading(line string) bool {
	words := strings.Fields(line)
	if len(words) < 6 || words[0] != "NAME" || words[1] != "MAJ:MIN" || words[2] != "RM" {
		return false
	}
	t.blocks = t.blocks[:0]
	return true
}

// blockLine is a line of that table: the branch, the name (RHEL 6: and the kernel's), the
// number, whether it is removable, size, whether it is read-only, type, mount point.
var blockLine = pattern{expr: "^([ │|├└─`-]*)(\\S+)(?: +\\((dm-\\d+)\\))? +(\\d+:\\d+) +[01] +([0-9.,]+[KMGTPEB]?) +[01] +([a-z0-9]+)(?: +(\\S.*))?$"}

func (t *textHost) lsblkRow(line string) bool {
	m := blockLine.compiled().FindStringSubmatch(line)
	if m == nil {
		return t.moreMounts(line)
	}
	depth := utf8.RuneCountInString(m[1]) / 2
	t.blocks = t.blocks[:min(depth, len(t.blocks))]
	var below *textDevice
	if len(t.blocks) > 0 {
		below = t.blocks[len(t.blocks)-1]
	}
	r := lsblkRow{Name: &m[2], Type: &m[6], MajMin: m[4], MountPoint: &m[7]}
	if m[3] != "" {
		r.KName = &m[3]
	}
	d := t.block(&r, below, depth)
	if d == nil {
		return false
	}
	if size, ok := sized(m[5]); ok {
		d.weakSize = size // it is rounded
	}
	t.blocks = append(t.blocks, d.root())
	return true
}

// moreMounts is a line that has only another mount point of the device above it.
func (t *textHost) moreMounts(line string) bool {
	rest := strings.TrimLeft(line, " │|")
	if len(t.blocks) == 0 || len(line)-len(rest) < 20 || !strings.HasPrefix(rest, "/") {
		return false
	}
	t.mounted(t.blocks[len(t.blocks)-1].root(), rest, "")
	return true
}

// pairsLine is a line of lsblk -P: NAME="sda" MAJ:MIN="8:0" …, in which quotes,
// backslashes and line ends are written as escapes (\x22).
var (
	pairsLine = pattern{expr: `^([A-Z][A-Z0-9:_%#-]*="[^"]*" *)+$`}
	onePair   = pattern{expr: `([A-Z0-9:_%#-]+)="([^"]*)"`}
)

func (t *textHost) lsblkPairs(line string) bool {
	if !pairsLine.compiled().MatchString(line) {
		return false
	}
	var r lsblkRow
	size := ""
	to := map[string]**string{
		"NAME": &r.Name, "KNAME": &r.KName, "TYPE": &r.Type, "FSTYPE": &r.FSType, "UUID": &r.UUID, "WWN": &r.WWN, "SERIAL": &r.Serial, "HCTL": &r.HCTL,
		"VENDOR": &r.Vendor, "MODEL": &r.Model, "REV": &r.Rev, "STATE": &r.State, "PKNAME": &r.PKName, "MOUNTPOINT": &r.MountPoint,
	}
	for _, m := range onePair.compiled().FindAllStringSubmatch(line, -1) {
		value := Unmangle(m[2])
		switch m[1] {
		case "MAJ:MIN", "MAJ_MIN": // the latter for shells
			r.MajMin = value
		case "SIZE":
			size = value
		case "MOUNTPOINTS":
			for point := range strings.SplitSeq(value, "\n") {
				r.MountPoints = append(r.MountPoints, &point)
			}
		default:
			if field := to[m[1]]; field != nil {
				*field = &value
			}
		}
	}
	d := t.block(&r, nil, 0)
	if d == nil {
		return false
	}
	d.takeSize(size)
	return true
}
