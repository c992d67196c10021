package facts

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// drawnWeeks is how many weeks are put together from each real series.
const drawnWeeks = 200

// real is what a device did in one stretch of a real series: I/Os per second, and ms an
// I/O.
type real struct{ iops, await float64 }

// realSeries are the devices of two real hosts: six hours in steps of ten minutes, and
// three minutes in steps of a second. None is longer than a day.
func realSeries(t *testing.T) map[string][]real {
	t.Helper()
	dir := os.Getenv("LUNSTAT_CAPTURES")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "captures")
	}
	out := map[string][]real{}
	for file, read := range map[string]func(io.Reader, map[string][]real) error{
		"sar/sar-10.1.5.txt.gz": readSar, "pcp-dm-io/series.tsv": readReadings,
	} {
		f, err := os.Open(filepath.Join(dir, file))
		if err != nil {
			t.Skip("the real series are not here: ", err)
		}
		defer f.Close()
		in := io.Reader(f)
		if strings.HasSuffix(file, ".gz") {
			if in, err = gzip.NewReader(f); err != nil {
				t.Fatal(err)
			}
		}
		if err := read(in, out); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	return out
}

// readSar reads the block of sar -d: time, DEV, tps, and six more, the fifth of which is
// await.
func readSar(r io.Reader, out map[string][]real) error {
	inside := false
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		switch {
		case len(f) < 10 || f[0] == "Average:":
			inside = false
		case f[1] == "DEV":
			inside = true
		case inside:
			tps, err := strconv.ParseFloat(f[2], 64)
			await, err2 := strconv.ParseFloat(f[7], 64)
			if err != nil || err2 != nil {
				return fmt.Errorf("line %q", lines.Text())
			}
			out["sar "+f[1]] = append(out["sar "+f[1]], real{tps, await})
		}
	}
	return lines.Err()
}

// readReadings reads cumulative counters: unix time, seconds, kind, name, diskstats' fields.
func readReadings(r io.Reader, out map[string][]real) error {
	last := map[string][3]float64{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 12 {
			continue
		}
		var v [12]float64
		for i := range v {
			v[i], _ = strconv.ParseFloat(f[i], 64) // the kind and the name are not numbers
		}
		name, now := "pcp "+f[3], [3]float64{v[1], v[4] + v[8], v[7] + v[11]}
		if was, ok := last[name]; ok && now[0] > was[0] {
			p := real{iops: (now[1] - was[1]) / (now[0] - was[0])}
			if now[1] > was[1] {
				p.await = (now[2] - was[2]) / (now[1] - was[1])
			}
			out[name] = append(out[name], p)
		}
		last[name] = now
	}
	return lines.Err()
}

// Real hosts' intervals, drawn at random into weeks in which nothing changes, are seldom
// a change: docs/findings.md has these counts. They say how well the rule bears the noise
// of real devices, and nothing about how their weeks differ.
func TestRealNoiseIsNoChange(t *testing.T) {
	all := realSeries(t)
	r := rand.New(rand.NewPCG(3, 4))
	alarms, weeks, found := 0, map[string]int{}, map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list := all[name]
		if len(list) < 20 {
			t.Errorf("%s has %d intervals", name, len(list))
		}
		week := func(times float64) bool {
			l := mysql()
			l.Hours = hoursOf(4, func(hour int) (float64, float64, bool) {
				var sum real
				for range 6 {
					p := list[r.IntN(len(list))]
					sum.iops, sum.await = sum.iops+p.iops/6, sum.await+p.await*p.iops/6
				}
				if hour >= 24 {
					sum.iops, sum.await = sum.iops*times, sum.await*times*times
				}
				return sum.iops, sum.await / max(sum.iops, 1e-9), true
			})
			return len(only(KindChanged, Find(week(l)))) > 0
		}
		host, _, _ := strings.Cut(name, " ")
		for range drawnWeeks {
			weeks[host]++
			if week(1) {
				alarms++
			}
			if week(2) {
				found[host]++
			}
		}
	}
	t.Logf("%d devices, %v weeks: %d false alarms; twice as much found in %v", len(all), weeks, alarms, found)
	if most := (weeks["sar"] + weeks["pcp"]) / 100; len(all) < 10 || alarms > most {
		t.Errorf("%d false alarms of %d devices", alarms, len(all))
	}
}
