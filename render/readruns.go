package render

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"lunstat/collector/series"
)

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
	runs = slices.Insert(runs, 0, before...)
	d.boots, d.slept, d.steps = boots(runs, d.Span), suspensions(runs), clockSteps(runs)
	return nil
}

// soon is how long after the range's beginning a host's first run may come without a hole:
// cron may run the collector each five minutes.
const soon = 6 * time.Minute

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
		return !ok || at.Sub(d.From) < max(d.edge(), soon)
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
