package render

import (
	"cmp"
	"slices"
)

// foldFrom is from how many bytes of lines on they are not kept: those of some 160 LUNs.
// It takes a half of a millisecond to make the lines of a LUN.
const foldFrom = 24 << 20

// whetherFolds reports that lines are more than a report keeps, and that what they are
// made of is less. Of a year, it is more.
func (d *data) whetherFolds() bool {
	const each = 8 + 8/2 // a mean, and a maximum of every other metric
	lines, recorded := 0, 0
	for _, l := range d.luns {
		lines += int(numMetrics) * d.grid.n * each
		for _, p := range l.series {
			recorded += len(p.record.b)
		}
	}
	return lines > cmp.Or(d.opt.foldFrom, foldFrom) && recorded < lines
}

// unfold makes the lines of some metrics, unless they are there. fold forgets them.
func (l *lun) unfold(c cells, of ...metric) (fold func()) {
	var made []func()
	for _, s := range append([]*summary{&l.summary}, l.apart...) {
		made = append(made, s.unfold(c, of))
	}
	return func() {
		for _, fold := range made {
			fold()
		}
	}
}

// unfold makes lines of what the series recorded. fold forgets those that were not there
// before.
func (s *summary) unfold(c cells, of []metric) (fold func()) {
	of = slices.DeleteFunc(slices.Clone(of), func(m metric) bool { return s.lines[m].mean != nil })
	if len(of) == 0 {
		return func() {}
	}
	sets := make([]*curveSet, len(s.of))
	for i, p := range s.of {
		sets[i] = p.curves(c, of)
	}
	for _, m := range of {
		var fine, coarse []curve
		for _, set := range sets {
			fine = append(fine, set.fine[m])
			if set.coarse[m].ratios != nil {
				coarse = append(coarse, set.coarse[m])
			}
		}
		s.lines[m] = lineOf(c, fine, m)
		for i := range fine {
			c.room.done(fine[i])
		}
		if coarse != nil {
			s.coarse[m] = lineOf(*c.coarse, coarse, m).mean
		}
	}
	return func() {
		for _, m := range of {
			s.lines[m], s.coarse[m] = line{}, nil
		}
	}
}
