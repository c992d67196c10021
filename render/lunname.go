package render

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"lunstat/render/draw"
)

// nameLUNs gives each LUN its title and the file of its picture. If several LUNs have one
// title, it adds the name, where that tells them apart, and the host; and then when they
// were first seen, because tonight's snapshot has the name of last night's.
func (d *data) nameLUNs() {
	host := func(l *lun) string { return l.entry.Host }
	name := func(l *lun) string { return l.entry.LUN.Name() }
	for _, l := range d.luns {
		l.title = visible(l.plainTitle(d.group))
	}
	for _, same := range d.alike((*lun).titled) {
		for _, l := range same {
			if !differ(same, host) && name(l) != l.title {
				l.title += visible(" (" + name(l) + ")")
			}
		}
	}
	for _, same := range d.alike((*lun).titled) {
		for _, l := range same {
			if len(d.hosts) > 1 {
				l.title += visible(" on " + host(l))
			}
		}
	}
	for _, same := range d.alike((*lun).titled) {
		tell := d.tellApart(same)
		for _, l := range same {
			l.title += " (" + tell(l) + ")"
		}
	}
	for _, same := range d.alike((*lun).titled) { // a LUN may be called what another is told apart by
		for _, l := range same {
			l.title += " " + hash(l.whole())
		}
	}
	d.nameFiles()
	for _, l := range d.luns {
		l.style = styleOf(&l.entry)
	}
}

// tellApart is what LUNs of one name differ by: the day of their first sight, the
// minute, or a piece of the uuid.
func (d *data) tellApart(same []*lun) func(*lun) string {
	for _, form := range []string{"2 Jan", "2 Jan 15:04", "2 Jan 15:04:05"} {
		since := func(l *lun) string { return "since " + l.since.In(d.opt.Zone).Format(form) }
		if differ(same, since) {
			return since
		}
	}
	for n := 8; n <= 16; n += 8 {
		piece := func(l *lun) string { return "uuid …" + visible(ending(string(l.entry.LUN.ID), n)) }
		if differ(same, piece) {
			return piece
		}
	}
	return func(l *lun) string { return hash(l.whole()) }
}

// ending is the last n characters.
func ending(s string, n int) string {
	r := []rune(s)
	return string(r[max(len(r)-n, 0):])
}

// whole is what no two LUNs of a report have in common.
func (l *lun) whole() string {
	return strings.Join([]string{string(l.entry.LUN.ID), l.entry.Host, l.entry.Source}, "\n")
}

// nameFiles gives each LUN a file of its own. One that shares its name has a piece of
// its identity in the file's: the same whichever others there are.
func (d *data) nameFiles() {
	name := func(l *lun) string { return l.entry.LUN.Name() }
	full := func(l *lun) string { return l.entry.Host + "-" + name(l) }
	files, alike, alikeThere, taken := slugs{}, d.alike(name), d.alike(full), map[string]bool{}
	for _, l := range d.luns {
		file := name(l)
		if len(d.hosts) > 1 && (l.entry.LUN.ID.Local() || alike[file] != nil) {
			file = full(l)
		}
		if alikeThere[full(l)] != nil {
			file += "-" + hash(l.whole())
		}
		slug := files.of(file)
		if taken[slug] { // the name of one is the name and hash of another
			slug = hash(l.whole() + "\n" + file)
		}
		taken[slug] = true
		l.file = "lun-" + slug + "." + d.opt.shown()
	}
}

func (l *lun) titled() string { return l.title }

// alike are the LUNs that share a name with another LUN.
func (d *data) alike(called func(*lun) string) map[string][]*lun {
	all := map[string][]*lun{}
	for _, l := range d.luns {
		all[called(l)] = append(all[called(l)], l)
	}
	maps.DeleteFunc(all, func(_ string, same []*lun) bool { return len(same) == 1 })
	return all
}

// differ reports that of is different for each LUN.
func differ(luns []*lun, of func(*lun) string) bool {
	different := map[string]bool{}
	for _, l := range luns {
		different[of(l)] = true
	}
	return len(different) == len(luns)
}

// plainTitle leaves out the group where it is everybody's.
func (l *lun) plainTitle(group string) string {
	lun := &l.entry.LUN
	switch {
	case strings.TrimSpace(lun.Label) == "": // blanks are no name, though once they were kept as one
		return lun.Name()
	case group != "" && lun.Group == group:
		return lun.Label
	}
	return lun.Title()
}

// onPage is drawn in place of a note that no font has.
const onPage = "a note: see the page"

// instead gives a LUN whose label no font has, or that goes from right to left, the
// device-mapper's name in pictures; the page has the label, and the text of such a note.
// An SVG is shown with the reader's fonts. nil: all can be drawn.
func (d *data) instead(f *draw.Fonts, format string) func(string) string {
	if format == "svg" {
		return nil
	}
	var pairs [][2]string
	for _, n := range d.notes {
		if text := visible(n.Text); !f.Covers(text) {
			pairs = append(pairs, [2]string{text, onPage})
		}
	}
	for _, l := range d.luns {
		if f.Covers(l.title) {
			continue
		}
		u := &l.entry.LUN
		for _, name := range []string{visible(u.Name()), visible(u.Kernel), u.Dev.String()} {
			if name != "" && f.Covers(name) {
				pairs = append(pairs, [2]string{l.title, name})
				break
			}
		}
	}
	if pairs == nil {
		return nil
	}
	// The replacer takes the first that fits: a label that begins another must come later.
	slices.SortStableFunc(pairs, func(a, b [2]string) int { return cmp.Compare(len(b[0]), len(a[0])) })
	var flat []string
	for _, p := range pairs {
		flat = append(flat, p[0], p[1])
	}
	return strings.NewReplacer(flat...).Replace
}
