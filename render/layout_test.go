package render

import (
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
)

// However wide a LUN's picture is, its tables end above its footnotes.
func TestLUNPictureHasRoom(t *testing.T) {
	f := testFonts(t)
	for _, width := range []int{LeastWidth, narrowBelow - 1, narrowBelow, 1600} {
		h := stalledWeek()
		h.Width = width
		d := h.gathered(t)
		for _, l := range d.luns {
			if ch := lunChart(d, medium{fonts: f}, l); ch.y > ch.foot {
				t.Errorf("%s, %d pixels wide: it goes to %d, and the footnotes begin at %d", l.title, width, ch.y, ch.foot)
			}
		}
	}
}

// A last figure that is not of now has its age.
func TestLastAge(t *testing.T) {
	d := stalledWeek().gathered(t)
	for title, want := range map[string]string{"Index": "last 2 days 19 h ago", "MySQL data": "", "Primary store": ""} {
		l := d.luns[slices.IndexFunc(d.luns, func(l *lun) bool { return l.title == title })]
		if got := d.lastAge(l); got != want {
			t.Errorf("%s: %q, want %q", title, got, want)
		}
	}
	h := spikeWeek()
	h.asOne(minuteOf(5, 6, 0), 7*1440) // the collector didn't run, and the totals are known
	if d = h.gathered(t); d.lastAge(d.luns[0]) != "last 42 h ago" {
		t.Errorf("before a long interval: %q", d.lastAge(d.luns[0]))
	}
}

// A LUN without any I/O has no highest hour.
func TestNoHighestHour(t *testing.T) {
	d := hardWeek(mailLUNs("zimbra1", "mysql"), func(_, _ int) uint64 { return 0 }).gathered(t)
	if top, says := d.highestHour(d.luns[0]); top != 0 || says != "" {
		t.Errorf("%v, %q", top, says)
	}
}

// The footnotes explain nights and weekends only where there are some.
func TestShadesThatAppear(t *testing.T) {
	d := busyWeek().gathered(t)
	at := func(day, hour int) time.Time { return monday.AddDate(0, 0, day).Add(time.Duration(hour) * time.Hour) }
	for _, c := range []struct {
		from, to time.Time
		want     string
	}{
		{at(3, 8), at(3, 14), ""}, {at(3, 20), at(4, 2), "night, 22–6 h"}, {at(5, 9), at(5, 12), "weekend"}, {at(1, 0), at(1, 0).Add(time.Minute), "night, 22–6 h"}, {at(0, 0), at(7, 0), "night, 22–6 h, weekend"},
	} {
		var got []string
		for _, k := range d.shadeKeys(grid{c.from, c.to, 500}) {
			got = append(got, k.text)
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%v to %v: %q", c.from, c.to, got)
		}
	}
}

