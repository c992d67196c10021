package mapper

import (
	"cmp"
	"strconv"
	"strings"
)

// lvmReport is what lvs, pvs and vgs print with --reportformat json. VGs say nothing of a
// device.
type lvmReport struct {
	LV, PV []lvmRow
}

// lvmRow has a value for each column: words, or with json_std numbers and lists, too.
type lvmRow map[string]any

func (r lvmRow) get(column string) string {
	switch v := r[column].(type) {
	case string:
		return strings.TrimSpace(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		var words []string
		for _, w := range v {
			if s, ok := w.(string); ok {
				words = append(words, s)
			}
		}
		return strings.Join(words, ",")
	}
	return ""
}

func (t *textHost) lvm(r *lvmReport) {
	for _, row := range r.LV {
		d := t.lv(row.get("lv_name"), row.get("vg_name"))
		if d == nil {
			continue
		}
		d.takeSize(row.get("lv_size"))
		if dev, ok := devNo(row.get("lv_kernel_major"), row.get("lv_kernel_minor")); ok {
			d.weakDev = dev
		}
		if pool := strings.Trim(row.get("pool_lv"), "[]"); pool != "" {
			d.weakBelow = append(d.weakBelow, t.named(JoinName(d.VG, pool)))
		}
		t.onExtents(d, row.get("devices"))
	}
	for _, row := range r.PV {
		t.physicalVolume(row.get("pv_name"), row.get("vg_name"), cmp.Or(row.get("dev_size"), row.get("pv_size")))
	}
}

// pvLine is a line of pvs with the columns that it has by default: the device, its volume
// group if it is in one, the format, the states, the size.
var pvLine = pattern{expr: `^\s*(/dev/\S+) +(?:(\S+) +)?lvm[12] +[a-z-]{2,3} +(\S+) `}

func (t *textHost) pvRow(line string) bool {
	m := pvLine.compiled().FindStringSubmatch(line + " ")
	if m == nil {
		return false
	}
	t.physicalVolume(m[1], m[2], m[3])
	return true
}

// physicalVolume takes a device that LVM uses, and the volume group that it is in. What LVM
// keeps there for itself is some MiB, less than a size is rounded by.
func (t *textHost) physicalVolume(device, vg, size string) {
	d := t.inDev(device)
	if d == nil {
		return
	}
	d.takeSize(size)
	if vg != "" {
		t.pvs[vg] = append(t.pvs[vg], d)
	}
}

// onPVs puts the LVs of a volume group on its physical volume, if no text says on which
// they are, and it has only one.
func (t *textHost) onPVs() {
	for _, d := range t.devices {
		if on := t.pvs[d.VG]; d.VG != "" && len(on) == 1 && len(d.below) == 0 && on[0].root().VG != d.VG {
			d.stands(on[0].root())
		}
	}
}

// inDev is the device of a path in /dev; nil for another word, as "[unknown]".
func (t *textHost) inDev(path string) *textDevice {
	if name, ok := strings.CutPrefix(path, "/dev/mapper/"); ok && name != "" {
		return t.named(name)
	}
	if kernel, ok := strings.CutPrefix(path, "/dev/"); ok && kernel != "" {
		return t.kernel(kernel)
	}
	return nil
}
