package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"lunstat/collector/influx/influxtest"
)

// BenchmarkDrain is `lunstat forward` as a whole process after an outage: how many
// points a second go from the journal to a server on the same machine.
func BenchmarkDrain(b *testing.B) {
	lunstat := program(b)
	for _, size := range []struct{ luns, minutes int }{{14, 7 * 1440}, {1000, 1440}} {
		path := filepath.Join(b.TempDir(), "journal.db")
		simulated(b, path, "mailstore", size.luns, size.minutes)
		for _, v := range influxtest.Versions() {
			b.Run(fmt.Sprintf("LUNs=%d/hours=%d/%v", size.luns, size.minutes/60, v), func(b *testing.B) {
				var cpu, took time.Duration
				var peak float64
				points := 0
				for b.Loop() {
					s := influxtest.Start(b, v) // another sink: the whole journal waits
					cmd := exec.Command(lunstat, "forward", "--journal", path)
					cmd.Env = append(os.Environ(), "HOME="+b.TempDir(), "LUNSTAT_INFLUX_URL="+s.URL, "LUNSTAT_INFLUX_ORG="+s.Org, "LUNSTAT_INFLUX_TOKEN="+s.Writer)
					began := time.Now()
					u := measure(b, cmd)
					took += time.Since(began)
					cpu += u.cpu
					peak = max(peak, u.peakMB)
					points += s.Count(influxtest.Bucket, "lun_io", "elapsed_ms")
					s.Kill()
				}
				b.ReportMetric(float64(points)/took.Seconds(), "intervals/s")
				b.ReportMetric(float64(cpu.Microseconds())/float64(points), "cpu-us/interval")
				b.ReportMetric(peak, "peak-MB")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
