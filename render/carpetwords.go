package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// percentileWords are a percentile of the range in words: a bucket knows no more than its bounds.
func (cp *carpet) percentileWords(p float64) string {
	percent := number(100*p, 0)
	if cp.ofMeans() {
		return cp.meansPercentile(p)
	}
	b, ok := cp.all.Quantile(p)
	switch {
	case !ok:
		return percent + " %: no I/O"
	case b.Above():
		return "more than " + number(100*(1-p), 0) + " % took over " + latencyWords(b.Lower)
	}
	return percent + " % within " + latencyWords(b.Upper)
}

// meansPercentile is percentileWords of means.
func (cp *carpet) meansPercentile(p float64) string {
	percent := number(100*p, 0) + " %"
	b, ok := cp.all.Quantile(p)
	if !ok {
		return percent + ": no I/O"
	}
	if b.Above() {
		return percent + ": mean over " + latencyWords(b.Lower)
	}
	return percent + ": mean within " + latencyWords(b.Upper)
}

// p99 is the 99th percentile of the range as the page's table has it.
func (cp *carpet) p99() string {
	if b, ok := cp.all.Quantile(0.99); ok && !cp.ofMeans() {
		return strings.ReplaceAll(b.String(), " ", "\u00a0")
	}
	return "–"
}

// boundWords are what is known of a percentile.
func boundWords(b series.Bound) string {
	if b.Above() {
		return "over " + latencyWords(b.Lower)
	}
	return latencyWords(b.Upper)
}

// limitWords say how many I/Os took longer than the role's limit.
func (d *data) limitWords(l *lun) string {
	limit := d.limit(l)
	if limit <= 0 {
		return ""
	}
	text := "limit " + latencyWords(limit)
	if percent, ok := l.carpet.above(limit); ok {
		if l.carpet.ofMeans() {
			return text + "; " + shareWords(percent) + " in slower means"
		}
		text += "; " + shareWords(percent) + " took longer"
	}
	return text
}

// shareWords is a share with as many digits as say something.
func shareWords(percent float64) string {
	switch {
	case percent == 0:
		return "none"
	case percent < 0.01:
		return "less than 0.01 %"
	case percent < 1:
		return number(percent, 2) + " %"
	}
	return number(percent, 1) + " %"
}

// carpetNotes are the sentences about a LUN's histograms below its picture.
func (d *data) carpetNotes(l *lun) []string {
	if !d.anyCarpet() {
		return nil
	}
	var out []string
	switch why := l.noHistogram(); {
	case l.carpet.ofMeans():
		out = append(out,
			fmt.Sprintf("Latency: from %s. All I/Os of such a window are in the bucket of its mean await, reads and writes apart, so a single slow I/O is hidden.", l.carpet.meansWords()),
			fmt.Sprintf("A line is the bucket's upper bound of the mean in which the 50th, 95th or 99th of 100 I/Os of the %s lies: no percentile of I/Os.", l.carpet.each(&d.hours)))
	case l.carpet.any():
		out = append(out,
			fmt.Sprintf("Latency: the kernel counts each I/O by how long it took. A cell is %s wide and one of its buckets high.", cellWords(d.grid.width())),
			fmt.Sprintf("A line is the upper bound of the bucket in which the 50th, 95th or 99th of 100 I/Os of the %s lies.", l.carpet.each(&d.hours)))
	case why != "":
		out = append(out, "No latency of each I/O: "+why+".")
	}
	if c := l.carpet.covers(); !l.carpet.ofMeans() && l.carpet.ios >= leastToCover && (c < 99.5 || c > 100.5) {
		out = append(out, fmt.Sprintf("The histograms have %s %% of the I/Os that /proc/diskstats counted in their time.", number(c, 1)))
	}
	if l.carpet.others > 0 {
		out = append(out, "Some of the counts have bounds that this lunstat doesn't know, and are left out.")
	}
	return out
}

// leastToCover is from how many I/Os it is mentioned that some are not in the histograms.
const leastToCover = 1000

// cellWords is how wide a cell is.
func cellWords(d time.Duration) string {
	if d < 10*time.Second {
		return number(d.Seconds(), 1) + " s"
	}
	return facts.Long(d)
}

// noHistogram is why a LUN has none, if the ledger tells.
func (l *lun) noHistogram() string {
	lun := &l.entry.LUN
	switch {
	case lun.DMName == "":
		return "only device-mapper keeps it, and this LUN has no map"
	case len(lun.Paths) > 0:
		return "a multipath map that is request-based has none"
	}
	return "not counted on its host; lunstat status says why"
}

// anyCarpet reports that some LUN has a histogram.
func (d *data) anyCarpet() bool {
	return slices.ContainsFunc(d.luns, func(l *lun) bool { return l.carpet.any() })
}

// anyP99 reports that some LUN has a histogram of each I/O.
func (d *data) anyP99() bool {
	return slices.ContainsFunc(d.luns, func(l *lun) bool { return l.carpet.any() && !l.carpet.ofMeans() })
}
