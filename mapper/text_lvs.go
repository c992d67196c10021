package mapper

import (
	"cmp"
	"slices"
	"strings"
)

// lvsHeading begins the table of lvs.
func (t *textHost) lvsHeading(line string) bool {
	words := strings.Fields(line)
	if len(words) < 3 || words[0] != "LV" || words[1] != "VG" {
		return false
	}
	attr, size := slices.Index(words, "Attr"), slices.Index(words, "LSize")
	numbers := len(words) > 2 && words[len(words)-2] == "KMaj"
	pool, origin := strings.Index(line, " Pool "), strings.Index(line, " Origin")
	t.table = func(line string) bool {
		d := t.lvsRow(strings.Fields(line), attr, size, numbers, line)
		if d != nil && pool > 0 && origin > pool && len(line) > origin {
			if name := strings.Trim(line[pool:origin], " []"); name != "" {
				d.weakBelow = append(d.weakBelow, t.named(JoinName(d.VG, name)))
			}
		}
		return d != nil
	}
	return true
}

// lvsDevice is a physical volume or a hidden LV with its first extent: /dev/sdb2(0).
var lvsDevice = pattern(`(\S+?)\(\d+\)`)

func (t *textHost) lvsRow(fields []string, attr, size int, numbers bool, line string) *textDevice {
	if len(fields) < 3 || !strings.HasPrefix(line, " ") {
		return nil
	}
	lv, vg := strings.Trim(fields[0], "[]"), fields[1]
	if attr == 2 && len(fields[2]) < 6 {
		return nil
	}
	d := t.named(JoinName(vg, lv))
	d.VG, d.LV = vg, lv
	if size == 3 && len(fields) > 3 {
		if bytes, ok := sized(fields[3]); ok {
			d.weakSize = cmp.Or(d.weakSize, bytes)
		}
	}
	if numbers {
		if dev, ok := devNo(fields[len(fields)-2], fields[len(fields)-1]); ok {
			d.weakDev = dev
		}
	}
	for _, m := range lvsDevice().FindAllStringSubmatch(line, -1) {
		for name := range strings.SplitSeq(m[1], ",") {
			switch {
			case strings.HasPrefix(name, "/dev/mapper/"):
				d.weakBelow = append(d.weakBelow, t.named(strings.TrimPrefix(name, "/dev/mapper/")))
			case strings.HasPrefix(name, "/dev/"):
				d.weakBelow = append(d.weakBelow, t.kernel(strings.TrimPrefix(name, "/dev/")))
			case name != "":
				d.weakBelow = append(d.weakBelow, t.named(JoinName(vg, strings.Trim(name, "[]"))))
			}
		}
	}
	return d
}
