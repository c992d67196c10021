package render

import (
	"math"
	"slices"

	"lunstat/collector/series"
)

// stats are the four figures of a legend; NaN is absent.
type stats struct{ last, mean, p95, max float64 }

var noStats = stats{math.NaN(), math.NaN(), math.NaN(), math.NaN()}

// maximum is the largest of some values, if there was one.
type maximum struct {
	v  float64
	ok bool
}

// add takes a value into account; NaN is no value.
func (x *maximum) add(v float32) {
	if v == v && (!x.ok || float64(v) > x.v) {
		x.v, x.ok = float64(v), true
	}
}

// tally is what is summed up of one series, or of several.
type tally struct {
	total  [numMetrics]ratio // long intervals included
	top    [numMetrics]maximum
	slowMS uint64
	upMS   uint64 // elapsed of all but long intervals
}

// add adds an interval with its ratios.
func (t *tally) add(i *series.Interval, r *[numMetrics]ratio) {
	for m := range numMetrics {
		t.total[m].add(r[m])
	}
	if i.Quality.Has(series.Long) {
		return
	}
	t.upMS += i.ElapsedMS
	t.slowMS += i.Value(series.SlowMS)
	for m := range numMetrics {
		if v, ok := r[m].value(); ok {
			t.top[m].add(m.largest(i, v))
		}
	}
}

func (t *tally) merge(o *tally) {
	for m := range numMetrics {
		t.total[m].add(o.total[m])
		if x := o.top[m]; x.ok && (!t.top[m].ok || x.v > t.top[m].v) {
			t.top[m] = x
		}
	}
	t.slowMS += o.slowMS
	t.upMS += o.upMS
}

// weighted is a value and for how long it held.
type weighted struct{ v, ms float32 }

// percentile is the time-weighted nearest rank: the smallest value below or at
// which the figure stayed for p percent of the time. It sorts its argument.
func percentile(values []weighted, p float64) float64 {
	total := 0.0
	for _, w := range values {
		total += float64(w.ms)
	}
	if total == 0 {
		return math.NaN()
	}
	slices.SortFunc(values, func(a, b weighted) int {
		switch {
		case a.v < b.v:
			return -1
		case a.v > b.v:
			return 1
		}
		return 0
	})
	rank, sum := total*p/100, 0.0
	for _, w := range values {
		sum += float64(w.ms)
		if sum >= rank*(1-1e-9) { // the sum of the weights is not exact
			return float64(w.v)
		}
	}
	return float64(values[len(values)-1].v)
}

// statsOf are a metric's figures over samples; total and top come from the sums
// of the intervals themselves.
func statsOf(samples []sample, m metric, total ratio, top maximum) stats {
	s := noStats
	if v, ok := total.value(); ok {
		s.mean = v
	}
	if top.ok {
		s.max = top.v
	}
	values := make([]weighted, 0, len(samples))
	for i := range samples {
		if v := samples[i].v[m]; v == v {
			values = append(values, weighted{v, samples[i].ms})
			s.last = float64(v)
		}
	}
	s.p95 = percentile(values, 95)
	return s
}

// together adds up the samples of several series by their ends, metric by
// metric: what can't be added becomes the larger. The result is in order of time.
func together(lists [][]sample) []sample {
	var t gathering
	for _, l := range lists {
		t.add(l)
	}
	return t.all()
}

// gathering puts samples together as they come.
type gathering struct {
	lists int
	out   []sample
	at    map[int64]int // in out, by their end; nil: there is one list, as it is
}

func (t *gathering) add(list []sample) {
	switch t.lists++; t.lists {
	case 1:
		t.out = list
		return
	case 2:
		first := t.out
		t.at, t.out = map[int64]int{}, nil
		t.take(first)
	}
	t.take(list)
}

func (t *gathering) take(list []sample) {
	for _, s := range list {
		i, ok := t.at[s.end]
		if !ok {
			t.at[s.end] = len(t.out)
			t.out = append(t.out, s)
			continue
		}
		t.out[i].join(&s)
	}
}

// all are the samples in order of time.
func (t *gathering) all() []sample {
	if t.lists > 1 {
		slices.SortStableFunc(t.out, func(a, b sample) int {
			return int(min(max(a.end-b.end, -1), 1))
		})
	}
	return t.out
}

func (s *sample) join(o *sample) {
	s.ms = max(s.ms, o.ms)
	for m := range numMetrics {
		a, b := s.v[m], o.v[m]
		switch {
		case b != b:
		case a != a:
			s.v[m] = b
		case m.adds():
			s.v[m] = a + b
		default:
			s.v[m] = max(a, b)
		}
	}
}

// finite is for sorting figures when some are absent.
func finite(v float64) float64 {
	if math.IsNaN(v) {
		return -1
	}
	return v
}
