//go:build vm

package vmtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// lookup is an object of lookup --json.
type lookup struct {
	LUN, UUID, Dev string
	Space          struct {
		Used uint64 `json:"used_bytes"`
	}
}

// hsm: 64 MB are read here and written there, and the space moves with them.
func hsm(t *testing.T, r results, figures *table) {
	const moved = 64 << 20
	r.calls(t)
	all := lines[interval](t, r, "host.json")
	before, after := r.df(t, "df-before"), r.df(t, "df-after")
	spaceBefore, spaceAfter := spaces(t, r, "lookup-before.json"), spaces(t, r, "lookup-after.json")
	for _, s := range []struct {
		lun, mount, what string
		bytes            func(interval) uint64
	}{
		{"zimbra1_primary-store", "/opt/zimbra/store", "bytes read", func(i interval) uint64 { return i.ReadBytes }},
		{"zimbra1_secondary-first", "/opt/zimbra/hsm", "bytes written", func(i interval) uint64 { return i.WriteBytes }},
	} {
		own := of(all, s.lun)
		if len(own) != 1 {
			t.Errorf("%s: %d intervals, want 1", s.lun, len(own))
			continue
		}
		n := s.bytes(own[0])
		figures.add(s.lun, s.what, count(moved), "", count(n))
		if n < moved || !near(float64(n), moved, 0.05, 0) {
			t.Errorf("%s: %d %s, %d were moved", s.lun, n, s.what, moved)
		}
		figures.add(s.lun, "kB used after (df)", count(after[s.mount]), "", count(spaceAfter[s.lun]/1024))
		if spaceBefore[s.lun] != before[s.mount]*1024 || spaceAfter[s.lun] != after[s.mount]*1024 {
			t.Errorf("%s: used %d, then %d bytes; df says %d, then %d kB", s.lun,
				spaceBefore[s.lun], spaceAfter[s.lun], before[s.mount], after[s.mount])
		}
	}
}

func spaces(t *testing.T, r results, name string) map[string]uint64 {
	t.Helper()
	used := make(map[string]uint64)
	for _, l := range lines[lookup](t, r, name) {
		used[l.LUN] = l.Space.Used
	}
	return used
}

// renumber: the same volumes under other minors are the same series, and what fio read
// from each, before and after, is shown under its name.
func renumber(t *testing.T, r results, figures *table) {
	r.calls(t)
	all := lines[interval](t, r, "host.json")
	was, is := lines[lookup](t, r, "lookup-before.json"), lines[lookup](t, r, "lookup-after.json")
	if len(was) != 2 || len(is) != 2 {
		t.Fatalf("lookup gave %d LUNs before, %d after, want 2", len(was), len(is))
	}
	before, after := r.fio(t, "before.json"), r.fio(t, "after.json")
	for n, lun := range []string{"zimbra1_sqldb-data", "zimbra1_redo-redo"} {
		if was[n].LUN != lun || is[n].LUN != lun || was[n].UUID != is[n].UUID || was[n].Dev == is[n].Dev {
			t.Errorf("%s: %+v became %+v, want another minor under the same uuid", lun, was[n], is[n])
		}
		own := of(all, lun)
		if len(own) < 3 {
			t.Errorf("%s: %d intervals, want 3", lun, len(own))
			continue
		}
		own = own[len(own)-3:]
		for i, dev := range []string{was[n].Dev, is[n].Dev, is[n].Dev} {
			if own[i].UUID != was[n].UUID || own[i].Dev != dev {
				t.Errorf("%s: interval %d is of %s under %s, want %s", lun, i, own[i].UUID, own[i].Dev, dev)
			}
		}
		expectReads(t, figures, "before renumbering", before[lun], own[0])
		expectReads(t, figures, "after renumbering", after[lun], own[2])
		if !slices.Contains(own[1].Quality, "reset") {
			t.Errorf("%s: the interval of the new start is marked %v, want reset", lun, own[1].Quality)
		}
	}
}

