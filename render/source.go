package render

import (
	"context"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// Source is where a report reads from: the journal or InfluxDB.
//
// A callback that returns an error ends the call, which then returns that error.
type Source interface {
	// LUNs gives the ledger's entries that overlap the range, by first sight.
	LUNs(ctx context.Context, from, to time.Time) ([]mapper.Entry, error)
	// Intervals calls fn for each interval or bin, in order of End within a key.
	// The interval is fn's only until it returns.
	Intervals(ctx context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error
	// Spaces calls fn for each space, in order of At within a key.
	Spaces(ctx context.Context, q series.Query, fn func(series.Key, *series.Space) error) error
	// Runs gives the records of the collector's runs, oldest first: what a gap
	// was. With q.Width above 0 only boots and changes of clock need be given.
	Runs(ctx context.Context, q series.Query) ([]series.Run, error)
	// Notes gives the admin's marks, oldest first.
	Notes(ctx context.Context, from, to time.Time) ([]series.Note, error)
	// Extent is the end of the first and of the last interval there is; ok is
	// false where there is none.
	Extent(ctx context.Context) (first, last time.Time, ok bool, err error)
}
