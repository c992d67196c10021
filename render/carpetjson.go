package render

import (
	"math"
	"strconv"
	"time"

	"lunstat/collector/series"
)

// latencyJSON is how long the I/Os of a LUN took, reads and writes together. A bound that
// is null is above the last one.
type latencyJSON struct {
	From          string                    `json:"from,omitempty"` // "means": all is of windows' means, not of each I/O
	BoundsVersion int                       `json:"bounds_version"`
	BoundsUS      []int64                   `json:"bounds_us"`
	Counts        []uint64                  `json:"counts"` // one more than bounds
	Covers        figure                    `json:"covers_percent"`
	Percentiles   map[string]percentileJSON `json:"percentiles"`
	StepsAt       []time.Time               `json:"steps_at"` // where a step of a percentile begins, and where the last one ends
	Carpet        map[string]counts         `json:"carpet"`   // by bucket that has any: its counts by column, null without a histogram
}

// percentileJSON is a percentile as bounds, in ms: it took FromMS or longer, and less
// than WithinMS. Steps has null for a step with too few I/Os or none, and -1 for one
// beyond the last bound.
type percentileJSON struct {
	FromMS   *figure `json:"from_ms"`
	WithinMS *figure `json:"within_ms"`
	Steps    figures `json:"steps_within_ms"`
}

// endless is a step above the last bound, where null means that there is none.
const endless = -1

func (d *data) latencyJSON(l *lun) *latencyJSON {
	cp := &l.carpet
	if !cp.any() {
		return nil
	}
	j := &latencyJSON{
		BoundsVersion: series.BoundsVersion, Counts: cp.all.Counts[:], Covers: figure(cp.covers()),
		Percentiles: map[string]percentileJSON{}, Carpet: map[string]counts{},
	}
	if cp.ofMeans() {
		j.From = "means"
	}
	for _, b := range series.Bounds() {
		j.BoundsUS = append(j.BoundsUS, b.Microseconds())
	}
	for _, at := range d.hours.edges {
		j.StepsAt = append(j.StepsAt, at.UTC())
	}
	for _, p := range percentiles() {
		j.Percentiles["p"+number(100*p, 0)] = cp.percentileJSON(p)
	}
	for b, n := range cp.all.Counts {
		if n > 0 {
			j.Carpet["le_"+series.BoundName(b)] = cp.row(d.cells, b)
		}
	}
	return j
}

func (cp *carpet) percentileJSON(p float64) percentileJSON {
	var j percentileJSON
	if b, ok := cp.all.Quantile(p); ok {
		from := inMS(b.Lower)
		j.FromMS = &from
		if within := inMS(b.Upper); !b.Above() {
			j.WithinMS = &within
		}
	}
	for i := range cp.steps {
		switch b, ok := stepQuantile(&cp.steps[i], p); {
		case !ok:
			j.Steps = append(j.Steps, math.NaN())
		case b.Above():
			j.Steps = append(j.Steps, endless)
		default:
			j.Steps = append(j.Steps, float64(inMS(b.Upper)))
		}
	}
	return j
}

// counts are a bucket's by pixel column; below 0: there is no histogram. They have three
// digits, which are all that a shade shows; more would double the file.
type counts []float32

func (c counts) MarshalJSON() ([]byte, error) {
	out := make([]byte, 1, 1+5*len(c))
	out[0] = '['
	for i, v := range c {
		if i > 0 {
			out = append(out, ',')
		}
		switch {
		case v < 0:
			out = append(out, "null"...)
		case v < 100:
			out = strconv.AppendFloat(out, float64(v), 'g', 3, 32)
		default:
			out = strconv.AppendUint(out, threeDigits(uint64(v+0.5)), 10)
		}
	}
	return append(out, ']'), nil
}

func threeDigits(v uint64) uint64 {
	unit := uint64(1)
	for v/unit >= 1000 {
		unit *= 10
	}
	return (v + unit/2) / unit * unit
}

// row is a bucket's counts by pixel column.
func (cp *carpet) row(c cells, bucket int) counts {
	out := make(counts, c.n)
	for i := range out {
		at := c.cell(i)
		out[i] = -1
		if cp.known[at] {
			out[i] = cp.rows[bucket][at]
		}
	}
	return out
}

func inMS(d time.Duration) figure { return figure(float64(d) / float64(time.Millisecond)) }
