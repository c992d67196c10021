package render

import (
	"cmp"
	"math"
	"slices"
	"time"

	"lunstat/render/facts"
)

// weekRow is one LUN's row of the strip.
type weekRow struct {
	*lun
	weight  float64 // of its findings, time × severity
	sum     float64 // of log₂ of its columns that are above the limit
	worst   float64 // multiple; NaN: not known
	trouble bool
	unknown bool // something of it is not known
}

// How many rows the strip has.
const (
	allRows   = 20 // up to so many LUNs none is folded away
	quietRows = 8  // quiet LUNs that are shown of more, those nearest to their limits, where none is in trouble
	mostWeek  = 29 // rows: the picture is still one for a phone, and below 60 kB
)

// weekRows are the LUNs by trouble, the most first.
func (d *data) weekRows() []weekRow {
	weights := make([]float64, len(d.luns))
	for _, f := range d.findings {
		if f.Of >= 0 && f.Troubling() {
			weights[f.Of] += f.Weight
		}
	}
	rows := make([]weekRow, len(d.luns))
	for i, l := range d.luns {
		r := weekRow{lun: l, weight: weights[i], worst: math.NaN(), trouble: weights[i] > 0}
		for _, v := range l.strip {
			if v != v {
				continue
			}
			if w := float64(v); !(r.worst >= w) {
				r.worst = w
			}
			if v > 1 {
				r.sum += math.Log2(float64(v))
			}
		}
		r.trouble = r.trouble || r.worst >= 1
		r.unknown = math.IsNaN(r.worst) || slices.ContainsFunc(l.gaps, func(g gap) bool { return !nobodyLooked(g.cause) })
		rows[i] = r
	}
	slices.SortStableFunc(rows, func(a, b weekRow) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(b.sum, a.sum), cmp.Compare(finite(b.worst), finite(a.worst)))
	})
	return rows
}

// foldRows separates the rows that are shown from the troubled and the quiet ones that
// are only counted.
func foldRows(rows []weekRow) (shown, troubled, quiet []weekRow) {
	n := slices.IndexFunc(rows, func(r weekRow) bool { return !r.trouble })
	if n < 0 {
		n = len(rows)
	}
	switch {
	case len(rows) <= allRows:
		return rows, nil, nil
	case n > mostWeek:
		return rows[:mostWeek], rows[mostWeek:n], rows[n:]
	case n < quietRows:
		n = quietRows
	}
	return rows[:n], nil, rows[n:]
}

// tails are the hours of a LUN in which few I/Os took very long, if that is a finding.
func (d *data) tails(l *lun) []facts.Span {
	i := slices.IndexFunc(d.findings, func(f facts.Finding) bool { return f.Kind == facts.KindTail && d.luns[f.Of] == l })
	if i < 0 {
		return nil
	}
	return d.findings[i].Hours
}

// fullBars are when a filesystem was nearly full in the range, by the limit from which
// that is a finding.
func (d *data) fullBars(l *lun) (nearly, full []facts.Span) {
	if !l.space.any() {
		return nil, nil
	}
	g := l.space.grid
	warn, _ := facts.FullFrom(&l.entry.LUN)
	edge := func(i int) time.Time {
		return g.from.Add(time.Duration(float64(g.to.Sub(g.from)) * float64(i) / float64(g.n)))
	}
	for i, p := range l.space.percent {
		s := facts.Span{From: edge(i), To: edge(i + 1)}
		switch {
		case p >= 99.95:
			full = extend(full, s)
		case p > warn-1: // df rounds up
			nearly = extend(nearly, s)
		}
	}
	return nearly, full
}
