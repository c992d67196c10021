package render

import (
	"math"
	"slices"
	"time"

	"lunstat/render/facts"
)

// grid divides a stretch of time into the pixel columns of a frame.
type grid struct {
	from, to time.Time
	n        int
}

// x is the place of t, in columns from the left edge; outside the frame it goes on.
func (g grid) x(t time.Time) float64 {
	return float64(t.Sub(g.from)) / float64(g.to.Sub(g.from)) * float64(g.n)
}

// width is the time of one column.
func (g grid) width() time.Duration { return g.to.Sub(g.from) / time.Duration(g.n) }

// spans are the stretches of columns for which of is true.
func (g grid) spans(of func(column int) bool) []facts.Span {
	at := func(i int) time.Time {
		return g.from.Add(time.Duration(float64(g.to.Sub(g.from)) * float64(i) / float64(g.n)))
	}
	var out []facts.Span
	for i := 0; i < g.n; i++ {
		from := i
		for i < g.n && of(i) {
			i++
		}
		if i > from {
			out = append(out, facts.Span{From: at(from), To: at(i)})
		}
	}
	return out
}

// cells are what is gathered for the columns of a frame. Mostly they are the columns.
// Where a column is a good part of a day they are the zone's days, because the means of
// half days would be a comb and not a curve; where the days are more than the columns,
// weeks, and so on.
type cells struct {
	grid
	by     step        // of the calendar, where there are edges
	edges  []time.Time // of the calendar's cells; nil: columns
	room   *ratioRoom  // of curves; nil: each has its own
	coarse *cells      // of a whole rhythm, days or more, where the range has many; nil: none
}

// wholeDays is from how wide a column on days are drawn.
const wholeDays = 4 * time.Hour

func newCells(g grid) cells {
	c := columnCells(g)
	if by, ok := rhythm(g.to.Sub(g.from)); ok && (c.edges == nil || c.by.unit < by.unit) {
		c.coarse = &cells{grid: g, by: by, edges: by.edges(g.from, g.to)}
	}
	return c
}

// rhythm is what goes up and down so often in a range that lines over each other are a
// knot: days in some weeks, weeks in a year.
func rhythm(long time.Duration) (by step, ok bool) {
	switch {
	case long <= nightsUpTo:
		return step{}, false
	case long <= weekendsUpTo:
		return step{unit: days, n: 1}, true
	case long <= 3*366*24*time.Hour:
		return step{unit: weeks, n: 1}, true
	}
	return step{unit: months, n: 1}, true
}

// columnCells are what the columns of a frame are gathered in.
func columnCells(g grid) cells {
	c := cells{grid: g}
	if g.width() < wholeDays {
		return c
	}
	for _, s := range steps() {
		if s.unit >= days && g.to.Sub(g.from)/s.long <= time.Duration(g.n) {
			c.by, c.edges = s, s.edges(g.from, g.to)
			return c
		}
	}
	return c
}

func (c cells) len() int {
	if c.edges == nil {
		return c.n
	}
	return len(c.edges) - 1
}

// at is the place of t, counted in cells.
func (c cells) at(t time.Time) float64 {
	if c.edges == nil {
		return c.x(t)
	}
	i, _ := slices.BinarySearchFunc(c.edges, t, time.Time.Compare)
	i = min(max(i, 1), len(c.edges)-1)
	return float64(i-1) + float64(t.Sub(c.edges[i-1]))/float64(c.edges[i].Sub(c.edges[i-1]))
}

// columns spreads the cells' values, if there are any, over the columns.
func (c cells) columns(v []float64) []float64 {
	if c.edges == nil || v == nil {
		return v
	}
	out := make([]float64, c.n)
	for i := range out {
		middle := c.from.Add(time.Duration(float64(c.to.Sub(c.from)) * (float64(i) + 0.5) / float64(c.n)))
		out[i] = v[int(c.at(middle))]
	}
	return out
}

// stretch is the cells over which an interval lies.
type stretch struct {
	x0, x1 float64
	first  int // cells [first, end)
	end    int
}

// stretch places an interval. It is empty where the interval lies outside.
func (c cells) stretch(start, end time.Time) stretch {
	s := stretch{x0: c.at(start), x1: c.at(end)}
	if s.x1 <= 0 || s.x0 >= float64(c.len()) || s.x1 <= s.x0 {
		return stretch{}
	}
	s.first = max(0, int(math.Floor(s.x0)))
	s.end = min(c.len(), int(math.Ceil(s.x1)))
	return s
}

// share is how much of the stretch lies in a column, 0 to 1.
func (s stretch) share(col int) float64 {
	lo, hi := max(s.x0, float64(col)), min(s.x1, float64(col+1))
	return max(0, hi-lo) / (s.x1 - s.x0)
}