func expectReads(t *testing.T, figures *table, when string, j job, i interval) {
	t.Helper()
	figures.add(i.LUN, "reads "+when, count(j.Read.IOs), "", count(i.ReadIOs))
	if j.Read.IOs == 0 || i.ReadIOs != j.Read.IOs || i.ReadBytes != j.Read.Bytes || len(i.Quality) > 0 {
		t.Errorf("%s %s: %d reads of %d bytes marked %v, fio did %d of %d", i.LUN, when,
			i.ReadIOs, i.ReadBytes, i.Quality, j.Read.IOs, j.Read.Bytes)
	}
}

// vanish: nothing is said to happen on a LUN that isn't there, what the new
// counters say counts from its return, and then it goes on.
func vanish(t *testing.T, r results, figures *table) {
	r.calls(t)
	all := lines[interval](t, r, "host.json")
	before, after := r.fio(t, "before.json"), r.fio(t, "after.json")
	for _, lun := range []string{"zimbra1_redo-redo", "mpatha"} {
		own := of(all, lun)
		if len(own) < 3 {
			t.Errorf("%s: %d intervals, want 3", lun, len(own))
			continue
		}
		own = own[len(own)-3:]
		back := counters(t, r.read(t, "diskstats-back"), own[1].Kernel)
		expectReads(t, figures, "before vanishing", before[lun], own[0])
		if !slices.Contains(own[1].Quality, "reset") || own[1].ReadIOs != back {
			t.Errorf("%s: back with %d reads marked %v, want the %d that its counters began with, marked reset",
				lun, own[1].ReadIOs, own[1].Quality, back)
		}
		expectReads(t, figures, "after its return", after[lun], own[2])
	}
}

// counters gives a device's reads in a text of diskstats.
func counters(t *testing.T, diskstats, kernel string) uint64 {
	t.Helper()
	for text := range strings.Lines(diskstats) {
		if f := strings.Fields(text); len(f) > 3 && f[2] == kernel {
			n, err := strconv.ParseUint(f[3], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("diskstats has no %s", kernel)
	return 0
}

// suspended: nothing holds up the collector, and it names what is held back. The process
// of the first run that meets a hanging statfs ends only when the statfs does; but its
// minute is stored, and later runs are not delayed.
func suspended(t *testing.T, r results, _ *table) {
	met := 0
	for _, c := range r.calls(t) {
		t.Logf("a run of %v: %s", c.Took, c.Said)
		if strings.Contains(c.Said, "warning: space of /srv/dead") {
			met++
		} else if c.Took > 10*time.Second {
			t.Errorf("a run that met nothing new ended after %v", c.Took)
		}
	}
	if met != 1 || r.has("left") {
		t.Errorf("%d runs met the hanging statfs, want 1, and none after it to stay", met)
	}
	var age int
	first, held, resumed := r.read(t, "status-first"), r.read(t, "status-second"), r.read(t, "status-resumed")
	if _, perf, ok := strings.Cut(first, "last_run="); !ok {
		t.Errorf("status shows no last run: %s", first)
	} else if _, err := fmt.Sscanf(perf, "%ds", &age); err != nil || age > 20 {
		t.Errorf("15 s after the run that met it, the last run is %d s old: %v", age, err)
	}
	t.Logf("status while held:\n%s", held)
	for _, want := range []string{"space of /srv/dead: no answer",
		"space of /srv/fat is not asked for: sysvg-opt is suspended", "Primary store of zimbra1 (dm-", "is suspended", "stalled (dm-", "is stalled: 1 I/Os in flight", "exit 2"} {
		if !strings.Contains(held, want) {
			t.Errorf("status while held doesn't say %q", want)
		}
	}
	for _, gone := range []string{"space of /srv", "suspended", "is not counted"} {
		if strings.Contains(resumed, gone) {
			t.Errorf("status after resuming says %q:\n%s", gone, resumed)
		}
	}
}
