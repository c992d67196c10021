package mapper

import (
	"cmp"
	"slices"
	"strings"
)

// lvsHeading begins the table of lvs. Its first columns are LV and VG, in any order.
func (t *textHost) lvsHeading(line string) bool {
	words := strings.Fields(line)
	lv, vg := slices.Index(words, "LV"), slices.Index(words, "VG")
	if len(words) < 2 || lv < 0 || vg < 0 || lv+vg != 1 {
		return false
	}
	c := lvsColumns{lv: lv, vg: vg, attr: slices.Index(words, "Attr"), size: slices.Index(words, "LSize"), numbers: words[len(words)-2] == "KMaj"}
	indented := strings.HasPrefix(line, " ")
	pool, origin := strings.Index(line, " Pool "), strings.Index(line, " Origin")
	t.table = func(line string) bool {
		if c.attr != 2 && indented != strings.HasPrefix(line, " ") {
			return false // something else: only the states tell an LV
		}
		d := t.lvsRow(strings.Fields(line), c, line)
		if d != nil && pool > 0 && origin > pool && len(line) > origin && line[pool] == ' ' && line[origin] == ' ' {
			if name := strings.Trim(line[pool:origin], " []"); name != "" {
				d.weakBelow = append(d.weakBelow, t.named(JoinName(d.VG, name)))
			}
		}
		return d != nil
	}
	return true
}

// lvsColumns are the places of columns; below 0: there is none.
type lvsColumns struct {
	lv, vg, attr, size int
	numbers            bool // the last two are the kernel's numbers
}

// bareLV is a line of lvs --noheadings with the columns that lvs has by default.
func (t *textHost) bareLV(line string) bool {
	return strings.HasPrefix(line, "  ") && t.lvsRow(strings.Fields(line), lvsColumns{vg: 1, attr: 2, size: 3}, line) != nil
}

// lvState is lvs' column Attr: ten characters, in RHEL 5 six.
var lvState = pattern{expr: `^[-CmMoOrRsSpvVituTleEdDFg][-wrRcCiIaA][-cinlaCINLA][-m][-asIAShHcCdDXmM][-oXn][-A-Za-z]{0,4}$`}

// lvsDevice is a physical volume or a hidden LV with its first extent: /dev/sdb2(0).
var lvsDevice = pattern{expr: `(\S+?)\(\d+\)`}

func (t *textHost) lvsRow(fields []string, c lvsColumns, line string) *textDevice {
	if len(fields) < 2 || c.attr == 2 && (len(fields) < 3 || !lvState.compiled().MatchString(fields[2])) {
		return nil
	}
	d := t.lv(fields[c.lv], fields[c.vg])
	if d == nil {
		return nil
	}
	if c.size == 3 && len(fields) > 3 {
		d.takeSize(fields[3])
	}
	if c.numbers && len(fields) > 3 {
		if dev, ok := devNo(fields[len(fields)-2], fields[len(fields)-1]); ok {
			d.weakDev = dev
		}
	}
	t.onExtents(d, line)
	return d
}

// lv is an LV as lvs names it, hidden ones in brackets; nil for what can be none.
func (t *textHost) lv(lv, vg string) *textDevice {
	lv = strings.Trim(lv, "[]")
	if lv == "" || vg == "" || !looksLVM(lv) || !looksLVM(vg) {
		return nil
	}
	d := t.named(JoinName(vg, lv))
	d.VG, d.LV = vg, lv
	return d
}

// takeSize takes the size of an LV, which is rounded.
func (d *textDevice) takeSize(text string) {
	if bytes, ok := sized(text); ok {
		d.weakSize = cmp.Or(d.weakSize, bytes)
	}
}

// onExtents puts an LV on the devices whose first extents the text has.
func (t *textHost) onExtents(d *textDevice, text string) {
	for _, m := range lvsDevice.compiled().FindAllStringSubmatch(text, -1) {
		for name := range strings.SplitSeq(m[1], ",") {
			switch on := t.inDev(name); {
			case on != nil:
				d.weakBelow = append(d.weakBelow, on)
			case name != "" && !strings.HasPrefix(name, "/dev/"):
				d.weakBelow = append(d.weakBelow, t.named(JoinName(d.VG, strings.Trim(name, "[]"))))
			}
		}
	}
}
