package render

import (
	"fmt"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// hourColumns are the columns of the strip: hours of a week, finer below two days,
// weeks of a year, by the clock and the calendar of the report's zone.
type hourColumns struct {
	step
	edges []time.Time // one more than columns, the range's ends among them
}

// mostColumns leaves each column three pixels and a half.
const mostColumns = 200

// finest is the finest column: intervals are minutes.
const finest = time.Minute

func newHourColumns(from, to time.Time, width time.Duration) hourColumns {
	least := max(finest, width)
	var c hourColumns
	for _, s := range steps() {
		c.step = s
		if s.long >= least && to.Sub(from) <= mostColumns*s.long && (s.long >= time.Hour || to.Sub(from) < 2*rawBelow) {
			break
		}
	}
	c.edges = append(append([]time.Time{from}, c.step.bounds(from, to)...), to)
	c.joinEnds(width)
	return c
}

// joinEnds joins a first and last column that are narrower than a bin with their
// neighbours: no bin may have its middle there, and a column without any looks as if
// nothing were known.
func (c *hourColumns) joinEnds(width time.Duration) {
	if n := c.n(); n > 1 && c.edges[1].Sub(c.edges[0]) < width {
		c.edges = slices.Delete(c.edges, 1, 2)
	}
	if n := c.n(); n > 1 && c.edges[n].Sub(c.edges[n-1]) < width {
		c.edges = slices.Delete(c.edges, n-1, n)
	}
}

func (c *hourColumns) n() int { return len(c.edges) - 1 }

// at is the column in which a stretch has its middle; -1: none.
func (c *hourColumns) at(from, to time.Time) int {
	i, there := slices.BinarySearchFunc(c.edges, from.Add(to.Sub(from)/2), time.Time.Compare)
	if !there {
		i--
	}
	if i < 0 || i >= c.n() {
		return -1
	}
	return i
}

// of gives the columns of a stretch, [first, end): the one that contains its middle or,
// if an old range has bins that are wider than the columns, all whose middle it contains
// or nearly contains.
func (c *hourColumns) of(from, to time.Time) (first, end int) {
	at := c.at(from, to)
	if at < 0 {
		return 0, 0
	}
	has := func(i int) bool {
		wide := c.edges[i+1].Sub(c.edges[i])
		middle, nearly := c.edges[i].Add(wide/2), wide/4
		return !middle.Before(from.Add(-nearly)) && middle.Before(to.Add(nearly))
	}
	for first = at; first > 0 && has(first-1); first-- {
	}
	for end = at + 1; end < c.n() && has(end); end++ {
	}
	return first, end
}

// each is what a column covers: "hour", "15 minutes", "week".
func (c *hourColumns) each() string {
	name := [...]string{"second", "minute", "hour", "day", "week", "month", "year"}[c.unit]
	if c.step.n == 1 {
		return name
	}
	return fmt.Sprintf("%d %ss", c.step.n, name)
}

// stripCells are a LUN's worst minute of each column as a multiple of its limit.
type stripCells []float32 // NaN: no await known

func newStripCells(n int) stripCells {
	s := make(stripCells, n)
	for i := range s {
		s[i] = nan32
	}
	return s
}

// justBelow is the most that a column has without slow time. slow_ms says what was slow,
// by the limit of its day; today's limit may be another.
const justBelow = 0.99

// add adds an interval or bin.
func (s stripCells) add(c *hourColumns, limit time.Duration, i *series.Interval) {
	if limit <= 0 || i.Quality.Has(series.Long) {
		return
	}
	times := facts.WorstAwait(i) * float64(time.Millisecond) / float64(limit)
	if ios, ok := i.Total(); times == 0 && (!ok || ios > 0) {
		return // it did something, and how long that took is not known
	}
	if slowMS, ok := i.Get(series.SlowMS); ok && slowMS > 0 {
		times = max(times, 1)
	} else if ok {
		times = min(times, justBelow)
	}
	first, end := c.of(i.Start(), i.End)
	for at := first; at < end; at++ {
		if v := float32(times); !(s[at] >= v) {
			s[at] = v
		}
	}
}
