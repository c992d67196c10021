package main

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"lunstat/collector"
	"lunstat/collector/influx"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/journal"
	"lunstat/collector/series"
	"lunstat/collector/storetest"
)

// wholeWay is what a fleet's report sees: what is committed goes through the
// journal to InfluxDB, and is read from there.
type wholeWay struct {
	*influx.Source
	journal *journal.Journal
	forward *collector.Forwarder
}

func (w *wholeWay) Commit(ctx context.Context, m *series.Minute) error {
	if err := w.journal.Commit(ctx, m); err != nil {
		return err
	}
	done, err := w.forward.Forward(ctx, w.journal)
	if err == nil && (done.Waiting > 0 || done.Refused > 0) {
		err = fmt.Errorf("not all is forwarded: %+v", done)
	}
	return err
}

// TestStoreWholeWay runs the stores' suite on journal and InfluxDB together.
func TestStoreWholeWay(t *testing.T) {
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
