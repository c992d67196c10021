package render

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot/vg"

	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/render/draw"
)

var monday = time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)

// files are all that a report wrote.
func files(t *testing.T, src Source, o Options) map[string][]byte {
	t.Helper()
	o.Out = filepath.Join(t.TempDir(), "report") // no other report is beside it
	o.level = cmp.Or(o.level, png.NoCompression) // half the time of a test, with the race detector
	res, err := Report(context.Background(), src, o)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, name := range res.Files {
		content, err := os.ReadFile(filepath.Join(o.Out, name))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = content
	}
	left, err := os.ReadDir(o.Out)
	if err != nil || len(left) != len(res.Files) {
		t.Errorf("%d files are there, %d were named (%v)", len(left), len(res.Files), err)
	}
	return out
}

func TestSameBytes(t *testing.T) {
	m := made{luns: madeLUNs(3), start: monday, every: time.Minute, n: 600, ios: wave(time.Minute), space: func(l, i int) int { return 500 + l }}
	o := Options{From: monday, To: monday.Add(10 * time.Hour), Zone: zone(t, "Europe/Berlin"), Now: monday}
	first := files(t, m.source(), o)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	t.Setenv("TZ", "Pacific/Auckland")
	again := files(t, m.source(), o)
	if len(first) != 9 {
		t.Errorf("%d files", len(first))
	}
	for name, content := range first {
		if !bytes.Equal(content, again[name]) {
			t.Errorf("%s differs between two runs", name)
		}
	}
}

func TestEmptyRange(t *testing.T) {
	m := made{luns: madeLUNs(1), start: monday, every: time.Minute, n: 60}
	late := monday.AddDate(0, 0, 3)
	for _, c := range []struct {
		name        string
		src         *memory
		from, to    time.Time
		first, last time.Time
	}{
		{"nothing at all", newMemory(), monday, late, time.Time{}, time.Time{}},
		{"after", m.source(), late, late.Add(time.Hour), monday.Add(time.Minute), monday.Add(time.Hour)},
		{"before", m.source(), monday.AddDate(0, 0, -2), monday.AddDate(0, 0, -1), monday.Add(time.Minute), monday.Add(time.Hour)},
	} {
		out := filepath.Join(t.TempDir(), "report")
		_, err := Report(context.Background(), c.src, Options{Out: out, From: c.from, To: c.to})
		if _, e := os.Stat(out); !errors.Is(e, os.ErrNotExist) {
			t.Errorf("%s: a folder was left, %v", c.name, e)
		}
		var empty *EmptyRangeError
		if !errors.As(err, &empty) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !empty.First.Equal(c.first) || !empty.Last.Equal(c.last) || !empty.From.Equal(c.from) || !empty.To.Equal(c.to) {
			t.Errorf("%s: %+v", c.name, empty)
		}
	}
}

func TestReportErrors(t *testing.T) {
	m := made{luns: madeLUNs(1), start: monday, every: time.Minute, n: 60}.source()
	good := Options{Out: t.TempDir(), From: monday, To: monday.Add(time.Hour)}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("no font"), 0o644); err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	for _, c := range []struct {
		name string
		ctx  context.Context
		o    func(o Options) Options
		is   error
		says string
	}{
		{"backwards", nil, func(o Options) Options { o.From, o.To = o.To, o.From; return o }, nil, "not after"},
		{"too narrow", nil, func(o Options) Options { o.Width = 100; return o }, nil, "640 to 10000"},
		{"too wide", nil, func(o Options) Options { o.Width = 100_000; return o }, nil, "640 to 10000"},
		{"negative width", nil, func(o Options) Options { o.Width = -5; return o }, nil, "640 to 10000"},
		{"no folder", nil, func(o Options) Options { o.Out = filepath.Join(file, "x"); return o }, nil, "report folder"},
		{"no font", nil, func(o Options) Options { o.Font = filepath.Join(file, "x"); return o }, nil, "font"},
		{"bad font", nil, func(o Options) Options { o.Font = file; return o }, nil, "font"},
		{"group", nil, func(o Options) Options { o.Group = "nobody's"; return o }, ErrNoLUN, ""},
		{"host", nil, func(o Options) Options { o.Hosts = []string{"elsewhere"}; return o }, ErrNoLUN, ""},
		{"keys", nil, func(o Options) Options { o.Keys = []series.Key{{ID: "x"}}; return o }, ErrNoLUN, ""},
		{"stopped", stopped, func(o Options) Options { return o }, context.Canceled, ""},
	} {
		ctx := c.ctx
		if ctx == nil {
			ctx = context.Background()
		}
		_, err := Report(ctx, m, c.o(good))
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if left, _ := os.ReadDir(good.Out); len(left) != 0 {
		t.Errorf("a report that failed left %v", left)
	}
}

