package render

import (
	"math"
	"time"

	"lunstat/collector/series"
)

var nan = math.NaN()

// spaceLine is how full a filesystem is, by pixel columns, in percent as df computes it,
// but not rounded.
type spaceLine struct {
	grid    grid
	percent []float64 // NaN: nothing known
	first   *series.Space
	last    *series.Space
	hold    time.Duration
	step    time.Duration // between the last two spaces
}

// newSpaceLine is for spaces: the last one in each width; 0: all.
func newSpaceLine(g grid, width time.Duration) *spaceLine {
	s := &spaceLine{grid: g, percent: make([]float64, g.n)}
	for i := range s.percent {
		s.percent[i] = nan
	}
	// Space is asked for every five minutes, of what is rolled up every hour; two
	// may be missed before the line breaks.
	s.hold = max(15*time.Minute, 3*width)
	return s
}

// any reports whether there is a space within the range.
func (s *spaceLine) any() bool { return s != nil && s.last != nil }

// add adds the next space. It holds until the one after it.
func (s *spaceLine) add(sp *series.Space) {
	ratio, ok := sp.UsedRatio()
	if !ok || sp.At.Before(s.grid.from) || sp.At.After(s.grid.to) {
		return
	}
	at := int(min(s.grid.x(sp.At), float64(s.grid.n-1)))
	if s.last != nil && s.bridges(sp.At.Sub(s.last.At)) {
		held, _ := s.last.UsedRatio()
		for i := int(s.grid.x(s.last.At)) + 1; i < at; i++ {
			s.percent[i] = held * 100
		}
	}
	if s.last != nil {
		s.step = sp.At.Sub(s.last.At)
	}
	s.percent[at] = ratio * 100
	keep := *sp
	s.last = &keep
	if s.first == nil {
		s.first = &keep
	}
}

// thinned is how far apart spaces are at most if a store keeps only the last one of each
// hour.
const thinned = 70 * time.Minute

// bridges reports whether the line goes on over a stretch between two spaces. Old ones are
// an hour apart, and so was the one before then.
func (s *spaceLine) bridges(apart time.Duration) bool {
	return apart <= s.hold || apart <= thinned && s.step > s.hold && s.step <= thinned
}
