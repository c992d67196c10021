package render

import (
	"slices"
	"strings"
	"testing"
	"time"
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
}

// The footnotes explain nights and weekends only where there are some.
func TestShadesThatAppear(t *testing.T) {
	d := busyWeek().gathered(t)
	at := func(day, hour int) time.Time { return monday.AddDate(0, 0, day).Add(time.Duration(hour) * time.Hour) }
	for _, c := range []struct {
		from, to time.Time
		want     string
	}{
		{at(3, 8), at(3, 14), ""}, {at(3, 20), at(4, 2), "night, 22–6 h"}, {at(5, 9), at(5, 12), "weekend"}, {at(0, 0), at(7, 0), "night, 22–6 h, weekend"},
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
