package influx_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"lunstat/collector/influx"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// TestAnswers is the table of what each server answers: what of it is later, what
// is refused, and what was written.
func TestAnswers(t *testing.T) {
	at := base()
	type want struct {
		later, critical bool
		refused         int
		points          int // in lun_io, of the ten
	}
	for _, test := range []struct {
		name string
		do   func(s *influxtest.Server, o *influx.Options, run *series.Outbound)
		want want
	}{
		{"written", func(*influxtest.Server, *influx.Options, *series.Outbound) {}, want{points: 10}},
		{"a field has another type", func(s *influxtest.Server, _ *influx.Options, run *series.Outbound) {
			// Someone wrote one LUN's busy_ms as text.
			s.WriteLine(influxtest.Bucket, fmt.Sprintf(`lun_io busy_ms="x",other=1i %d`, at.Add(time.Hour).UnixNano()))
			for i := range run.Intervals {
				if i != 3 && i != 7 {
					run.Intervals[i].Drop(series.BusyMS)
				}
			}
		}, want{refused: 2, points: 8}},
		{"all of another type", func(s *influxtest.Server, _ *influx.Options, _ *series.Outbound) {
			s.WriteLine(influxtest.Bucket, fmt.Sprintf(`lun_io busy_ms="x",other=1i %d`, at.Add(time.Hour).UnixNano()))
		}, want{refused: 10, points: 0}},
		{"beyond retention", func(s *influxtest.Server, _ *influx.Options, run *series.Outbound) {
			s.Retain(influxtest.Bucket, 30*day)
			for i := range 4 {
				run.Intervals[i].End = at.Add(-50 * day)
			}
		}, want{refused: 4, points: 6}},
		{"no such bucket", func(_ *influxtest.Server, o *influx.Options, _ *series.Outbound) { o.Bucket = "another" }, want{later: true, critical: true}},
		{"no such policy", func(_ *influxtest.Server, o *influx.Options, _ *series.Outbound) { o.Bucket = "lunstat/another" }, want{later: true, critical: true}},
		{"no organisation", func(_ *influxtest.Server, o *influx.Options, _ *series.Outbound) { o.Org = "none" }, want{later: true, critical: true}},
		{"wrong token", func(_ *influxtest.Server, o *influx.Options, _ *series.Outbound) { o.Token = "writer:no" }, want{later: true, critical: true}},
		{"token may not write", func(s *influxtest.Server, o *influx.Options, _ *series.Outbound) { o.Token = s.Reader }, want{later: true, critical: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			both(t, func(t *testing.T, s *influxtest.Server) {
				run := madeRun(1, "mail1", at, 10)
				var o influx.Options
				test.do(s, &o, &run)
				sink := newSink(t, s, func(to *influx.Options) {
					if o.Bucket != "" {
						to.Bucket = o.Bucket
					}
					if o.Token != "" {
						to.Token = o.Token
					}
					if o.Org != "" {
						to.Org = ""
					}
				})
				if o.Org != "" && s.Version == influxtest.V1 {
					return // it has none
				}
				refused, err := sink.Write(context.Background(), []series.Outbound{run})
				var later *influx.LaterError
				if errors.As(err, &later) != test.want.later || test.want.later && later.Critical != test.want.critical {
					t.Fatalf("%v, want later %v, critical %v", err, test.want.later, test.want.critical)
				}
				if err != nil && (strings.Contains(err.Error(), s.Writer) || strings.Contains(err.Error(), s.Reader) || later.Hint() == "") {
					t.Errorf("error %q, hint %q", err, later.Hint())
				}
				if len(refused) != test.want.refused {
					t.Errorf("%d points refused, want %d: %+v", len(refused), test.want.refused, refused)
				}
				for _, r := range refused {
					if r.Seq != 1 || !strings.HasPrefix(r.Point, "lun_io,") || r.Reason == "" {
						t.Errorf("refused: %+v", r)
					}
				}
				if n := s.Count(influxtest.Bucket, "lun_io", "elapsed_ms"); n != test.want.points {
					t.Errorf("%d points written, want %d", n, test.want.points)
				}
			})
		})
	}
}

