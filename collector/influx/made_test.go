package influx_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"lunstat/collector/influx"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// base is a time that no retention of the tests reaches.
func base() time.Time { return time.Now().Add(-48 * time.Hour).Truncate(time.Hour).UTC() }

// madeLUN is one of a host's, with what a real one has.
func madeLUN(n int) mapper.LUN {
	return mapper.LUN{
		Kernel: fmt.Sprintf("dm-%d", n), Dev: mapper.DevNo{Major: 253, Minor: uint32(n)},
		ID: mapper.ID(fmt.Sprintf("LVM-%064d", n)), UUID: fmt.Sprintf("LVM-%064d", n),
		DMName: fmt.Sprintf("zimbra1_sqldb--%d-data", n), VG: "zimbra1_sqldb", LV: "data",
		SizeBytes: 100 << 30, Layer: mapper.LayerLUN, Role: "mysql", RoleFrom: "mount", Label: "MySQL data", Group: "zimbra1",
		Mounts: []mapper.Mount{{Point: "/opt/zimbra/db/data", FSType: "ext4", Root: "/", Source: "/dev/mapper/x"}},
	}
}

// madeInterval is a minute of a LUN, different for each n.
func madeInterval(end time.Time, n int) series.Interval {
	i := series.Interval{End: end, ElapsedMS: 60_000, SpanMS: 60_000, Inflight: uint32(n % 3), InflightKnown: true}
	for f := range series.NumFields {
		if f < series.IOs {
			i.Set(f, uint64(n*7+int(f)*13)%60_000)
		}
	}
	return i
}

// madeRun is one run of a host with so many LUNs.
func madeRun(seq uint64, host string, end time.Time, luns int) series.Outbound {
	o := series.Outbound{Seq: seq, Run: series.Run{
		Host: host, At: series.Instant{Wall: end, Mono: time.Hour, Boot: time.Hour, BootID: "b-1"},
		Kernel: "6.1.0", Version: "1", TookMS: 7, LUNs: uint32(luns),
	}}
	for n := range luns {
		lun := madeLUN(n)
		o.Intervals = append(o.Intervals, series.OutInterval{
			Key: series.Key{ID: lun.ID, Host: host, Source: series.SourceHost}, LUN: &lun,
			Interval: madeInterval(end, n+int(seq)),
		})
	}
	return o
}

func newSink(t testing.TB, s *influxtest.Server, edit func(*influx.Options)) *influx.Sink {
	t.Helper()
	o := influx.Options{URL: s.URL, Token: s.Writer, Org: s.Org}
	if edit != nil {
		edit(&o)
	}
	sink, err := influx.NewSink(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sink.Close)
	return sink
}

func newSource(t testing.TB, s *influxtest.Server, edit func(*influx.Options)) *influx.Source {
	t.Helper()
	o := influx.Options{URL: s.URL, Token: s.Reader, Org: s.Org}
	if edit != nil {
		edit(&o)
	}
	source, err := influx.NewSource(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(source.Close)
	return source
}

// both runs a test on each server.
func both(t *testing.T, test func(t *testing.T, s *influxtest.Server)) {
	for _, v := range influxtest.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel() // a server mostly waits
			test(t, influxtest.Start(t, v))
		})
	}
}

func write(t testing.TB, sink *influx.Sink, out ...series.Outbound) {
	t.Helper()
	refused, err := sink.Write(context.Background(), out)
	if err != nil || len(refused) > 0 {
		t.Fatalf("writing: %v, refused %+v", err, refused)
	}
}
