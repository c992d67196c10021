package influx_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"lunstat/collector/influx"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/mailstore"
	"lunstat/collector/series"
	"lunstat/collector/storetest"
	"lunstat/mapper"
)

// mailstoreRuns are the simulated mailstore's runs as they would leave a host's
// journal.
func mailstoreRuns(host string, start time.Time, minutes int) []series.Outbound {
	return runsOf(mailstore.New(mailstore.Options{Start: start, Minutes: minutes}), host)
}

func runsOf(m *mailstore.Model, host string) []series.Outbound {
	s := newStore(nil, nil)
	last := map[mapper.ID]series.Last{}
	var out []series.Outbound
	for sample, ok := m.Next(); ok; sample, ok = m.Next() {
		minute := series.Minute{Run: series.Run{Host: host, At: sample.At, Kernel: sample.Kernel, Version: "bench"}}
		for i := range sample.Readings {
			id := sample.LUNs[i].ID
			now := series.Last{Key: series.Key{ID: id, Host: host, Source: series.SourceHost}, At: sample.At, Counters: sample.Readings[i].Counters, Latency: sample.Readings[i].Latency}
			interval, base, ok := series.Close(last[id], now, series.Limits{Slow: 20 * time.Millisecond})
			if last[id] = base; ok {
				minute.Intervals = append(minute.Intervals, series.KeyInterval{Key: now.Key, Interval: interval})
			}
		}
		for _, sp := range sample.Spaces {
			sp.Key.Host, sp.Key.Source = host, series.SourceHost
			minute.Spaces = append(minute.Spaces, sp)
		}
		if len(out)%1440 == 0 {
			minute.Mapped = sample.LUNs
		}
		out = append(out, s.outbound(&minute))
	}
	return out
}

// pointsOf is how many points runs make.
func pointsOf(out []series.Outbound) (n int) {
	for i := range out {
		o := &out[i]
		n += len(o.Intervals) + len(o.Bins) + 2*len(o.Spaces) + 2*len(o.Ledger) + 1
		if len(o.Bins) > 0 {
			n++
		}
	}
	return n
}

func eachServer(b *testing.B, bench func(b *testing.B, s *influxtest.Server)) {
	for _, v := range influxtest.Versions() {
		b.Run(v.String(), func(b *testing.B) { bench(b, influxtest.StartCold(b, v)) })
	}
}

// BenchmarkDrain is how fast a backlog goes: an hour of 1,000 LUNs on one host.
func BenchmarkDrain(b *testing.B) {
	eachServer(b, func(b *testing.B, s *influxtest.Server) {
		sink := newSink(b, s, nil)
		points, hour := 0, base()
		for b.Loop() {
			var out []series.Outbound
			for n := range 60 {
				out = append(out, madeRun(uint64(n+1), "mail1", hour.Add(time.Duration(n)*time.Minute), 1000))
			}
			hour = hour.Add(-time.Hour)
			write(b, sink, out...)
			points += pointsOf(out)
		}
		b.ReportMetric(float64(points)/b.Elapsed().Seconds(), "points/s")
	})
}

// BenchmarkDisk is what a week of the mailstore takes on the server's disk, with
// roll-ups, spaces, ledger and runs, without latency histograms and with them.
func BenchmarkDisk(b *testing.B) {
	const days = 7
	for _, timed := range []bool{false, true} {
		b.Run(fmt.Sprintf("histograms=%v", timed), func(b *testing.B) {
			eachServer(b, func(b *testing.B, s *influxtest.Server) {
				sink := newSink(b, s, nil)
				out := runsOf(mailstore.New(mailstore.Options{Start: base().Add(-days * day), Minutes: days * 24 * 60, Histograms: timed}), "mail1")
				for b.Loop() {
					write(b, sink, out...)
				}
				b.ReportMetric(float64(s.Settle(3*time.Minute))/days/14, "B/LUN-day")
				b.ReportMetric(0, "ns/op")
			})
		})
	}
}

