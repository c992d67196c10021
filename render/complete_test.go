package render

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/render/facts"
)

// hosted is a host with a filesystem on each of some LUNs, watched minute by minute.
func hosted(luns, minutes int) made {
	return made{luns: madeLUNs(luns), start: monday, every: time.Minute, n: minutes, space: func(l, _ int) int { return 930 - l*400 }}
}

// drop removes a LUN's data from a moment onwards.
func drop(m *memory, id mapper.ID, from time.Time) {
	k := series.Key{ID: id, Host: "box", Source: series.SourceHost}
	m.intervals[k] = slices.DeleteFunc(m.intervals[k], func(i series.Interval) bool { return i.End.After(from) })
	m.spaces[k] = slices.DeleteFunc(m.spaces[k], func(s series.Space) bool { return s.At.After(from) })
	for i := range m.entries {
		if m.entries[i].LUN.ID == id {
			m.entries[i].To = from.Add(time.Minute)
		}
	}
}

func gathered(t *testing.T, m Source, o Options) *data {
	t.Helper()
	d, err := gather(context.Background(), m, o.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A range without any data isn't drawn, although space is remembered from before it.
func TestRangeInsideAGap(t *testing.T) {
	m := hosted(2, 5*24*60)
	hole := facts.Span{From: monday.Add(24 * time.Hour), To: monday.Add(48 * time.Hour)}
	m.skip = func(i int) bool {
		end := monday.Add(time.Duration(i+1) * time.Minute)
		return hole.Overlaps(facts.Span{From: end, To: end.Add(1)})
	}
	src := m.source()
	for k, list := range src.spaces {
		src.spaces[k] = slices.DeleteFunc(list, func(s series.Space) bool { return hole.Overlaps(facts.Span{From: s.At, To: s.At.Add(1)}) })
	}
	in := Options{From: hole.From.Add(time.Hour), To: hole.To.Add(-time.Hour)}
	var empty *EmptyRangeError
	if _, err := gather(context.Background(), src, in.withDefaults()); !errors.As(err, &empty) {
		t.Errorf("a range inside a gap: %v", err)
	}
	// Two minutes of it are enough, and the rest is missing.
	d := gathered(t, src, Options{From: in.From, To: hole.To.Add(time.Minute)})
	if have, want := d.present(); have != 2*time.Minute || want != 23*time.Hour+time.Minute || d.complete.whole {
		t.Errorf("%v of %v are there", have, want)
	}
	if len(d.missing) != 1 || d.missing[0].cause != causeNotRun {
		t.Errorf("missing: %v", d.missing)
	}
}

// A host of a fleet that says nothing is missing for all of the range.
func TestSilentHost(t *testing.T) {
	a, b := hosted(1, 24*60), hosted(1, 24*60)
	b.host, b.luns[0].ID, b.luns[0].DMName = "silent", "LVM-other", "vg-other"
	silent := b.source()
	for k := range silent.intervals {
		silent.intervals[k] = silent.intervals[k][:60]
		silent.spaces[k] = silent.spaces[k][:60]
	}
	src := a.source().with(silent)
	d := gathered(t, src, Options{From: monday.Add(2 * time.Hour), To: monday.Add(4 * time.Hour)})
	if have, want := d.present(); want != 2*time.Hour || have != time.Hour {
		t.Errorf("%v of %v are there on average", have, want)
	}
	if len(d.missing) != 1 || d.missing[0].host != "silent" || d.missing[0].Long() != 2*time.Hour {
		t.Errorf("missing: %v", d.missing)
	}
	l := d.luns[slices.IndexFunc(d.luns, func(l *lun) bool { return l.entry.Host == "silent" })]
	if got := d.fillWords(l); got != "was 93 %" || d.end(l) != " · nothing known in this range" {
		t.Errorf("its fill is %q, %q", got, d.end(l))
	}
	for _, f := range d.findings {
		if f.Of >= 0 && d.luns[f.Of] == l && f.Troubling() {
			t.Errorf("of a LUN of which nothing is known: %q", f.Text)
		}
	}
}

// Before the first run nobody looked, though the host had been booted in that time:
// on the page, in the pictures of LUNs and of space.
func TestYoungHost(t *testing.T) {
	m := hosted(2, 60).source()
	for i := range m.runs {
		m.runs[i].At.Mono, m.runs[i].At.Boot = time.Duration(i+1)*time.Minute, time.Duration(i+1)*time.Minute
	}
	end := monday.Add(time.Hour)
	for _, o := range []Options{{From: end.AddDate(0, 0, -7), To: end}, {From: end.Add(-23 * time.Hour), To: end}, {From: end.AddDate(0, -2, 0), To: end}} {
		o.Now = end.Add(20 * time.Second)
		d := gathered(t, m, o)
		want := []gap{{Span: facts.Span{From: o.From, To: monday}, cause: causeBefore}}
		if !slices.Equal(d.missing, want) {
			t.Errorf("from %s: missing %v", o.From, d.missing)
		}
		for _, l := range append(d.luns, nil) {
			if l != nil && !slices.Equal(l.gaps, want) {
				t.Errorf("from %s: gaps of %s: %v", o.From, l.title, l.gaps)
			}
			evs := d.events(d.grid, l)
			if len(evs) != 1 || !strings.HasPrefix(evs[0].text, "before the first run, ") {
				t.Errorf("from %s: a picture tells of %v", o.From, evs)
			}
		}
		if got := d.events(d.spaceGrid, nil); d.spaceGrid == d.grid && len(got) != 1 || !slices.Equal(d.blank(), want) {
			t.Errorf("from %s: the picture of space tells of %v", o.From, got)
		}
		if !strings.Contains(d.when(o.From, o.To), " · data for ") {
			t.Errorf("a report that is mostly empty doesn't say so: %s", d.when(o.From, o.To))
		}
		files(t, m, o) // and it is drawn
	}
}

// The pictures of a range that is mostly empty show what there is, with nothing cut off,
// and say so. For other ranges they show all of it.
func TestFrameOfAMostlyEmptyRange(t *testing.T) {
	m := hosted(1, 60).source()
	end := monday.Add(time.Hour)
	for _, tt := range []struct {
		name           string
		from, to, now  time.Time
		left, right    time.Time // of the frame
		space, written bool
	}{
		{"a young host", end.AddDate(0, 0, -7), end, end, monday.Add(-3 * time.Minute), end, true, true},
		{"not so young", end.Add(-4 * time.Hour), end, end, end.Add(-4 * time.Hour), end, true, false},
		{"Monday's first hour", monday, monday.AddDate(0, 0, 7), end, monday, end.Add(3 * time.Minute), true, true},
		{"a week that is over", monday, monday.AddDate(0, 0, 7), monday.AddDate(0, 0, 8), monday, monday.AddDate(0, 0, 7), true, false},
		{"no word of now", monday, monday.AddDate(0, 0, 7), time.Time{}, monday, monday.AddDate(0, 0, 7), true, false},
		{"both", monday.AddDate(-50, 0, 0), monday.AddDate(50, 0, 0), end, monday.Add(-3 * time.Minute), end.Add(3 * time.Minute), false, true},
	} {
		d := gathered(t, m, Options{From: tt.from, To: tt.to, Now: tt.now})
		if !d.grid.from.Equal(tt.left) || !d.grid.to.Equal(tt.right) {
			t.Errorf("%s: drawn from %s to %s", tt.name, d.grid.from, d.grid.to)
		}
		if tt.space && d.spaceGrid != d.grid {
			t.Errorf("%s: space is drawn from %s to %s", tt.name, d.spaceGrid.from, d.spaceGrid.to)
		}
		if said := strings.Contains(d.when(d.From, d.To), " · shown from "); said != tt.written || said != (d.reportJSON().ColumnsFrom != "") {
			t.Errorf("%s: the pictures say %q", tt.name, d.when(d.From, d.To))
		}
		seconds := 0.0
		for _, v := range d.luns[0].lines[iops].mean {
			if v == v {
				seconds += d.grid.width().Seconds()
			}
		}
		if want := time.Hour.Seconds(); seconds < want-1 || seconds > want+2*d.grid.width().Seconds() {
			t.Errorf("%s: the curve is %v s long", tt.name, seconds)
		}
	}
}

// What is still to come is not missing.
func TestRangeThatIsNotOver(t *testing.T) {
	m := hosted(2, 3*24*60).source()
	end := monday.AddDate(0, 0, 3)
	o := Options{From: monday, To: monday.AddDate(0, 0, 7), Now: end.Add(40 * time.Second)}
	d := gathered(t, m, o)
	if have, want := d.present(); have != want || want != 72*time.Hour+40*time.Second || !d.complete.whole || len(d.missing)+len(d.luns[0].gaps)+len(d.gaps) > 0 {
		t.Errorf("%v of %v are there, missing %v, of a LUN %v", have, want, d.missing, d.luns[0].gaps)
	}
	if got := d.when(d.From, d.To); !strings.HasSuffix(got, " · so far to Thu 19 Nov 00:00") {
		t.Errorf("the pictures say %q", got)
	}
	if percent, old := d.fill(d.luns[0]); percent != 93 || old {
		t.Errorf("fill %d, old %v", percent, old)
	}
	// The collector has not run for the last day, which is missing, and not more.
	o.Now = end.Add(24 * time.Hour)
	d = gathered(t, m, o)
	if have, want := d.present(); want != 96*time.Hour || have != 72*time.Hour || len(d.missing) != 1 || d.missing[0].cause != causeAfter {
		t.Errorf("%v of %v are there, missing %v", have, want, d.missing)
	}
	// A host whose clock runs ahead has sent what it has sent.
	o.Now = monday.Add(time.Hour)
	d = gathered(t, m, o)
	if have, want := d.present(); want != 72*time.Hour || have != want {
		t.Errorf("by a clock that is behind, %v of %v are there", have, want)
	}
}

// A LUN that went away is said to be gone, and its fill to be an old one.
func TestGoneLUN(t *testing.T) {
	m := hosted(2, 5*24*60).source()
	friday := monday.AddDate(0, 0, 3)
	drop(m, "LVM-0000", friday)
	d := gathered(t, m, Options{From: monday, To: monday.AddDate(0, 0, 5)})
	gone := d.luns[0]
	if got := d.goneSince(gone); !got.Equal(friday) {
		t.Fatalf("gone since %s", got)
	}
	var told []string
	for _, f := range d.findings {
		if f.Of >= 0 && f.Troubling() {
			told = append(told, f.Text)
		}
	}
	if !slices.Equal(told, []string{"mysql 0: gone since Thu 00:00; it was mounted on /srv/mysql0"}) {
		t.Errorf("worth a look: %q", told)
	}
	row := d.pageRows()[0]
	if row.Used != "was 93 %" || row.UsedClass != "" || !strings.HasSuffix(row.Under, " · gone since Thu 19 Nov 00:00") {
		t.Errorf("the table says %q (%s), %q", row.Used, row.UsedClass, row.Under)
	}
	if j := d.lunJSON(gone); j.GoneSince == nil || !j.GoneSince.Equal(friday) {
		t.Errorf("report.json says gone since %v", j.GoneSince)
	}
	if j := d.lunJSON(d.luns[1]); j.GoneSince != nil || d.end(d.luns[1]) != "" || d.fillWords(d.luns[1]) != "53 %" {
		t.Errorf("the other: gone since %v, %q", j.GoneSince, d.fillWords(d.luns[1]))
	}
	// Its fill is an old one at once, though it was asked for minutes ago.
	late := hosted(2, 600).source()
	drop(late, "LVM-0000", monday.Add(590*time.Minute))
	if l := gathered(t, late, Options{From: monday, To: monday.Add(10 * time.Hour)}); l.fillWords(l.luns[0]) != "was 93 %" {
		t.Errorf("ten minutes after it went its fill is %q", l.fillWords(l.luns[0]))
	}
	// A report of the days after that doesn't have it.
	d = gathered(t, m, Options{From: friday.Add(time.Hour), To: friday.AddDate(0, 0, 1)})
	if len(d.luns) != 1 || d.luns[0].entry.LUN.ID != "LVM-0001" {
		t.Errorf("a day later there are %d LUNs, the first is %s", len(d.luns), d.luns[0].title)
	}
}

// A filesystem that was nearly full when its host fell silent is a finding, and says when
// that was.
func TestFullWhenTheDataEnded(t *testing.T) {
	m := hosted(1, 24*60).source()
	d := gathered(t, m, Options{From: monday, To: monday.AddDate(0, 0, 3)})
	i := slices.IndexFunc(d.findings, func(f facts.Finding) bool { return f.Kind == facts.KindFull })
	if i < 0 || !strings.HasPrefix(d.findings[i].Text, "mysql 0: 93 % full, ") || !strings.HasSuffix(d.findings[i].Text, "; the data ended at Tue 00:00") {
		t.Errorf("findings: %v", d.findings)
	}
}

// A LUN that is still there and no longer mounted has no fill of today.
func TestUnmounted(t *testing.T) {
	h := hosted(1, 3*24*60)
	h.luns[0].Mounts = nil
	m := h.source()
	for k := range m.spaces {
		m.spaces[k] = m.spaces[k][:24*60]
	}
	d := gathered(t, m, Options{From: monday, To: monday.AddDate(0, 0, 3)})
	if got := d.fillWords(d.luns[0]); got != "was 93 %" || len(d.troubled()) > 0 || slices.ContainsFunc(d.findings, func(f facts.Finding) bool { return f.Kind == facts.KindFull }) {
		t.Errorf("its fill is %q; findings: %v", got, d.findings)
	}
}

// stalled marks minutes [from, to) of the first LUN as stalled, and nothing completes.
func stalled(m *memory, from, to int) {
	k := series.Key{ID: "LVM-0000", Host: "box", Source: series.SourceHost}
	for i := from; i < to; i++ {
		iv := &m.intervals[k][i]
		iv.Quality |= series.Stalled
		iv.Inflight, iv.InflightKnown = 3, true
		for _, f := range []series.Field{series.ReadIOs, series.ReadMS, series.ReadBytes, series.WriteIOs, series.WriteMS, series.WriteBytes} {
			iv.Set(f, 0)
		}
	}
	clear(m.rolled)
}

// A stall has its beginning, before the range too, and its end.
func TestStallWords(t *testing.T) {
	at := func(minute int) time.Time { return monday.Add(time.Duration(minute) * time.Minute) }
	const day = 24 * 60
	limits := map[string]time.Duration{"mysql": 20 * time.Millisecond}
	for _, tt := range []struct {
		name     string
		from, to int      // of the range
		stalls   [][2]int // minutes
		want     []facts.Span
		words    string
		picture  string
	}{
		{"over", 0, 600, [][2]int{{100, 130}}, []facts.Span{{From: at(100), To: at(130)}}, "stalled Mon 16 Nov 01:40–02:10: no I/O completed for 30 min", "stalled for 30 min"},
		{"over, by quarters", 0, 2 * day, [][2]int{{100, 104}}, []facts.Span{{From: at(100), To: at(104)}}, "stalled Mon 16 Nov 01:40–01:44: no I/O completed for 4 min", "stalled for 4 min"},
		{"twice, by quarters", 0, 2 * day, [][2]int{{100, 104}, {110, 113}}, []facts.Span{{From: at(100), To: at(104)}, {From: at(110), To: at(113)}}, "stalled 2 times, for 7 min in all; longest Mon 16 Nov 01:40–01:44", "stalled for 7 min"},
		{"at the end", 0, 600, [][2]int{{590, 600}}, []facts.Span{{From: at(590), To: at(600)}}, "stalled Mon 16 Nov 09:50–10:00: no I/O completed for 10 min", "stalled for 10 min"},
		{"at the end, and goes on", 0, 600, [][2]int{{590, 700}}, []facts.Span{{From: at(590), To: at(700)}}, "stalled Mon 16 Nov 09:50–11:40: no I/O completed for 110 min", "stalled for 10 min"},
		{"at the end, and to the end of all there is", 0, 600, [][2]int{{590, 5 * day}}, []facts.Span{{From: at(590), To: at(5 * day)}}, "stalled since Mon 16 Nov 09:50: no I/O completed for 4 days 14 h", "stalled for 10 min"},
		{"since before", 600, 1200, [][2]int{{570, 1200}}, []facts.Span{{From: at(570), To: at(1200)}}, "stalled Mon 16 Nov 09:30–20:00: no I/O completed for 10 h 30 min", "stalled for 10 h"},
		{"since long before", 3 * day, 3*day + 60, [][2]int{{50, 3*day + 60}}, []facts.Span{{From: at(50), To: at(3*day + 60)}}, "stalled Mon 16 Nov 00:50–Thu 19 Nov 01:00: no I/O completed for 3 days", "stalled for 60 min"},
		{"since long before, over", 3 * day, 5 * day, [][2]int{{50, 3*day + 60}}, []facts.Span{{From: at(50), To: at(3*day + 60)}}, "stalled Mon 16 Nov 00:50–Thu 19 Nov 01:00: no I/O completed for 3 days", "stalled for 60 min"},
		{"since there is anything", 60, 120, [][2]int{{0, 120}}, []facts.Span{{From: at(0), To: at(120)}}, "stalled Mon 16 Nov 00:00–02:00: no I/O completed for 2 h", "stalled for 60 min"},
		{"before the range only", 600, 1200, [][2]int{{100, 590}}, nil, "", "never slow"},
	} {
		m := hosted(1, 5*day).source()
		for _, s := range tt.stalls {
			stalled(m, s[0], s[1])
		}
		d := gathered(t, m, Options{From: at(tt.from), To: at(tt.to), Limits: limits})
		l := d.luns[0]
		if !slices.Equal(l.stalls, tt.want) {
			t.Errorf("%s: stalls %v, want %v", tt.name, l.stalls, tt.want)
			continue
		}
		if tt.want != nil && d.stallWords(l) != tt.words {
			t.Errorf("%s: %q, want %q", tt.name, d.stallWords(l), tt.words)
		}
		if got := d.slowWords(l); got != tt.picture {
			t.Errorf("%s: the picture says %q, want %q", tt.name, got, tt.picture)
		}
	}
}

// A stall lasts while the collector does not run: over the long interval after it, no I/O
// completed either. A range that ends in between looks for its end.
func TestStallAcrossAGap(t *testing.T) {
	at := func(minute int) time.Time { return monday.Add(time.Duration(minute) * time.Minute) }
	m := hosted(1, 24*60).source()
	stalled(m, 100, 240)
	k := series.Key{ID: "LVM-0000", Host: "box", Source: series.SourceHost}
	list := m.intervals[k]
	long := list[209]
	long.ElapsedMS, long.SpanMS, long.Quality = 90*60_000, 90*60_000, series.Stalled|series.Long
	m.intervals[k] = slices.Concat(list[:120], []series.Interval{long}, list[210:])
	clear(m.rolled)
	for _, to := range []int{150, 205, 600} {
		d := gathered(t, m, Options{From: monday, To: at(to), Now: at(600)})
		if got, want := d.luns[0].stalls, []facts.Span{{From: at(100), To: at(240)}}; !slices.Equal(got, want) {
			t.Errorf("to %v: stalls %v, want %v", at(to), got, want)
		}
	}
}

// If the raw intervals of bins are gone, a stall has the bins' times.
func TestStallWithoutRaw(t *testing.T) {
	m := hosted(1, 2*24*60).source()
	stalled(m, 100, 104)
	k := series.Key{ID: "LVM-0000", Host: "box", Source: series.SourceHost}
	m.intervals[k] = series.Roll(m.intervals[k], 15*time.Minute)
	d := gathered(t, m, Options{From: monday, To: monday.AddDate(0, 0, 2)})
	want := facts.Span{From: monday.Add(90*time.Minute - time.Minute), To: monday.Add(104 * time.Minute)}
	if len(d.luns[0].stalls) != 1 || d.luns[0].stalls[0].Long() > 16*time.Minute {
		t.Errorf("stalls %v, want about %v", d.luns[0].stalls, want)
	}
}

// Page, pictures and report.json say the same about how much data there is, whatever is
// missing.
func TestCompletenessIsOneValue(t *testing.T) {
	for _, seconds := range []int{0, 1, 59, 60, 89, 90, 91, 1000, 3599, 40_000} {
		m := hosted(1, 24*60).source()
		k := series.Key{ID: "LVM-0000", Host: "box", Source: series.SourceHost}
		from := monday.Add(5 * time.Hour)
		list := slices.DeleteFunc(m.intervals[k], func(i series.Interval) bool {
			return i.End.After(from) && !i.End.After(from.Add(time.Duration(seconds)*time.Second+59*time.Second)) && seconds > 2
		})
		for i := range list { // the first after the hole is as short as it has to be
			if list[i].End.After(from) && seconds > 2 {
				gone := list[i].Start().Sub(from)
				list[i].ElapsedMS += uint64((gone - time.Duration(seconds)*time.Second).Milliseconds())
				list[i].SpanMS = list[i].ElapsedMS
				break
			}
		}
		m.intervals[k] = list
		o := Options{From: monday, To: monday.Add(23 * time.Hour)}
		got := files(t, m, o)
		var n reportJSON
		if err := json.Unmarshal(got[numbersFile], &n); err != nil {
			t.Fatal(err)
		}
		c := n.Completeness
		page := fmt.Sprintf("%s of %s minutes are there", number(float64(c.PresentMinutes), 0), number(float64(c.ExpectedMinutes), 0))
		if !strings.Contains(string(got[pageFile]), page) {
			t.Errorf("%d s: report.json has %d of %d, the page another", seconds, c.PresentMinutes, c.ExpectedMinutes)
		}
		whole := seconds < 60
		if whole != (c.PresentMinutes == c.ExpectedMinutes) || whole != (c.Percent == 100) || whole != strings.Contains(string(got[pageFile]), "(100.0\u00a0%)") {
			t.Errorf("%d s missing: %+v", seconds, c)
		}
	}
}
