package render

import (
	"context"
	"fmt"
	"image/color"
	"time"

	"gonum.org/v1/plot"
	vgdraw "gonum.org/v1/plot/vg/draw"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// How long a range may be to be held against the weeks before it, and how many bins are
// read for that: what is more takes longer than the report itself.
const (
	usualUpTo = 36 * 24 * time.Hour
	mostUsual = 400_000
)

// usualFrom is where the weeks begin from which the usual is taken.
func (d *data) usualFrom() time.Time { return d.From.AddDate(0, 0, -7*facts.UsualWeeks) }

// readUsual reads what the LUNs did in the weeks before the range, by hours.
func (d *data) readUsual(ctx context.Context, src Source) error {
	from := d.usualFrom()
	enough := d.From.AddDate(0, 0, -7*facts.LeastUsual)
	switch {
	case d.Long() > usualUpTo:
		d.unread = "This range is longer than five weeks, so lunstat compares it only with the weeks in it."
	case readCount(from, d.From, time.Hour, len(d.keys())) > mostUsual:
		d.unread = "There are too many LUNs here to compare them with the weeks before. Ask for some of them: --group, --host or --lun."
	case d.first.After(enough.Add(rawBelow)):
		d.unread = "There are not yet two weeks of data before this range, so lunstat can't say what is usual."
	}
	if d.unread != "" {
		return nil
	}
	of := map[series.Key]*lun{}
	for _, l := range d.luns {
		for _, k := range l.keys {
			of[k] = l
		}
	}
	q := series.Query{From: from, To: d.From, Width: time.Hour, Keys: d.keys()}
	err := src.Intervals(ctx, q, func(k series.Key, i *series.Interval) error {
		if l := of[k]; l != nil {
			l.usual.Add(i)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the weeks before: %w", err)
	}
	return nil
}

// bandOf is a usual by the columns of a frame; nil where too little is known. It goes in straight
// lines from the middle of one hour to that of the next: in steps, what rises would be
// beyond the usual in the second half of each hour.
func bandOf(g grid, of func(time.Time) (facts.Usual, bool)) (least, largest columns) {
	least, largest = make(columns, g.n), make(columns, g.n)
	any := false
	var middle time.Time // of the earlier hour
	var a, b facts.Usual
	for i := range least {
		at := g.from.Add(time.Duration((float64(i) + 0.5) / float64(g.n) * float64(g.to.Sub(g.from))))
		if i == 0 || at.Sub(middle) >= time.Hour {
			middle = at.Add(-30 * time.Minute).Truncate(time.Hour).Add(30 * time.Minute)
			a, b = ofTwo(of, middle, middle.Add(time.Hour))
		}
		share := at.Sub(middle).Hours()
		least[i], largest[i] = a.Least+(b.Least-a.Least)*share, a.Largest+(b.Largest-a.Largest)*share
		any = any || largest[i] == largest[i]
	}
	if !any {
		return nil, nil
	}
	return least, largest
}

// ofTwo is the usual of two hours; NaN where neither has one, and of both where one has.
func ofTwo(of func(time.Time) (facts.Usual, bool), first, second time.Time) (a, b facts.Usual) {
	a, okA := of(first)
	b, okB := of(second)
	switch {
	case okA && okB:
		return a, b
	case okA:
		return a, a
	case okB:
		return b, b
	}
	none := facts.Usual{Least: nan, Largest: nan}
	return none, none
}

// excess fills what is beyond the usual: from its largest value to the line, where the
// line is above.
type excess struct {
	usual, line columns
	down        bool
	colour      color.Color
}

func (e excess) Plot(c vgdraw.Canvas, p *plot.Plot) {
	upper, lower := make(columns, len(e.line)), make(columns, len(e.line))
	for i, v := range e.line {
		upper[i], lower[i] = nan, nan
		if v > e.usual[i] {
			upper[i], lower[i] = v, e.usual[i]
			if e.down {
				upper[i], lower[i] = -e.usual[i], -v
			}
		}
	}
	band{lower, upper, e.colour}.Plot(c, p)
}

// excessOf fills what a line has beyond the same hours of the weeks before.
func (dr *drawn) excessOf(g grid, l *lun) plotters {
	of := map[metric]func(*facts.Hours, time.Time) (facts.Usual, bool){
		iops: (*facts.Hours).IOPS, readIOPS: (*facts.Hours).Reads, writeIOPS: (*facts.Hours).Writes,
		readAwait: (*facts.Hours).ReadAwait, writeAwait: (*facts.Hours).WriteAwait, util: (*facts.Hours).Busy,
	}[dr.metric]
	if of == nil || dr.view.host != "" || g.width() > time.Hour {
		return nil
	}
	_, largest := bandOf(g, func(t time.Time) (facts.Usual, bool) { return of(&l.usual, t) })
	if largest == nil {
		return nil
	}
	return plotters{excess{largest, dr.view.line().mean, dr.down, tint(dr.style.colour, 0.6)}}
}
