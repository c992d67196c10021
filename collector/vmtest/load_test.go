//go:build vm

package vmtest

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

// near reports whether got is within a share of want, or within least of it.
func near(got, want, share, least float64) bool {
	return math.Abs(got-want) <= max(share*want, least)
}

// load: the whole load to the I/O, its rates within 2 % of fio's, and the stretch
// as iostat sees it.
func load(t *testing.T, r results, figures *table) {
	jobs := r.fio(t, "fio.json")
	whole := lines[interval](t, r, "whole.json")
	stretch := lines[interval](t, r, "stretch.json")
	report := r.iostat(t, "iostat.json")[0]
	r.calls(t)
	for _, lun := range []string{"zimbra1_sqldb-data", "zimbra1_redo-redo", "zimbra1_primary-store", "mpatha", "slow"} {
		own, all := of(stretch, lun), of(whole, lun)
		if len(own) != 1 || len(all) != 1 {
			t.Errorf("%s: %d and %d intervals, want one in each journal", lun, len(own), len(all))
			continue
		}
		totals(t, jobs[lun], all[0], figures)
		rates(t, jobs[lun], device(t, report, own[0].Kernel), own[0], figures)
	}
}

// totals: every read of fio was counted once, and no other. A filesystem adds
// writes of its own to fio's: less than 2 %, at least none.
func totals(t *testing.T, j job, i interval, figures *table) {
	t.Helper()
	if j.Read.IOs > 0 {
		figures.add(i.LUN, "reads in all", count(j.Read.IOs), "", count(i.ReadIOs))
		if i.ReadIOs != j.Read.IOs || i.ReadBytes != j.Read.Bytes {
			t.Errorf("%s: %d reads of %d bytes, fio did %d of %d", i.LUN, i.ReadIOs, i.ReadBytes, j.Read.IOs, j.Read.Bytes)
		}
		return
	}
	figures.add(i.LUN, "writes in all", count(j.Write.IOs), "", count(i.WriteIOs))
	if i.WriteIOs < j.Write.IOs || !near(float64(i.WriteIOs), float64(j.Write.IOs), 0.02, 0) {
		t.Errorf("%s: %d writes, fio did %d", i.LUN, i.WriteIOs, j.Write.IOs)
	}
	if i.WriteBytes < j.Write.Bytes || !near(float64(i.WriteBytes), float64(j.Write.Bytes), 0.02, 0) {
		t.Errorf("%s: %d bytes written, fio wrote %d", i.LUN, i.WriteBytes, j.Write.Bytes)
	}
}

// rates of the stretch. iostat's two readings lie some tenths of a second inside
// of ours, so a rate may differ by what that time's I/O differs from the mean's.
func rates(t *testing.T, j job, l line, i interval, figures *table) {
	t.Helper()
	perSecond := func(n uint64) float64 { return float64(n) * 1000 / float64(i.ElapsedMS) }
	for _, f := range []struct {
		what                 string
		fio, iostat, lunstat float64
		least                float64 // a difference that says nothing
	}{
		{"reads/s", j.Read.IOPS, l.Reads, i.ReadIOPS, 0.3},
		{"writes/s", j.Write.IOPS, l.Writes, i.WriteIOPS, 0.3},
		{"kB read/s", 0, l.ReadKB, perSecond(i.ReadBytes) / 1024, 3},
		{"kB written/s", 0, l.WroteK, perSecond(i.WriteBytes) / 1024, 3},
		{"read await ms", 0, l.RAwait, i.ReadAwait, 0.3},
		{"write await ms", 0, l.WAwait, i.WriteAwait, 0.3},
		{"queue", 0, l.Queue, i.Queue, 0.02},
		{"util %", 0, l.Util, i.Util, 1},
	} {
		if f.iostat < 1 && f.lunstat < 1 && f.what != "queue" {
			continue
		}
		byFio := ""
		if f.fio > 1 {
			byFio = figure(f.fio)
			if !near(f.lunstat, f.fio, 0.02, 0.1) {
				t.Errorf("%s: %s are %.2f, fio's rate is %.2f", i.LUN, f.what, f.lunstat, f.fio)
			}
		}
		figures.add(i.LUN, f.what, byFio, figure(f.iostat), figure(f.lunstat))
		if !near(f.lunstat, f.iostat, 0.02, f.least) {
			t.Errorf("%s: %s are %.2f, iostat has %.2f", i.LUN, f.what, f.lunstat, f.iostat)
		}
	}
}

// peaks: the burst that a mean of the minute hides.
func peaks(t *testing.T, r results, figures *table) {
	const lun = "zimbra1_sqldb-data"
	jobs := r.fio(t, "fio.json")
	if rc := r.read(t, "every.rc"); rc != "0\n" {
		t.Errorf("collect --every ended with %s: %s", rc, r.read(t, "every.log"))
	}
	all := of(lines[interval](t, r, "peaks.json"), lun)
	if len(all) != 1 {
		t.Fatalf("%d intervals, want the one that SIGTERM ended", len(all))
	}
	i := all[0]
	reads := jobs["steady"].Read.IOs + jobs["burst"].Read.IOs
	figures.add(lun, "reads with the burst", count(reads), "", count(i.ReadIOs))
	if i.ReadIOs != reads {
		t.Errorf("%d reads, fio did %d", i.ReadIOs, reads)
	}
	var most float64
	for _, report := range r.iostat(t, "iostat.json") {
		most = max(most, device(t, report, i.Kernel).Reads)
	}
	during := jobs["steady"].Read.IOPS + jobs["burst"].Read.IOPS
	figures.add(lun, "peak of a second", figure(during), figure(most), figure(i.PeakIOPS))
	if i.PeakMS != 1000 || !near(i.PeakIOPS, during, 0.15, 0) || !near(i.PeakIOPS, most, 0.15, 0) {
		t.Errorf("the peak of a window of %d ms is %.2f; fio's rate in the burst was %.2f, iostat's largest second %.2f",
			i.PeakMS, i.PeakIOPS, during, most)
	}
	if i.PeakIOPS < 2*i.ReadIOPS {
		t.Errorf("the peak, %.2f, doesn't stand out of the mean, %.2f", i.PeakIOPS, i.ReadIOPS)
	}
	began, err := strconv.ParseInt(strings.TrimSpace(r.read(t, "began")), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	// fio takes a second or two to start; the burst begins 12 s after that, for 4 s.
	if at := i.PeakAt.Unix() - began; at < 12 || at > 12+4+4 {
		t.Errorf("the peak was %d s after fio began", at)
	}
}
