package render

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// data is all that a report shows.
type data struct {
	opt Options
	facts.Span
	width       time.Duration // of the bins read; 0: raw intervals
	grid        grid          // the report's range, or what there is of one that is mostly empty
	cells       cells         // what is gathered for it
	hours       hourColumns   // of week.png
	spaceGrid   grid          // the same, or longer back
	luns        []*lun        // by role, then by first sight
	group       string        // that all LUNs belong to, or ""
	hosts       []string
	first, last time.Time // ends of the first and last interval there are at all
	now         time.Time // the range's end or, where that is still to come, now
	complete    completeness
	boots       []boot
	slept       []sleep
	steps       []clockStep
	since       map[string]time.Time // when the ledger first knew of a host
	kernels     []string
	hostGaps    map[string][]gap // what all LUNs of a host lack
	gaps        []gap            // what all LUNs of all hosts lack
	missing     []gap            // what is missing, host by host, shared long intervals too
	notes       []series.Note
	warnings    []series.Warning
	intervals   int
	meanMS      uint32         // windows of the bins' largest means; 0: no bins
	peakMS      uint32         // windows of the peaks; 0: none
	quality     map[string]int // intervals with that mark
	hour        *facts.Hour    // the busy hour; nil: none
	sizing      []facts.Sizing // of the groups whose mailboxes are known
	findings    []facts.Finding
	unread      string        // why the weeks before were not read; "": they were
	layers      *layers       // the ledger's layers
	pressures   []*pressure   // of the hosts whose kernel says it, by name
	typical     time.Duration // how long the intervals or bins mostly are

	folds   bool      // lines are made when they are drawn, and not kept
	taken   gathering // the samples of all LUNs, until all are settled
	lengths []float32 // ms, of raw intervals; the same
}

// rawBelow is the range up to which every interval is read.
const rawBelow = 24 * time.Hour

// mostRead is how many intervals or bins a report reads if coarser ones can do
// instead: a week of 1,000 LUNs by quarters of an hour, a year of fifty. Beyond that
// it takes minutes and gigabytes, whichever store it reads from.
const mostRead = 2_000_000

// binWidth is the resolution that a picture of a range needs, for so many series. In
// half a year a pixel is some four hours wide.
func binWidth(from, to time.Time, keys int) time.Duration {
	tooMany := func(width time.Duration) bool { return readCount(from, to, width, keys) > mostRead }
	switch {
	case to.Sub(from) < rawBelow && !tooMany(time.Minute):
		return 0
	case !to.After(from.AddDate(0, 6, 0)) && !tooMany(15*time.Minute):
		return 15 * time.Minute
	default:
		return time.Hour
	}
}

// readCount is how many intervals or bins of a width so many series have in a range.
func readCount(from, to time.Time, width time.Duration, keys int) int {
	return int(to.Sub(from)/width) * keys
}

// Reading so many takes some seconds, in which somebody wants to see that it goes on.
const (
	muchToRead    = 200_000
	progressEvery = 10_000
)

// spaceBack is how far back the picture of space looks at least: what fills up
// does so over weeks.
const spaceBack = 5 * 7

// gather reads everything, the intervals in one pass.
func gather(ctx context.Context, src Source, o Options) (*data, error) {
	d := &data{
		opt: o, Span: facts.Span{From: o.From, To: o.To},
		grid:    grid{o.From, o.To, plotWidth(o.Width)},
		quality: map[string]int{},
		since:   map[string]time.Time{},
	}
	var err error
	var any bool
	if d.first, d.last, any, err = src.Extent(ctx); err != nil {
		return nil, fmt.Errorf("reading the extent: %w", err)
	}
	if !any || d.first.After(o.To) || !d.last.After(o.From) {
		return nil, d.empty(ctx, src)
	}
	d.spaceGrid = grid{d.spaceFrom(), o.To, d.grid.n}
	for _, read := range []func(context.Context, Source) error{
		d.readLUNs, d.readRuns, d.readPressure, d.readUsual, d.readIntervals, d.readStalls, d.readSpaces, d.readNotes,
	} {
		if err := read(ctx, src); err != nil {
			return nil, err
		}
	}
	if !d.settle() {
		return nil, d.empty(ctx, src)
	}
	if err := d.findFindings(ctx, src); err != nil {
		return nil, err
	}
	return d, nil
}

