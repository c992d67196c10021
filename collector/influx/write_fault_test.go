package influx_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"lunstat/collector/influx"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/series"
)

// backlog is what waited while the server was away: 300 minutes of 14 LUNs, with
// the bins of both widths.
func backlog(at time.Time) []series.Outbound {
	var out []series.Outbound
	for n := range 300 {
		run := madeRun(uint64(n+1), "mail1", at.Add(time.Duration(n)*time.Minute), 14)
		for i := range run.Intervals {
			run.Intervals[i].Latency = &series.Histogram{Version: series.BoundsVersion, Counts: [series.NumBuckets]uint64{3: uint64(n), 17: 1}}
		}
		if n%15 == 0 {
			for _, i := range run.Intervals {
				run.Bins = append(run.Bins, series.OutBin{Width: 15 * time.Minute, OutInterval: i})
			}
		}
		out = append(out, run)
	}
	return out
}

// allOnce counts that each point of the backlog is there exactly once.
func allOnce(t *testing.T, s *influxtest.Server) {
	t.Helper()
	for _, c := range []struct {
		bucket, measurement, field string
		want                       int
	}{
		{influxtest.Bucket, "lun_io", "elapsed_ms", 300 * 14},
		{influxtest.Rollup, "lun_io_15m", "elapsed_ms", 20 * 14},
		{influxtest.Bucket, "lun_latency", "le_inf", 300 * 14},
		{influxtest.Rollup, "lun_latency_15m", "le_50us", 20 * 14},
		{influxtest.Bucket, "lun_run", "wall_ns", 300},
		{influxtest.Rollup, "lun_run", "wall_ns", 20},
	} {
		if n := s.Count(c.bucket, c.measurement, c.field); n != c.want {
			t.Errorf("%s: %d points, want %d", c.measurement, n, c.want)
		}
	}
}

// TestFaults: whatever happens in between, a point that is sent until it is taken is
// there exactly once in the end.
func TestFaults(t *testing.T) {
	const patience = 300 * time.Millisecond
	type world struct {
		*influxtest.Server
		*influxtest.Proxy
		sink *influx.Sink
		out  []series.Outbound
	}
	faults := []struct {
		name     string
		before   func(w *world)
		after    func(w *world)
		critical bool
		none     bool // no error is to come
	}{
		{name: "stopped", before: func(w *world) { w.Stop() }, after: func(w *world) { w.Run() }},
		{name: "killed", before: func(w *world) { w.Kill() }, after: func(w *world) { w.Run() }},
		{name: "killed mid-write", before: func(w *world) {
			// A first part is written and its answer is lost with the server.
			w.Set(influxtest.Fault{Lost: true, Times: 1})
			_, _ = w.sink.Write(context.Background(), w.out[:150])
			w.Kill()
		}, after: func(w *world) { w.Run() }},
		{name: "paused until it times out", before: func(w *world) { w.Pause() }, after: func(w *world) { w.Resume() }},
		{name: "request cut", before: func(w *world) { w.Set(influxtest.Fault{CutRequest: 3000}) }},
		{name: "answer lost", before: func(w *world) { w.Set(influxtest.Fault{Lost: true}) }},
		{name: "half an answer", before: func(w *world) { w.Set(influxtest.Fault{CutAnswer: 12}) }},
		{name: "slow", before: func(w *world) { w.Set(influxtest.Fault{Delay: 3 * patience}) }},
		{name: "a little slow", before: func(w *world) { w.Set(influxtest.Fault{Delay: patience / 10}) }, none: true},
		{name: "429", before: func(w *world) { w.Set(influxtest.Fault{Status: http.StatusTooManyRequests}) }},
		{name: "503", before: func(w *world) { w.Set(influxtest.Fault{Status: http.StatusServiceUnavailable}) }},
		{name: "bucket deleted", before: func(w *world) { w.Drop() }, after: func(w *world) { w.Restore() }, critical: true},
		{name: "token revoked", before: func(w *world) { w.Revoke() }, after: func(w *world) { w.Renew() }, critical: true},
	}
	both(t, func(t *testing.T, s *influxtest.Server) { // one server through all of them
		for _, test := range faults {
			t.Run(test.name, func(t *testing.T) {
				s.Empty()
				p := influxtest.StartProxy(t, s)
				open := func(timeout time.Duration) *influx.Sink {
					return newSink(t, s, func(o *influx.Options) { o.URL, o.Timeout = p.URL, timeout })
				}
				timeout := 10 * time.Second
				if test.name == "slow" || test.name == "paused until it times out" {
					timeout = patience
				}
				w := &world{Server: s, Proxy: p, sink: open(timeout), out: backlog(base())}
				write(t, open(time.Minute), w.out[0]) // as on any day before
				test.before(w)
				refused, err := w.sink.Write(context.Background(), w.out)
				var later *influx.LaterError
				switch {
				case test.none:
					if err != nil {
						t.Fatal(err)
					}
				case !errors.As(err, &later) || later.Critical != test.critical:
					t.Fatalf("%v, want later with critical %v", err, test.critical)
				}
				if len(refused) > 0 {
					t.Errorf("%d points refused: %+v", len(refused), refused[0])
				}
				if test.after != nil {
					test.after(w)
				}
				p.Set(influxtest.Fault{})
				write(t, open(time.Minute), w.out...)
				allOnce(t, s)
			})
		}
	})
}