func TestHostileNames(t *testing.T) {
	names := []string{
		`<script>alert("x")</script>`, "a\nb", `q"u'o`, "../../up", strings.Repeat("n", 128), "日本語 ▲", "a/b", "a-b", "\u202Eevil", "{{.}}", "javascript:alert(1)", "</td>",
	}
	luns := madeLUNs(len(names))
	for i, n := range names {
		luns[i].DMName, luns[i].Label, luns[i].Group = n, n, n
		luns[i].Mounts = []mapper.Mount{{Point: "/" + n}}
	}
	m := made{luns: luns, start: monday, every: time.Minute, n: 60, host: `<b>host</b>`, space: func(int, int) int { return 990 }}
	src := m.source()
	src.notes = []series.Note{{At: monday.Add(time.Minute), Text: "<img src=x onerror=alert(1)>\nnote"}}
	got := files(t, src, Options{From: monday, To: monday.Add(time.Hour)})
	page := string(got[pageFile])
	for _, bad := range []string{"<script", "<img src=x", "<b>", "</td></td>", "a\nb", "\u202E", `href="javascript`} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if len(got) != 6+len(names) {
		t.Errorf("%d files", len(got))
	}
	for name := range got {
		if name != filepath.Base(name) || strings.ContainsAny(name, "<>\"'\n ") || len(name) > 64 {
			t.Errorf("file %q", name)
		}
	}
	var n reportJSON
	if err := json.Unmarshal(got[numbersFile], &n); err != nil {
		t.Fatal(err)
	}
	var back []string
	for _, l := range n.LUNs {
		back = append(back, l.LUN)
	}
	for _, want := range names {
		if !slices.Contains(back, want) {
			t.Errorf("%q is not in report.json as it is", want)
		}
	}
}

// A text of any length costs a picture and the page no more than they can show.
func TestTextsWithoutEnd(t *testing.T) {
	long := strings.Repeat("ab c", 25_000)
	luns := madeLUNs(1)
	luns[0].Label, luns[0].DMName, luns[0].Group, luns[0].Mounts = long, long, long, []mapper.Mount{{Point: "/" + long}}
	src := made{luns: luns, start: monday, every: time.Minute, n: 60, host: long}.source()
	src.notes = []series.Note{{At: monday.Add(time.Minute), Text: long}}
	got := files(t, src, Options{From: monday, To: monday.Add(time.Hour), Formats: []string{"png", "svg"}, level: png.BestSpeed})
	for name, content := range got {
		if name != numbersFile && len(content) > 200_000 {
			t.Errorf("%s has %d bytes", name, len(content))
		}
	}
	if !bytes.Contains(got[numbersFile], []byte(long)) {
		t.Error("report.json has not all of it")
	}
}

