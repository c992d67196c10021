package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/collector/influx"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/journal"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// BenchmarkFleetReport is `lunstat report --source influx` as a whole process, of
// one mailstore and of 72 with 1,008 LUNs, over a week and over a year. Writing the
// ten million points of the year takes half an hour a server, so it wants
// LUNSTAT_BENCH=year.
func BenchmarkFleetReport(b *testing.B) {
	if os.Getenv("LUNSTAT_BENCH") != "year" {
		b.Skip("writes ten million points: set LUNSTAT_BENCH=year")
	}
	const hosts = 72
	lunstat, week := program(b), mailstoreWeek(b)
	for _, v := range influxtest.Versions() {
		b.Run(v.String(), func(b *testing.B) {
			s := influxtest.StartCold(b, v)
			writeFleet(b, s, week, hosts)
			s.Settle(30 * time.Second)
			for _, of := range []string{"--group zimbra1", "--all-hosts"} {
				for _, last := range []string{"7d", "365d"} {
					b.Run(of+" --last "+last, func(b *testing.B) { benchmarkReport(b, s, lunstat, of+" --last "+last) })
				}
			}
		})
	}
}

func benchmarkReport(b *testing.B, s *influxtest.Server, lunstat, args string) {
	var cpu, took time.Duration
	var peak float64
	n := 0
	for b.Loop() {
		cmd := exec.Command(lunstat, append([]string{"report", "--source", "influx", "--out", b.TempDir()}, strings.Fields(args)...)...)
		cmd.Env = append(os.Environ(), "HOME="+b.TempDir(), "LUNSTAT_INFLUX_URL="+s.URL, "LUNSTAT_INFLUX_ORG="+s.Org, "LUNSTAT_INFLUX_TOKEN="+s.Reader)
		began := time.Now()
		u := measure(b, cmd)
		took += time.Since(began)
		cpu += u.cpu
		peak = max(peak, u.peakMB)
		n++
	}
	b.ReportMetric(took.Seconds()/float64(n), "s")
	b.ReportMetric(cpu.Seconds()/float64(n), "cpu-s")
	b.ReportMetric(peak, "peak-MB")
	b.ReportMetric(0, "ns/op")
}

// mailstoreWeek is what a week of the simulated mailstore, up to now, leaves for
// InfluxDB.
func mailstoreWeek(b *testing.B) (week []series.Outbound) {
	const long = 7 * 24 * time.Hour
	path := filepath.Join(b.TempDir(), "journal.db")
	simulatedFrom(b, path, "mail1", time.Now().Add(-long).Truncate(time.Hour), 14, 7*24*60)
	j, err := journal.Open(path, journal.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	for {
		out, err := j.Backlog(b.Context(), "fleet", 10_000)
		if err != nil {
			b.Fatal(err)
		}
		if len(out) == 0 {
			return week
		}
		week = append(week, out...)
		if err := j.Sent(b.Context(), "fleet", out[len(out)-1].Seq, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// writeFleet gives each host of a fleet the week, minutes of its last day only, and
// the hours of a year before it.
func writeFleet(b *testing.B, s *influxtest.Server, week []series.Outbound, hosts int) {
	sink, err := influx.NewSink(influx.Options{URL: s.URL, Org: s.Org, Token: s.Writer, Timeout: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	for n := 1; n <= hosts; n++ {
		own := ownWeek(week, n)
		for w := range 52 {
			out := own
			if w > 0 {
				out = hoursEarlier(own, w)
			}
			for batch := range slices.Chunk(out, 200) {
				if refused, err := sink.Write(b.Context(), batch); err != nil || len(refused) > 0 {
					b.Fatalf("%d refused, %v", len(refused), err)
				}
			}
		}
	}
	b.Logf("%d hosts written in %v", hosts, time.Since(began).Round(time.Second))
}

// ownWeek is the week of the nth host of a fleet, whose LUNs and groups are its own.
func ownWeek(week []series.Outbound, n int) []series.Outbound {
	host, mailstore := fmt.Sprintf("mail%d", n), fmt.Sprintf("zimbra%d", n)
	ownID := func(id mapper.ID) mapper.ID { return mapper.ID(fmt.Sprintf("%s-%d", id, n)) }
	luns := map[*mapper.LUN]*mapper.LUN{}
	ownLUN := func(l *mapper.LUN) *mapper.LUN {
		if l == nil || luns[l] != nil {
			return luns[l]
		}
		c := *l
		c.ID = ownID(c.ID)
		for _, s := range []*string{&c.DMName, &c.VG, &c.Group} {
			*s = strings.Replace(*s, "zimbra1", mailstore, 1)
		}
		luns[l] = &c
		return &c
	}
	ownKey := func(k series.Key) series.Key { return series.Key{ID: ownID(k.ID), Host: host, Source: k.Source} }
	own := make([]series.Outbound, len(week))
	for at, o := range week {
		o.Run.Host = host
		if o.Intervals = slices.Clone(o.Intervals); at < len(week)-24*60 {
			o.Intervals = nil
		}
		for i := range o.Intervals {
			o.Intervals[i].Key, o.Intervals[i].LUN = ownKey(o.Intervals[i].Key), ownLUN(o.Intervals[i].LUN)
		}
		o.Bins = slices.Clone(o.Bins)
		for i := range o.Bins {
			o.Bins[i].Key, o.Bins[i].LUN = ownKey(o.Bins[i].Key), ownLUN(o.Bins[i].LUN)
		}
		o.Spaces = slices.Clone(o.Spaces)
		for i := range o.Spaces {
			o.Spaces[i].Key, o.Spaces[i].LUN = ownKey(o.Spaces[i].Key), ownLUN(o.Spaces[i].LUN)
		}
		o.Ledger = slices.Clone(o.Ledger)
		for i := range o.Ledger {
			o.Ledger[i].Host, o.Ledger[i].LUN = host, *ownLUN(&o.Ledger[i].LUN)
		}
		own[at] = o
	}
	return own
}

// hoursEarlier are a week's roll-ups to the hour, so many weeks before.
func hoursEarlier(week []series.Outbound, weeks int) (out []series.Outbound) {
	back := time.Duration(weeks) * 7 * 24 * time.Hour
	for _, o := range week {
		var bins []series.OutBin
		for _, bin := range o.Bins {
			if bin.Width == time.Hour {
				bin.End = bin.End.Add(-back)
				bins = append(bins, bin)
			}
		}
		if len(bins) > 0 {
			o.Seq, o.Run.At.Wall = 0, o.Run.At.Wall.Add(-back)
			o.Intervals, o.Spaces, o.Ledger, o.Bins = nil, nil, nil, bins
			out = append(out, o)
		}
	}
	return out
}
