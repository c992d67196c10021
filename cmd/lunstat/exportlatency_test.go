package main

import (
	"encoding/csv"
	"encoding/json"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"lunstat/collector/influx/influxtest"
	"lunstat/collector/series"
	"lunstat/collector/storetest"
)

// timing adds to samples what the simulation lacks: histograms of three LUNs in four, the
// first of which begins to count within the first hour, and the host's I/O pressure.
type timing struct {
	r       *rand.Rand
	regions map[string]*series.LatencyReading
	was     map[string]series.Counters
	samples int
}

func (x *timing) add(s *series.Sample) {
	if x.regions == nil {
		x.r, x.regions, x.was = rand.New(rand.NewPCG(2, 7)), map[string]*series.LatencyReading{}, map[string]series.Counters{}
	}
	x.samples++
	waited := uint64(x.samples) * 700_000
	s.Pressure = series.PressureReading{At: s.At, SomeUS: &waited, FullUS: &waited}
	for n := range s.Readings {
		now := &s.Readings[n]
		was, known := x.was[now.Kernel]
		x.was[now.Kernel] = now.Counters
		if n%4 == 3 || n%4 == 1 && x.samples < 30 || now.Latency != nil {
			continue
		}
		region := x.regions[now.Kernel]
		if region == nil || now.ReadIOs < was.ReadIOs {
			region = &series.LatencyReading{Version: series.BoundsVersion, Made: uint64(s.At.Mono)}
		} else if known {
			next := *region
			ios, ms := now.ReadIOs-was.ReadIOs+now.WriteIOs-was.WriteIOs, now.ReadMS-was.ReadMS+now.WriteMS-was.WriteMS
			h := storetest.Latencies(x.r, ios, time.Duration(uint64(ms)+1)*time.Millisecond/time.Duration(ios+1))
			for b, c := range h.Counts {
				next.Counts[b] += c
			}
			region = &next
		}
		x.regions[now.Kernel], now.Latency = region, region
	}
}

func exportOf(c *captured, args string) string {
	return c.run(strings.Fields("export --from 2026-10-26T00:00:00Z --to 2026-10-26T03:00:00Z " + args)...)
}

// TestExportLatency: the buckets and the percentiles' bounds, in each format, and nothing
// where there is no histogram.
func TestExportLatency(t *testing.T) {
	c := newCaptured(t)
	simulatedWith(t, c.vars["LUNSTAT_JOURNAL_PATH"], "mailstore", simulatedStart, 14, 40, (&timing{}).add)
	rows, err := csv.NewReader(strings.NewReader(exportOf(c, "--format csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	first := len(rows[0]) - series.NumBuckets
	if rows[0][first] != "le_50us" || rows[0][len(rows[0])-1] != "le_inf" {
		t.Fatalf("heading %q", rows[0])
	}
	with, without, n := 0, 0, 0
	for line := range strings.Lines(exportOf(c, "")) {
		n++
		var x struct {
			Latency *struct {
				Bounds   []int64  `json:"bounds_us"`
				Counts   []uint64 `json:"counts"`
				P99From  *int64   `json:"p99_from_us"`
				P99Below *int64   `json:"p99_below_us"`
			}
		}
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatal(err)
		}
		cells := rows[n][first:]
		if x.Latency == nil {
			without++
			if strings.Join(cells, "") != "" || strings.Contains(line, "latency\":") {
				t.Errorf("%s has %q", line, cells)
			}
			continue
		}
		with++
		var counts []uint64
		for _, cell := range cells {
			v, err := strconv.ParseUint(cell, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			counts = append(counts, v)
		}
		h := series.Histogram{Version: series.BoundsVersion, Counts: [series.NumBuckets]uint64(counts)}
		p99, any := h.Quantile(0.99)
		if !reflect.DeepEqual(x.Latency.Counts, counts) || len(x.Latency.Bounds) != len(counts)-1 || x.Latency.Bounds[0] != 50 || x.Latency.Bounds[16] != 10_000_000 ||
			any != (x.Latency.P99From != nil) || any && (*x.Latency.P99From != p99.Lower.Microseconds() || !p99.Above() && *x.Latency.P99Below != p99.Upper.Microseconds()) {
			t.Errorf("%s beside %v", line, counts)
		}
	}
	if with == 0 || without == 0 || n != len(rows)-1 {
		t.Errorf("%d with a histogram, %d without, %d rows", with, without, len(rows))
	}
	if lines := exportOf(c, "--format lp"); strings.Count(lines, "lun_latency,") != with || strings.Count(lines, "lun_io,") != n {
		t.Errorf("lp: %d histograms of %d", strings.Count(lines, "lun_latency,"), with)
	}
}

// TestLatencyFromInfluxDB: what was forwarded is exported from there as from the journal,
// raw and in bins, and the exported lines are the points that are there.
func TestLatencyFromInfluxDB(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	simulatedWith(t, path, "mailstore", simulatedStart, 14, 140, (&timing{}).add)
	onServers(t, func(t *testing.T, s *influxtest.Server) {
		c := newCaptured(t)
		c.vars["LUNSTAT_JOURNAL_PATH"] = path
		c.vars["LUNSTAT_INFLUX_URL"], c.vars["LUNSTAT_INFLUX_ORG"], c.vars["LUNSTAT_INFLUX_TOKEN"] = s.URL, s.Org, s.Writer
		c.run("forward")
		count := func() int {
			return s.Count(influxtest.Bucket, "lun_latency", "le_inf")
		}
		before := count()
		s.WriteLine(influxtest.Bucket, exportOf(c, "--format lp --source journal"))
		if after := count(); after != before || before < 1000 {
			t.Errorf("%d points, and %d with the export", before, after)
		}
		c.vars["LUNSTAT_INFLUX_TOKEN"] = s.Reader
		for _, args := range []string{"", "--every 15m", "--every 1h", "--format csv", "--every 15m --format lp", "--lun mysql"} {
			j, i := exportOf(c, args+" --source journal"), exportOf(c, args+" --source influx --host mailstore")
			if sorted(j) != sorted(i) || !strings.Contains(j, "latency") && !strings.Contains(j, "le_inf") {
				t.Errorf("%q: %s", args, firstDifference(sorted(j), sorted(i)))
			}
		}
	})
}
