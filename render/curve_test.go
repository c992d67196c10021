package render

import (
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"

	"lunstat/collector/series"
	"lunstat/render/draw"
	"lunstat/render/facts"
)

// Every I/O within the range is in the columns, however intervals and columns overlap; no
// column's mean is above its maximum.
func TestColumnsKeepSums(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	for try := range 200 {
		g := grid{start, start.Add(time.Duration(1+r.IntN(400*24*3600)) * time.Second), 1 + r.IntN(800)}
		c := newCells(g)
		var p hostSeries
		end, ios, seconds := start, 0.0, 0.0
		for range 1 + r.IntN(300) {
			long := time.Duration(1+r.IntN(7200)) * time.Second
			if end = end.Add(long); end.After(g.to) {
				break
			}
			i := series.Interval{End: end, ElapsedMS: uint64(long.Milliseconds()), SpanMS: uint64(long.Milliseconds())}
			i.Set(series.ReadIOs, uint64(r.IntN(100000)))
			p.add(&i)
			ios += float64(i.Value(series.ReadIOs))
			seconds += long.Seconds()
			if r.IntN(10) == 0 {
				end = end.Add(time.Duration(r.IntN(3600)) * time.Second)
			}
		}
		got := ratio{}
		curve := &p.curves(c, []metric{iops}).fine[iops]
		for i, col := range curve.ratios {
			got.add(col)
			if v, ok := col.value(); ok && v > float64(curve.max[i])*(1+1e-6) {
				t.Fatalf("try %d: a column's mean is %v, its maximum %v", try, v, curve.max[i])
			}
		}
		if math.Abs(got.num-ios) > 1e-6*ios || math.Abs(got.den-seconds) > 1e-6*seconds {
			t.Fatalf("try %d: %v I/Os in %v s, but the columns have %v in %v s", try, ios, seconds, got.num, got.den)
		}
	}
}

// Two intervals of 60 s and 30 s in columns of 45 s: the second column has the last
// 15 s of the one and all of the other.
func TestColumnsByHand(t *testing.T) {
	start := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	c := newCells(grid{start, start.Add(3 * 45 * time.Second), 3})
	var p hostSeries
	for _, iv := range []struct{ end, long, ios, ms int }{{60, 60, 600, 6000}, {90, 30, 30, 60}} {
		i := series.Interval{End: start.Add(time.Duration(iv.end) * time.Second), ElapsedMS: uint64(iv.long * 1000), SpanMS: uint64(iv.long * 1000)}
		i.Set(series.ReadIOs, uint64(iv.ios))
		i.Set(series.ReadMS, uint64(iv.ms))
		p.add(&i)
	}
	curves := p.curves(c, allMetrics()).fine
	mean, top, wait := curves[iops].means(), curves[iops].max.values(), curves[readAwait].means()
	// 600 in 60 s is 10/s; then (150 + 30) in 45 s is 4/s; then nothing.
	if mean[0] != 10 || math.Abs(mean[1]-4) > 1e-9 || !math.IsNaN(mean[2]) {
		t.Errorf("means %v", mean)
	}
	if top[0] != 10 || top[1] != 10 || !math.IsNaN(top[2]) {
		t.Errorf("maxima %v", top)
	}
	// Await is ms per I/O: 6000/600 = 10, then (1500 + 60) / (150 + 30) = 8.67, not
	// the mean 6 of 10 and 2.
	if wait[0] != 10 || math.Abs(wait[1]-1560.0/180) > 1e-9 {
		t.Errorf("awaits %v", wait)
	}
	if w := curves[writeAwait].means(); !math.IsNaN(w[0]) {
		t.Errorf("no write is known, but its await is %v", w[0])
	}
}

