package render

import (
	"html/template"

	"lunstat/render/facts"
)

type pageLUN struct {
	pagePicture
	Colour                           template.CSS
	Under                            string
	Mean, P95, Max, Used, UsedClass  string
	Busy, BusyMax, Read, Write, Slow []string // by host, where two used the LUN at once
	P99                              string   // of the latency of each I/O; "": no LUN of the report has one
}

// pageLUNs are the LUNs that the page shows, and those that it folds.
func (d *data) pageLUNs(pictures []picture) (first, more []pageLUN) {
	all := d.pageRows()
	of := map[*lun]*picture{}
	for i := range pictures {
		of[pictures[i].lun] = &pictures[i]
	}
	var rows []pageLUN
	for _, i := range d.inOrderOfTrouble() {
		row := all[i]
		if p := of[d.luns[i]]; p != nil {
			row.pagePicture = d.pagePicture(p, d.lunVerdict(i))
		}
		rows = append(rows, row)
	}
	n := min(len(rows), mostPictures)
	return rows[:n], rows[n:]
}

// pageRows is the table, with each column's figures in the same decimals.
func (d *data) pageRows() []pageLUN {
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
				out[i] = append(out[i], cell(pick(v.stats), n))
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
			pagePicture: pagePicture{File: l.file, Name: l.title},
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
		if d.anyP99() {
			out[i].P99 = l.carpet.p99()
		}
		if l.spaceLong.any() {
			out[i].Used = d.fillWords(l)
			if percent, old := d.fill(l); percent >= l.fullFrom() && !old {
				out[i].UsedClass = "alarm"
			}
		}
	}
	return out
}

// inOrder says whose figures are below each other in a row of the table.
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