// BenchmarkQuery is what a report asks: a day of minutes, a week and a year. With
// LUNSTAT_BENCH=large a day and a week are also of 1,000 LUNs on 72 hosts; a year of
// those is in the command's BenchmarkFleetReport.
func BenchmarkQuery(b *testing.B) {
	fleets := []int{1}
	if os.Getenv("LUNSTAT_BENCH") == "large" {
		fleets = append(fleets, 72)
	}
	for _, hosts := range fleets {
		b.Run(fmt.Sprintf("%dLUNs", hosts*14), func(b *testing.B) {
			eachServer(b, func(b *testing.B, s *influxtest.Server) { benchmarkQueries(b, s, hosts) })
		})
	}
}

func benchmarkQueries(b *testing.B, s *influxtest.Server, hosts int) {
	sink, end := newSink(b, s, nil), base()
	week := mailstoreRuns("mail1", end.Add(-7*day), 7*24*60)
	began, points := time.Now(), 0
	for h := range hosts {
		out := week
		if hosts > 1 {
			out = storetest.OnHost(week, h+1)
			for i := range out[:len(out)-1440] {
				out[i].Intervals = nil // minutes of the last day have to do
			}
		}
		write(b, sink, out...)
		points += pointsOf(out)
		for w := 1; hosts == 1 && w < 52; w++ {
			earlier := storetest.Earlier(week, w, 15*time.Minute)
			write(b, sink, earlier...)
			points += pointsOf(earlier)
		}
	}
	b.Logf("%d points in %v", points, time.Since(began).Round(time.Millisecond))
	s.Settle(30 * time.Second)
	source := newSource(b, s, nil)
	for _, q := range []struct {
		name  string
		since time.Duration
		width time.Duration
		large bool
	}{
		{"day of minutes", day, 0, true}, {"week of 15m", 7 * day, 15 * time.Minute, true}, {"week of minutes", 7 * day, 0, false},
		{"year of 15m", 365 * day, 15 * time.Minute, false}, {"year of 1h", 365 * day, time.Hour, false},
	} {
		if hosts > 1 && !q.large {
			continue
		}
		b.Run(q.name, func(b *testing.B) {
			benchmarkQuery(b, source, series.Query{From: end.Add(-q.since), To: end, Width: q.width})
		})
	}
	b.Run("LUNs of a week", func(b *testing.B) {
		for b.Loop() {
			if luns, err := source.LUNs(context.Background(), end.Add(-7*day), end); err != nil || len(luns) < hosts*14 {
				b.Fatalf("%d LUNs, %v", len(luns), err)
			}
		}
	})
}

func benchmarkQuery(b *testing.B, source *influx.Source, q series.Query) {
	n := 0
	for b.Loop() {
		n = 0
		if err := source.Intervals(context.Background(), q, func(series.Key, *series.Interval) error { n++; return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n), "intervals")
}

// BenchmarkFleet is 1,000 hosts of 14 LUNs in one minute, by eight connections.
func BenchmarkFleet(b *testing.B) {
	eachServer(b, func(b *testing.B, s *influxtest.Server) {
		const hosts, connections = 1000, 8
		var sinks []*influx.Sink
		for range connections {
			sinks = append(sinks, newSink(b, s, nil))
		}
		at, points := base(), 0
		for b.Loop() {
			done := make(chan error, connections)
			for c, sink := range sinks {
				go func() {
					for h := c; h < hosts; h += connections {
						if _, err := sink.Write(context.Background(), []series.Outbound{madeRun(1, fmt.Sprintf("mail%d", h), at, 14)}); err != nil {
							done <- err
							return
						}
					}
					done <- nil
				}()
			}
			for range connections {
				if err := <-done; err != nil {
					b.Fatal(err)
				}
			}
			at = at.Add(time.Minute)
			points += hosts * 15
		}
		b.ReportMetric(float64(points)/b.Elapsed().Seconds(), "points/s")
	})
}
