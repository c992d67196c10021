package render

import (
	"math"
	"slices"
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
	record recording    // of all but long intervals
	spans  []facts.Span // when there is data, in order
	longs  []long
	thins  []thin // bins with a hole
	slow   facts.Slowness
}

// add adds an interval or bin.
func (p *hostSeries) add(i *series.Interval) {
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
	p.record.add(i)
}

// samples are what the series' intervals had. The bins of several series that have one
// number are of one time.
func (p *hostSeries) samples(width time.Duration) []sample {
	var out []sample
	p.record.each(func(i *series.Interval) {
		s := sample{end: i.End.Unix(), ms: float32(i.ElapsedMS)}
		if width > 0 {
			s.end = series.BinOf(i.End, width)
		}
		r := ratios(i)
		for m := range numMetrics {
			s.v[m] = nan32
			if v, ok := r[m].value(); ok {
				s.v[m] = float32(v)
			}
		}
		out = append(out, s)
	})
	return out
}

// curveSet is the curves of one series.
type curveSet struct {
	fine   [numMetrics]curve // of what was asked for
	coarse [numMetrics]curve // of what the overviews show; empty: the range has no coarse cells
}

// overviewed are the metrics that have a picture of all LUNs.
func overviewed() []metric { return []metric{iops, util} }

// curves draws metrics from what was recorded.
func (p *hostSeries) curves(c cells, of []metric) *curveSet {
	var set curveSet
	var coarse []metric
	for _, m := range of {
		set.fine[m] = c.room.curve(c.len())
		if c.coarse != nil && slices.Contains(overviewed(), m) {
			set.coarse[m] = newCurve(c.coarse.len())
			coarse = append(coarse, m)
		}
	}
	p.record.each(func(i *series.Interval) {
		r := ratios(i)
		s := c.stretch(i.Start(), i.End)
		for _, m := range of {
			if v, ok := r[m].value(); ok {
				set.fine[m].add(s, r[m], m.largest(i, v), m.peak(i))
			}
		}
		if coarse == nil {
			return
		}
		s = c.coarse.stretch(i.Start(), i.End)
		for _, m := range coarse {
			set.coarse[m].add(s, r[m], nan32, nan32)
		}
	})
	return &set
}

// largest is the largest one-minute mean of a bin, or a plain interval's own. NaN if a
// bin keeps no maximum of the metric.
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