// TestRetry: what was refused is taken when the reason is gone.
func TestRetry(t *testing.T) {
	both(t, func(t *testing.T, s *influxtest.Server) {
		at := base()
		s.Retain(influxtest.Bucket, 30*day)
		run := madeRun(1, "mail1", at, 6)
		for i := range 3 {
			run.Intervals[i].End = at.Add(-50 * day)
		}
		run.Intervals[2].Latency = &series.Histogram{Version: series.BoundsVersion}
		run.Bins = []series.OutBin{{Width: time.Minute, OutInterval: run.Intervals[5]}} // there is no such measurement
		sink := newSink(t, s, nil)
		refused, err := sink.Write(context.Background(), []series.Outbound{run})
		if err != nil || len(refused) != 5 {
			t.Fatalf("refused %+v, %v", refused, err)
		}
		if still, err := sink.Retry(context.Background(), refused); err != nil || len(still) != 5 {
			t.Errorf("refused again %+v, %v", still, err)
		}
		s.Retain(influxtest.Bucket, 100*day)
		still, err := sink.Retry(context.Background(), refused)
		if err != nil || len(still) != 1 || !strings.Contains(still[0].Reason, "15 minutes") {
			t.Errorf("refused in the end %+v, %v", still, err)
		}
		if n := s.Count(influxtest.Bucket, "lun_io", "elapsed_ms"); n != 6 {
			t.Errorf("%d points, want 6", n)
		}
		if n := s.Count(influxtest.Bucket, "lun_latency", "le_inf"); n != 1 {
			t.Errorf("%d histograms, want 1", n)
		}
	})
}

// TestForbiddenReads: a token that may not read is told so.
func TestForbiddenReads(t *testing.T) {
	both(t, func(t *testing.T, s *influxtest.Server) {
		source := newSource(t, s, func(o *influx.Options) { o.Token = s.Writer })
		_, _, _, err := source.Extent(context.Background())
		var later *influx.LaterError
		var query *influx.QueryError
		switch {
		case errors.As(err, &later) && later.Critical && later.Hint() != "":
		case errors.As(err, &query) && query.Hint() != "":
		default:
			t.Errorf("%v", err)
		}
	})
}

// TestTooLarge: 1.8 refuses a body above its limit, and so do proxies.
func TestTooLarge(t *testing.T) {
	both(t, func(t *testing.T, s *influxtest.Server) {
		p := influxtest.StartProxy(t, s)
		sink := newSink(t, s, func(o *influx.Options) { o.URL = p.URL })
		p.Set(influxtest.Fault{Status: http.StatusRequestEntityTooLarge, Body: "<html>413</html>", Times: 3})
		write(t, sink, madeRun(1, "mail1", base(), 100))
		if n := s.Count(influxtest.Bucket, "lun_io", "elapsed_ms"); n != 100 {
			t.Errorf("%d points, want 100", n)
		}
	})
}

// TestNothingFits: a proxy that takes no point at all says nothing about the points.
func TestNothingFits(t *testing.T) {
	s := influxtest.Start(t, influxtest.V1)
	p := influxtest.StartProxy(t, s)
	sink := newSink(t, s, func(o *influx.Options) { o.URL = p.URL })
	for _, f := range []influxtest.Fault{
		{Status: http.StatusRequestEntityTooLarge, Body: "<html>413</html>"},
		{Status: http.StatusBadRequest, Header: http.Header{"X-Influxdb-Error": {"unexpected EOF"}}, Body: `{"error":"unexpected EOF"}`},
		{Status: http.StatusBadRequest, Header: http.Header{"X-Influxdb-Error": {"EOF"}}},
		{Status: http.StatusBadRequest, Header: http.Header{"X-Influxdb-Error": {"gzip: invalid header"}}},
		{Status: http.StatusBadRequest, Header: http.Header{"X-Influxdb-Error": {"flate: corrupt input before offset 7"}}},
		{Status: http.StatusBadRequest, Body: `{"code":"invalid","message":"unable to read data: gzip: invalid checksum"}`},
	} {
		p.Set(f)
		refused, err := sink.Write(context.Background(), []series.Outbound{madeRun(1, "mail1", base(), 4)})
		var later *influx.LaterError
		if !errors.As(err, &later) || !later.Critical || later.Status != f.Status || len(refused) > 0 {
			t.Errorf("%d %v: %v, refused %v", f.Status, f.Header, err, refused)
		}
	}
}

