package render

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// lun is one LUN of the report: the words for it and what it did.
type lun struct {
	entry  mapper.Entry // what it was last
	asked  bool         // and on a host that is asked for
	since  time.Time    // its first sight, as far as the range goes back
	known  []tenure     // when the ledger had it
	keys   []series.Key // its series, one a host
	groups []string     // that it belonged to in the range: hosts may differ, a config change
	title  string       // as everywhere in the report
	file   string       // of its picture
	look   look

	parts  []*part
	sight  // of all parts
	stalls []span

	samples   []sample
	apart     []*sight // what each host saw, where two used the LUN at once
	gaps      []gap
	space     *spaceLine // over the report's range
	spaceLong *spaceLine // over the weeks of the picture of space
}

// tenure is when a host's ledger had a LUN.
type tenure struct {
	host string
	span
}

// know takes one entry of the ledger in. The latest one describes the LUN, of those
// of the hosts that are asked for.
func (l *lun) know(e *mapper.Entry, asked bool) {
	if l.since.IsZero() || e.From.Before(l.since) {
		l.since = e.From
	}
	l.known = append(l.known, tenure{e.Host, lasts(e)})
	if asked && (!l.asked || !e.From.Before(l.entry.From)) || !l.asked && len(l.keys) == 0 {
		l.entry, l.asked = *e, asked
	}
	if asked && !slices.Contains(l.groups, e.LUN.Group) {
		l.groups = append(l.groups, e.LUN.Group)
	}
	if k := entryKey(e); !slices.Contains(l.keys, k) {
		l.keys = append(l.keys, k)
	}
}

// endedBefore reports that by the ledgers the LUN was gone by then.
func (l *lun) endedBefore(t time.Time) bool {
	return !slices.ContainsFunc(l.known, func(k tenure) bool { return k.to.After(t) })
}

// on reports whether the LUN was on one of the hosts that are asked for.
func (l *lun) on(o *Options) bool {
	return slices.ContainsFunc(l.keys, func(k series.Key) bool { return o.of(k.Host) })
}

func (l *lun) role() string { return l.entry.LUN.Role }

// add takes an interval in.
func (l *lun) add(c cells, width time.Duration, k series.Key, i *series.Interval) {
	l.part(k, c).add(c, width, i)
	if stalledIn(i) {
		l.stalls = extend(l.stalls, span{i.Start(), i.End})
	}
}

func (l *lun) part(k series.Key, c cells) *part {
	for _, p := range l.parts {
		if p.key == k {
			return p
		}
	}
	p := newPart(k, c)
	l.parts = append(l.parts, p)
	return p
}

// settle makes lines of what was gathered.
func (l *lun) settle(d *data) {
	slices.SortFunc(l.parts, func(a, b *part) int {
		return cmp.Or(cmp.Compare(a.key.Host, b.key.Host), cmp.Compare(a.key.Source, b.key.Source))
	})
	samples := make([][]sample, len(l.parts))
	for i, p := range l.parts {
		samples[i] = p.samples
		l.tally.merge(&p.tally)
	}
	if len(samples) > 0 {
		l.samples = together(samples)
	}
	if w, both := l.atOnce(); both {
		d.warnings = append(d.warnings, w)
		l.addUp()
		for _, p := range l.parts {
			one := &sight{host: p.key.Host, tally: p.tally}
			one.settle(d.cells, []*part{p}, p.samples)
			l.apart = append(l.apart, one)
		}
	}
	l.sight.settle(d.cells, l.parts, l.samples)
	for _, p := range l.parts {
		p.curves = [numMetrics]curve{} // large, and no longer needed
	}
	l.gaps = d.gapsOf(l)
}

// addUp mends the totals of a LUN that two hosts used at once: its I/O happened in
// the time that passed, not in both hosts' times together, and its maximum is of
// both.
func (l *lun) addUp() {
	var lists [][]span
	for _, p := range l.parts {
		lists = append(lists, p.spans)
	}
	passed := 0.0
	for _, s := range union(lists...) {
		passed += s.long().Seconds()
	}
	for m := range numMetrics {
		if !m.adds() {
			continue
		}
		l.total[m].den = min(l.total[m].den, passed)
		for i := range l.samples {
			if l.top[m].ok {
				l.top[m].add(l.samples[i].v[m])
			}
		}
	}
}

// atOnce says where two hosts saw the LUN at the same time.
func (l *lun) atOnce() (series.Warning, bool) {
	for i, p := range l.parts {
		for _, q := range l.parts[i+1:] {
			for _, s := range p.spans {
				if covered(q.spans, s) > 2*time.Minute {
					return series.Warning{
						What: fmt.Sprintf("%s was used by %s and %s at the same time: their I/O is added, busy time and await stand for each",
							l.title, p.key.Host, q.key.Host),
						Hint: "only a cluster's filesystem allows that; look at who mounts it",
					}, true
				}
			}
		}
	}
	return series.Warning{}, false
}

// nameLUNs gives each LUN its title and the file of its picture. What several are
// called gets the name with it, where that tells them apart, and the host; then when
// it was first seen, as last night's snapshot is called what tonight's is.
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
		l.look = lookOf(l.role(), l.entry.Colour)
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

// alike are the LUNs of which two and more are called the same.
func (d *data) alike(called func(*lun) string) map[string][]*lun {
	all := map[string][]*lun{}
	for _, l := range d.luns {
		all[called(l)] = append(all[called(l)], l)
	}
	maps.DeleteFunc(all, func(_ string, same []*lun) bool { return len(same) == 1 })
	return all
}

// differ reports that something is another of each LUN.
func differ(luns []*lun, of func(*lun) string) bool {
	seen := map[string]bool{}
	for _, l := range luns {
		seen[of(l)] = true
	}
	return len(seen) == len(luns)
}

// plainTitle leaves out the group where it is everybody's.
func (l *lun) plainTitle(group string) string {
	lun := &l.entry.LUN
	if group != "" && lun.Group == group && lun.Label != "" {
		return lun.Label
	}
	return lun.Title()
}