func TestLongIntervals(t *testing.T) {
	start := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	c := newCells(grid{start, start.Add(2 * time.Hour), 120})
	var l lun
	for _, iv := range []struct {
		end, long time.Duration
		ios       uint64
		q         series.Quality
	}{{time.Minute, time.Minute, 600, 0}, {61 * time.Minute, time.Hour, 360000, series.Long}, {62 * time.Minute, time.Minute, 1200, 0}} {
		i := series.Interval{End: start.Add(iv.end), ElapsedMS: uint64(iv.long.Milliseconds()), SpanMS: uint64(iv.long.Milliseconds()), Quality: iv.q}
		i.Set(series.ReadIOs, iv.ios)
		i.Set(series.SlowMS, 60000)
		l.add(series.Key{}, &i)
	}
	l.settle(&data{cells: c, grid: c.grid, Span: facts.Span{From: start, To: start.Add(2 * time.Hour)}})
	s := l.figures[iops]
	// In totals: (600 + 360000 + 1200) in 62 min. Not in maximum or percentile.
	if want := 361800.0 / (62 * 60); math.Abs(s.mean-want) > 1e-9 || s.max != 20 || s.p95 != 20 || s.last != 20 {
		t.Errorf("stats %+v, want mean %v and 20", s, want)
	}
	if l.slowMS != 120000 || l.upMS != 120000 {
		t.Errorf("slow %d ms of %d", l.slowMS, l.upMS)
	}
	if v := l.lines[iops].mean[30]; !math.IsNaN(v) {
		t.Errorf("within the long interval the line is at %v", v)
	}
	if len(l.gaps) == 0 || !l.gaps[0].flat || l.gaps[0].Long() != time.Hour {
		t.Errorf("gaps %+v", l.gaps)
	}
}

func TestPercentile(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		name   string
		values []weighted
		want   float64
	}{
		{"none", nil, math.NaN()},
		{"one", []weighted{{7, 1}}, 7},
		{"twenty equal weights: the nineteenth", ramp(20), 19},
		{"forty: the thirty-eighth", ramp(40), 38},
		{"by time", []weighted{{1, 94}, {5, 2}, {9, 4}}, 5},
		{"just at the rank", []weighted{{9, 5}, {1, 95}}, 1},
	} {
		got := percentile(c.values, 95)
		if got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	a := sample{end: 1, ms: 10}
	b := sample{end: 1, ms: 20}
	a.v[iops], b.v[iops], a.v[util], b.v[util] = 3, 4, 50, 40
	a.v[readAwait] = nan
	b.v[readAwait] = 6
	sum := together([][]sample{{a}, {b, {end: 0}}})
	if len(sum) != 2 || sum[1].v[iops] != 7 || sum[1].v[util] != 50 || sum[1].v[readAwait] != 6 || sum[1].ms != 20 || sum[0].end != 0 {
		t.Errorf("together %+v", sum)
	}
}

func ramp(n int) []weighted {
	var out []weighted
	for i := range n {
		out = append(out, weighted{float32(n - i), 60})
	}
	return out
}

// Days are the zone's, of 23, 24 or 25 hours, each with its own mean.
func TestDays(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, z)
	c := newCells(grid{from, from.AddDate(1, 0, 0), 700})
	if c.len() != 365 {
		t.Fatalf("%d days", c.len())
	}
	day := time.Date(2026, 10, 25, 0, 0, 0, 0, z)
	if got := c.at(day); got != float64(day.YearDay()-1) {
		t.Errorf("25 October begins at %v", got)
	}
	if got := c.at(day.Add(150 * time.Minute * 5)); got != float64(day.YearDay()-1)+0.5 {
		t.Errorf("half of its 25 hours are at %v", got)
	}
	v := make([]float64, c.len())
	for i := range v {
		v[i] = float64(i)
	}
	cols := c.columns(v)
	if len(cols) != 700 || cols[0] != 0 || cols[699] != 364 {
		t.Errorf("%d columns from %v to %v", len(cols), cols[0], cols[699])
	}
}

