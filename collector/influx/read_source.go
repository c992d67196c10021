package influx

import (
	"context"
	"fmt"
	"math"
	"time"

	"lunstat/collector/series"
)

// Source reads what a [Sink] wrote. It groups by host, uuid and source, and ignores the
// other tags.
type Source struct {
	*server
	raw, rollup string
	hosts       []string
}

// NewSource checks the options; it does not ask the server yet.
func NewSource(o Options) (*Source, error) {
	if err := o.defaults(); err != nil {
		return nil, err
	}
	s, err := newServer(&o)
	if err != nil {
		return nil, err
	}
	return &Source{server: s, raw: o.Bucket, rollup: o.RollupBucket, hosts: o.Hosts}, nil
}

// Close releases the connections.
func (s *Source) Close() { s.client.CloseIdleConnections() }

// byKey is what series are grouped by.
func byKey() []string { return []string{"host", "uuid", "source"} }

// selectFrom asks and tells each row with its series' tags, values unescaped.
func (s *Source) selectFrom(ctx context.Context, bucket string, q question, row func(tags map[string]string, cells []cell) error) error {
	if q.hosts == nil {
		q.hosts = s.hosts
	}
	return s.server.selectFrom(ctx, bucket, q, row)
}

func (s *server) selectFrom(ctx context.Context, bucket string, q question, row func(tags map[string]string, cells []cell) error) error {
	statement, params := q.statement()
	wanted := q.wanted()
	var tags map[string]string
	skip := false
	in := newOrder(&q)
	to := rows{
		series: func(t map[string]string, columns []string) error {
			if !q.verbatim {
				for k, v := range t {
					t[k] = textOf(v)
				}
			}
			tags, skip = t, wanted != nil && !wanted[keyOf(t)]
			if len(columns) != len(q.columns)+1 {
				return fmt.Errorf("%w: columns %q", errForm, columns)
			}
			return in.series(t)
		},
		row: func(cells []cell) error {
			if err := in.row(cells[0]); err != nil || skip {
				return err
			}
			return row(tags, cells)
		},
	}
	if q.texts {
		to.chunk = textChunk
	}
	if err := s.ask(ctx, bucket, statement, params, to); err != nil {
		return fmt.Errorf("reading %s: %w", q.measurement, err)
	}
	return nil
}

// wanted are the keys to sort out here, nil where the statement does.
func (q *question) wanted() map[series.Key]bool {
	if len(q.keys) <= maxNamed {
		return nil
	}
	w := make(map[series.Key]bool, len(q.keys))
	for _, k := range q.keys {
		w[k] = true
	}
	return w
}

func keyOf(tags map[string]string) series.Key {
	return series.Key{ID: idOf(tags), Host: tags["host"], Source: tags["source"]}
}

// nothing reports whether a query names no series at all.
func nothing(q series.Query) bool { return q.Keys != nil && len(q.Keys) == 0 }

// Spaces calls fn for each space, in order of time within a key; with a width,
// for the last in each bin.
func (s *Source) Spaces(ctx context.Context, q series.Query, fn func(series.Key, *series.Space) error) error {
	if nothing(q) {
		return nil
	}
	var key series.Key
	thin := series.Thinner{Width: q.Width, Give: fn}
	err := s.selectFrom(ctx, s.rollup, question{
		measurement: spaces, keys: q.Keys, by: byKey(),
		columns: []string{"size_bytes", "used_bytes", "avail_bytes", "free_bytes", "inodes", "inodes_used"},
		from:    stampAfter(q.From), to: stampAfter(q.To),
	}, func(tags map[string]string, c []cell) error {
		if k := keyOf(tags); k != key {
			key = k
			if err := thin.Flush(); err != nil {
				return err
			}
		}
		now, err := decodeSpace(c)
		if err != nil {
			return err
		}
		return thin.Add(key, &now)
	})
	if err != nil {
		return err
	}
	return thin.Flush()
}

func decodeSpace(c []cell) (s series.Space, err error) {
	stamp, ok := c[0].int()
	if !ok {
		return s, errForm
	}
	s.At = secondOf(stamp)
	s.SizeBytes, _ = c[1].uint()
	s.UsedBytes, _ = c[2].uint()
	s.AvailBytes, _ = c[3].uint()
	if s.FreeBytes, ok = c[4].uint(); !ok {
		s.FreeBytes = s.SizeBytes - s.UsedBytes
	}
	s.Inodes, _ = c[5].uint()
	s.InodesUsed, _ = c[6].uint()
	return s, nil
}

// Notes are only in a host's journal, so there are none here.
func (s *Source) Notes(context.Context, time.Time, time.Time) ([]series.Note, error) { return nil, nil }

// Extent is the end of the first and of the last interval there is.
func (s *Source) Extent(ctx context.Context) (first, last time.Time, ok bool, err error) {
	return s.extent(ctx, s.hosts, []place{{s.raw, rawIO, "elapsed_ms"}, {s.rollup, quarterIO, "elapsed_ms"}, {s.rollup, hourIO, "elapsed_ms"}})
}

// place is a field that each point of a measurement has.
type place struct{ bucket, measurement, field string }

func (s *server) extent(ctx context.Context, hosts []string, places []place) (first, last time.Time, ok bool, err error) {
	for _, p := range places {
		for _, call := range []string{"first", "last"} {
			q := question{measurement: p.measurement, hosts: hosts, columns: []string{call + "(" + quote(p.field) + ")"}, from: math.MinInt64 + 2, to: math.MaxInt64 - 1}
			err = s.selectFrom(ctx, p.bucket, q, func(_ map[string]string, c []cell) error {
				stamp, isInt := c[0].int()
				if !isInt {
					return errForm
				}
				at := secondOf(stamp)
				if !ok || at.Before(first) {
					first = at
				}
				if !ok || at.After(last) {
					last = at
				}
				ok = true
				return nil
			})
			if err != nil {
				return first, last, false, err
			}
		}
	}
	return first, last, ok, nil
}
