package mailstore

import (
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"lunstat/collector/series"
)

var update = flag.Bool("update", false, "write the golden file")

// totals is the five weeks by volume, and a sum over every counter of every
// sample, so that nothing changes unseen.
func totals(o Options) string {
	type sums struct {
		reads, writes, readMS, writeMS, busyMS uint64
		read, written                          uint64
	}
	by := map[string]*sums{}
	intervals(o, func(c closed) {
		t := by[c.lun.DMName]
		if t == nil {
			t = &sums{}
			by[c.lun.DMName] = t
		}
		t.reads += c.Value(series.ReadIOs)
		t.writes += c.Value(series.WriteIOs)
		t.read += c.Value(series.ReadBytes)
		t.written += c.Value(series.WriteBytes)
		t.readMS += c.Value(series.ReadMS)
		t.writeMS += c.Value(series.WriteMS)
		t.busyMS += c.Value(series.BusyMS)
	})
	var out strings.Builder
	fmt.Fprintf(&out, "%-24s %10s %10s %10s %10s %12s %12s %12s\n",
		"LUN", "reads", "writes", "read MiB", "writ. MiB", "read ms", "write ms", "busy ms")
	for i := range volumes {
		n := volumes[i].named(1).dm
		t := by[n]
		fmt.Fprintf(&out, "%-24s %10d %10d %10d %10d %12d %12d %12d\n",
			n, t.reads, t.writes, t.read>>20, t.written>>20, t.readMS, t.writeMS, t.busyMS)
	}
	h := sha256.New()
	boot := ""
	all(o, func(s *series.Sample) {
		fmt.Fprintln(h, s.At.Wall.Unix(), s.At.Mono, s.At.BootID, s.Kernel)
		if s.At.BootID != boot {
			boot = s.At.BootID
			fmt.Fprintln(h, s.LUNs)
		}
		for _, r := range s.Readings {
			_ = binary.Write(h, binary.LittleEndian, r.Counters) // a hash takes everything
		}
		for _, sp := range s.Spaces {
			fmt.Fprintln(h, sp.Key.ID, sp.Mount, sp.UsedBytes, sp.AvailBytes, sp.InodesUsed)
		}
	})
	fmt.Fprintf(&out, "sha256 of all samples %x\n", h.Sum(nil))
	return out.String()
}

func TestGolden(t *testing.T) {
	const file = "testdata/fiveweeks.golden"
	got := totals(Options{Start: monday, Seed: 1})
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("not the counters of %s (-update writes it)\n got %s\nwant %s", file, got, want)
	}
}

func TestSeed(t *testing.T) {
	day := func(seed uint64) (reads uint64, id string) {
		all(Options{Start: monday, Minutes: 24 * 60, Seed: seed}, func(s *series.Sample) {
			reads, id = s.Readings[13].ReadIOs, string(s.LUNs[13].ID)
		})
		return reads, id
	}
	reads1, id1 := day(1)
	reads2, id2 := day(2)
	if reads1 == reads2 || id1 != id2 {
		t.Errorf("seeds 1 and 2: %d and %d reads, identities %s and %s", reads1, reads2, id1, id2)
	}
}