// TestStrangers: what a proxy or a login page answers says nothing about the points.
func TestStrangers(t *testing.T) {
	s := influxtest.Start(t, influxtest.V1)
	p := influxtest.StartProxy(t, s)
	sink := newSink(t, s, func(o *influx.Options) { o.URL = p.URL })
	date := time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat)
	for _, test := range []struct {
		fault    influxtest.Fault
		critical bool
		after    time.Duration // at least
		word     string
	}{
		{fault: influxtest.Fault{Status: 200, Body: "<html>Please log in</html>"}, critical: true, word: "log in"},
		{fault: influxtest.Fault{Status: 302, Header: http.Header{"Location": {"http://127.0.0.1:1/login"}}}, critical: true},
		{fault: influxtest.Fault{Status: 400, Body: "<html>Bad Request: plain HTTP to an HTTPS port</html>"}, critical: true},
		{fault: influxtest.Fault{Status: 407}, critical: true},
		{fault: influxtest.Fault{Status: 408}},
		{fault: influxtest.Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}}, after: 7 * time.Second},
		{fault: influxtest.Fault{Status: 503, Header: http.Header{"Retry-After": {date}}}, after: time.Minute},
		{fault: influxtest.Fault{Status: 503, Header: http.Header{"Retry-After": {"soon"}}}},
		{fault: influxtest.Fault{Status: 500, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"code":"internal error","message":"engine:\nno space left on device"}`}, word: "engine: no space left"},
		{fault: influxtest.Fault{Status: 502, Body: strings.Repeat("x", 5000)}},
		{fault: influxtest.Fault{Status: 401, Body: "wrong: " + s.Writer}, critical: true, word: "******"},
	} {
		p.Set(test.fault)
		refused, err := sink.Write(context.Background(), []series.Outbound{madeRun(1, "mail1", base(), 3)})
		var later *influx.LaterError
		if !errors.As(err, &later) || later.Critical != test.critical || later.RetryAfter < test.after || later.Status != test.fault.Status || len(refused) > 0 {
			t.Errorf("%d %v: %+v, refused %v", test.fault.Status, test.fault.Header, err, refused)
			continue
		}
		text := err.Error()
		if !strings.Contains(text, test.word) || len(text) > 400 || strings.ContainsAny(text, "\n\r") || strings.Contains(text, s.Writer) {
			t.Errorf("%d: message %q", test.fault.Status, text)
		}
	}
	if n := s.Count(influxtest.Bucket, "lun_io", "elapsed_ms"); n != 0 {
		t.Errorf("%d points came through", n)
	}
}

// TestHostileNames: any name is just a name, on the way there and back.
func TestHostileNames(t *testing.T) {
	names := []string{
		`'; DROP DATABASE lunstat --`, `") |> drop()`, `a,b=c d`, `back\slash`, `ends\`, `ends\\`, `\,`, `a\ b`, "new\nline", "tab\ttab", "nul\x00",
		"%41", "%", "%%4", "ünï©ode 名", "\xff\xfe raw", "\u200b\u00a0", `"quoted"`, `$p0`, "#1", strings.Repeat("x", 128), "=", " ", ",",
	}
	both(t, func(t *testing.T, s *influxtest.Server) {
		sink, source := newSink(t, s, nil), newSource(t, s, nil)
		at := base()
		run := series.Outbound{Seq: 1, Run: series.Run{Host: "mail 1,x=y\\", At: series.Instant{Wall: at}}}
		want := map[series.Key]uint64{}
		for n, name := range names {
			i := series.OutInterval{Key: series.Key{ID: mapper.ID(name), Host: run.Run.Host, Source: series.SourceHost},
				LUN: &mapper.LUN{DMName: name, Role: name, Group: name}, Interval: madeInterval(at, n)}
			want[i.Key] = i.Value(series.ReadIOs)
			run.Intervals = append(run.Intervals, i)
			run.Ledger = append(run.Ledger, series.OutEntry{Order: uint64(n), Entry: mapper.Entry{Host: i.Key.Host, Source: i.Key.Source, From: at, LUN: mapper.LUN{ID: i.Key.ID, DMName: "n"}}})
		}
		write(t, sink, run)
		var keys []series.Key
		for k := range want {
			keys = append(keys, k)
		}
		for _, asked := range [][]series.Key{nil, keys} {
			got := map[series.Key]uint64{}
			err := source.Intervals(context.Background(), series.Query{From: at.Add(-time.Minute), To: at, Keys: asked}, func(k series.Key, i *series.Interval) error {
				got[k] = i.Value(series.ReadIOs)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range want {
				if g, ok := got[k]; !ok || g != v {
					t.Errorf("%q: %d, %v, want %d", k.ID, g, ok, v)
				}
			}
			if len(got) != len(want) {
				t.Errorf("%d series, want %d", len(got), len(want))
			}
		}
		luns, err := source.LUNs(context.Background(), at, at)
		if err != nil || len(luns) != len(names) {
			t.Fatalf("%d LUNs, want %d: %v", len(luns), len(names), err)
		}
		for n := range luns {
			if string(luns[n].LUN.ID) != names[n] {
				t.Errorf("LUN %d is %q, want %q", n, luns[n].LUN.ID, names[n])
			}
		}
	})
}
