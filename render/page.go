package render

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"time"

	"lunstat/render/facts"
)

//go:embed page.html
var pageHTML string

// pageData is what the page shows, in its words and figures.
type pageData struct {
	Title, When, Zone, Version, Made string
	Simulated                        bool
	Complete                         string
	Full                             bool         // nothing is missing
	Strip                            *pagePicture // week.png
	Quiet                            string       // said where nothing is wrong
	Findings, MoreFindings           []pageFinding
	Weeks                            []weekReport // before this one
	Index                            bool         // there is a page of all weeks
	BusyHour                         string
	Sizing                           []string
	LUNs, MoreLUNs                   []pageLUN // the first have their pictures in sight
	Overviews                        []pagePicture
	Gaps, MoreGaps                   []pageGap
	Marks                            []pageMark
	Kernels                          []string
	Notes                            []pageGap
	Reading                          []string
	Words                            []pageWord
	Warnings                         []string
}

type pageGap struct{ When, Long, Cause string }

type pageMark struct {
	Name  string
	Count int
	Means string
}

// NextFinding is the number of the first finding that is folded.
func (p pageData) NextFinding() int { return len(p.Findings) + 1 }

// page is index.html.
func (d *data) page(pictures []picture, beside weeksBeside) ([]byte, error) {
	t, err := template.New(pageFile).Parse(pageHTML)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	p := d.pageData(pictures)
	p.Weeks, p.Index = beside.earlier, beside.index
	if err := t.Execute(&b, p); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (d *data) pageData(pictures []picture) pageData {
	p := pageData{
		Title: d.name(), When: d.when(d.From, d.To), Simulated: d.opt.Simulated, Version: d.opt.Version,
		Kernels: utilNotes(d.kernels), Reading: d.reading(), Words: d.words(),
	}
	if !d.opt.Now.IsZero() {
		p.Made = d.opt.Now.In(d.opt.Zone).Format("Mon 2 Jan 2006 15:04")
	}
	p.Full, p.Complete = d.complete.whole, d.complete.words(len(d.hosts))
	p.Findings, p.MoreFindings = d.pageFindings()
	p.Quiet = d.quiet()
	p.BusyHour = d.busyHourWords()
	for i := range d.sizing {
		p.Sizing = append(p.Sizing, d.sizing[i].Text()+".")
	}
	p.Strip, p.Overviews = d.pageOverviews(pictures)
	p.LUNs, p.MoreLUNs = d.pageLUNs(pictures)
	for _, g := range d.missing {
		p.Gaps = append(p.Gaps, d.pageGap(g))
	}
	n := min(len(p.Gaps), mostUnfolded)
	p.Gaps, p.MoreGaps = p.Gaps[:n], p.Gaps[n:]
	for _, n := range d.notes {
		p.Notes = append(p.Notes, pageGap{When: n.At.In(d.opt.Zone).Format("Mon 2 Jan 15:04"), Cause: visible(n.Text)})
	}
	p.Marks = d.marks()
	for _, w := range d.warnings {
		p.Warnings = append(p.Warnings, visible(w.What))
	}
	return p
}

func (d *data) busyHourWords() string {
	switch h := d.hour; {
	case d.intervals == 0:
		return "Not known: there is no interval."
	case d.Long() < time.Hour:
		return "The range is shorter than an hour."
	case h != nil && h.IOPS > 0:
		return fmt.Sprintf("%s, %d to %d h: %s I/O/s on all LUNs together", h.Weekday, h.Hour, h.Hour+1, short(h.IOPS, 0))
	}
	return "There was no I/O."
}

func (d *data) pageGap(g gap) pageGap {
	cause := d.saying(g.host, g.cause)
	if g.flat {
		cause += " (its totals are known, and drawn as a pale flat step)"
	}
	return pageGap{
		When:  g.From.In(d.opt.Zone).Format("Mon 2 Jan 15:04") + " to " + g.To.In(d.opt.Zone).Format("Mon 2 Jan 15:04"),
		Long:  facts.Long(g.Long()),
		Cause: cause,
	}
}

// marks explains what the counters did besides counting.
func (d *data) marks() []pageMark {
	means := map[string]string{
		"wrapped":         "a 32-bit time in the kernel wrapped; the figures are right",
		"reset":           "the counters restarted at a boot, or because the LUN was made again",
		"stepped":         "a counter went back a little; counted as 0",
		"long":            "longer than five minutes; counts in totals, but in no maximum or percentile",
		"clock":           "the wall clock was set",
		"suspended":       "the host was suspended in between",
		"stalled":         "I/O was in flight and none completed",
		"latency-partial": "the histogram of latencies lacks some of the I/Os",
	}
	var out []pageMark
	for name, n := range d.quality {
		out = append(out, pageMark{name, n, means[name]})
	}
	slices.SortFunc(out, func(a, b pageMark) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out
}
