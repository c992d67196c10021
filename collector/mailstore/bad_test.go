package mailstore

import (
	"testing"
	"time"

	"lunstat/collector/series"
)

// The sixth week, minute by minute: who is slow when, the stall, and no HSM; the five
// before are those of a model without it.
func TestBadWeek(t *testing.T) {
	start := time.Date(2026, 10, 19, 0, 0, 0, 0, time.UTC)
	plain, bad := New(Options{Start: start}), New(Options{Start: start, BadWeek: true})
	for a, ok := plain.Next(); ok; a, ok = plain.Next() {
		b, _ := bad.Next()
		for i := range a.Readings {
			if a.Readings[i] != b.Readings[i] {
				t.Fatalf("%v: %+v, without the bad week %+v", b.At.Wall, b.Readings[i], a.Readings[i])
			}
		}
	}
	last := map[string]series.Reading{}
	slow, still, day := map[string]int{}, 0, start.AddDate(0, 0, 35)
	var primary, secondary [2]uint64
	for s, ok := bad.Next(); ok; s, ok = bad.Next() {
		for i, r := range s.Readings {
			name := s.LUNs[i].DMName
			was := last[name]
			last[name] = r
			ios := r.WriteIOs + r.ReadIOs - was.WriteIOs - was.ReadIOs
			ms := r.WriteMS + r.ReadMS - was.WriteMS - was.ReadMS
			if was.Kernel == "" {
				continue
			}
			if ios > 0 && uint64(ms)/ios >= 30 {
				slow[name]++
			}
			if name == "zimbra1_primary-store" && ios == 0 && r.Inflight > 0 && was.Inflight > 0 {
				still++
			}
		}
		for _, sp := range s.Spaces {
			which := map[string]*[2]uint64{"/opt/zimbra/store": &primary, "/opt/zimbra/hsm": &secondary}[sp.Mount]
			if which == nil {
				continue
			}
			if which[0] == 0 {
				which[0] = sp.UsedBytes
			}
			which[1] = max(which[1], sp.UsedBytes)
		}
	}
	for _, name := range []string{"zimbra1_sqldb-data", "zimbra1_redo-redo", "zimbra1_primary-store", "zimbra1_index-index"} {
		if n := slow[name]; n < 4*8*60*9/10 || n > 4*8*60+200 {
			t.Errorf("%s is slow for %d minutes, want about %d", name, n, 4*8*60)
		}
	}
	for _, name := range []string{"zimbra1_secondary-first", "sysvg-root", "sysvg-var"} {
		if slow[name] > 0 {
			t.Errorf("%s is slow for %d minutes", name, slow[name])
		}
	}
	if still < 32 { // of 33: at the begin of the first nothing may have been in flight
		t.Errorf("the primary store answers nothing for %d minutes", still)
	}
	if secondary[1] != secondary[0] || primary[1] <= primary[0] {
		t.Errorf("from %v: secondary store %v, primary store %v", day, secondary, primary)
	}
	if n := bad.Notes(); len(n) != 2 || !n[1].At.Equal(day) || n[1].Text != "moved these 2,000 users on to mailstore2" {
		t.Errorf("%v", n)
	}
}
