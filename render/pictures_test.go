package render

import (
	"bytes"
	"context"
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot/vg"

	"lunstat/collector/series"
	"lunstat/render/draw"
)

// Each test here has something that was once drawn in a misleading way, and checks that
// it is drawn right.

func (h hard) gathered(t *testing.T) *data {
	t.Helper()
	d, err := gather(context.Background(), h, h.Options.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func testFonts(t testing.TB) *draw.Fonts {
	t.Helper()
	f, err := draw.LoadFonts("")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// painted is a picture as a PNG.
func painted(t *testing.T, d *data, drawn func(*data, medium) vg.CanvasWriterTo) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := drawn(d, medium{fonts: testFonts(t)}).WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// count is how many pixels of a picture have a colour.
func count(t *testing.T, content []byte, c color.RGBA) int {
	t.Helper()
	img, n := decode(t, content), 0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if r, g, b, _ := img.At(x, y).RGBA(); uint8(r>>8) == c.R && uint8(g>>8) == c.G && uint8(b>>8) == c.B {
				n++
			}
		}
	}
	return n
}

func texts(findings []finding) string {
	var out []string
	for _, f := range findings {
		out = append(out, f.text)
	}
	return strings.Join(out, "\n")
}

// A stall that is over is shown with its end, above the picture and next to the LUN.
func TestFindingLines(t *testing.T) {
	d := stalledWeek().gathered(t)
	got := texts(d.findingLines(nil))
	for _, want := range []string{"MySQL data: stalled: no I/O completed for 3 h 30 min, from Wed 09:59 to Wed 13:29", "Log: full"} {
		if !strings.Contains(got, want) {
			t.Errorf("over the picture stands %q, want %q", got, want)
		}
	}
	i := slices.IndexFunc(d.luns, func(l *lun) bool { return l.title == "Redo log" })
	if got := d.findingLines(d.luns[i]); len(got) > 0 {
		t.Errorf("over a quiet LUN's picture stands %v", got)
	}
	if got := texts(spikeWeek().gathered(t).findingLines(nil)); got != "No LUN was slow, stalled, gone or nearly full." {
		t.Errorf("over the picture of a quiet week stands %q", got)
	}
}

// A day in a gap is not complete, and nobody says that all was well.
func TestDayInGap(t *testing.T) {
	d := gapDay().gathered(t)
	if got := d.complete.share(); got != "0.0" {
		t.Errorf("it is %s %% complete", got)
	}
	if got := texts(d.findingLines(nil)); !strings.HasPrefix(got, "Nothing is known of I/O in this range.\nmailstore1: no data for 30 h since Fri 20 Nov 18:00: collector not run") {
		t.Errorf("over the picture stands %q", got)
	}
	if m := d.eventMarks(testFonts(t), d.grid, nil); len(m.blocks) != 1 || m.blocks[0].text != "collector not run, 24 h" {
		t.Errorf("blocks %v", m.blocks)
	}
}

// A label that no font has is the device-mapper's name in pictures, and only there.
func TestForeignLabels(t *testing.T) {
	h := stalledWeek()
	labels := []string{"邮件存储", "بريد", "📬 mail", "Поща", "Ĝangalo", "דואר"}
	for i, l := range labels {
		h.entries[i].LUN.Label = l
	}
	d := h.gathered(t)
	f := testFonts(t)
	f.Instead = d.instead(f, "png")
	for _, l := range d.luns[:len(labels)] {
		var b bytes.Buffer
		if _, err := drawIO(d, medium{fonts: f}).WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		shown := f.Instead(l.title)
		if latin := l.title == "Поща" || l.title == "Ĝangalo"; latin != (shown == l.title) {
			t.Errorf("%q is drawn as %q", l.title, shown)
		}
		if !f.Covers(shown) {
			t.Errorf("no font has %q", shown)
		}
	}
	if spikeWeek().gathered(t).instead(f, "png") != nil {
		t.Error("names that fonts have are changed")
	}
}

// A label that begins another leaves the other whole, and a note that no font has says
// where its text is.
func TestForeignTexts(t *testing.T) {
	h := spikeWeek()
	h.entries[0].LUN.Label, h.entries[1].LUN.Label = "資料", "資料庫"
	h.notes = []series.Note{{At: monday.Add(time.Hour), Text: "資料 تم نقل"}, {At: monday.Add(2 * time.Hour), Text: "plain"}}
	d, f := h.gathered(t), testFonts(t)
	f.Instead = d.instead(f, "png")
	for _, tt := range []struct{ text, want string }{
		{"資料", h.entries[0].LUN.DMName}, {"資料庫: slow", h.entries[1].LUN.DMName + ": slow"},
		{"資料 تم نقل", onPage}, {"plain", "plain"},
	} {
		if got := f.Instead(tt.text); got != tt.want {
			t.Errorf("%q is drawn as %q, want %q", tt.text, got, tt.want)
		}
	}
}

// Forty notes of one morning don't hide the curves, and the picture says how many have no
// text.
func TestCrowdedFlags(t *testing.T) {
	h := spikeWeek()
	for i := range 40 {
		h.notes = append(h.notes, series.Note{At: monday.Add(34*time.Hour + time.Duration(i)*3*time.Minute), Text: "note of a busy morning"})
	}
	d, f := h.gathered(t), testFonts(t)
	out, lanes, unnamed := placeEvents(f, d.eventMarks(f, d.grid, nil).flags, d.grid)
	if want := "There is no room for the text of 36 more flags: see the page."; unnamed != want || lanes != maxLanes {
		t.Errorf("%d rows and %q, want %q", lanes, unnamed, want)
	}
	bare := 0
	for i, p := range out {
		if p.lane < 0 {
			bare++
			if p.x-out[i-1].x < leastPoles {
				t.Errorf("lines at %v and %v", out[i-1].x, p.x)
			}
		}
	}
	if bare > 3 {
		t.Errorf("%d lines without a text", bare)
	}
}

// Characters that join letters are part of some names, and show nothing else.
func TestVisibleJoiners(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"می\u200cخواهم", "می\u200cخواهم"}, {"👩\u200d👧", "👩\u200d👧"},
		{"mysql\u200d", "mysql·"}, {"👩\u200d\u200d\u200d👧", "👩\u200d··👧"}, {"a\u202eb", "a·b"},
	} {
		if got := visible(tt.text); got != tt.want {
			t.Errorf("%+q is shown as %+q, want %+q", tt.text, got, tt.want)
		}
	}
}

