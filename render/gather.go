package render

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
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

// binWidth is the resolution that a picture of a range needs, for so many series.
func binWidth(from, to time.Time, keys int) time.Duration {
	tooMany := func(width time.Duration) bool { return readCount(from, to, width, keys) > mostRead }
	switch {
	case to.Sub(from) < rawBelow && !tooMany(time.Minute):
		return 0
	case !to.After(from.AddDate(0, 13, 0)) && !tooMany(15*time.Minute):
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

// readLUNs takes the LUNs from the ledger, by identity.
func (d *data) readLUNs(ctx context.Context, src Source) error {
	entries, err := src.LUNs(ctx, d.spaceGrid.from, d.To)
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	joined, err := newJoiner(src, entries, facts.Span{From: d.first.Add(-rawBelow), To: d.until()}).join(ctx)
	if err != nil {
		return err
	}
	of := map[series.Key]*lun{}
	d.layers = newLayers(entries)
	var all []*lun
	for _, keys := range joined {
		l := &lun{}
		for _, k := range keys {
			of[k] = l
		}
		all = append(all, l)
	}
	for i := range entries {
		e := &entries[i]
		of[entryKey(e)].know(e, d.opt.of(e.Host))
		if since, ok := d.since[e.Host]; !ok || e.From.Before(since) {
			d.since[e.Host] = e.From
		}
	}
	for _, l := range all {
		if l.entry.LUN.Layer == mapper.LayerLUN && d.wanted(l) {
			d.luns = append(d.luns, l)
		}
	}
	switch {
	case len(entries) == 0:
		return d.empty(ctx, src)
	case len(d.luns) == 0:
		return fmt.Errorf("report: %w", ErrNoLUN)
	}
	d.width = binWidth(d.From, d.To, len(d.keys()))
	d.cropGrid()
	d.cells = newCells(d.grid)
	d.cells.room = &ratioRoom{}
	d.hours = newHourColumns(d.grid.from, d.grid.to, d.width)
	for _, l := range d.luns {
		l.strip = newStripCells(d.hours.n())
		l.usual.Zone = d.opt.Zone
		if d.Long() <= tailsUpTo {
			l.tails = &facts.Tails{Zone: d.opt.Zone}
		}
	}
	return nil
}

// until is when what there is ends, or the report does.
func (d *data) until() time.Time {
	if d.last.Before(d.To) {
		return d.last
	}
	return d.To
}

// ErrNoLUN: there is data, but not for any LUN that the options ask for.
var ErrNoLUN = errors.New("no LUN matches")

func (d *data) wanted(l *lun) bool {
	o := &d.opt
	if o.Group != "" && !slices.Contains(l.groups, o.Group) || !l.on(o) {
		return false
	}
	return o.Keys == nil || slices.ContainsFunc(l.keys, func(k series.Key) bool { return slices.Contains(o.Keys, k) })
}

// keys are the series of all LUNs, which leaves out the layers below them.
func (d *data) keys() []series.Key {
	var keys []series.Key
	for _, l := range d.luns {
		for _, k := range l.keys {
			if d.opt.of(k.Host) {
				keys = append(keys, k)
			}
		}
	}
	return keys
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

func (d *data) readRuns(ctx context.Context, src Source) error {
	runs, err := src.Runs(ctx, series.Query{From: d.From, To: d.To, Width: d.width, Keys: d.keys()})
	if err != nil {
		return fmt.Errorf("reading run records: %w", err)
	}
	for i := range runs {
		if k := runs[i].Kernel; k != "" && !slices.Contains(d.kernels, k) {
			d.kernels = append(d.kernels, k)
		}
	}
	before, err := d.runsBefore(ctx, src, runs)
	if err != nil {
		return fmt.Errorf("reading run records before the range: %w", err)
	}
	runs = slices.Concat(before, runs)
	d.boots, d.slept, d.steps = boots(runs, d.Span), suspensions(runs), clockSteps(runs)
	return nil
}

// runsBefore are the last runs before the range of those hosts that have none when it
// begins: why that is shows only in both sides of the hole.
func (d *data) runsBefore(ctx context.Context, src Source, runs []series.Run) ([]series.Run, error) {
	first := map[string]time.Time{}
	for i := range runs {
		if at, ok := first[runs[i].Host]; !ok || runs[i].At.Wall.Before(at) {
			first[runs[i].Host] = runs[i].At.Wall
		}
	}
	late := slices.DeleteFunc(d.keys(), func(k series.Key) bool {
		at, ok := first[k.Host]
		return !ok || at.Sub(d.From) < d.edge()
	})
	if len(late) == 0 {
		return nil, nil
	}
	all, err := src.Runs(ctx, series.Query{From: d.From.AddDate(0, 0, -spaceBack), To: d.From, Width: max(d.width, 15*time.Minute), Keys: late})
	if err != nil {
		return nil, err
	}
	last := map[string]int{}
	for i := range all {
		last[all[i].Host] = i
	}
	var out []series.Run
	for _, i := range slices.Sorted(maps.Values(last)) {
		out = append(out, all[i])
	}
	return out, nil
}

func (d *data) readNotes(ctx context.Context, src Source) error {
	notes, err := src.Notes(ctx, d.spaceGrid.from, d.To)
	if err != nil {
		return fmt.Errorf("reading notes: %w", err)
	}
	d.notes = notes
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

// oneGroup is the group of all LUNs that have one of a mailstore's roles, or "":
// then each title has to say whose it is.
func (d *data) oneGroup() string {
	group := ""
	for _, l := range d.luns {
		g := l.entry.LUN.Group
		if g == "" || l.role() == "system" || l.role() == "swap" {
			continue
		}
		if group != "" && g != group {
			return ""
		}
		group = g
	}
	return group
}

func (d *data) allHosts() []string {
	var hosts []string
	for _, l := range d.luns {
		for _, k := range l.keys {
			if d.opt.of(k.Host) && !slices.Contains(hosts, k.Host) {
				hosts = append(hosts, k.Host)
			}
		}
	}
	slices.Sort(hosts)
	return hosts
}
