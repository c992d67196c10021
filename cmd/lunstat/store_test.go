package main

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"lunstat/collector"
	"lunstat/collector/influx"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/journal"
	"lunstat/collector/series"
	"lunstat/collector/storetest"
	"lunstat/mapper"
)

// wholeWay is what a fleet's report sees: what is committed goes through the
// journal to InfluxDB before somebody reads, and is read from there.
type wholeWay struct {
	source  *influx.Source
	journal *journal.Journal
	forward *collector.Forwarder
}

func (w *wholeWay) Commit(ctx context.Context, m *series.Minute) error {
	return w.journal.Commit(ctx, m)
}

func (w *wholeWay) drain(ctx context.Context) error {
	done, err := w.forward.Forward(ctx, w.journal)
	if err == nil && (done.Waiting > 0 || done.Refused > 0) {
		err = fmt.Errorf("not all is forwarded: %+v", done)
	}
	return err
}

func (w *wholeWay) LUNs(ctx context.Context, from, to time.Time) ([]mapper.Entry, error) {
	if err := w.drain(ctx); err != nil {
		return nil, err
	}
	return w.source.LUNs(ctx, from, to)
}

func (w *wholeWay) Intervals(ctx context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error {
	if err := w.drain(ctx); err != nil {
		return err
	}
	return w.source.Intervals(ctx, q, fn)
}

func (w *wholeWay) Spaces(ctx context.Context, q series.Query, fn func(series.Key, *series.Space) error) error {
	if err := w.drain(ctx); err != nil {
		return err
	}
	return w.source.Spaces(ctx, q, fn)
}

func (w *wholeWay) Runs(ctx context.Context, q series.Query) ([]series.Run, error) {
	if err := w.drain(ctx); err != nil {
		return nil, err
	}
	return w.source.Runs(ctx, q)
}

func (w *wholeWay) Pressures(ctx context.Context, q series.Query) ([]series.HostPressure, error) {
	if err := w.drain(ctx); err != nil {
		return nil, err
	}
	return w.source.Pressures(ctx, q)
}

func (w *wholeWay) Extent(ctx context.Context) (first, last time.Time, ok bool, err error) {
	if err := w.drain(ctx); err != nil {
		return first, last, false, err
	}
	return w.source.Extent(ctx)
}

// TestStoreWholeWay runs the stores' suite on journal and InfluxDB together.
func TestStoreWholeWay(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, s *influxtest.Server) {
		storetest.Run(t, func(t *testing.T) storetest.Store {
			s.Empty()
			j, err := journal.Open(filepath.Join(t.TempDir(), "journal.db"), journal.Options{Sync: "normal"})
			if err != nil {
				t.Fatal(err)
			}
			sink, err := influx.NewSink(influx.Options{URL: s.URL, Token: s.Writer, Org: s.Org})
			if err != nil {
				t.Fatal(err)
			}
			source, err := influx.NewSource(influx.Options{URL: s.URL, Token: s.Reader, Org: s.Org})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				sink.Close()
				source.Close()
				if err := j.Close(); err != nil {
					t.Error(err)
				}
			})
			f := &collector.Forwarder{Name: "influx", Open: func() (collector.Sink, error) { return sink, nil }}
			return &wholeWay{source, j, f}
		})
	})
}