func TestStack(t *testing.T) {
	for _, c := range []struct {
		want, got []float64
	}{
		{[]float64{10, 50, 90}, []float64{10, 50, 90}},
		{[]float64{10, 12, 14}, []float64{10, 30, 50}},
		{[]float64{90, 95, 99}, []float64{60, 80, 100}},
		{[]float64{0, 0, 100, 100}, []float64{0, 20, 80, 100}},
	} {
		got := stack(c.want, 20, 0, 100)
		for i := range got {
			if got[i] != c.got[i] {
				t.Errorf("%v is stacked to %v, want %v", c.want, got, c.got)
				break
			}
		}
	}
}

// The line at 50 stands out but for where the other one crosses it and where it is
// steep; the one that both share gets no badge.
func TestBadges(t *testing.T) {
	f := &frame{Rectangle: image.Rect(0, 0, 200, 100), scale: scale{top: 100}}
	flat, other := make([]float64, 200), make([]float64, 200)
	for i := range flat {
		flat[i], other[i] = 50, 50
		if i >= 150 {
			other[i] = 10
		}
	}
	lines := [][]float64{flat, other}
	p, ok := f.clearest(flat, lines, 0, nil)
	if !ok || p.x < 150 || p.y != 50 {
		t.Errorf("badge at %v, %v", p, ok)
	}
	if q, ok := f.clearest(flat, lines, 0, []point{p}); !ok || q.x-p.x < badgeRoom {
		t.Errorf("a second badge at %v, %v", q, ok)
	}
	if p, ok := f.clearest(flat[:150], [][]float64{flat, other}, 0, nil); ok {
		t.Errorf("a badge at %v on a line that is covered", p)
	}
}

// Curves on pixels end between two of them, and still say what they say: a line is less than
// a pixel off, an area less than half of one, and no largest value is lost.
func TestCurvesOnPixels(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	v := make(columns, 200)
	for i := range v {
		v[i] = 50 + 40*math.Sin(float64(i)/20) + r.Float64()
	}
	v[77] = 99.6
	p := plot.New()
	p.Y.Min, p.Y.Max = 0, 100
	for _, scale := range []float64{1, 2} {
		c := vgdraw.Crop(vgdraw.New(new(draw.Memory).New(200, 40, scale, nil)), 0, 0, 0, 0)
		_, y := p.Transforms(&c)
		all := run{0, len(v)}
		top := vg.Length(0)
		for i, at := range v.levels(&c, p, all, 1.5) {
			if upper := (float64(at) + 0.75) * scale; upper != math.Round(upper) {
				t.Fatalf("scale %v, column %d: the line's upper edge is at %v pixels", scale, i, upper)
			}
			if off := math.Abs(float64(at-y(v[i]))) * scale; off >= calm {
				t.Fatalf("scale %v, column %d: %v pixels off", scale, i, off)
			}
		}
		for _, at := range v.stairs(&c, p, all) {
			if at.X != sharp(at.X, vg.Length(1/scale)) || at.Y != sharp(at.Y, vg.Length(1/scale)) {
				t.Fatalf("scale %v: a corner at %v", scale, at)
			}
			top = max(top, at.Y)
		}
		if off := math.Abs(float64(top-y(v[77]))) * scale; off > 0.5 {
			t.Errorf("scale %v: the largest is %v pixels off", scale, off)
		}
	}
}

// A value between two pixels doesn't flicker.
func TestCalmLine(t *testing.T) {
	v := columns{10.4, 10.6, 10.4, 10.7, 10.4, 12, 10.5}
	p := plot.New()
	p.Y.Min, p.Y.Max = 0, 100
	c := vgdraw.New(new(draw.Memory).New(7, 100, 1, nil))
	if got := v.levels(&c, p, run{0, len(v)}, 2); !slices.Equal(got, []vg.Length{10, 10, 10, 10, 10, 12, 11}) {
		t.Errorf("%v", got)
	}
}
