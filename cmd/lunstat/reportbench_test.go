package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"lunstat/collector"
	"lunstat/collector/journal"
	"lunstat/collector/mailstore"
	"lunstat/collector/series"
)

// costs are the reports whose costs are told.
var costs = []struct {
	luns, days int
	step       time.Duration // of the simulated collector
	histograms string        // "/histograms": with those of each LUN
}{
	{14, 7, time.Minute, ""}, {60, 7, time.Minute, ""}, {200, 7, time.Minute, ""}, {14, 365, 15 * time.Minute, ""},
	{14, 7, time.Minute, "/histograms"}, {200, 7, time.Minute, "/histograms"},
}

// benchJournal is a simulated host's, up to benchEnd.
func benchJournal(b *testing.B, luns, days int, step time.Duration, histograms bool) (path string) {
	b.Helper()
	e, _, _ := world(b, nil)
	c, err := e.Config()
	if err != nil {
		b.Fatal(err)
	}
	rules := closingRules(c)
	rules.Gap = max(rules.Gap, 2*step)
	path = filepath.Join(b.TempDir(), "journal.db")
	j, err := journal.Open(path, journal.Options{Sync: "normal"})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	model := mailstore.New(mailstore.Options{
		Start: benchEnd.AddDate(0, 0, -days), Minutes: days * 24 * 60, Step: step, LUNs: luns, Histograms: histograms,
	})
	var state series.State
	var some []series.Minute
	for s, more := model.Next(); more; s, more = model.Next() {
		m, _ := collector.Close(state, s, rules)
		state = m.State
		if some = append(some, m); len(some) == 24*60 {
			if err := j.CommitAll(b.Context(), some); err != nil {
				b.Fatal(err)
			}
			some = some[:0]
		}
	}
	if err := j.CommitAll(b.Context(), some); err != nil {
		b.Fatal(err)
	}
	return path
}

var benchEnd = time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)

// told are the costs of several runs.
type told struct {
	cpu    time.Duration
	peakMB float64
}

func (t *told) add(u usage) {
	t.cpu += u.cpu
	t.peakMB = max(t.peakMB, u.peakMB)
}

func (t *told) report(b *testing.B) {
	b.ReportMetric(float64(t.cpu.Microseconds())/1000/float64(b.N), "cpu-ms/run")
	b.ReportMetric(t.peakMB, "peak-MB")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkReport draws the report of a week, and of a year, as a whole process: all
// pictures, the page and report.json.
func BenchmarkReport(b *testing.B) {
	lunstat := program(b)
	for _, c := range costs {
		b.Run(fmt.Sprintf("LUNs=%d/days=%d%s", c.luns, c.days, c.histograms), func(b *testing.B) {
			path, dir := benchJournal(b, c.luns, c.days, c.step, c.histograms != ""), b.TempDir()
			out := filepath.Join(dir, "report")
			var t told
			for b.Loop() {
				cmd := exec.Command(lunstat, "report", "--journal", path, "--out", out,
					"--from", benchEnd.AddDate(0, 0, -c.days).Format(time.RFC3339), "--to", benchEnd.Format(time.RFC3339))
				cmd.Env = cleanEnv("HOME="+dir, "TZ=UTC")
				t.add(measure(b, cmd))
			}
			t.report(b)
			b.ReportMetric(kilobytes(b, out), "kB")
		})
	}
}

func kilobytes(b *testing.B, dir string) (kB float64) {
	b.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		kB += float64(info.Size()) / 1000
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return kB
}

// BenchmarkRRDtool is the peer: one picture of the same week's IOPS of all LUNs, a line
// each with last, mean and max, drawn from a round-robin archive. That is one of the
// report's pictures, without bands, gaps, findings and page.
func BenchmarkRRDtool(b *testing.B) {
	rrdtool, err := exec.LookPath("rrdtool")
	if err != nil {
		b.Skip("no rrdtool here (Debian: apt-get install rrdtool)")
	}
	lunstat := program(b)
	for _, c := range costs {
		if c.days > 7 || c.histograms != "" {
			continue
		}
		b.Run(fmt.Sprintf("LUNs=%d", c.luns), func(b *testing.B) {
			graph := roundRobin(b, lunstat, rrdtool, benchJournal(b, c.luns, c.days, c.step, c.histograms != ""))
			var t told
			for b.Loop() {
				t.add(measure(b, exec.Command(rrdtool, graph...)))
			}
			t.report(b)
		})
	}
}

// roundRobin fills an archive with the means of the report's columns, and gives the
// arguments that draw it.
func roundRobin(b *testing.B, lunstat, rrdtool, path string) (graph []string) {
	b.Helper()
	dir := b.TempDir()
	cmd := exec.Command(lunstat, "report", "--journal", path, "--json",
		"--from", benchEnd.AddDate(0, 0, -7).Format(time.RFC3339), "--to", benchEnd.Format(time.RFC3339))
	cmd.Env = cleanEnv("HOME="+dir, "TZ=UTC")
	text, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	var r struct {
		Step float64 `json:"column_seconds"`
		LUNs []struct {
			Metrics map[string]struct{ Means []*float64 }
		}
	}
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&r); err != nil {
		b.Fatal(err)
	}
	step := int64(r.Step)
	begin := benchEnd.AddDate(0, 0, -7).Unix() / step * step
	rrd := filepath.Join(dir, "luns.rrd")
	do := func(args ...string) {
		if out, err := exec.Command(rrdtool, args...).CombinedOutput(); err != nil {
			b.Fatalf("rrdtool %s: %v\n%s", args[0], err, out)
		}
	}
	create := []string{"create", rrd, "--start", strconv.FormatInt(begin, 10), "--step", strconv.FormatInt(step, 10), "RRA:AVERAGE:0.5:1:2000", "RRA:MAX:0.5:1:2000"}
	columns := len(r.LUNs[0].Metrics["iops"].Means)
	graph = []string{"graph", filepath.Join(dir, "luns.png"), "--start", strconv.FormatInt(begin, 10), "--end", strconv.FormatInt(begin+step*int64(columns), 10), "-w", "1200", "-h", "400"}
	for i := range r.LUNs {
		create = append(create, fmt.Sprintf("DS:d%d:GAUGE:%d:0:U", i, 2*step))
		graph = append(graph, fmt.Sprintf("DEF:a%[1]d=%[2]s:d%[1]d:AVERAGE", i, rrd), fmt.Sprintf("LINE1:a%d#%06x:LUN %d", i, i*0x12d687%0xffffff, i),
			fmt.Sprintf("GPRINT:a%d:LAST:%%6.1lf", i), fmt.Sprintf("GPRINT:a%d:AVERAGE:%%6.1lf", i), fmt.Sprintf(`GPRINT:a%d:MAX:%%6.1lf\l`, i))
	}
	do(create...)
	update := []string{"update", rrd}
	for n := range columns {
		row := strconv.FormatInt(begin+step*int64(n+1), 10)
		for _, l := range r.LUNs {
			value := "U"
			if means := l.Metrics["iops"].Means; n < len(means) && means[n] != nil {
				value = strconv.FormatFloat(*means[n], 'f', -1, 64)
			}
			row += ":" + value
		}
		update = append(update, row)
		if len(strings.Join(update, " ")) > 50_000 || n == columns-1 {
			do(update...)
			update = update[:2]
		}
	}
	return graph
}