// spaceFrom looks back five weeks, but not to where there was nothing yet.
func (d *data) spaceFrom() time.Time {
	from := d.To.AddDate(0, 0, -spaceBack)
	if from.Before(d.first) {
		from = d.first.In(d.opt.Zone)
	}
	if from.After(d.From) {
		return d.From
	}
	return from
}

func (d *data) readIntervals(ctx context.Context, src Source) error {
	of := map[series.Key]*lun{}
	for _, l := range d.luns {
		for _, k := range l.keys {
			of[k] = l
		}
	}
	q := series.Query{From: d.From, To: d.To, Width: d.width, Keys: d.keys()}
	expected := readCount(d.From, d.To, cmp.Or(d.width, time.Minute), len(q.Keys))
	err := src.Intervals(ctx, q, func(k series.Key, i *series.Interval) error {
		l := of[k]
		if l == nil {
			return fmt.Errorf("interval of %s, which was not asked for", k.ID)
		}
		l.add(k, i)
		l.strip.add(&d.hours, d.limit(l), i)
		l.usual.Add(i)
		l.carpet.add(d.cells, &d.hours, i)
		if l.tails != nil {
			l.tails.Add(i)
		}
		d.meanMS, d.peakMS = max(d.meanMS, i.Mean.WindowMS), max(d.peakMS, i.Peak.WindowMS)
		if d.intervals++; d.intervals%progressEvery == 0 && expected > muchToRead {
			d.opt.Progress(Reading, min(d.intervals, expected), expected)
		}
		for _, mark := range i.Quality.List() {
			d.quality[mark]++
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading intervals: %w", err)
	}
	return nil
}

func (d *data) readSpaces(ctx context.Context, src Source) error {
	of := map[series.Key]*lun{}
	width := binWidth(d.spaceGrid.from, d.To, len(d.keys()))
	for _, l := range d.luns {
		l.levels.Every = l.levelsEvery(d.spaceGrid.to.Sub(d.spaceGrid.from))
		l.space, l.spaceLong = newSpaceLine(d.grid, width), newSpaceLine(d.spaceGrid, width)
		for _, k := range l.keys {
			of[k] = l
		}
	}
	q := series.Query{From: d.spaceGrid.from, To: d.To, Width: width, Keys: d.keys()}
	err := src.Spaces(ctx, q, func(k series.Key, s *series.Space) error {
		if l := of[k]; l != nil {
			l.space.add(s)
			l.spaceLong.add(s)
			l.levels.Add(s)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading space: %w", err)
	}
	return nil
}

// settle does what can be done only when all was read. It reports whether there is
// something to draw.
func (d *data) settle() bool {
	known := func(l *lun) bool { return len(l.series) > 0 || l.space.any() }
	if !slices.ContainsFunc(d.luns, known) {
		return false
	}
	// A LUN without any data must still be shown if its host sends nothing any longer.
	d.luns = slices.DeleteFunc(d.luns, func(l *lun) bool {
		return !known(l) && (!l.spaceLong.any() || l.endedBefore(d.From))
	})
	d.findNow()
	slices.SortStableFunc(d.luns, func(a, b *lun) int {
		return cmp.Or(cmp.Compare(rankOf(a.role()), rankOf(b.role())), cmp.Compare(a.entry.Colour, b.entry.Colour))
	})
	d.group = d.oneGroup()
	d.hosts = d.allHosts()
	for _, k := range d.keys() {
		d.opt.Simulated = d.opt.Simulated || k.Source == series.SourceSimulated
	}
	d.nameLUNs()
	d.findMissing()
	d.folds = d.whetherFolds()
	for _, l := range d.luns {
		l.settle(d)
	}
	d.missing = d.allMissing()
	d.complete = completeOf(d.present())
	d.hour, d.typical = d.busyHour(), d.typicalLength()
	d.computeSizing()
	d.taken, d.lengths = gathering{}, nil // large, and no longer needed
	if !d.folds {
		for _, l := range d.luns {
			for _, p := range l.series {
				p.record = recording{}
			}
		}
	}
	return true
}

// took takes a LUN's samples into what all LUNs did together.
func (d *data) took(samples []sample) {
	d.taken.add(samples)
	if d.width > 0 {
		return // all are alike
	}
	for i := range samples {
		d.lengths = append(d.lengths, samples[i].ms)
	}
}

func (d *data) anySpace() bool {
	return slices.ContainsFunc(d.luns, func(l *lun) bool { return l.spaceLong.any() })
}
