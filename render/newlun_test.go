package render

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/render/facts"
)

// newcomer is a host with one LUN since before Monday and one that came at noon and
// went at six.
func newcomer() (*memory, mapper.LUN) {
	old := joinLUN("LVM-old", mapper.ReachMoving, nil)
	fresh := joinLUN("LVM-new", mapper.ReachMoving, func(l *mapper.LUN) { l.DMName, l.Label = "vg-new", "New" })
	return nodes(node{"a", -60, 0, [][2]int{{-60, 24 * 60}}, old}, node{"a", 12 * 60, 18 * 60, [][2]int{{12 * 60, 18*60 - 1}}, fresh}), fresh
}

// The time before a LUN was first seen is not a gap of the collector, nor is the time
// after it was last seen, in any report.
func TestNewLUN(t *testing.T) {
	noon, six := monday.Add(12*time.Hour), monday.Add(18*time.Hour-time.Minute)
	for _, tt := range []struct {
		name string
		only bool
		last time.Duration
	}{{"among others", false, 24 * time.Hour}, {"alone", true, 24 * time.Hour}, {"alone, by minutes", true, 23 * time.Hour}} {
		m, fresh := newcomer()
		o := Options{From: monday, To: monday.Add(tt.last)}
		if tt.only {
			o.Keys = []series.Key{{ID: fresh.ID, Host: "a", Source: series.SourceHost}}
		}
		d, err := gather(context.Background(), m, o.withDefaults())
		if err != nil {
			t.Fatal(err)
		}
		l := d.luns[slices.IndexFunc(d.luns, func(l *lun) bool { return l.entry.LUN.ID == fresh.ID })]
		want := []gap{{Span: facts.Span{From: monday, To: noon}, cause: causeNew}, {Span: facts.Span{From: six, To: o.To}, cause: causeAbsent}}
		if !slices.Equal(l.gaps, want) {
			t.Errorf("%s: gaps %v, want %v", tt.name, l.gaps, want)
		}
		if have, all := d.present(); have != all || len(d.missing) > 0 {
			t.Errorf("%s: %v of %v, missing %v", tt.name, have, all, d.missing)
		}
		if evs := d.events(d.grid, l); len(evs) != 1 || evs[0].text != "new" || !evs[0].From.Equal(noon) {
			t.Errorf("%s: the picture tells of %v", tt.name, evs)
		}
		var rows []string
		for _, row := range d.pageRows() {
			rows = append(rows, row.Under)
		}
		if got := strings.Join(rows, "\n"); strings.Count(got, "new since Mon") != 1 {
			t.Errorf("%s: the table says %q", tt.name, got)
		}
	}
}

// A LUN that was first seen in the last minute of a day is new in one day's report: the one
// that has its first interval.
func TestNewAtTheEdge(t *testing.T) {
	for _, at := range []int{-1, 0, 1, 24*60 - 2, 24*60 - 1, 24 * 60} {
		old := joinLUN("LVM-old", mapper.ReachMoving, nil)
		fresh := joinLUN("LVM-new", mapper.ReachMoving, func(l *mapper.LUN) { l.DMName, l.Label = "vg-new", "New" })
		m := nodes(node{"a", -3 * 24 * 60, 0, [][2]int{{-3 * 24 * 60, 3 * 24 * 60}}, old}, node{"a", at, 0, [][2]int{{at, 3 * 24 * 60}}, fresh})
		said := 0
		for day := -1; day <= 1; day++ {
			d := gathered(t, m, Options{From: monday.AddDate(0, 0, day), To: monday.AddDate(0, 0, day+1), Now: monday.AddDate(0, 0, 3)})
			for _, f := range d.findings {
				if f.Kind == facts.KindAppeared && f.Since.Equal(monday.Add(time.Duration(at)*time.Minute)) {
					said++
				}
			}
		}
		if said != 1 {
			t.Errorf("new in minute %d: said by %d reports", at, said)
		}
	}
}

func TestNewLUNInNumbers(t *testing.T) {
	m, _ := newcomer()
	var n struct{ LUNs []struct{ Gaps []gapJSON } }
	if err := json.Unmarshal(files(t, m, Options{From: monday, To: monday.Add(24 * time.Hour), Width: LeastWidth})[numbersFile], &n); err != nil {
		t.Fatal(err)
	}
	var causes []string
	for _, l := range n.LUNs {
		for _, g := range l.Gaps {
			causes = append(causes, g.Cause)
		}
	}
	if !slices.Equal(causes, []string{"new", "LUN absent"}) {
		t.Errorf("causes %q", causes)
	}
}

