package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"lunstat/collector"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/journal"
	"lunstat/collector/mailstore"
	"lunstat/collector/series"
)

// BenchmarkDrain is `lunstat forward` as a whole process after an outage: how many
// intervals a second go from the journal to a server on the same machine, while new
// minutes keep coming. With LUNSTAT_BENCH=week the outage is also a week of 1,000
// LUNs: ten million intervals, which take twenty minutes a server.
func BenchmarkDrain(b *testing.B) {
	lunstat := program(b)
	sizes := []outage{{14, 7 * 1440}, {1000, 1440}}
	if os.Getenv("LUNSTAT_BENCH") == "week" {
		sizes = append(sizes, outage{1000, 7 * 1440})
	}
	for _, size := range sizes {
		path := filepath.Join(b.TempDir(), "journal.db")
		simulated(b, path, "mailstore", size.luns, size.minutes)
		for _, v := range influxtest.Versions() {
			b.Run(fmt.Sprintf("LUNs=%d/hours=%d/%v", size.luns, size.minutes/60, v), func(b *testing.B) { benchmarkDrain(b, lunstat, path, size, v) })
		}
	}
}

// outage is a journal that waits.
type outage struct{ luns, minutes int }

func benchmarkDrain(b *testing.B, lunstat, path string, size outage, v influxtest.Version) {
	var cpu, took time.Duration
	var peak float64
	points := 0
	for b.Loop() {
		s := influxtest.Start(b, v) // another sink: the whole journal waits
		forward := func() usage {
			cmd := exec.Command(lunstat, "forward", "--journal", path)
			cmd.Env = influxEnv(b, s, s.Writer)
			return measure(b, cmd)
		}
		stop := keepCollecting(b, path, size)
		began := time.Now()
		u := forward()
		took += time.Since(began)
		stop()
		cpu += u.cpu
		peak = max(peak, u.peakMB)
		points += s.Count(influxtest.Bucket, "lun_io", "elapsed_ms")
		forward() // what came at the very end
		if got, want := s.Count(influxtest.Bucket, "lun_io", "elapsed_ms"), intervalsIn(b, path); got != want {
			b.Errorf("%d intervals are there, the journal has %d", got, want)
		}
		s.Kill()
	}
	b.ReportMetric(float64(points)/took.Seconds(), "intervals/s")
	b.ReportMetric(float64(cpu.Microseconds())/float64(points), "cpu-us/interval")
	b.ReportMetric(peak, "peak-MB")
	b.ReportMetric(0, "ns/op")
}

// influxEnv is the environment of a process that is to know a server and nothing
// else.
func influxEnv(b *testing.B, s *influxtest.Server, token string) []string {
	return cleanEnv("HOME="+b.TempDir(), "LUNSTAT_INFLUX_URL="+s.URL, "LUNSTAT_INFLUX_ORG="+s.Org, "LUNSTAT_INFLUX_TOKEN="+token)
}

// keepCollecting commits a new minute every five seconds until stop is called.
func keepCollecting(b *testing.B, path string, size outage) (stop func()) {
	j, err := journal.Open(path, journal.Options{Sync: "normal"})
	if err != nil {
		b.Fatal(err)
	}
	_, last, _, err := j.Extent(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	model := mailstore.New(mailstore.Options{Start: last.Add(time.Minute), Minutes: 1440, LUNs: size.luns})
	end := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		defer j.Close()
		tick := time.NewTicker(5 * time.Second)
		defer tick.Stop()
		var state series.State
		for {
			select {
			case <-end:
				return
			case <-tick.C:
			}
			sample, ok := model.Next()
			if !ok {
				return
			}
			sample.Host = "mailstore"
			minute, _ := collector.Close(state, sample, simulatedRules())
			state = minute.State
			if err := j.Commit(b.Context(), &minute); err != nil {
				b.Error(err)
			}
		}
	})
	return func() { close(end); done.Wait() }
}

// intervalsIn is how many intervals a journal has.
func intervalsIn(b *testing.B, path string) (n int) {
	j, err := journal.Open(path, journal.Options{ReadOnly: true})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	first, last, _, err := j.Extent(b.Context())
	if err == nil {
		q := series.Query{From: first.Add(-time.Minute), To: last}
		err = j.Intervals(b.Context(), q, func(series.Key, *series.Interval) error { n++; return nil })
	}
	if err != nil {
		b.Fatal(err)
	}
	return n
}
