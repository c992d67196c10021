package render

import (
	"math"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// sample is one interval's or bin's figures, for percentiles.
type sample struct {
	end int64   // Unix second, or number of the bin
	ms  float32 // elapsed
	v   [numMetrics]float32
}

func (s *sample) long() time.Duration { return time.Duration(s.ms) * time.Millisecond }

// long is an interval whose totals alone are known.
type long struct {
	from, to time.Time
	v        [numMetrics]float64 // NaN: absent
	cause    string
}

// hostSeries is one series of a LUN: what one host counted of it.
type hostSeries struct {
	key series.Key
	tally
	curves  [numMetrics]curve
	coarse  [numMetrics]curve // of what the overviews show; empty: the range has no coarse cells
	samples []sample
	spans   []facts.Span // when there is data, in order
	longs   []long
	thins   []thin // bins with a hole
	slow    facts.Slowness
	packed  bool // nothing can be added
}

// pack is called when the last interval was added.
func (p *hostSeries) pack() {
	for m := range p.curves {
		p.curves[m].pack()
	}
	p.packed = true
}

func newHostSeries(key series.Key, c cells) *hostSeries {
	p := &hostSeries{key: key}
	for m := range p.curves {
		p.curves[m] = newCurve(c.len())
	}
	if c.coarse != nil {
		for _, m := range overviewed() {
			p.coarse[m] = newCurve(c.coarse.len())
		}
	}
	return p
}

// overviewed are the figures that have a picture of all LUNs.
func overviewed() []metric { return []metric{iops, util} }

// add takes an interval or bin in.
func (p *hostSeries) add(c cells, width time.Duration, i *series.Interval) {
	r := ratios(i)
	p.tally.add(i, &r)
	p.spans = extend(p.spans, facts.Span{From: i.Start(), To: i.End})
	p.slow.Add(i)
	if i.Quality.Has(series.Long) {
		p.longs = append(p.longs, longOf(i, &r))
		return
	}
	if missing := time.Duration(i.SpanMS-i.ElapsedMS) * time.Millisecond; i.SpanMS > i.ElapsedMS && missing > slack {
		p.thins = append(p.thins, thin{facts.Span{From: i.Start(), To: i.End}, missing})
	}
	s := c.stretch(i.Start(), i.End)
	smp := sample{end: i.End.Unix(), ms: float32(i.ElapsedMS)}
	if width > 0 {
		smp.end = series.BinOf(i.End, width)
	}
	for m := range numMetrics {
		v, ok := r[m].value()
		smp.v[m] = nan32
		if ok {
			smp.v[m] = float32(v)
			p.curves[m].add(s, r[m], m.largest(i, v), m.peak(i))
		}
	}
	p.samples = append(p.samples, smp)
	if c.coarse == nil {
		return
	}
	s = c.coarse.stretch(i.Start(), i.End)
	for _, m := range overviewed() {
		p.coarse[m].add(s, r[m], nan32, nan32)
	}
}

// largest is the largest one-minute mean of a bin, or a plain interval's own.
// Of what a bin keeps no maximum there is none.
func (m metric) largest(i *series.Interval, own float64) float32 {
	if i.Mean.WindowMS == 0 {
		return float32(own)
	}
	if v, ok := m.of(&i.Mean); ok {
		return float32(v)
	}
	return nan32
}

func (m metric) peak(i *series.Interval) float32 {
	if v, ok := m.of(&i.Peak); ok {
		return float32(v)
	}
	return nan32
}

func longOf(i *series.Interval, r *[numMetrics]ratio) long {
	l := long{from: i.Start(), to: i.End, cause: causeNotRun}
	switch {
	case i.Quality.Has(series.Suspended):
		l.cause = causeSuspended
	case i.Quality.Has(series.Reset):
		l.cause = causeAfterBoot
	}
	for m := range numMetrics {
		l.v[m] = math.NaN()
		if v, ok := r[m].value(); ok {
			l.v[m] = v
		}
	}
	return l
}
