package mailstore

import (
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"hash"
	"os"
	"strings"
	"testing"

	"lunstat/collector/series"
)

var update = flag.Bool("update", false, "write the golden file")

// total is what one volume did, from its counters alone.
type total struct {
	boot                                   string
	last                                   series.Counters
	reads, writes, readMS, writeMS, busyMS uint64
	read, written                          uint64 // bytes
}

func (t *total) add(boot string, c series.Counters) {
	switch t.boot {
	case boot:
	case "":
		t.last = c
	default:
		t.last = series.Counters{}
	}
	t.reads += c.ReadIOs - t.last.ReadIOs
	t.writes += c.WriteIOs - t.last.WriteIOs
	t.read += (c.ReadSectors - t.last.ReadSectors) * 512
	t.written += (c.WriteSectors - t.last.WriteSectors) * 512
	t.readMS += uint64(c.ReadMS - t.last.ReadMS)
	t.writeMS += uint64(c.WriteMS - t.last.WriteMS)
	t.busyMS += uint64(c.BusyMS - t.last.BusyMS)
	t.boot, t.last = boot, c
}

// digest takes in every counter of a sample.
func digest(h hash.Hash, s *series.Sample) {
	fmt.Fprintln(h, s.At.Wall.Unix(), s.At.Mono, s.At.BootID, s.Kernel)
	for i, r := range s.Readings {
		h.Write([]byte(s.LUNs[i].ID))
		_ = binary.Write(h, binary.LittleEndian, r.Dev) // a hash takes everything
		_ = binary.Write(h, binary.LittleEndian, r.Counters)
	}
	for _, sp := range s.Spaces {
		fmt.Fprintln(h, sp.Key.ID, sp.Mount, sp.UsedBytes, sp.AvailBytes, sp.InodesUsed)
	}
}

// golden is a run by volume, and a sum over every counter of every sample, so
// that nothing changes unseen.
func golden(o Options) string {
	by := map[string]*total{}
	for i := range volumes {
		by[volumes[i].named(1).dm] = &total{}
	}
	h := sha256.New()
	all(o, func(s *series.Sample) {
		digest(h, s)
		for i, r := range s.Readings {
			by[s.LUNs[i].DMName].add(s.At.BootID, r.Counters)
		}
	})
	var out strings.Builder
	fmt.Fprintf(&out, "%-24s %10s %10s %10s %10s %12s %12s %12s\n",
		"LUN", "reads", "writes", "read MiB", "writ. MiB", "read ms", "write ms", "busy ms")
	for i := range volumes {
		name := volumes[i].named(1).dm
		t := by[name]
		fmt.Fprintf(&out, "%-24s %10d %10d %10d %10d %12d %12d %12d\n",
			name, t.reads, t.writes, t.read>>20, t.written>>20, t.readMS, t.writeMS, t.busyMS)
	}
	fmt.Fprintf(&out, "sha256 of all samples %x\n", h.Sum(nil))
	return out.String()
}

func TestGolden(t *testing.T) {
	const file = "testdata/fiveweeks.golden"
	got := golden(Options{Start: monday, Seed: 1})
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
