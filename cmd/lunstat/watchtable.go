package main

import (
	"cmp"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// watchTable is what watch shows: a row for each LUN, and how the rows are sorted and
// filtered. Its lines are in watchlines.go, the keys that change it in watchscreen.go.
type watchTable struct {
	host     string
	zone     *time.Location
	sort     int    // the column to sort by, as columnNamed counts them
	reversed bool   // figures: the smallest first; names: from Z to A
	filter   string // rows whose names have this text in them; "": all
	layers   string // luns, maps or all
	top      int    // how many rows are scrolled away
	stopped  bool   // the counters are not read
	sortable []int  // the columns on the screen
	typing   bool   // the filter is being typed

	at   time.Time
	took time.Duration // of the last interval
	rows map[series.Key]*watchRow
}

// take takes in the intervals that a reading closed.
func (t *watchTable) take(m *series.Minute) {
	if t.rows == nil {
		t.rows = map[series.Key]*watchRow{}
	}
	for _, r := range t.rows {
		r.seen = false
	}
	luns := map[mapper.ID]mapper.LUN{}
	for i := range m.State.Mapping {
		luns[m.State.Mapping[i].ID] = m.State.Mapping[i]
	}
	t.at = m.Run.At.Wall
	for i := range m.Intervals {
		x := &m.Intervals[i]
		r := t.rows[x.Key]
		if r == nil {
			r = &watchRow{}
			t.rows[x.Key] = r
		}
		if lun, ok := luns[x.Key.ID]; ok {
			r.lun = lun
		}
		r.last, r.seen = x.Interval, true
		t.took = time.Duration(x.ElapsedMS) * time.Millisecond
		r.add(x.IOPS())
	}
	for k, r := range t.rows {
		if !r.seen {
			if r.add(0, false); r.forgotten() {
				delete(t.rows, k) // gone for as long as its graph reaches
			}
		}
	}
}

// shown are the rows that the filter and the layers let through, in their order.
func (t *watchTable) shown() (rows []*watchRow) {
	kept := map[mapper.ID]bool{}
	var luns []mapper.LUN
	for _, r := range t.rows {
		luns = append(luns, r.lun)
	}
	for _, l := range mapper.Stored(luns, t.layers) {
		kept[l.ID] = true
	}
	for _, r := range t.rows {
		if kept[r.lun.ID] && r.has(t.filter) {
			rows = append(rows, r)
		}
	}
	compare := t.order()
	slices.SortFunc(rows, func(a, b *watchRow) int {
		by := compare(a, b)
		if t.reversed {
			by = -by
		}
		return cmp.Or(by, byNumber(a.lun, b.lun), cmp.Compare(a.lun.Kernel, b.lun.Kernel))
	})
	if t.sort == sortByLUN && t.reversed {
		slices.Reverse(rows)
	}
	return rows
}

// order compares two rows by the column to sort by; 0 leaves them in the kernel's order.
func (t *watchTable) order() func(a, b *watchRow) int {
	switch t.sort {
	case sortByLUN:
		return func(_, _ *watchRow) int { return 0 }
	case sortByName:
		return func(a, b *watchRow) int { return cmp.Compare(a.lun.Name(), b.lun.Name()) }
	}
	column := watchColumns()[t.sort-firstFigure]
	value := func(r *watchRow) float64 {
		v, ok := column.value(r)
		if !ok {
			return -1
		}
		return v
	}
	return func(a, b *watchRow) int { return cmp.Compare(value(b), value(a)) } // the largest first
}

// columns are those that say something. Without a histogram of each I/O there is no p99.
func (t *watchTable) columns() []watchColumn {
	counted := false
	for _, r := range t.rows {
		counted = counted || r.last.Latency != nil && !r.last.Latency.FromMeans()
	}
	return slices.DeleteFunc(watchColumns(), func(c watchColumn) bool { return c.name == p99Column && !counted })
}
