package main

import (
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
	"lunstat/collector/storetest"
)

// BenchmarkFleetReport is `lunstat report --source influx` as a whole process, of
// one mailstore and of 72 with 1,008 LUNs. With LUNSTAT_BENCH=fleet it is of a week that
// has the four weeks before it to be compared with: three million points, which take two
// minutes a server to write. With LUNSTAT_BENCH=year it is of a year too: ten million,
// which take half an hour.
func BenchmarkFleetReport(b *testing.B) {
	weeks, ranges := 5, []string{"7d"}
	switch os.Getenv("LUNSTAT_BENCH") {
	case "fleet":
	case "year":
		weeks, ranges = 52, append(ranges, "365d")
	default:
		b.Skip("writes millions of points: set LUNSTAT_BENCH=fleet or LUNSTAT_BENCH=year")
	}
	const hosts = 72
	lunstat, week := program(b), mailstoreWeek(b)
	for _, v := range influxtest.Versions() {
		b.Run(v.String(), func(b *testing.B) {
			s := influxtest.StartCold(b, v)
			writeFleet(b, s, week, hosts, weeks)
			s.Settle(30 * time.Second)
			for _, of := range []string{"--group zimbra1", "--all-hosts"} {
				for _, last := range ranges {
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
		cmd.Env = influxEnv(b, s, s.Reader)
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
// before it the hours of as many weeks as make weeks with it.
func writeFleet(b *testing.B, s *influxtest.Server, week []series.Outbound, hosts, weeks int) {
	sink, err := influx.NewSink(influx.Options{URL: s.URL, Org: s.Org, Token: s.Writer, Timeout: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	for n := 1; n <= hosts; n++ {
		own := storetest.OnHost(week, n)
		for i := range own[:len(own)-24*60] {
			own[i].Intervals = nil
		}
		for w := range weeks {
			out := own
			if w > 0 {
				out = storetest.Earlier(own, w, time.Hour)
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
