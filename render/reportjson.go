package render

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"
	"time"

	"lunstat/collector/series"
	"lunstat/render/facts"
)

// The types of report.json. Its names are those of the export; times are UTC. A
// figure that is absent is null.
type reportJSON struct {
	MadeBy    string    `json:"made_by"`
	Pictures  []string  `json:"pictures"`
	Title     string    `json:"title"`
	Simulated bool      `json:"simulated"`
	Hosts     []string  `json:"hosts"`
	Group     string    `json:"group,omitempty"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Zone      string    `json:"zone"`
	Version   string    `json:"version,omitempty"`

	BinSeconds    float64 `json:"bin_seconds"`            // of what was read; 0: every interval
	Columns       int     `json:"columns"`                // of a curve
	ColumnSeconds float64 `json:"column_seconds"`         //
	ColumnsFrom   string  `json:"columns_from,omitempty"` // where not all of the range is drawn
	Percentile    string  `json:"percentile"`             // what p95 is taken over

	Findings     []facts.Finding   `json:"findings"`
	Completeness completeJSON      `json:"completeness"`
	Quality      map[string]int    `json:"quality"` // intervals or bins with the mark
	Util         map[string]string `json:"util"`    // by kernel, what busy means
	Gaps         []gapJSON         `json:"gaps"`
	Boots        []bootJSON        `json:"boots"`
	Notes        []noteJSON        `json:"notes"`
	BusyHour     *hourJSON         `json:"busy_hour"`
	Sizing       []sizingJSON      `json:"sizing,omitempty"`
	Worst        []worstJSON       `json:"worst"`
	Others       *othersJSON       `json:"others"`
	Pressure     []pressureJSON    `json:"pressure,omitempty"` // of the hosts
	SpaceFrom    time.Time         `json:"space_from"`         // of the space curves
	LUNs         []lunJSON         `json:"luns"`
}

type completeJSON struct {
	ExpectedMinutes int    `json:"expected_minutes"`
	PresentMinutes  int    `json:"present_minutes"`
	Percent         figure `json:"percent"`
	Intervals       int    `json:"intervals"`
}

type gapJSON struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	Cause string    `json:"cause"`
	Flat  bool      `json:"flat,omitempty"` // one long interval: the totals are known
	Host  string    `json:"host,omitempty"` // where a report has several
}

type bootJSON struct {
	Host string    `json:"host"`
	At   time.Time `json:"at"`
}

type noteJSON struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

type hourJSON struct {
	Weekday string `json:"weekday"`
	Hour    int    `json:"hour"`
	IOPS    figure `json:"iops"`
}

type worstJSON struct {
	Title       string `json:"title"`
	SlowMS      int64  `json:"slow_ms"`
	SlowPercent figure `json:"slow_percent"`
}

// othersJSON is the line of the lesser LUNs in disk-io.png.
type othersJSON struct {
	LUNs  int     `json:"luns"`
	Mean  figure  `json:"mean"`
	Curve figures `json:"curve"`
}

type lunJSON struct {
	Title    string   `json:"title"`
	Picture  string   `json:"picture"`
	Hosts    []string `json:"hosts"`
	LUN      string   `json:"lun"`
	UUID     string   `json:"uuid"`
	Kernel   string   `json:"kernel"`
	Dev      string   `json:"dev"`
	Label    string   `json:"label,omitempty"`
	Role     string   `json:"role,omitempty"`
	RoleFrom string   `json:"role_from,omitempty"`
	Group    string   `json:"group,omitempty"`
	Mount    string   `json:"mount,omitempty"`
	Source   string   `json:"source"`
	Colour   string   `json:"colour"`
	Size     uint64   `json:"size_bytes"`

	Metrics   map[string]metricJSON `json:"metrics"`
	SlowMS    uint64                `json:"slow_ms"`    // of all hosts together
	WatchedMS uint64                `json:"watched_ms"` //
	ByHost    map[string]hostJSON   `json:"by_host,omitempty"`
	Stalled   []gapJSON             `json:"stalled,omitempty"`
	GoneSince *time.Time            `json:"gone_since,omitempty"` // its host was there without it
	Gaps      []gapJSON             `json:"gaps"`
	Long      []longJSON            `json:"long,omitempty"`
	Latency   *latencyJSON          `json:"latency,omitempty"`
	Space     *spaceJSON            `json:"space"`
}

// hostJSON is what can't be added up of a LUN that two hosts used at once: it then
// is here and not in the LUN's metrics.
type hostJSON struct {
	Metrics   map[string]metricJSON `json:"metrics"`
	SlowMS    uint64                `json:"slow_ms"`
	WatchedMS uint64                `json:"watched_ms"`
}

type metricJSON struct {
	Last figure  `json:"last"`
	Mean figure  `json:"mean"`
	P95  figure  `json:"p95"`
	Max  figure  `json:"max"`
	By   figures `json:"means,omitempty"` // by column
	Tops figures `json:"maxima,omitempty"`
	Peak figures `json:"peaks,omitempty"`
}

// longJSON is a pale flat step.
type longJSON struct {
	gapJSON
	Means map[string]figure `json:"means"`
}

type spaceJSON struct {
	At          time.Time `json:"at"`
	Size        uint64    `json:"size_bytes"`
	Used        uint64    `json:"used_bytes"`
	Avail       uint64    `json:"avail_bytes"`
	UsedPercent int       `json:"used_percent"`
	Inodes      uint64    `json:"inodes"`
	InodesUsed  uint64    `json:"inodes_used"`
	Change      int64     `json:"change_bytes"` // since space_from
	Range       figures   `json:"percent,omitempty"`
	Weeks       figures   `json:"percent_weeks"`
}

// figure is a number with as many digits as mean something, null for none.
type figure float64

func (f figure) MarshalJSON() ([]byte, error) { return appendFigure(nil, float64(f)), nil }

type figures []float64

func (f figures) MarshalJSON() ([]byte, error) {
	out := make([]byte, 1, 1+8*len(f))
	out[0] = '['
	for i, v := range f {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendFigure(out, v)
	}
	return append(out, ']'), nil
}

func appendFigure(b []byte, v float64) []byte {
	switch {
	case math.IsNaN(v), math.IsInf(v, 0):
		return append(b, "null"...)
	case v == 0:
		return append(b, '0')
	}
	places := facts.Places(v)
	if places < 0 || places > mostPlaces {
		return strconv.AppendFloat(b, facts.Round(v), 'f', -1, 64)
	}
	return appendDecimal(b, int64(math.Round(v*math.Pow10(places))), places)
}

// mostPlaces are those whose power of ten a float has exactly.
const mostPlaces = 22

// appendDecimal writes n / 10^places without zeros at the end. A report has millions of
// figures, and strconv takes three times as long for one.
func appendDecimal(b []byte, n int64, places int) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	for places > 0 && n%10 == 0 {
		n, places = n/10, places-1
	}
	var room [24]byte
	text := strconv.AppendInt(room[:0], n, 10)
	if places == 0 {
		return append(b, text...)
	}
	if len(text) > places {
		b = append(b, text[:len(text)-places]...)
		text = text[len(text)-places:]
	} else {
		b = append(b, '0')
	}
	b = append(b, '.')
	for range places - len(text) {
		b = append(b, '0')
	}
	return append(b, text...)
}

// writeJSON writes report.json, a LUN a line.
func (d *data) writeJSON(w io.Writer) error {
	w = series.PlainJSON(w)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(d.reportJSON()); err != nil {
		return err
	}
	b.Truncate(b.Len() - len("]}\n")) // the LUNs come last
	for i, l := range d.luns {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		if err := e.Encode(d.lunJSON(l)); err != nil {
			return err
		}
		b.Truncate(b.Len() - 1)
		if _, err := b.WriteTo(w); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "\n]}\n")
	return err
}

// reportJSON is all but the LUNs.
func (d *data) reportJSON() *reportJSON {
	n := &reportJSON{
		MadeBy: maker, Pictures: d.pictureFiles(),
		Title: d.name(), Simulated: d.opt.Simulated, Hosts: d.hosts, Group: d.opt.Group,
		From: d.From.UTC(), To: d.To.UTC(), Zone: d.zoneName(), Version: d.opt.Version,
		BinSeconds: d.width.Seconds(), Columns: d.grid.n, ColumnSeconds: d.grid.width().Seconds(),
		Percentile: d.percentileOver(), Quality: d.quality, Util: map[string]string{},
		Gaps: gapsJSON(d.missing), Boots: []bootJSON{}, Notes: []noteJSON{}, Worst: []worstJSON{}, LUNs: []lunJSON{},
		SpaceFrom: d.spaceGrid.from.UTC(), Findings: append([]facts.Finding{}, d.findings...),
	}
	if d.framed() != "" {
		n.ColumnsFrom = d.grid.from.UTC().Format(time.RFC3339Nano)
	}
	c := d.complete
	n.Completeness = completeJSON{c.expected, c.present, figure(c.percent), d.intervals}
	for _, k := range d.kernels {
		n.Util[k] = utilMeaning(k)
	}
	for _, b := range d.boots {
		n.Boots = append(n.Boots, bootJSON{b.host, b.at.UTC()})
	}
	for _, note := range d.notes {
		n.Notes = append(n.Notes, noteJSON{note.At.UTC(), note.Text})
	}
	if h := d.hour; h != nil {
		n.BusyHour = &hourJSON{h.Weekday.String(), h.Hour, figure(h.IOPS)}
	}
	n.Sizing = d.sizingJSON()
	for _, w := range d.worst() {
		n.Worst = append(n.Worst, worstJSON{w.name, w.Slow.Slow.Milliseconds(), figure(w.Share() * 100)})
	}
	n.Others = d.othersJSON()
	n.Pressure = d.pressuresJSON()
	return n
}

func (d *data) othersJSON() *othersJSON {
	_, rest := split(d.ranking(iops, byMean))
	if len(rest) == 0 {
		return nil
	}
	curve := d.sumOf(rest, func(r *ranked) columns { return r.view.line().mean })
	o := &othersJSON{LUNs: len(rest), Curve: figures(curve)}
	for _, r := range rest {
		o.Mean += figure(r.view.stats.mean)
	}
	return o
}

func (d *data) lunJSON(l *lun) lunJSON {
	defer l.unfold(d.cells, allMetrics()...)()
	u := &l.entry.LUN
	j := lunJSON{
		Title: l.title, Picture: l.file, LUN: u.Name(), UUID: string(u.ID), Kernel: u.Kernel, Dev: u.Dev.String(),
		Label: u.Label, Role: u.Role, RoleFrom: u.RoleFrom, Group: u.Group, Mount: u.Mounted(),
		Source: l.entry.Source, Colour: l.style.hex(), Size: u.SizeBytes,
		Metrics: map[string]metricJSON{}, SlowMS: l.slowMS, WatchedMS: l.upMS, Gaps: gapsJSON(l.gaps),
	}
	for _, k := range l.keys {
		if !slices.Contains(j.Hosts, k.Host) { // it has two of one that knows the LUN better by now
			j.Hosts = append(j.Hosts, k.Host)
		}
	}
	for _, v := range l.apart {
		if j.ByHost == nil {
			j.ByHost = map[string]hostJSON{}
		}
		j.ByHost[v.host] = hostJSON{map[string]metricJSON{}, v.slowMS, v.upMS}
	}
	for m := range numMetrics {
		for _, v := range l.views(m) {
			metrics := j.Metrics
			if v.host != "" {
				metrics = j.ByHost[v.host].Metrics
			}
			if !math.IsNaN(v.stats.mean) { // absent is not 0
				metrics[m.String()] = metricOf(&v)
			}
		}
	}
	if since := d.goneSince(l).UTC(); !since.IsZero() {
		j.GoneSince = &since
	}
	for _, s := range l.stalls {
		j.Stalled = append(j.Stalled, gapJSON{From: s.From.UTC(), To: s.To.UTC(), Cause: "stalled"})
	}
	for _, p := range l.series {
		for _, g := range p.longs {
			j.Long = append(j.Long, g.json())
		}
	}
	j.Latency = d.latencyJSON(l)
	j.Space = l.spaceJSON()
	return j
}

func metricOf(v *view) metricJSON {
	s, l := v.stats, v.line()
	return metricJSON{
		figure(s.last), figure(s.mean), figure(s.p95), figure(s.max),
		known(l.mean), known(l.max), known(l.peak),
	}
}

// known drops a curve without a single value.
func known(v []float64) figures {
	for _, x := range v {
		if !math.IsNaN(x) {
			return v
		}
	}
	return nil
}

func (g *long) json() longJSON {
	j := longJSON{gapJSON{From: g.from.UTC(), To: g.to.UTC(), Cause: g.cause, Flat: true}, map[string]figure{}}
	for m := range numMetrics {
		if !math.IsNaN(g.v[m]) {
			j.Means[m.String()] = figure(g.v[m])
		}
	}
	return j
}

func (l *lun) spaceJSON() *spaceJSON {
	if !l.spaceLong.any() {
		return nil
	}
	s, first := l.spaceLong.last, l.spaceLong.first
	percent, _ := s.UsedPercent()
	return &spaceJSON{
		s.At.UTC(), s.SizeBytes, s.UsedBytes, s.AvailBytes, percent, s.Inodes, s.InodesUsed,
		int64(s.UsedBytes) - int64(first.UsedBytes), known(l.space.percent), l.spaceLong.percent,
	}
}

func gapsJSON(gaps []gap) []gapJSON {
	out := []gapJSON{}
	for _, g := range gaps {
		out = append(out, gapJSON{g.From.UTC(), g.To.UTC(), g.cause, g.flat, g.host})
	}
	return out
}