// Reads of LUN 0 are 60 a minute, of LUN 1 120 but 600 in the last of ten minutes.
// With half as many writes: 1.5, 3 and 15 I/O/s.
func TestNumbersByHand(t *testing.T) {
	m := made{luns: madeLUNs(2), start: monday, every: time.Minute, n: 10, space: func(l, i int) int { return []int{700 + i, -1}[l] }}
	m.ios = func(l, i int) uint64 {
		if l == 1 && i == 9 {
			return 600
		}
		return uint64(60 * (l + 1))
	}
	got := files(t, m.source(), Options{From: monday, To: monday.Add(10 * time.Minute)})
	var n reportJSON
	if err := json.Unmarshal(got[numbersFile], &n); err != nil {
		t.Fatal(err)
	}
	if len(n.LUNs) != 2 || n.BinSeconds != 0 || n.Percentile != "raw intervals" || n.Completeness.PresentMinutes != 10 || n.Completeness.Intervals != 20 {
		t.Fatalf("%d LUNs, %+v", len(n.LUNs), n.Completeness)
	}
	type four struct{ last, mean, p95, max figure }
	for _, c := range []struct {
		lun    int
		metric metric
		want   four
	}{
		{0, iops, four{1.5, 1.5, 1.5, 1.5}},
		{1, iops, four{15, 4.2, 15, 15}},             // mean (9×180 + 900) / 600 s
		{1, readIOPS, four{10, 2.8, 10, 10}},         //
		{0, readBytes, four{4096, 4096, 4096, 4096}}, // 60 × 4096 / 60 s
		{0, bytesPerS, four{8192, 8192, 8192, 8192}}, //
		{1, readAwait, four{5, 5, 5, 5}},             // ms
		{1, writeAwait, four{2, 2, 2, 2}},            //
		{0, util, four{0.6, 0.6, 0.6, 0.6}},          // (60×5 + 30×2) ms of 60 s
		{1, util, four{6, 1.68, 6, 6}},               // mean (9×720 + 3600) of 600,000 ms
		{0, queue, four{0.006, 0.006, 0.006, 0.006}}, //
		{0, slow, four{0, 0, 0, 0}},
	} {
		j := n.LUNs[c.lun].Metrics[c.metric.String()]
		if got := (four{j.Last, j.Mean, j.P95, j.Max}); got != c.want {
			t.Errorf("LUN %d: %s %v, want %v", c.lun, c.metric, got, c.want)
		}
	}
	if n.LUNs[1].Space != nil {
		t.Errorf("a LUN without a filesystem has space %+v", n.LUNs[1].Space)
	}
	s := n.LUNs[0].Space
	if s == nil || s.UsedPercent != 71 || s.Used != 709<<30 || s.Change != 9<<30 {
		t.Errorf("space %+v", s)
	}
	if n.BusyHour != nil {
		t.Errorf("ten minutes have the busy hour %+v", n.BusyHour)
	}
	long := made{luns: madeLUNs(2), start: monday, every: time.Minute, n: 120, ios: func(l, i int) uint64 { return uint64(60 * (l + 1 + i/60)) }}
	d, err := gather(context.Background(), long.source(), Options{From: monday, To: monday.Add(2 * time.Hour)}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	if h := d.hour; h == nil || h.Weekday != time.Monday || h.Hour != 1 || h.IOPS != 7.5 { // (120 + 180) × 1.5 a minute
		t.Errorf("busy hour %+v", h)
	}
	if c := n.LUNs[0].Metrics["iops"].By; len(c) != n.Columns || c[0] != 1.5 || c[len(c)-1] != 1.5 {
		t.Errorf("curve %v", c)
	}
}

// Over a day or more, percentiles are of 15-minute means, maxima of one-minute
// ones: reads are 60 a minute but for one of 6,000.
func TestNumbersOfADay(t *testing.T) {
	m := made{luns: madeLUNs(1), start: monday, every: time.Minute, n: 1440}
	m.ios = func(_, i int) uint64 {
		if i == 600 {
			return 6000
		}
		return 60
	}
	got := files(t, m.source(), Options{From: monday, To: monday.AddDate(0, 0, 1)})
	var n reportJSON
	if err := json.Unmarshal(got[numbersFile], &n); err != nil {
		t.Fatal(err)
	}
	j := n.LUNs[0].Metrics["iops"]
	if n.Percentile != "15 min means" || j.Max != 150 || j.P95 != 1.5 {
		t.Errorf("%s: %+v", n.Percentile, j)
	}
	if top := slices.Max(j.By); top < 10 || top > 12 { // (14×90 + 9000) / 900 s = 11.4
		t.Errorf("the highest column is %v", top)
	}
	if top := slices.Max(j.Tops); top != 150 {
		t.Errorf("the highest maximum is %v", top)
	}
}

// Two hosts that had a LUN one after the other make one curve.
func TestMovedLUN(t *testing.T) {
	a := made{luns: madeLUNs(1), start: monday, every: time.Minute, n: 30, host: "node1"}.source()
	b := made{luns: madeLUNs(1), start: monday.Add(30 * time.Minute), every: time.Minute, n: 30, host: "node2"}.source()
	d, err := gather(context.Background(), a.with(b), Options{From: monday, To: monday.Add(time.Hour)}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	if len(d.luns) != 1 || len(d.luns[0].series) != 2 || len(d.gaps) != 0 || len(d.luns[0].gaps) != 0 || len(d.warnings) != 0 {
		t.Errorf("%d LUNs, gaps %v, %v", len(d.luns), d.gaps, d.warnings)
	}
	if s := d.luns[0].figures[iops]; s.mean != 1.5 || s.max != 1.5 {
		t.Errorf("stats %+v", s)
	}
}

func TestUtilMeaning(t *testing.T) {
	for _, c := range []struct{ kernel, want string }{
		{"2.6.32-754.35.1.el6.x86_64", "busy time is exact"},
		{"4.18.0-553.el8_10.x86_64", "vendor"},
		{"4.19.0-27-amd64", "busy time is exact"},
		{"5.4.0-200-generic", "low for slow"},
		{"5.10.0-28-amd64", "high for few"},
		{"6.9.0", "high for few"},
		{"6.10.1", "exact to the tick"},
		{"6.12.48+deb13-amd64", "exact to the tick"},
		{"", "not known"}, {"x.y", "not known"}, {"6", "not known"},
	} {
		if got := utilMeaning(c.kernel); !strings.Contains(got, c.want) {
			t.Errorf("%q: %s, want %s", c.kernel, got, c.want)
		}
	}
}

// What a source doesn't know is absent everywhere: sar's history has totals only,
// and a LUN may have space and no interval.
func TestAbsentSums(t *testing.T) {
	m := made{luns: madeLUNs(3), start: monday, every: time.Minute, n: 60, space: func(l, _ int) int { return 500 }}.source()
	only := series.Key{ID: "LVM-0000", Host: "box", Source: series.SourceHost}
	for i := range m.intervals[only] {
		iv := &m.intervals[only][i]
		bare := series.Interval{End: iv.End, ElapsedMS: iv.ElapsedMS, SpanMS: iv.SpanMS}
		bare.Set(series.IOs, 120)
		*iv = bare
	}
	none := only
	none.ID = "LVM-0001"
	delete(m.intervals, none)
	got := files(t, m, Options{From: monday, To: monday.Add(time.Hour)})
	var n reportJSON
	if err := json.Unmarshal(got[numbersFile], &n); err != nil {
		t.Fatal(err)
	}
	if len(n.LUNs) != 3 || len(got) != 9 {
		t.Fatalf("%d LUNs in %d files", len(n.LUNs), len(got))
	}
	if m := n.LUNs[0].Metrics; len(m) != 1 || m["iops"].Mean != 2 {
		t.Errorf("of a LUN with totals only: %v", m)
	}
	if m := n.LUNs[1]; len(m.Metrics) != 0 || m.Space == nil || len(m.Gaps) != 1 || m.Gaps[0].Cause != causeAbsent {
		t.Errorf("of a LUN with space only: %v, %v, %v", m.Metrics, m.Space, m.Gaps)
	}
}

func TestTroubles(t *testing.T) {
	m := made{luns: madeLUNs(4), start: monday, every: time.Minute, n: 120, space: func(l, _ int) int { return 300 * l }}.source()
	slowFor := func(id string, n int) {
		list := m.intervals[series.Key{ID: mapper.ID(id), Host: "box", Source: series.SourceHost}]
		for i := range n {
			list[i].Set(series.SlowMS, 60000)
		}
	}
	slowFor("LVM-0000", 1) // 0.8 %: a bad minute
	slowFor("LVM-0001", 3)
	slowFor("LVM-0002", 30)
	o := Options{From: monday, To: monday.Add(2 * time.Hour), Limits: map[string]time.Duration{"primary": 25 * time.Millisecond}}
	d, err := gather(context.Background(), m, o.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range d.findings {
		got = append(got, fmt.Sprintf("%s %s for %s", f.Title, f.Kind, f.Duration))
	}
	want := []string{"secondary 2 slow for 30m0s", "primary 1 slow for 3m0s", "index 3 full for 1h59m0s"}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A LUN's own limits and colour come before those of its role.
func TestOwnLimits(t *testing.T) {
	m := made{luns: madeLUNs(4), start: monday, every: time.Minute, n: 120, space: func(l, _ int) int { return 300 * l }}.source()
	for i := range m.entries {
		switch l := &m.entries[i].LUN; l.ID {
		case "LVM-0001":
			l.Limits.AwaitMS, l.Colour = 7.5, "#123456"
		case "LVM-0002":
			l.Limits.FullPercent = 55
		case "LVM-0003":
			l.Limits.FullPercent = 95
		}
	}
	o := Options{From: monday, To: monday.Add(2 * time.Hour), Limits: map[string]time.Duration{"default": 25 * time.Millisecond}}
	d, err := gather(context.Background(), m, o.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range d.luns {
		own := l.entry.LUN.ID == "LVM-0001"
		if got := d.limit(l); own && got != 7500*time.Microsecond || !own && got != 25*time.Millisecond {
			t.Errorf("%s: limit %s", l.title, got)
		}
		if got := l.style.hex() == "#123456"; got != own {
			t.Errorf("%s: colour %s", l.title, l.style.hex())
		}
	}
	var got []string
	for _, f := range d.findings {
		got = append(got, fmt.Sprintf("%s %s of %g", f.Title, f.Kind, f.Limit))
	}
	if want := []string{"secondary 2 full of 55"}; !slices.Equal(got, want) { // 60 %; the fullest has 90 %
		t.Errorf("%q, want %q", got, want)
	}
}

// The picture of a host with very many LUNs stays one that can be opened.
func TestVeryMany(t *testing.T) {
	m := made{luns: madeLUNs(mostRows + 50), start: monday, every: time.Minute, n: 3, space: func(l, _ int) int { return l }}
	d, err := gather(context.Background(), m.source(), Options{From: monday, To: monday.Add(3 * time.Minute)}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	f, err := draw.LoadFonts("")
	if err != nil {
		t.Fatal(err)
	}
	for name, drawn := range map[string]func(*data, medium) vg.CanvasWriterTo{"io": drawIO, "space": drawSpace} {
		var content bytes.Buffer
		if _, err := drawn(d, medium{fonts: f}).WriteTo(&content); err != nil {
			t.Fatal(err)
		}
		if high := decode(t, content.Bytes()).Bounds().Dy(); high > mostRows*ownStep+1000 {
			t.Errorf("%s is %d pixels high", name, high)
		}
	}
	if len(d.pictures()) != 4+mostRows+50 {
		t.Errorf("%d pictures", len(d.pictures()))
	}
}
