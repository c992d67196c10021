package mapper

import "strings"

// groups says which mailstore or service each device belongs to: its volume
// group, including what is on an LV, unless the config names one.
func (x *index) groups(named map[int]Rule) {
	short := x.mailstores()
	for i := range x.devs {
		l := &x.devs[i]
		if rule := named[i]; rule.Group != "" {
			l.Group = rule.Group
			continue
		}
		l.Group = x.vgOf(i)
		if first, _, ok := strings.Cut(l.Group, "_"); ok && short[first] {
			l.Group = first
		}
	}
}

// vgOf is the volume group of a LUN or of the first LV below it.
func (x *index) vgOf(i int) string {
	for range x.devs { // a bound, should sysfs be torn into a ring
		l := &x.devs[i]
		if l.VG != "" {
			return l.VG
		}
		if len(l.Slaves) == 0 {
			return ""
		}
		below, ok := x.kernel[l.Slaves[0]]
		if !ok {
			return ""
		}
		i = below
	}
	return ""
}

// mailstores are the beginnings of volume groups' names, up to the first "_",
// that two or more share, where one has a mailstore's role: zimbra1 of
// zimbra1_sqldb and zimbra1_redo.
func (x *index) mailstores() map[string]bool {
	vgs := make(map[string]map[string]bool)
	mail := make(map[string]bool)
	for i := range x.devs {
		vg := x.vgOf(i)
		first, _, _ := strings.Cut(vg, "_")
		if first == "" {
			continue
		}
		if vgs[first] == nil {
			vgs[first] = make(map[string]bool)
		}
		vgs[first][vg] = true
		mail[first] = mail[first] || IsMailstore(x.devs[i].Role)
	}
	for first := range mail {
		mail[first] = mail[first] && len(vgs[first]) > 1
	}
	return mail
}

// tellApart adds the name to labels that two LUNs of one group would share.
func (x *index) tellApart() {
	type title struct{ group, label string }
	same := make(map[title][]int)
	for i := range x.devs {
		if l := &x.devs[i]; l.Label != "" {
			same[title{l.Group, l.Label}] = append(same[title{l.Group, l.Label}], i)
		}
	}
	for _, luns := range same {
		if len(luns) < 2 {
			continue
		}
		lvs := make(map[string]bool)
		for _, i := range luns {
			lvs[x.devs[i].LV] = true
		}
		for _, i := range luns {
			l := &x.devs[i]
			if len(lvs) == len(luns) && l.LV != "" {
				l.Label += " (" + l.LV + ")"
			} else {
				l.Label += " (" + l.Name() + ")"
			}
		}
	}
}