// A week in which the clocks are set back has an hour more, and says which one comes
// twice.
func TestLongWeek(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	for _, tt := range []struct{ from, days, flag string }{
		{"2026-10-19", "7 days and an hour", "clocks set back, 02:00–03:00 twice"},
		{"2026-03-23", "7 days less an hour", "clocks set forward, no 02:00–03:00"},
		{"2026-11-16", "7 days", ""},
	} {
		from, err := time.ParseInLocation(time.DateOnly, tt.from, z)
		if err != nil {
			t.Fatal(err)
		}
		to := from.AddDate(0, 0, 7)
		d := &data{opt: Options{Zone: z}}
		if got := d.days(from, to); got != tt.days {
			t.Errorf("the week of %s has %q, want %q", tt.from, got, tt.days)
		}
		var got string
		for _, e := range changes(grid{from, to, 700}) {
			got += e.text
		}
		if got != tt.flag {
			t.Errorf("the week of %s has the flag %q, want %q", tt.from, got, tt.flag)
		}
	}
}

// Those in trouble come first, and are the only ones in red.
func TestTroubleFirst(t *testing.T) {
	d := busyWeek().gathered(t)
	all := d.ranking(util, by95)
	if all[0].title != "Redo log of zimbra2" {
		t.Errorf("first is %s", all[0].title)
	}
	worst := d.troubled()
	if !quiet(all[1], worst) || quiet(all[0], worst) {
		t.Error("not the quiet ones are pale")
	}
	calm := spikeWeek()
	calm.Limits = nil
	for k := range calm.intervals {
		for i := range calm.intervals[k] {
			calm.intervals[k][i].Set(series.BusyMS, 60_000) // always busy
		}
	}
	if n := count(t, painted(t, calm.gathered(t), drawBusy), paper().alarm); n > 0 {
		t.Errorf("%d red pixels without a finding", n)
	}
}

