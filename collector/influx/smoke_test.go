package influx_test

import (
	"context"
	"testing"
	"time"

	"lunstat/collector/influx/influxtest"
	"lunstat/collector/series"
)

func TestSmoke(t *testing.T) {
	both(t, func(t *testing.T, s *influxtest.Server) {
		sink := newSink(t, s, nil)
		at := base()
		var out []series.Outbound
		for n := range 20 {
			out = append(out, madeRun(uint64(n+1), "mail1", at.Add(time.Duration(n)*time.Minute), 14))
		}
		write(t, sink, out...)
		if n := s.Count(influxtest.Bucket, "lun_io", "elapsed_ms"); n != 280 {
			t.Errorf("%d points, want 280", n)
		}
		src := newSource(t, s, nil)
		n := 0
		err := src.Intervals(context.Background(), series.Query{From: at.Add(-time.Minute), To: at.Add(time.Hour)}, func(k series.Key, i *series.Interval) error {
			n++
			return nil
		})
		if err != nil || n != 280 {
			t.Errorf("%d intervals, %v", n, err)
		}
		n = 0
		err = src.Intervals(context.Background(), series.Query{From: at.Add(-time.Minute), To: at.Add(time.Hour), Width: 15 * time.Minute}, func(k series.Key, i *series.Interval) error {
			n++
			return nil
		})
		if err != nil || n != 28 {
			t.Errorf("%d bins, %v", n, err)
		}
		luns, err := src.LUNs(context.Background(), at, at.Add(time.Hour))
		if err != nil || len(luns) != 14 {
			t.Errorf("%d LUNs, %v", len(luns), err)
		}
		first, last, ok, err := src.Extent(context.Background())
		t.Log(first, last, ok, err)
		rs, err := src.Runs(context.Background(), series.Query{From: at.Add(-time.Minute), To: at.Add(time.Hour)})
		t.Log(len(rs), err)
	})
}
