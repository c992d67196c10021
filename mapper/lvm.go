package mapper

import "strings"

// lvmUUID is the length of an LVM uuid with its prefix: "LVM-", 32 characters of
// the VG, 32 of the LV. What follows is the layer, "-cow".
const lvmUUID = len("LVM-") + 64

// hiddenLVs are the endings that LVM reserves for the parts of an LV. Some are
// followed by a number, "_rimage_0".
var hiddenLVs = [...]string{
	"_rimage", "_rmeta", "_mimage", "_mlog", "_tdata", "_tmeta", "_cdata", "_cmeta", "_corig",
	"_cvol", "_cpool", "_imeta", "_iorig", "_vdata", "_vorigin", "_pmspare",
}

// SplitName splits a dm name in the way in which LVM makes it: "vg--odd-a--b" is LV
// "a-b" of VG "vg-odd", "vg-lv-real" has the layer "real". It is ok if there are a VG
// and an LV. Only the uuid says whether LVM made the name.
func SplitName(name string) (vg, lv, layer string, ok bool) {
	vg, rest, ok := cutHyphen(name)
	if !ok || vg == "" {
		return "", "", "", false
	}
	lv, layer, _ = cutHyphen(rest)
	if lv == "" {
		return "", "", "", false
	}
	return vg, lv, layer, true
}

// JoinName is the dm name of an LV, its hyphens doubled.
func JoinName(vg, lv string) string {
	return strings.ReplaceAll(vg, "-", "--") + "-" + strings.ReplaceAll(lv, "-", "--")
}

// cutHyphen cuts at the first single hyphen, reading from the left as
// LVM does ("a---b" is "a-" and "b"), and undoes the doubled ones before it.
func cutHyphen(s string) (before, after string, found bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '-' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 == len(s) || s[i+1] != '-' {
			return b.String(), s[i+1:], true
		}
		b.WriteByte('-')
		i++
	}
	return b.String(), "", false
}

// Unmangle undoes libdevmapper's escapes: `with\x20space` is "with space".
func Unmangle(name string) string {
	if !strings.Contains(name, `\x`) {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if i+3 < len(name) && name[i] == '\\' && name[i+1] == 'x' {
			hi, ok1 := hexDigit(name[i+2])
			lo, ok2 := hexDigit(name[i+3])
			if ok1 && ok2 {
				b.WriteByte(hi<<4 | lo)
				i += 3
				continue
			}
		}
		b.WriteByte(name[i])
	}
	return b.String()
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// nameLV fills VG and LV. Without a uuid the name alone has to do, and only the
// shapes that LVM makes are taken for LVM's.
func nameLV(l *LUN) {
	if l.UUID != "" {
		if strings.HasPrefix(l.UUID, "LVM-") {
			l.VG, l.LV, _, _ = SplitName(l.DMName)
		}
		return
	}
	vg, lv, layer, ok := SplitName(l.DMName)
	if ok && looksLVM(vg+lv) && (layer == "" || isLVMLayer(layer)) && !isOthersName(l.DMName) {
		l.VG, l.LV = vg, lv
	}
}

// looksLVM reports that a name has LVM's characters only.
func looksLVM(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
		if !letter && c != '+' && c != '_' && c != '.' && c != '-' {
			return false
		}
	}
	return true
}

func isLVMLayer(s string) bool {
	switch s {
	case "real", "cow", "tpool", "pool", "tdata", "tmeta", "cdata", "cmeta", "cvol", "vpool", "vdata", "missing_0_0":
		return true
	}
	return false
}

// isOthersName reports a name that a known program other than LVM makes.
func isOthersName(name string) bool {
	for _, p := range [...]string{"mpath", "luks-", "docker-", "crypt-"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// lvmPart reports that the LUN is a part of an LV and no LV that has a name of
// its own: an LV called "trap-real" is one, "plain-real" is a part of "plain".
func lvmPart(l *LUN) bool {
	if l.LV == "" {
		return false
	}
	if l.UUID == "" {
		if _, _, layer, _ := SplitName(l.DMName); layer != "" {
			return true
		}
	} else if len(l.UUID) > lvmUUID {
		return true
	}
	lv := strings.TrimRight(l.LV, "0123456789")
	if lv != l.LV {
		lv = strings.TrimSuffix(lv, "_")
	}
	for _, end := range hiddenLVs {
		if strings.HasSuffix(lv, end) {
			return true
		}
	}
	return false
}
