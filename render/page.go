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

// pageData is what the page shows, in words and figures as they stand there.
type pageData struct {
	Title, When, Zone, Version, Made string
	Simulated                        bool
	Complete                         string
	Full                             bool // nothing is missing
	Troubles                         []pageTrouble
	BusyHour                         string
	LUNs                             []pageLUN
	Overviews                        []picturePart
	Gaps                             []pageGap
	Marks                            []pageMark
	Kernels                          []string
	Notes                            []pageGap
	Reading                          []string
	Warnings                         []string
}

type pageTrouble struct{ File, Title, Text string }

type picturePart struct{ File, Name string }

type pageLUN struct {
	picturePart
	Colour                           template.CSS
	Under                            string
	Mean, P95, Max, Used, UsedClass  string
	Busy, BusyMax, Read, Write, Slow []string // by host, where two used the LUN at once
}

type pageGap struct{ When, Long, Cause string }

type pageMark struct {
	Name  string
	Count int
	Means string
}

// page is index.html.
func (d *data) page(pictures []picture) ([]byte, error) {
	t, err := template.New(pageFile).Parse(pageHTML)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, d.pageData(pictures)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (d *data) pageData(pictures []picture) pageData {
	p := pageData{
		Title: d.name(), When: d.when(d.From, d.To), Simulated: d.opt.Simulated, Version: d.opt.Version,
		Kernels: utilNotes(d.kernels), Reading: d.reading(),
	}
	if !d.opt.Now.IsZero() {
		p.Made = d.opt.Now.In(d.opt.Zone).Format("Mon 2 Jan 2006 15:04")
	}
	p.Full, p.Complete = d.complete.whole, d.complete.words(len(d.hosts))
	for _, t := range d.troubles() {
		p.Troubles = append(p.Troubles, pageTrouble{t.lun.file, t.name, t.text})
	}
	p.BusyHour = "There was nothing to do."
	switch h := d.hour; {
	case d.intervals == 0:
		p.BusyHour = "Not known: there is no interval."
	case d.Long() < time.Hour:
		p.BusyHour = "The range is shorter than an hour."
	case h != nil && h.IOPS > 0:
		p.BusyHour = fmt.Sprintf("%s, %d to %d h: %s I/O/s on all LUNs together", h.Weekday, h.Hour, h.Hour+1, number(h.IOPS, 0))
	}
	for _, pic := range pictures {
		if pic.lun == nil {
			p.Overviews = append(p.Overviews, picturePart{pic.file, pic.name})
		}
	}
	p.LUNs = d.pageLUNs()
	for _, g := range d.missing {
		p.Gaps = append(p.Gaps, d.pageGap(g))
	}
	for _, n := range d.notes {
		p.Notes = append(p.Notes, pageGap{When: n.At.In(d.opt.Zone).Format("Mon 2 Jan 15:04"), Cause: visible(n.Text)})
	}
	p.Marks = d.marks()
	for _, w := range d.warnings {
		p.Warnings = append(p.Warnings, visible(w.What))
	}
	return p
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

// pageLUNs is the table, with each column's figures in the same decimals.
func (d *data) pageLUNs() []pageLUN {
	column := func(m metric, pick func(stats) float64) [][]string {
		var values []float64
		for _, l := range d.luns {
			for _, v := range l.views(m) {
				values = append(values, pick(v.stats))
			}
		}
		n := decimals(values)
		out := make([][]string, len(d.luns))
		for i, l := range d.luns {
			for _, v := range l.views(m) {
				out[i] = append(out[i], number(pick(v.stats), n))
			}
		}
		return out
	}
	mean, p95, top := column(iops, byMean), column(iops, by95), column(iops, byMax)
	busy, busyMax := column(util, by95), column(util, byMax)
	read, write := column(readAwait, by95), column(writeAwait, by95)
	out := make([]pageLUN, len(d.luns))
	for i, l := range d.luns {
		out[i] = pageLUN{
			picturePart: picturePart{l.file, l.title},
			Colour:      template.CSS(l.style.hex()),
			Under:       l.under() + l.inOrder() + d.newness(l) + d.end(l),
			Mean:        mean[i][0], P95: p95[i][0], Max: top[i][0], Busy: busy[i], BusyMax: busyMax[i],
			Read: read[i], Write: write[i], Used: "–",
		}
		for _, v := range l.views(slow) {
			text := "–"
			if v.slowMS > 0 {
				text = facts.Long(v.slowFor())
			}
			out[i].Slow = append(out[i].Slow, text)
		}
		if l.spaceLong.any() {
			out[i].Used = d.fillWords(l)
			if percent, old := d.fill(l); percent >= facts.FullWarn && !old {
				out[i].UsedClass = "alarm"
			}
		}
	}
	return out
}

// inOrder says whose figures stand below each other in a row of the table.
func (l *lun) inOrder() string {
	text := ""
	for i, h := range l.apart {
		text += map[bool]string{true: " · busy, await and slow: ", false: ", then "}[i == 0] + visible(h.host)
	}
	return text
}

func byMean(s stats) float64 { return s.mean }
func by95(s stats) float64   { return s.p95 }
func byMax(s stats) float64  { return s.max }

// marks explains what the counters did besides counting.
func (d *data) marks() []pageMark {
	means := map[string]string{
		"wrapped":   "a 32-bit time in the kernel passed its end; counted right",
		"reset":     "the counters began anew at a boot or when the LUN was made again",
		"stepped":   "a counter went back by a little; taken as 0",
		"long":      "longer than five minutes: in the totals, but in no maximum or percentile",
		"clock":     "the wall clock was set",
		"suspended": "the host slept in between",
		"stalled":   "I/O was in flight and none completed",
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
