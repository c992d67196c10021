package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"lunstat/collector"
	"lunstat/collector/dmstats"
	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// latencyKernel is a device-mapper whose devices have done, since the last look at them,
// 95 I/Os of less than 1 ms and 5 of less than 500.
type latencyKernel struct {
	regions
	looks map[mapper.DevNo]int
}

func (k *latencyKernel) Message(dev mapper.DevNo, text string) (string, error) {
	if !strings.HasPrefix(text, "@stats_print") {
		return k.regions.Message(dev, text)
	}
	n := k.looks[dev]
	k.looks[dev]++
	var counts [series.NumBuckets]string
	for i := range counts {
		counts[i] = "0"
	}
	counts[series.BucketOf(500*time.Microsecond)] = fmt.Sprint(95 * n)
	counts[series.BucketOf(200*time.Millisecond)] = fmt.Sprint(5 * n)
	return fmt.Sprintf("0+%d %d 0 0 %d 0 0 0 250000 0 0 0 0 0 %s\n", k.sizeMB*2048, 100*n, 1_500_000_000*n, strings.Join(counts[:], ":")), nil
}

// withLatency runs commands on a host for which the collector keeps histograms. Each
// reading is a minute after the one before, the last a few seconds ago.
func withLatency(t *testing.T, vars ...string) (at func(args ...string) (int, string, string)) {
	t.Helper()
	h := hosttest.New(t, hosttest.Mail()...)
	kernel := &latencyKernel{regions{of: map[mapper.DevNo]string{}, sizeMB: 1024}, map[mapper.DevNo]int{}}
	c := newCaptured(t)
	c.on(h.Paths)
	c.vars["LUNSTAT_HISTOGRAMS"], c.vars["LUNSTAT_LAYERS"] = "true", "maps"
	for _, v := range vars {
		name, value, _ := strings.Cut(v, "=")
		c.vars[name] = value
	}
	at = func(args ...string) (int, string, string) {
		t.Helper()
		e, out, errs := world(t, c.vars)
		e.DeviceMapper = func(mapper.Paths) dmstats.Messenger { return kernel }
		status := run(t.Context(), args, e)
		return status, out.String(), errs.String()
	}
	e, _, _ := world(t, nil)
	now := e.Now()
	for n := range 3 {
		h.Pass(time.Minute)
		h.Do("zimbra1_sqldb-data", hosttest.IO{Reads: 100, ReadMS: 1700, ReadSectors: 1600, BusyMS: 640})
		if status, _, errs := at("collect", "--reading-time", now.Add(time.Duration(n-2)*time.Minute).Format(time.RFC3339)); status != 0 {
			t.Fatal(errs)
		}
	}
	return at
}