// One minute of 250,000 I/O/s leaves the week as it is, and is said.
func TestSpike(t *testing.T) {
	d := spikeWeek().gathered(t)
	l := d.luns[slices.IndexFunc(d.luns, func(l *lun) bool { return l.title == "Redo log" })]
	line := l.lines[iops]
	top := robustTop(line.mean, line.max)
	if top > 600 || top < 300 {
		t.Errorf("the frame goes to %v", top)
	}
	cut := spikesAbove(600, line.mean, line.max)
	if len(cut) != 1 || cut[0].value < 240_000 {
		t.Fatalf("cut off: %v", cut)
	}
	if at := d.spikeAt(d.grid, cut[0]); at != "Thu 11:00" { // the bin that has 11:05
		t.Errorf("it was %s", at)
	}
	for _, tt := range []struct {
		name  string
		lines [][]float64
		want  float64
	}{
		{"none", nil, 0}, {"few columns", [][]float64{{1, 100, 1}}, 100},
		{"a night a week", [][]float64{append(make([]float64, 990), 9, 9, 9, 9, 9, 9, 9, 9, 9, 9)}, 9},
		{"all else is zero", [][]float64{append(make([]float64, 999), 9)}, 9},
	} {
		if got := robustTop(tt.lines...); got != tt.want {
			t.Errorf("%s: to %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Many gaps are a bar and a line; a long one has its cause inside.
func TestManyGaps(t *testing.T) {
	f := testFonts(t)
	d := holed().gathered(t)
	m := d.eventMarks(f, d.grid, nil)
	if len(m.flags) > 0 || len(m.bar) != 56 || m.says != "no data 56 times, 24 h 16 min in all, 26 min at most" {
		t.Errorf("%d flags, %d in the bar, %q", len(m.flags), len(m.bar), m.says)
	}
	d = stalledWeek().gathered(t)
	m = d.eventMarks(f, d.grid, nil)
	if len(m.blocks) != 1 || m.blocks[0].text != "collector not run, 42 h" || len(m.flags) != 4 {
		t.Errorf("blocks %v, flags %v", m.blocks, m.flags)
	}
	if content := painted(t, d, drawIO); count(t, content, paper().gap) < 177*200 {
		t.Errorf("the gap is %d grey pixels", count(t, content, paper().gap))
	}
}

// In a narrow picture a finding is whole, on two lines, and the bands of one scale are
// explained below.
func TestNarrowWords(t *testing.T) {
	long := []finding{{text: "Redo log of zimbra3: slow for 38 h since Wed 08:00; worst 69 ms on Wed 08:15, 6.9 × its limit of 10 ms; 6 LUNs in the same hours", alarm: true}}
	got := wrapped(testFonts(t), long, LeastWidth-2*edge)
	if len(got) != 2 || !got[1].alarm || !strings.HasSuffix(got[1].text, "same hours") || strings.Contains(got[0].text, "same") {
		t.Errorf("%v", got)
	}
	if wide := wrapped(testFonts(t), long, 1200); len(wide) != 1 || wide[0] != long[0] {
		t.Errorf("with room it is %v", wide)
	}
	h := manyLUNs(60)
	h.Width = LeastWidth
	d := h.gathered(t)
	o := overview{metric: iops}
	if keys := o.keys(d, d.ranking(iops, byMean)); len(keys) < bands || !strings.HasPrefix(keys[0].text, "above ") {
		t.Errorf("keys %v", keys)
	}
}

// A narrow picture gives its width to the curves.
func TestNarrow(t *testing.T) {
	h := stalledWeek()
	h.Width = LeastWidth
	d := h.gathered(t)
	if d.grid.n < LeastWidth*8/10 {
		t.Errorf("the frame is %d pixels wide", d.grid.n)
	}
	compare(t, "testdata/narrow-disk-io.png", painted(t, d, drawIO))
}

// Sixty LUNs are compared on one scale in some 1,500 pixels, in which swap is nothing.
func TestOneScale(t *testing.T) {
	d := manyLUNs(60).gathered(t)
	content := painted(t, d, drawIO)
	if high := decode(t, content).Bounds().Dy(); high > 1700 {
		t.Errorf("it is %d pixels high", high)
	}
	all := d.ranking(iops, byMean)
	if last := all[len(all)-1]; last.role() != "swap" {
		t.Fatalf("the last is %s", last.title)
	}
	if high := decode(t, painted(t, manyLUNs(1).gathered(t), drawIO)).Bounds().Dy(); high > 500 {
		t.Errorf("one LUN has %d pixels: a strip says what the frame says", high)
	}
	o := overview{metric: iops}
	step := o.bandStep(o.largest(all))
	if peak := largest(all[len(all)-1].view.line().mean); peak/step*horizonHeight > 0.5 {
		t.Errorf("swap is %v of a band of %v", peak, step)
	}
	if 4*step < o.largest(all) || 2*step > o.largest(all) {
		t.Errorf("bands of %v for up to %v", step, o.largest(all))
	}
	compare(t, "testdata/fleet-disk-io.png", content)
}

// Over five weeks, lines that go up and down each day would be a knot: the upper frame
// has the means of days, and over a year those of weeks. They are exact.
func TestNoKnot(t *testing.T) {
	for _, tt := range []struct {
		days, most int
		by         string
	}{{7, 0, ""}, {35, 36, "days"}, {365, 54, "weeks"}} {
		m := made{luns: madeLUNs(3), start: monday, every: time.Hour, n: tt.days * 24, ios: wave(time.Hour)}
		to := monday.AddDate(0, 0, tt.days)
		d := hard{m.source(), Options{From: monday, To: to, Now: to}}.gathered(t)
		if d.coarseBy() != tt.by {
			t.Errorf("%d days: means of %q, want %q", tt.days, d.coarseBy(), tt.by)
		}
		of := d.luns[0].views(iops)[0]
		v := of.coarse()
		if tt.by == "" {
			if v != nil {
				t.Errorf("%d days have coarse means", tt.days)
			}
			continue
		}
		levels := map[float64]bool{}
		for _, x := range v {
			levels[x] = true
		}
		if len(levels) > tt.most || len(v) != d.grid.n {
			t.Errorf("%d days: %d levels in %d columns", tt.days, len(levels), len(v))
		}
	}
	m := made{luns: madeLUNs(1), start: monday, every: time.Hour, n: 35 * 24, ios: func(_, i int) uint64 { return uint64(3600 * (i / 24 * 2)) }}
	to := monday.AddDate(0, 0, 35)
	d := hard{m.source(), Options{From: monday, To: to, Now: to}}.gathered(t)
	v := d.luns[0].views(iops)[0].coarse()
	if first, last := v[3], v[len(v)-3]; first != 0 || last != 34*3 {
		t.Errorf("the first day has %v, the last %v", first, last)
	}
}

// Every colour that means something is explained, and no others.
func TestColourKeys(t *testing.T) {
	has := func(d *data, text string) bool {
		return slices.ContainsFunc(d.colourKeys(d.luns), func(k key) bool { return strings.Contains(k.text, text) })
	}
	troubled, calm := stalledWeek().gathered(t), spikeWeek().gathered(t)
	for _, text := range []string{"stalled", "no data", "mean of a long interval"} {
		if !has(troubled, text) {
			t.Errorf("%q is not explained", text)
		}
		if has(calm, text) {
			t.Errorf("%q is explained and not there", text)
		}
	}
	if !has(busyWeek().gathered(t), "await above the limit") {
		t.Error("the red strip is not explained")
	}
}

// A label of blanks, as an old journal may have it, is none.
func TestBlankLabel(t *testing.T) {
	h := spikeWeek()
	h.entries[0].LUN.Label = " \t"
	want := h.entries[0].LUN.DMName
	if got := h.gathered(t).luns; !slices.ContainsFunc(got, func(l *lun) bool { return l.title == want }) {
		t.Errorf("no LUN is called %s", want)
	}
}
