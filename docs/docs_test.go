// Package docs holds what people read; its tests compare that with the code.
package docs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

func page(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestNumbersHasAllNames: whatever an export can show is defined.
func TestNumbersHasAllNames(t *testing.T) {
	text := page(t, "numbers.md")
	var names []string
	for f := range series.NumFields {
		names = append(names, f.String())
	}
	names = append(names, (^series.Quality(0)).List()...)
	names = append(names, "elapsed_ms", "inflight", "quality", "peak_window_ms", "iops_max_at",
		"iops", "read_iops", "write_iops", "util_percent", "read_await_ms", "write_await_ms", "queue_size")
	for _, name := range names {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("numbers.md does not define %s", name)
		}
	}
}

// TestFindingsHasAllKinds: whatever report.json can say is defined.
func TestFindingsHasAllKinds(t *testing.T) {
	text := page(t, "findings.md")
	kinds := regexp.MustCompile(`Kind\w+ +Kind = "([^"]+)"`).FindAllStringSubmatch(page(t, "../render/facts/finding.go"), -1)
	if len(kinds) < 12 {
		t.Fatalf("only %d kinds found in the source", len(kinds))
	}
	for _, k := range kinds {
		if !strings.Contains(text, "`"+k[1]+"`") {
			t.Errorf("findings.md does not define %s", k[1])
		}
	}
	b, err := json.Marshal(facts.Finding{
		LUN: "x", Host: "x", Until: time.Unix(1, 0), Worst: 1, WorstAt: time.Unix(1, 0), Unit: "ms", Limit: 1, TimesLimit: 1,
		With: []string{"x"}, Next: []string{"x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]any
	if err := json.Unmarshal(b, &keys); err != nil || len(keys) != 15 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	for k := range keys {
		if !strings.Contains(text, "`"+k+"`") {
			t.Errorf("findings.md does not define %s", k)
		}
	}
}

// TestNumbersExample works the example out.
func TestNumbersExample(t *testing.T) {
	text := page(t, "numbers.md")
	_, after, ok := strings.Cut(text, "```diskstats\n")
	block, rest, closed := strings.Cut(after, "```\n")
	lines := strings.Split(strings.TrimSpace(block), "\n")
	if !ok || !closed || len(lines) != 2 {
		t.Fatalf("no example of two readings: %q", block)
	}
	last, now := counters(t, lines[0]), counters(t, lines[1])
	began := time.Date(2026, 11, 16, 3, 0, 0, 0, time.UTC)
	i, _, ok := series.Close(
		series.Last{At: series.Instant{Wall: began, Mono: time.Hour, Boot: time.Hour}, Counters: last},
		series.Last{At: series.Instant{Wall: began.Add(time.Minute), Mono: time.Hour + time.Minute, Boot: time.Hour + time.Minute}, Counters: now},
		series.Limits{})
	if !ok || i.Quality != 0 {
		t.Fatalf("no plain interval: %v, %v", ok, i.Quality)
	}
	figures := map[string]func() (float64, bool){
		"IOPS": i.IOPS, "read IOPS": i.ReadIOPS, "write IOPS": i.WriteIOPS, "discard IOPS": i.DiscardIOPS, "flush IOPS": i.FlushIOPS,
		"bytes per second": i.BytesPerS, "await": i.Await, "util": i.Util, "queue": i.Queue,
		"read await": i.ReadAwait, "write await": i.WriteAwait, "discard await": i.DiscardAwait, "flush await": i.FlushAwait,
	}
	for name, figure := range figures {
		want := "absent"
		if v, ok := figure(); ok {
			want = strconv.FormatFloat(v, 'g', 6, 64)
		}
		if row := "| " + name + " | " + want + " |\n"; !strings.Contains(rest, row) {
			t.Errorf("the example lacks %s", row)
		}
	}
}

// counters reads a line of 20 fields.
func counters(t *testing.T, line string) series.Counters {
	t.Helper()
	f := strings.Fields(line)
	if len(f) != 20 {
		t.Fatalf("%d fields in %q", len(f), line)
	}
	n := func(i int) uint64 {
		v, err := strconv.ParseUint(f[i-1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	return series.Counters{
		ReadIOs: n(4), ReadMerges: n(5), ReadSectors: n(6), ReadMS: uint32(n(7)),
		WriteIOs: n(8), WriteMerges: n(9), WriteSectors: n(10), WriteMS: uint32(n(11)),
		Inflight: uint32(n(12)), BusyMS: uint32(n(13)), QueueMS: uint32(n(14)),
		DiscardIOs: n(15), DiscardMerges: n(16), DiscardSectors: n(17), DiscardMS: uint32(n(18)),
		FlushIOs: n(19), FlushMS: uint32(n(20)), Given: series.GivenDiscards | series.GivenFlushes,
	}
}

// TestSpaceExample works the table of percentages out.
func TestSpaceExample(t *testing.T) {
	s := series.Space{SizeBytes: 100 << 30, UsedBytes: 60 << 30, AvailBytes: 35 << 30, FreeBytes: 40 << 30}
	got, _ := s.UsedPercent()
	ratio, _ := s.UsedRatio()
	row := "| " + strconv.Itoa(got) + " %, as " + strconv.FormatFloat(ratio*100, 'f', 1, 64) + " is rounded **up** |"
	if !strings.Contains(page(t, "numbers.md"), row) {
		t.Errorf("numbers.md lacks %q", row)
	}
}

// TestLinks: every relative link leads to a file that exists, and to a heading in it.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob("*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	link := regexp.MustCompile(`\]\(([^)]+)\)`)
	for _, name := range append(pages, "../deploy/README.md") {
		for _, m := range link.FindAllStringSubmatch(page(t, name), -1) {
			file, heading, _ := strings.Cut(m[1], "#")
			if strings.Contains(file, "://") {
				continue
			}
			target := name
			if file != "" {
				target = filepath.Join(filepath.Dir(name), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: link to %s: %v", name, m[1], err)
			} else if heading != "" && !hasHeading(page(t, target), heading) {
				t.Errorf("%s: link to %s: no such heading", name, m[1])
			}
		}
	}
}

// hasHeading looks for a heading by the anchor that Markdown makes of it.
func hasHeading(text, anchor string) bool {
	dropped := regexp.MustCompile(`[^\p{L}\p{N}\- ]`)
	for line := range strings.Lines(text) {
		if title := strings.TrimLeft(line, "#"); title != line {
			a := strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), ""), " ", "-")
			if a == anchor {
				return true
			}
		}
	}
	return false
}
