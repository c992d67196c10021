package facts

import (
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// A state in the last data lasts only if that data is of now: not after the data ended,
// nor after the range did.
func TestOpenEnds(t *testing.T) {
	gone, full, ro := mysql(), mysql(), mysql()
	gone.Gone, gone.LastEnd = at(5, 8, 0), at(5, 8, 0)
	full.Space, full.SpaceOK = &series.Space{At: at(6, 20, 0), SizeBytes: 1 << 40, UsedBytes: 94 << 30, AvailBytes: 6 << 30}, true
	ro.History = []mapper.Entry{
		entry(at(-9, 0, 0), func(*mapper.LUN) {}),
		entry(at(5, 2, 0), func(l *mapper.LUN) { l.Mounts = []mapper.Mount{{Point: "/opt/zimbra/db", RO: true}} }),
	}
	other := mysql() // of the same host, and there until the end
	for _, c := range []struct {
		name    string
		lastEnd time.Time // of all but the one that is gone
		made    time.Time
		until   time.Time // zero: lasts
		says    string    // at the end
	}{
		{"now", at(7, 0, 0), at(7, 0, 0), time.Time{}, ""},
		{"the collector stopped", at(6, 20, 0), at(7, 0, 0), at(6, 20, 0), "; the data ended at Sun 20:00"},
		{"the range is over", at(7, 0, 0), at(9, 0, 0), at(7, 0, 0), ""},
		{"both", at(6, 20, 0), at(9, 0, 0), at(6, 20, 0), "; the data ended at Sun 20:00"},
	} {
		full.LastEnd, ro.LastEnd, other.LastEnd = c.lastEnd, c.lastEnd, c.lastEnd
		in := week(gone, full, ro, other)
		in.Made = c.made
		all := Find(in)
		if len(all) != 3 {
			t.Fatalf("%s: %d findings", c.name, len(all))
		}
		for _, f := range all {
			if !f.Until.Equal(c.until) || f.Unended == c.until.IsZero() || !strings.HasSuffix(f.Text, c.says) || c.says == "" && strings.Contains(f.Text, "ended") {
				t.Errorf("%s: until %v: %s", c.name, f.Until, f.Text)
			}
		}
	}
}

// A stall is followed beyond the end of the range: there it lasts, was over, or the data
// ended.
func TestStallAfterTheRange(t *testing.T) {
	for _, c := range []struct {
		name     string
		to, last time.Time
		until    time.Time
		made     time.Time
		says     string
	}{
		{"lasts till today", at(9, 12, 0), at(9, 12, 0), time.Time{}, at(9, 12, 1), "stalled since Sun 23:00: no I/O"},
		{"was over", at(8, 12, 0), at(9, 12, 0), at(8, 12, 0), at(9, 12, 1), "to Tue 1 Dec 12:00"},
		{"the data ended", at(8, 12, 0), at(8, 12, 0), at(8, 12, 0), at(9, 12, 1), "and was when the data ended at Tue 1 Dec 12:00"},
		{"nobody looked on", at(7, 0, 0), at(7, 0, 0), at(7, 0, 0), at(9, 12, 1), "and was at the end of the range"},
	} {
		l := mysql()
		l.Stalls, l.LastEnd = []Span{{at(6, 23, 0), c.to}}, c.last
		in := week(l)
		in.Made = c.made
		if f := Find(in)[0]; !f.Until.Equal(c.until) || !strings.Contains(f.Text, c.says) {
			t.Errorf("%s: until %v: %s", c.name, f.Until, f.Text)
		}
	}
}
