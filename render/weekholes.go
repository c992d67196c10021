package render

import (
	"image/color"
	"slices"
	"strings"

	"lunstat/render/facts"
)

// Why a column has no colour though there is data.
const (
	causeNoAwait = "await not known"
	causeNoLimit = "no limit is set"
)

// hole is a stretch of a row without a colour, and why.
type hole struct {
	facts.Span
	cause string
}

// holesOf are the gaps of a LUN, and the columns in which no await is known.
func (s *strip) holesOf(l *lun) []hole {
	var out []hole
	var gaps []facts.Span
	for _, g := range l.gaps {
		out = append(out, hole{g.Span, g.cause})
		gaps = append(gaps, g.Span)
	}
	c, none := &s.d.hours, causeNoAwait
	if s.d.limit(l) == 0 {
		none = causeNoLimit
	}
	for i, v := range l.strip {
		col := facts.Span{From: c.edges[i], To: c.edges[i+1]}
		if col.To.After(s.d.now) {
			col.To = s.d.now
		}
		if v == v || col.Long() <= 0 || covered(gaps, col) > 0 {
			continue
		}
		if n := len(out); n > 0 && out[n-1].cause == none && out[n-1].To.Equal(col.From) {
			out[n-1].To = col.To
			continue
		}
		out = append(out, hole{col, none})
	}
	return out
}

// holes are the stretches alone.
func (s *strip) holes(l *lun) []facts.Span {
	var out []facts.Span
	for _, h := range s.holesOf(l) {
		out = append(out, h.Span)
	}
	return out
}

// whyHatched are the causes of all holes of the rows.
func (s *strip) whyHatched() string {
	var out []string
	for _, r := range s.rows {
		for _, h := range s.holesOf(r.lun) {
			if !slices.Contains(out, h.cause) {
				out = append(out, h.cause)
			}
		}
	}
	if slices.Equal(out, []string{causeNoLimit}) { // there is data
		return causeNoLimit
	}
	if len(out) > 0 {
		return "no data: " + strings.Join(out, ", ")
	}
	return ""
}

// causes writes into the holes why they are there, if there is room; once if neighbouring
// rows have the same cause.
func (s *strip) causes(f *frame) {
	st := s.plain(weekSmall, s.ink)
	for i := 0; i < len(s.rows); i++ {
		for _, h := range s.holesOf(s.rows[i].lun) {
			if i > 0 && slices.Contains(s.holesOf(s.rows[i-1].lun), h) {
				continue
			}
			last := i
			for last+1 < len(s.rows) && slices.Contains(s.holesOf(s.rows[last+1].lun), h) {
				last++
			}
			in := h.Clip(facts.Span{From: s.grid.from, To: s.grid.to})
			x0, x1 := float64(s.x0)+s.grid.x(in.From), float64(s.x0)+s.grid.x(in.To)
			w := s.wide(h.cause, st) + 12
			if x1-x0 < w {
				continue
			}
			x, y := (x0+x1-w)/2, float64(f.Min.Y)+float64(s.pitch)*float64(i+last+1)/2-2
			s.rect(int(x), int(y)-13, int(x+w), int(y)+13, color.White)
			s.text(x+6, y+7, h.cause, st)
		}
	}
}
