//go:build vm

package vmtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// histograms: the kernel's counts agree with fio's own account, whatever happens to the
// volumes, and in the end nothing of lunstat is left behind.
func histograms(t *testing.T, r results, figures *table) {
	r.calls(t)
	all := lines[interval](t, r, "hist.json")
	distributions(t, r, all, figures)
	sums(t, r, all, figures)
	marks(t, all)
	bothCollectors(t, r, figures)
	regionsOf(t, r)
	unprivileged(t, r)
}

func (i *interval) counted() (n uint64) {
	if i.Latency != nil {
		for _, c := range i.Latency.Counts {
			n += c
		}
	}
	return n
}

// busiest is the interval in which most was read and written: that of the load.
func busiest(own []interval) interval {
	return slices.MaxFunc(own, func(a, b interval) int { return int(a.ReadIOs+a.WriteIOs) - int(b.ReadIOs+b.WriteIOs) })
}

// below is how many I/Os took less than each bound.
func below(counts []uint64) []uint64 {
	sum := make([]uint64, len(counts))
	var n uint64
	for i, c := range counts {
		n += c
		sum[i] = n
	}
	return sum
}

// fioCounts puts fio's latencies into lunstat's buckets.
func fioCounts(t *testing.T, j job, boundsUS []uint64) []uint64 {
	t.Helper()
	bins := j.Read.Lat.Bins
	if j.Read.IOs == 0 {
		bins = j.Write.Lat.Bins
	}
	counts := make([]uint64, len(boundsUS)+1)
	for text, n := range bins {
		ns, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("a bin of fio's: %v", err)
		}
		at := slices.IndexFunc(boundsUS, func(us uint64) bool { return ns < us*1000 })
		if at < 0 {
			at = len(boundsUS)
		}
		counts[at] += n
	}
	return counts
}

// distributions: each I/O is in the bucket of fio's time or in the one below it. fio's
// time ends when its process runs again, which is later than the kernel's. One I/O in
// fifty may be farther off, as what an emulated CPU delays is delayed by much.
func distributions(t *testing.T, r results, all []interval, figures *table) {
	jobs := r.fio(t, "load.json")
	for _, lun := range []string{"zimbra1_sqldb-data", "even", "tails", "zimbra1_index-index"} {
		i := busiest(of(all, lun))
		if i.Latency == nil {
			t.Errorf("%s: no histogram in %+v", lun, i)
			continue
		}
		fio := fioCounts(t, jobs[lun], i.Latency.BoundsUS)
		t.Logf("%-20s fio       %d", lun, fio)
		t.Logf("%-20s histogram %d", lun, i.Latency.Counts)
		ours, theirs := below(i.Latency.Counts), below(fio)
		last := len(ours) - 1
		known, n := theirs[last], ours[last]
		figures.add(lun, "I/Os in the histogram", count(known), "", count(n))
		if n < known || n > i.ReadIOs+i.WriteIOs+i.DiscardIOs {
			t.Errorf("%s: %d I/Os in the histogram, fio did %d, diskstats has %d", lun, n, known, i.ReadIOs+i.WriteIOs)
			continue
		}
		tolerance := known/50 + n - known // what udev read in addition to fio
		for b := range last {
			if ours[b]+tolerance < theirs[b] || ours[b] > theirs[b+1]+tolerance {
				t.Errorf("%s: %d I/Os below %d µs, fio has %d, and %d below the next bound", lun, ours[b], i.Latency.BoundsUS[b], theirs[b], theirs[b+1])
			}
		}
	}
	tails(t, of(all, "tails"), figures)
	if i := busiest(of(all, "mpatha")); i.Latency != nil || i.ReadIOs != jobs["mpatha"].Read.IOs {
		t.Errorf("mpatha: %d reads, histogram %+v; a request-based map has none", i.ReadIOs, i.Latency)
	}
}

// tails: one read in twenty took 200 ms more, and the mean does not say so.
func tails(t *testing.T, own []interval, figures *table) {
	i := busiest(own)
	at := slices.Index(i.Latency.BoundsUS, 200_000)
	var slow uint64
	for _, c := range i.Latency.Counts[at+1:] {
		slow += c
	}
	share := 100 * float64(slow) / float64(i.counted())
	figures.add("tails", "% above 200 ms", figure(100*409./8192), "", figure(share))
	figures.add("tails", "its mean in ms", "", "", figure(i.ReadAwait))
	if !near(share, 5, 0.5, 0) {
		t.Errorf("tails: %.2f %% of the reads took more than 200 ms, want about 5", share)
	}
}

