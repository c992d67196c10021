package render

import (
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/collector/mailstore"
	"lunstat/collector/series"
)

// A full filesystem is the loudest in its picture, one that is gone grey and last.
func TestFullIsLoudest(t *testing.T) {
	d := stalledWeek().gathered(t)
	luns := d.withSpace()
	if luns[0].title != "Log" || luns[len(luns)-1].title != "Index" {
		t.Errorf("first %s, last %s", luns[0].title, luns[len(luns)-1].title)
	}
	ch := &chart{theme: paper(), d: d}
	full, other, gone := ch.spaceStroke(luns[0]), ch.spaceStroke(luns[1]), ch.spaceStroke(luns[len(luns)-1])
	if full.Color != color.Color(paper().alarm) || full.Width <= other.Width {
		t.Errorf("a full one is %v, others %v", full, other)
	}
	if r, g, b, _ := gone.Color.RGBA(); r>>8 < 0xA0 || g>>8 < 0xA0 || b>>8 < 0xA0 {
		t.Errorf("one that is gone is %v", gone.Color)
	}
	compare(t, "testdata/stalled-disk-space.png", painted(t, d, drawSpace))
}

// Sixty filesystems are twelve lines and a table.
func TestTwelveLines(t *testing.T) {
	content := painted(t, manyLUNs(60).gathered(t), drawSpace)
	if high := decode(t, content).Bounds().Dy(); high > 1100 {
		t.Errorf("it is %d pixels high", high)
	}
}

// Where blocks are reserved, used and free don't add up, and it says for whom they are.
func TestReserved(t *testing.T) {
	const g = 1 << 30
	for _, tt := range []struct {
		s    series.Space
		want string
	}{
		{series.Space{SizeBytes: 252 * g, UsedBytes: 15 * g, AvailBytes: 77 * g}, "15 GiB of 252 GiB used, 77 GiB free for users"},
		{series.Space{SizeBytes: 100 * g, UsedBytes: 15 * g, AvailBytes: 80 * g}, "15 GiB of 100 GiB used, 80 GiB free"},
		{series.Space{SizeBytes: 100 * g, UsedBytes: 30 * g, AvailBytes: 80 * g}, "30 GiB of 100 GiB used, 80 GiB free"},
	} {
		if got := spaceWords(&tt.s); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// A LUN's picture has reads up and writes down on one scale, the limit within the frame
// of await, and a filesystem that says nothing low.
func TestPanels(t *testing.T) {
	d := stalledWeek().gathered(t)
	l := d.luns[slices.IndexFunc(d.luns, func(l *lun) bool { return l.title == "MySQL data" })]
	var names []string
	for _, p := range l.panels(d) {
		names = append(names, p.name)
		s := p.scale(l)
		switch p.name {
		case "I/O operations", "Throughput":
			if !p.mirrored() || s.down < largest(p.lines[1].view.line().mean) || s.top < largest(p.lines[0].view.line().mean) {
				t.Errorf("%s goes from %v down to %v up", p.name, s.down, s.top)
			}
		case "Await":
			if p.level != 20 || s.top < 20 {
				t.Errorf("the limit is %v, the frame of await ends at %v", p.level, s.top)
			}
		}
	}
	if got := strings.Join(names, ", "); got != "I/O operations, Throughput, Await, Queue, Busy" {
		t.Errorf("panels: %s", got)
	}
	if !l.spaceFlat() || d.withSpace()[0].spaceFlat() {
		t.Error("a line that says nothing is not low, or one that fills is")
	}
	if got := marks(mirrorScale(480, 150, 4, "")); got != "200 0 200 400 600" {
		t.Errorf("up to 480 and down to 150: %s", got)
	}
}

// Behind the curves is what was usual, exactly, and not where two weeks aren't known.
func TestUsualBand(t *testing.T) {
	week := 7 * 24
	m := made{luns: madeLUNs(1), start: monday, every: time.Hour, n: 5 * week, ios: func(_, i int) uint64 { return uint64(3600 * (10*(i/week+1) + i%24)) }}
	src := m.source()
	for _, tt := range []struct {
		weeks          int
		least, largest float64
	}{{5, 15, 60}, {4, 15, 45}, {3, 15, 30}, {2, 0, 0}} {
		to := monday.AddDate(0, 0, 7*tt.weeks)
		d := hard{src, Options{From: to.AddDate(0, 0, -7), To: to, Now: to}}.gathered(t)
		l := d.luns[0]
		least, largest := l.usualBand(d.grid, iops)
		if tt.largest == 0 {
			if least != nil || d.usualKeys(d.luns) != nil {
				t.Errorf("of %d weeks there is a usual", tt.weeks)
			}
			continue
		}
		// From the middle of an hour to that of the next it goes in a straight line.
		col := int(time.Hour / d.grid.width())
		more := 1.5 * ((float64(col)+0.5)*d.grid.width().Hours() - 0.5)
		if v, w := least[col], largest[col]; math.Abs(v-tt.least-more) > 1e-6 || math.Abs(w-tt.largest-more) > 1e-6 {
			t.Errorf("of %d weeks the usual %v × 1.5 after the first half hour is %v to %v, want that much more than %v to %v", tt.weeks, more/1.5, v, w, tt.least, tt.largest)
		}
		top, says := d.highestHour(l)
		if want := 1.5 * float64(10*tt.weeks+23); top != want || !strings.HasPrefix(says, "highest hour that is known") {
			t.Errorf("the highest hour is %v: %q, want %v", top, says, want)
		}
	}
}

// Each run of HSM is marked where it began, with how much it moved and how fast; on the
// pictures of LUNs, on those of its two.
func TestHSMMarks(t *testing.T) {
	from := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	m := record(mailstore.Options{Start: from, Minutes: 14 * 24 * 60})
	to := from.AddDate(0, 0, 14)
	d := hard{m, Options{From: to.AddDate(0, 0, -7), To: to, Now: to}}.gathered(t)
	marks := func(g grid, l *lun) (out []string) {
		for _, e := range d.events(g, l) {
			if strings.HasPrefix(e.text, "HSM ") {
				out = append(out, e.text)
			}
		}
		return out
	}
	if got := marks(d.spaceGrid, nil); len(got) != 2 || !strings.Contains(got[0], "GiB in ") || !strings.HasSuffix(got[0], "MiB/s") {
		t.Errorf("the picture of space has %q", got)
	}
	for _, l := range d.luns {
		want := 0
		if l.role() == "primary" || l.role() == "secondary" {
			want = 1
		}
		if got := marks(d.grid, l); len(got) != want {
			t.Errorf("%s has the marks %q", l.title, got)
		}
	}
}
