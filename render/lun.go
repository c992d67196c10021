package render

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/render/facts"
)

// lun is one LUN of the report: the words for it and what it did.
type lun struct {
	entry  mapper.Entry    // what it was last
	asked  bool            // and on a host that is asked for
	since  time.Time       // when it was first seen, within the range
	known  []tenure        // when the ledger had it
	story  []*mapper.Entry // everything that the ledger says about it
	keys   []series.Key    // its series, one a host
	groups []string        // that it belonged to in the range: hosts may differ, a config change
	title  string          // as everywhere in the report
	file   string          // of its picture
	style  style

	series  []*hostSeries
	summary // of all series
	stalls  []facts.Span
	strip   stripCells
	until   time.Time // the end of the last interval beyond the range that was looked at; zero: none was

	apart     []*summary // what each host saw, where two used the LUN at once
	gaps      []gap
	space     *spaceLine // over the report's range
	spaceLong *spaceLine // over the weeks of the picture of space
	levels    facts.Levels
	carpet    carpet
	tails     *facts.Tails // nil: the range is too long for hours
	usual     facts.Hours  // and that of the weeks before
}

// tenure is when a host's ledger had a LUN.
type tenure struct {
	host string
	facts.Span
}

// know adds one entry of the ledger. The latest one describes the LUN, among those of the
// hosts that are asked for.
func (l *lun) know(e *mapper.Entry, asked bool) {
	if l.since.IsZero() || e.From.Before(l.since) {
		l.since = e.From
	}
	l.known = append(l.known, tenure{e.Host, lasts(e)})
	if asked {
		l.story = append(l.story, e)
	}
	if asked && (!l.asked || !e.From.Before(l.entry.From)) || !l.asked && len(l.keys) == 0 {
		l.entry, l.asked = *e, asked
	}
	if asked && !slices.Contains(l.groups, e.LUN.Group) {
		l.groups = append(l.groups, e.LUN.Group)
	}
	if k := entryKey(e); !slices.Contains(l.keys, k) {
		l.keys = append(l.keys, k)
	}
}

// endedBefore reports that by the ledgers the LUN was gone by then.
func (l *lun) endedBefore(t time.Time) bool {
	return !slices.ContainsFunc(l.known, func(k tenure) bool { return k.To.After(t) })
}

// on reports whether the LUN was on one of the hosts that are asked for.
func (l *lun) on(o *Options) bool {
	return slices.ContainsFunc(l.keys, func(k series.Key) bool { return o.of(k.Host) })
}

// fullFrom is the used share from which its filesystem is nearly full, in percent as df
// rounds it.
func (l *lun) fullFrom() int {
	warn, _ := facts.FullFrom(&l.entry.LUN)
	return int(math.Ceil(warn))
}

func (l *lun) role() string { return l.entry.LUN.Role }

// add adds an interval.
func (l *lun) add(k series.Key, i *series.Interval) {
	l.seriesOf(k).add(i)
	if stalledIn(i) {
		l.stalls = extend(l.stalls, facts.Span{From: i.Start(), To: i.End})
	}
}

func (l *lun) seriesOf(k series.Key) *hostSeries {
	for _, p := range l.series {
		if p.key == k {
			return p
		}
	}
	p := &hostSeries{key: k}
	l.series = append(l.series, p)
	return p
}

// settle makes figures of what was gathered, and lines unless d folds them.
func (l *lun) settle(d *data) {
	slices.SortFunc(l.series, func(a, b *hostSeries) int {
		return cmp.Or(cmp.Compare(a.key.Host, b.key.Host), cmp.Compare(a.key.Source, b.key.Source))
	})
	l.summary.of = l.series
	for _, p := range l.series {
		l.tally.merge(&p.tally)
	}
	samples := l.samples(d.width)
	if w, both := l.atOnce(); both {
		d.warnings = append(d.warnings, w)
		l.addUp(samples)
		for _, p := range l.series {
			one := &summary{host: p.key.Host, of: []*hostSeries{p}, tally: p.tally}
			one.settle(p.samples(d.width))
			l.apart = append(l.apart, one)
		}
	}
	l.summary.settle(samples)
	d.took(samples)
	if !d.folds {
		l.unfold(d.cells, allMetrics()...)
	}
	l.gaps = d.gapsOf(l)
}

// samples are those of all series together.
func (l *lun) samples(width time.Duration) []sample {
	lists := make([][]sample, len(l.series))
	for i, p := range l.series {
		lists[i] = p.samples(width)
	}
	return together(lists)
}

// addUp corrects the totals of a LUN that two hosts used at once: its I/O happened in the
// time that passed, not in the sum of both hosts' times, and its maximum is of both
// together.
func (l *lun) addUp(samples []sample) {
	var lists [][]facts.Span
	for _, p := range l.series {
		lists = append(lists, p.spans)
	}
	passed := 0.0
	for _, s := range union(lists...) {
		passed += s.Long().Seconds()
	}
	for m := range numMetrics {
		if !m.adds() {
			continue
		}
		l.total[m].den = min(l.total[m].den, passed)
		for i := range samples {
			if l.top[m].ok {
				l.top[m].add(samples[i].v[m])
			}
		}
	}
}

// atOnce says where two hosts saw the LUN at the same time.
func (l *lun) atOnce() (series.Warning, bool) {
	for i, p := range l.series {
		for _, q := range l.series[i+1:] {
			for _, s := range p.spans {
				if covered(q.spans, s) > 2*time.Minute {
					return series.Warning{
						What: fmt.Sprintf("%s was used by %s and %s at the same time: the report adds their I/O, and shows busy time and await for each host",
							l.title, p.key.Host, q.key.Host),
						Hint: "only a cluster filesystem allows that; check which hosts mount it",
					}, true
				}
			}
		}
	}
	return series.Warning{}, false
}