// Awaits of 80 µs and of 30 s are both figures.
func TestFiguresOfExtremes(t *testing.T) {
	got := figuresOf([]stats{{last: 0.08, mean: 223, p95: 0.08, max: 30_000}, {last: 0, mean: 0.004, p95: 0.3, max: 0.6}})
	want := [][]string{{"0.08", "223", "0.08", "30\u2009000"}, {"0", "0", "0.30", "1"}}
	for i := range want {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
}

// The overview of one LUN has no rows, and shows in its frame when the LUN was slow.
func TestOverviewOfOne(t *testing.T) {
	d := noRole().gathered(t)
	if n := count(t, painted(t, d, drawIO), paper().alarm); n < 40 {
		t.Errorf("%d red pixels", n)
	}
}

// An await's spike has its unit, as in the findings.
func TestSpikeSays(t *testing.T) {
	for _, c := range []struct {
		ms   bool
		v    float64
		want string
	}{{true, 30_000, "30 s"}, {true, 850, "850 ms"}, {false, 250_095, "250\u2009k"}} {
		if got := (&frame{scale: scale{unit: 1}, ms: c.ms}).spikeSays(c.v); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// A long plateau is said to be when it began.
func TestSpikeAt(t *testing.T) {
	for _, c := range []struct {
		width time.Duration
		g     grid
		s     spike
		want  string
	}{
		{15 * time.Minute, grid{monday, monday.AddDate(0, 0, 7), 708}, spike{first: 332, last: 337}, "Thu 07:00"}, // the column begins at 6:46
		{15 * time.Minute, grid{monday, monday.AddDate(0, 0, 7), 672}, spike{first: 4, last: 5}, "Mon 01:00"},
		{0, grid{monday, monday.Add(3 * time.Hour), 708}, spike{first: 236, last: 239}, "Mon 01:00"},
		{15 * time.Minute, grid{monday, monday.AddDate(0, 0, 35), 708}, spike{first: 337, last: 337}, "2 Dec about 15:49"},
		{time.Hour, grid{monday, monday.AddDate(1, 0, 0), 365}, spike{first: 10, last: 10}, "26 Nov"},
	} {
		d := &data{width: c.width}
		if got := d.spikeAt(c.g, c.s); !strings.HasSuffix(got, c.want[strings.Index(c.want, " "):]) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// However narrow an overview is, all four bands of its rows are explained.
func TestBandsAreExplained(t *testing.T) {
	for _, width := range []int{LeastWidth, narrowBelow, 1200} {
		h := manyLUNs(mostOwn + 1)
		h.Width = width
		img := decode(t, painted(t, h.gathered(t), drawIO))
		for _, col := range bandColours() {
			if !hasSample(img, col) {
				t.Errorf("%d pixels wide: no sample of %v", width, col)
			}
		}
	}
}

// hasSample reports that a picture has a box of a colour that is as large as a key's.
func hasSample(img image.Image, col color.RGBA) bool {
	is := func(x, y int) bool { return color.RGBAModel.Convert(img.At(x, y)) == col }
	for y := range img.Bounds().Dy() {
		for x, run := 0, 0; x < img.Bounds().Dx(); x++ {
			if is(x, y) {
				run++
				continue
			}
			if run == keyWide && is(x-keyWide, y+8) && is(x-1, y+8) && !is(x-1, y+9) && !is(x-1, y-1) {
				return true
			}
			run = 0
		}
	}
	return false
}

// The lines of a finding after its first are all set in as far.
func TestWrappedIsSetIn(t *testing.T) {
	all := wrapped(testFonts(t), []finding{{text: "Primary store: " + strings.Repeat("slow for 32 h since Tue 09:00; ", 8)}}, 300)
	if len(all) < 3 {
		t.Fatalf("%d lines", len(all))
	}
	for i, l := range all {
		if in := len(l.text) - len(strings.TrimLeft(l.text, " ")); (i == 0) != (in == 0) || i > 0 && in != 3 {
			t.Errorf("line %d is set in by %d: %q", i+1, in, l.text)
		}
	}
}

// Space that a store keeps once an hour is one line, and an hour without any in fine data
// is a gap.
func TestSpaceLineOfHours(t *testing.T) {
	g := grid{monday, monday.AddDate(0, 0, 2), 48 * 4}
	s := newSpaceLine(g, 15*time.Minute)
	add := func(at time.Duration) {
		s.add(&series.Space{At: monday.Add(at), SizeBytes: 100, UsedBytes: 50, AvailBytes: 50, FreeBytes: 50})
	}
	for h := range 24 {
		add(time.Duration(h)*time.Hour + 56*time.Minute)
	}
	for m := 24 * 60; m < 48*60; m += 5 {
		if m < 30*60 || m >= 31*60 {
			add(time.Duration(m) * time.Minute)
		}
	}
	var gaps []int
	for i, v := range s.percent {
		if v != v {
			gaps = append(gaps, i)
		}
	}
	// Before the first two, between them, and from 30:00 to 31:00.
	if want := []int{0, 1, 2, 4, 5, 6, 120, 121, 122, 123}; !slices.Equal(gaps, want) {
		t.Errorf("no line in columns %v, want %v", gaps, want)
	}
}

// Old hours have bins and no intervals, and the footnotes say so.
func TestBinsOfOldHours(t *testing.T) {
	d := &data{typical: time.Minute, grid: grid{monday, monday.Add(6 * time.Hour), 1100}}
	if d.resolution() != "each interval's mean" || d.percentileOver() != "raw intervals" {
		t.Errorf("minutes: %q over %q", d.resolution(), d.percentileOver())
	}
	d.typical, d.meanMS = 15*time.Minute, 60_000
	if d.resolution() != "means of 15 min" || d.percentileOver() != "15 min means" {
		t.Errorf("bins: %q over %q", d.resolution(), d.percentileOver())
	}
}