// TestPausedIsBounded: a frozen server costs at most the timeout, or the time that the
// context leaves.
func TestPausedIsBounded(t *testing.T) {
	s := influxtest.Start(t, influxtest.V1)
	sink := newSink(t, s, nil)
	s.Pause()
	defer s.Resume()
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := sink.Write(ctx, backlog(base()))
	var later *influx.LaterError
	if !errors.As(err, &later) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want a LaterError that is the deadline", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

// TestClocksApart: a host whose clock is ten minutes off either way.
func TestClocksApart(t *testing.T) {
	both(t, func(t *testing.T, s *influxtest.Server) {
		sink, source := newSink(t, s, nil), newSource(t, s, nil)
		now := time.Now().Truncate(time.Second)
		for n, host := range []string{"behind", "right", "ahead"} {
			write(t, sink, madeRun(1, host, now.Add(time.Duration(n-1)*10*time.Minute), 3))
		}
		for _, width := range []time.Duration{0, 15 * time.Minute} {
			n := 0
			q := series.Query{From: now.Add(-time.Hour), To: now.Add(time.Hour), Width: width}
			err := source.Intervals(context.Background(), q, func(series.Key, *series.Interval) error { n++; return nil })
			if err != nil || n != 9 {
				t.Errorf("width %v: %d intervals, want 9: %v", width, n, err)
			}
		}
	})
}

// TestDiskFull: the server's disk is full, and then is not.
func TestDiskFull(t *testing.T) {
	for _, v := range influxtest.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := syscall.Mount("lunstat", dir, "tmpfs", 0, "size=24m"); err != nil {
				t.Skipf("no file system of a size of its own: %v (needs root)", err)
			}
			t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }) // also if there is no server
			s := influxtest.StartIn(t, v, dir)
			t.Cleanup(s.Kill)
			sink := newSink(t, s, nil)
			out := backlog(base())
			write(t, sink, out[0])
			fill := filepath.Join(dir, "fill")
			f, err := os.Create(fill)
			if err != nil {
				t.Fatal(err)
			}
			block := make([]byte, 64<<10)
			for {
				if _, err := f.Write(block); err != nil {
					break
				}
			}
			f.Close()
			refused, err := sink.Write(context.Background(), out)
			var later *influx.LaterError
			if !errors.As(err, &later) || later.Critical || len(refused) > 0 {
				t.Errorf("on a full disk: %v, %d refused", err, len(refused))
			}
			if err := os.Remove(fill); err != nil {
				t.Fatal(err)
			}
			// Neither server gets over it by itself: 1.8 goes on with the failed WAL,
			// 2.8 gives up the shard that it could not begin.
			s.Stop()
			s.Run()
			write(t, sink, out...)
			allOnce(t, s)
		})
	}
}