// An outage of the collector stays one, whatever LUNs came during it.
func TestNewLUNAfterAnOutage(t *testing.T) {
	old := joinLUN("LVM-old", mapper.ReachMoving, nil)
	fresh := joinLUN("LVM-new", mapper.ReachMoving, func(l *mapper.LUN) { l.DMName, l.Label = "vg-new", "New" })
	m := nodes(node{"a", -60, 0, [][2]int{{-60, 300}, {400, 600}}, old}, node{"a", 400, 0, [][2]int{{400, 600}}, fresh})
	d, err := gather(context.Background(), m, Options{From: monday, To: monday.Add(10 * time.Hour)}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	if len(d.missing) != 1 || d.missing[0].cause != causeNotRun || d.missing[0].Long() != 100*time.Minute {
		t.Errorf("missing %v", d.missing)
	}
	for _, l := range d.luns {
		if want := map[mapper.ID]string{"LVM-old": causeNotRun, "LVM-new": causeNew}[l.entry.LUN.ID]; len(l.gaps) != 1 || l.gaps[0].cause != want {
			t.Errorf("%s: gaps %v, want %s", l.title, l.gaps, want)
		}
	}
}

// LUNs of one name have a title and a file each, the same whichever others the report
// has.
func TestOneName(t *testing.T) {
	lun := func(id mapper.ID, change func(*mapper.LUN)) mapper.LUN {
		return joinLUN(id, mapper.ReachMoving, func(l *mapper.LUN) {
			l.DMName, l.Label = "mail-nightly", ""
			if change != nil {
				change(l)
			}
		})
	}
	const day = 24 * 60
	for _, tt := range []struct {
		name  string
		nodes []node
		want  []string
	}{
		{"by the day", []node{
			{"a", 0, day, [][2]int{{0, day - 1}}, lun("LVM-1", nil)}, {"a", day, 2 * day, [][2]int{{day, 2*day - 1}}, lun("LVM-2", nil)},
		}, []string{"mail-nightly (since 16 Nov)", "mail-nightly (since 17 Nov)"}},
		{"by the minute", []node{
			{"a", 0, 10, [][2]int{{0, 9}}, lun("LVM-1", nil)}, {"a", 10, 20, [][2]int{{10, 19}}, lun("LVM-2", nil)}, {"a", day, 0, [][2]int{{day, day + 9}}, lun("LVM-3", nil)},
		}, []string{"mail-nightly (since 16 Nov 00:00)", "mail-nightly (since 16 Nov 00:10)", "mail-nightly (since 17 Nov 00:00)"}},
		{"by the uuid", []node{
			{"a", 0, 0, [][2]int{{0, 9}}, lun("LVM-aaaabbbbccccdddd", nil)}, {"a", 0, 0, [][2]int{{0, 9}}, lun("LVM-eeeeffffgggghhhh", nil)},
		}, []string{"mail-nightly (uuid …ccccdddd)", "mail-nightly (uuid …gggghhhh)"}},
		{"uuids that end alike", []node{
			{"a", 0, 0, [][2]int{{0, 9}}, lun("1-xxxxxxxxxxxxxxxxxxxxxxxx", nil)}, {"a", 0, 0, [][2]int{{0, 9}}, lun("2-xxxxxxxxxxxxxxxxxxxxxxxx", nil)},
		}, nil},
		{"one is called what another is told apart by", []node{
			{"a", 0, 0, [][2]int{{0, 9}}, lun("LVM-1", nil)}, {"a", day, 0, [][2]int{{day, day + 9}}, lun("LVM-2", nil)},
			{"a", 0, 0, [][2]int{{0, 9}}, lun("LVM-3", func(l *mapper.LUN) { l.DMName, l.Label = "x", "mail-nightly (since 17 Nov)" })},
		}, nil},
		{"on two hosts", []node{
			{"a", 0, 0, [][2]int{{0, 9}}, lun("LVM-1", nil)}, {"b", 0, 0, [][2]int{{0, 9}}, lun("LVM-2", nil)}, {"b", 10, 0, [][2]int{{10, 19}}, lun("LVM-3", nil)},
		}, []string{"mail-nightly on a", "mail-nightly on b (since 16 Nov 00:00)", "mail-nightly on b (since 16 Nov 00:10)"}},
	} {
		d, err := gather(context.Background(), nodes(tt.nodes...), Options{From: monday, To: monday.AddDate(0, 0, 2), Zone: time.UTC}.withDefaults())
		if err != nil {
			t.Fatal(err)
		}
		var titles, pictures []string
		for _, l := range d.luns {
			titles, pictures = append(titles, l.title), append(pictures, l.file)
		}
		slices.Sort(titles)
		slices.Sort(pictures)
		if tt.want != nil && !slices.Equal(titles, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, titles, tt.want)
		}
		if n := len(tt.nodes); len(slices.Compact(titles)) != n || len(slices.Compact(pictures)) != n {
			t.Errorf("%s: titles %q, pictures %q", tt.name, titles, pictures)
		}
	}
}
