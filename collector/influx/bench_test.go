package influx_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/collector/influx"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/mailstore"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// mailstoreRuns are the simulated mailstore's runs as they would leave a host's
// journal.
func mailstoreRuns(host string, start time.Time, minutes int) []series.Outbound {
	m := mailstore.New(mailstore.Options{Start: start, Minutes: minutes})
	s := newStore(nil, nil)
	last := map[mapper.ID]series.Last{}
	var out []series.Outbound
	for sample, ok := m.Next(); ok; sample, ok = m.Next() {
		minute := series.Minute{Run: series.Run{Host: host, At: sample.At, Kernel: sample.Kernel, Version: "bench"}}
		for i := range sample.Readings {
			id := sample.LUNs[i].ID
			now := series.Last{Key: series.Key{ID: id, Host: host, Source: series.SourceHost}, At: sample.At, Counters: sample.Readings[i].Counters}
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

// onHost gives runs of one host to the nth of a fleet, whose LUNs and groups are its
// own.
func onHost(out []series.Outbound, n int) []series.Outbound {
	host, mailstore := fmt.Sprintf("mail%d", n), fmt.Sprintf("zimbra%d", n)
	own := map[*mapper.LUN]*mapper.LUN{}
	ownID := func(id mapper.ID) mapper.ID { return mapper.ID(fmt.Sprintf("%s-%d", id, n)) }
	ownLUN := func(l *mapper.LUN) *mapper.LUN {
		if l == nil || own[l] != nil {
			return own[l]
		}
		c := *l
		c.ID = ownID(c.ID)
		for _, s := range []*string{&c.DMName, &c.VG, &c.Group} {
			*s = strings.Replace(*s, "zimbra1", mailstore, 1)
		}
		own[l] = &c
		return &c
	}
	ownKey := func(k *series.Key) { k.ID, k.Host = ownID(k.ID), host }
	moved := make([]series.Outbound, len(out))
	for n, o := range out {
		o.Run.Host = host
		o.Intervals = slices.Clone(o.Intervals)
		for i := range o.Intervals {
			ownKey(&o.Intervals[i].Key)
			o.Intervals[i].LUN = ownLUN(o.Intervals[i].LUN)
		}
		o.Bins = slices.Clone(o.Bins)
		for i := range o.Bins {
			ownKey(&o.Bins[i].Key)
			o.Bins[i].LUN = ownLUN(o.Bins[i].LUN)
		}
		o.Spaces = slices.Clone(o.Spaces)
		for i := range o.Spaces {
			ownKey(&o.Spaces[i].Key)
			o.Spaces[i].LUN = ownLUN(o.Spaces[i].LUN)
		}
		o.Ledger = slices.Clone(o.Ledger)
		for i := range o.Ledger {
			o.Ledger[i].Host = host
			o.Ledger[i].LUN = *ownLUN(&o.Ledger[i].LUN)
		}
		moved[n] = o
	}
	return moved
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
// roll-ups, spaces, ledger and runs.
func BenchmarkDisk(b *testing.B) {
	const days = 7
	eachServer(b, func(b *testing.B, s *influxtest.Server) {
		sink := newSink(b, s, nil)
		out := mailstoreRuns("mail1", base().Add(-days*day), days*24*60)
		for b.Loop() {
			write(b, sink, out...)
		}
		b.ReportMetric(float64(s.Settle(3*time.Minute))/days/14, "B/LUN-day")
		b.ReportMetric(0, "ns/op")
	})
}

// BenchmarkQuery is what a report asks: a day of minutes, a week and a year. With
// LUNSTAT_BENCH=large a day and a week are also of 1,000 LUNs on 72 hosts, and with
// LUNSTAT_BENCH=year a year too: ten million points, which take a while to write.
func BenchmarkQuery(b *testing.B) {
	fleets := []int{1}
	if env := os.Getenv("LUNSTAT_BENCH"); env == "large" || env == "year" {
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
			out = onHost(week[len(week)-1440:], h+1) // minutes of the last day
			for _, o := range onHost(week[:len(week)-1440], h+1) {
				o.Intervals = nil
				out = append(out, o)
			}
		}
		write(b, sink, out...)
		points += pointsOf(out)
		if hosts > 1 && os.Getenv("LUNSTAT_BENCH") != "year" {
			continue
		}
		year := yearRuns(h+1, week, end, hosts == 1)
		write(b, sink, year...)
		points += pointsOf(year)
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
		{"year of 15m", 365 * day, 15 * time.Minute, false}, {"year of 1h", 365 * day, time.Hour, true},
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

// yearRuns are a year's roll-ups before the week: the week's, again and again.
func yearRuns(n int, week []series.Outbound, end time.Time, quarters bool) []series.Outbound {
	var out []series.Outbound
	for back := 7 * day; back < 365*day; back += 7 * day {
		for _, o := range onHost(week, n) {
			if len(o.Bins) == 0 {
				continue
			}
			o.Seq, o.Run.At.Wall = 0, o.Run.At.Wall.Add(-back)
			o.Intervals, o.Spaces, o.Ledger = nil, nil, nil
			var bins []series.OutBin
			for _, bin := range o.Bins {
				if bin.Width == time.Hour || quarters {
					bin.End = bin.End.Add(-back)
					bins = append(bins, bin)
				}
			}
			o.Bins = bins
			out = append(out, o)
		}
	}
	return out
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
