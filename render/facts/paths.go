package facts

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize/english"

	"lunstat/mapper"
)

// Map is a multipath map with what the ledger says about its paths, and the LUNs on it.
type Map struct {
	Name    string
	History []mapper.Entry // of one host, in order
	LUNs    []int          // places in Seen
}

// working is how many paths can carry I/O. A state that may not be read counts as
// working.
func working(e *mapper.Entry) int {
	n := 0
	for _, p := range e.LUN.Paths {
		if !p.Down() {
			n++
		}
	}
	return n
}

// paths is one finding for each map that has fewer paths than it had.
func (f *finder) paths() {
	for i := range f.Maps {
		f.pathsOf(&f.Maps[i])
	}
}

func (f *finder) pathsOf(m *Map) {
	most, least := 0, 0
	var since *mapper.Entry
	n := Finding{Kind: KindPaths, Unit: "paths"}
	for i := range m.History {
		e := &m.History[i]
		now := working(e)
		switch {
		case since == nil && now < most:
			since, least = e, now
			n.WorstAt = e.From
		case since != nil && now >= most:
			if e.From.After(f.From) {
				f.lostPaths(m, n, since, e, least, most)
			}
			since = nil
		case since != nil && now < least:
			least, n.WorstAt = now, e.From
		}
		most = max(most, now)
	}
	if since != nil && since.From.Before(f.To) {
		f.lostPaths(m, n, since, nil, least, most)
	}
}

// lostPaths adds the finding. Its severity is log₂ of how many times fewer paths carry
// the same I/O, and that of a stall where none is left.
func (f *finder) lostPaths(m *Map, n Finding, since, over *mapper.Entry, left, of int) {
	n.Host, n.Since, n.Worst, n.Limit = since.Host, since.From, float64(left), float64(of)
	until := f.Now
	text := fmt.Sprintf("%d of %s since %s", left, english.Plural(of, "path", ""), f.at(since.From))
	if over != nil {
		n.Until, until = over.From, over.From
		text = fmt.Sprintf("%d of %s from %s to %s", left, english.Plural(of, "path", ""), f.at(n.Since), f.at(n.Until))
	}
	from := since.From
	if from.Before(f.From) {
		from = f.From
	}
	n.Duration = until.Sub(since.From)
	severe := stallSeverity * 1.0
	if left > 0 {
		severe = severity(float64(of) / float64(left))
	}
	n.Weight = max(until.Sub(from).Hours(), 0) * severe
	var titles []string
	for _, i := range m.LUNs {
		titles = append(titles, f.LUNs[i].Title)
	}
	f.of, f.lun = m.LUNs[0], &f.LUNs[m.LUNs[0]]
	n.With = titles[1:]
	text += ", map " + m.Name
	if len(n.With) > 0 {
		text += "; also of " + strings.Join(n.With, ", ")
	}
	f.add(n, text)
	last := &f.found[len(f.found)-1]
	last.Next = append([]string{"multipath -ll " + m.Name}, last.Next...)
}