// sums: over the whole run the histograms have every read exactly once, through suspend
// and resume and killed runs.
func sums(t *testing.T, r results, all []interval, figures *table) {
	const lun = "zimbra1_sqldb-data"
	var known uint64
	for _, name := range []string{"load.json", "suspended.json", "two.json"} {
		known += r.fio(t, name)[lun].Read.IOs
	}
	var counted, reads, writes uint64
	for _, i := range of(all, lun) {
		counted += i.counted()
		reads += i.ReadIOs
		writes += i.WriteIOs
	}
	figures.add(lun, "reads of the whole run", count(known), "", count(counted))
	// A resume lets udev read, and a suspend writes a little, and flushes; what is empty is
	// in no histogram.
	if reads < known || counted < reads || counted > reads+writes {
		t.Errorf("%s: %d I/Os in the histograms; fio read %d, diskstats has %d reads and %d writes", lun, counted, known, reads, writes)
	}
	after := r.fio(t, "after.json")
	for _, lun := range []string{"tails", "even", "zimbra1_index-index"} {
		whole := false
		for _, i := range of(all, lun) {
			whole = whole || i.ReadIOs == after[lun].Read.IOs && i.counted() == i.ReadIOs && len(i.Quality) == 0
		}
		if !whole {
			t.Errorf("%s: no interval has the %d reads after it was made again, or beyond its old end", lun, after[lun].Read.IOs)
		}
	}
}

// marks: a histogram that is not the whole interval's says so, and no other does.
func marks(t *testing.T, all []interval) {
	for lun, most := range map[string]int{
		"zimbra1_sqldb-data":  0,
		"zimbra1_index-index": 1, // it grew
		"tails":               2, // made again; its region was deleted
		"even":                2, // made again; its region was cleared
	} {
		partial := 0
		for _, i := range of(all, lun) {
			marked := slices.Contains(i.Quality, "latency-partial")
			if marked {
				partial++
			}
			if i.Latency == nil && !marked || i.Latency != nil && !marked && i.ReadIOs > i.counted()+i.ReadIOs/20+10 {
				t.Errorf("%s: %d reads, of which the histogram has %d, and it is marked %v", lun, i.ReadIOs, i.counted(), i.Quality)
			}
		}
		// What was made again while nothing was read or written needs no mark.
		if partial > most || partial < min(most, 1) {
			t.Errorf("%s: %d intervals are marked latency-partial, want %d at most", lun, partial, most)
		}
	}
}

// bothCollectors: two journals share one region, and each has all of the I/O.
func bothCollectors(t *testing.T, r results, figures *table) {
	jobs := r.fio(t, "two.json")
	for _, lun := range []string{"zimbra1_sqldb-data", "even"} {
		var reads, counted uint64
		// The journal's first run reads all names between diskstats and the histograms,
		// which takes an emulated machine a second: the interval after it differs by that.
		for _, i := range of(lines[interval](t, r, "other.json"), lun)[1:] {
			reads += i.ReadIOs
			counted += i.counted()
		}
		figures.add(lun, "reads, other journal", count(reads), "", count(counted))
		// It began while the load ran, and the histograms are read a little after
		// diskstats: what completed in between is in one of both.
		if reads == 0 || !near(float64(counted), float64(reads), 0, 0.25*jobs[lun].Read.IOPS) {
			t.Errorf("%s: the other journal has %d reads, and %d in histograms", lun, reads, counted)
		}
	}
}

// regionsOf: never two regions on a map, never one on a request-based map or where I/O
// hangs, and none in the end.
func regionsOf(t *testing.T, r results) {
	seen := map[string]int{}
	for line := range strings.Lines(r.read(t, "regions")) {
		f := strings.Fields(line)
		seen[f[0]]++
		seen[fmt.Sprint(f[0], " ", f[1])]++
	}
	for what, n := range seen {
		when, lun, each := strings.Cut(what, " ")
		if each && n != 1 || when == "removed" || lun == "mpatha" || lun == "stuck" {
			t.Errorf("%d regions on %s", n, what)
		}
	}
	for _, when := range []string{"setup", "killed", "two", "again", "cleared", "stuck"} {
		if seen[when] < 15 {
			t.Errorf("%d regions %s, want one a volume", seen[when], when)
		}
	}
	if left := r.read(t, "left"); left != "0\n" {
		t.Errorf("device-mapper still has %q bytes of statistics", left)
	}
}

// unprivileged: all but the histograms is collected, and status says what lacks.
func unprivileged(t *testing.T, r results) {
	own := of(lines[interval](t, r, "nobody.json"), "zimbra1_sqldb-data")
	if len(own) != 1 || own[0].Latency != nil {
		t.Errorf("without the right: %+v", own)
	}
	const word = "latency histograms are not read (needs root)"
	if !strings.Contains(r.read(t, "nobody.status"), word) || strings.Contains(r.read(t, "status-root"), word) {
		t.Errorf("status without the right: %s", r.read(t, "nobody.status"))
	}
}