func TestLookupLatency(t *testing.T) {
	at := withLatency(t)
	_, out, _ := at("lookup", "zimbra1_sqldb-data")
	if line, _, _ := strings.Cut(out, "\n"); !strings.Contains(line, "r 17 ms, p99 < 500 ms (") {
		t.Errorf("the first line: %s", line)
	}
	_, out, _ = at("lookup", "--json", "zimbra1_sqldb-data")
	var o struct {
		Load struct {
			Latency struct {
				Bounds   []int64  `json:"bounds_us"`
				Counts   []uint64 `json:"counts"`
				P50, P99 map[string]float64
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &o); err != nil {
		t.Fatal(err)
	}
	l := o.Load.Latency
	if len(l.Bounds) != 17 || l.Bounds[0] != 50 || len(l.Counts) != 18 || l.Counts[4] != 95 || l.P50["within_ms"] != 1 || l.P99["from_ms"] != 200 || l.P99["within_ms"] != 500 {
		t.Errorf("%+v", l)
	}
}

// A histogram in Prometheus' format adds up, and counts since the kernel began.
func TestPromLatency(t *testing.T) {
	at := withLatency(t)
	_, out, _ := at("export", "--format", "prom")
	for _, want := range []string{
		"# TYPE lunstat_io_latency_seconds histogram\n",
		`lunstat_io_latency_seconds_bucket{host="`,
		`lun="zimbra1_sqldb-data"`,
		`le="5e-05"} 0` + "\n", `le="0.0005"} 0` + "\n", `le="0.001"} 190` + "\n", `le="0.2"} 190` + "\n", `le="0.5"} 200` + "\n", `le="10"} 200` + "\n", `le="+Inf"} 200` + "\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, line := range []string{"_sum{", "_count{"} {
		if n := strings.Count(out, "lunstat_io_latency_seconds"+line); n != strings.Count(out, `le="+Inf"`) || n == 0 {
			t.Errorf("%d lines of %s", n, line)
		}
	}
	if !strings.Contains(out, `} 3.00025`+"\n") {
		t.Error("no sum of 3 s of reads and 250 µs of writes")
	}
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not here: its word on the format was not asked")
	}
	check := exec.Command(tool, "check", "metrics")
	check.Stdin = strings.NewReader(out)
	if says, err := check.CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, says)
	}
}

// A range of the past has its last interval, and no counter of now.
func TestPromOfARange(t *testing.T) {
	at := withLatency(t)
	end := func(args ...string) string {
		t.Helper()
		status, out, errs := at(append([]string{"export", "--format", "prom"}, args...)...)
		if status != 0 || !strings.Contains(out, "lunstat_iops{") {
			t.Fatalf("%v: %d %s\n%s", args, status, errs, out)
		}
		line := out[strings.Index(out, "\nlunstat_interval_end"):]
		if over := len(args) > 0; over == strings.Contains(out, "lunstat_io_latency") {
			t.Errorf("%v: the counters of now: %v", args, !over)
		}
		return line[:strings.Index(line[1:], "\n")]
	}
	if now, past := end(), end("--from", "-100s", "--to", "-40s"); now == past {
		t.Errorf("both have %s", now)
	}
	if status, _, errs := at("export", "--format", "prom", "--every", "15m"); status != 2 || !strings.Contains(errs, "--every does not go with") {
		t.Errorf("--every: %d %s", status, errs)
	}
}

// A limit on p99 is the admin's to set: none is by default.
func TestStatusLatency(t *testing.T) {
	at := withLatency(t)
	status, out, _ := at("status")
	if strings.Contains(out, "1 in 100") || !strings.Contains(out, "p99_times=20;;") {
		t.Errorf("without a limit: %d %s", status, out)
	}
	for name, want := range map[string]int{"LUNSTAT_LIMITS_P99_WARNING": 1, "LUNSTAT_LIMITS_P99_CRITICAL": 2} { // 20 × is the redo log
		at := withLatency(t, name+"=15")
		status, out, _ := at("status")
		if status != want || !strings.Contains(out, "1 in 100 I/Os takes 200ms or longer, its limit is 10ms") {
			t.Errorf("%s: %d %s", name, status, out)
		}
	}
}

// watch has a column p99 where the collector keeps histograms, and makes the kernel keep
// none.
func TestWatchLatency(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	kernel := &latencyKernel{regions{of: map[mapper.DevNo]string{}, sizeMB: 1024}, map[mapper.DevNo]int{}}
	w := &watcher{
		options: collector.Options{Paths: h.Paths, Host: "made", Histograms: &onlyThere{of: dmstats.NewKeeper(kernel)}},
		rules:   collector.Rules{Gap: 5 * time.Minute, Layers: "all"},
		table:   watchTable{host: "made", sort: columnNamed("p99"), layers: "luns", zone: time.UTC},
	}
	pass := func(n int) string {
		w.options.ReadingTime = time.Date(2026, 11, 16, 12, 0, n, 0, time.UTC)
		if _, err := w.read(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.Pass(time.Second)
		return strings.Join(w.table.frame(80, 24), "\n") + w.table.lines()
	}
	pass(0)
	if out := pass(1); strings.Contains(out, "p99") || len(kernel.of) > 0 {
		t.Errorf("without histograms: %v\n%s", kernel.of, out)
	}
	for dev := range map[mapper.DevNo]bool{{Major: 253, Minor: 13}: true} {
		if _, err := dmstats.NewKeeper(kernel).Latency(&mapper.LUN{Dev: dev}, nil, true); err != nil {
			t.Fatal(err)
		}
	}
	pass(2)
	out := pass(3)
	if !strings.Contains(out, "*p99") || strings.Count(out, "<500") != 1 {
		t.Errorf("with one:\n%s", out)
	}
	if len(kernel.of) != 1 {
		t.Errorf("watch made %v", kernel.of)
	}
}

// hanging answers when it is told to.
type hanging struct{ asked, answer chan bool }

func (h hanging) Latency(*mapper.LUN, *series.LatencyReading, bool) (*series.LatencyReading, error) {
	h.asked <- true
	<-h.answer
	return &series.LatencyReading{}, nil
}

// A device that hangs is asked once, however long watch goes on, and again when it has
// answered.
func TestWatchAsksAHungDeviceOnce(t *testing.T) {
	h := hanging{make(chan bool, 9), make(chan bool)}
	o := &onlyThere{of: h}
	lun := &mapper.LUN{Kernel: "dm-13", Dev: mapper.DevNo{Major: 253, Minor: 13}}
	done := make(chan error)
	ask := func() { _, err := o.Latency(lun, nil, true); done <- err }
	go ask()
	<-h.asked
	for range 3 {
		if _, err := o.Latency(lun, nil, true); err == nil {
			t.Error("it was asked again")
		}
	}
	h.answer <- true
	if err := <-done; err != nil {
		t.Error(err)
	}
	go ask()
	<-h.asked
	h.answer <- true
	if err := <-done; err != nil || len(h.asked) > 0 {
		t.Errorf("%v, and %d more questions", err, len(h.asked))
	}
}
