package render

import (
	"context"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// Source is what a report reads from: the journal or InfluxDB.
//
// A callback that returns an error ends the call, which then returns that error.
type Source interface {
	// LUNs gives the ledger's entries that overlap the range, in the order in which the
	// LUNs were first seen.
	LUNs(ctx context.Context, from, to time.Time) ([]mapper.Entry, error)
	// Intervals calls fn for each interval or bin, in order of End within a key. fn may
	// use the interval only until it returns.
	Intervals(ctx context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error
	// Spaces calls fn for each space, in order of At within a key.
	Spaces(ctx context.Context, q series.Query, fn func(series.Key, *series.Space) error) error
	// Runs gives the records of the collector's runs, oldest first; they explain gaps.
	// With q.Width above 0 it need only give boots and changes of the clock.
	Runs(ctx context.Context, q series.Query) ([]series.Run, error)
	// Pressures gives how long the hosts of q.Keys waited for I/O, by runs or, with a
	// width, by bins, oldest first.
	Pressures(ctx context.Context, q series.Query) ([]series.HostPressure, error)
	// Notes gives the admin's marks, oldest first.
	Notes(ctx context.Context, from, to time.Time) ([]series.Note, error)
	// Extent is the end of the first and of the last interval; ok is false if there is
	// none.
	Extent(ctx context.Context) (first, last time.Time, ok bool, err error)
}
