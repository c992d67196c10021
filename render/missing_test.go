package render

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/render/facts"
)

// fleet is hosts of two LUNs each, over two hours; skip and spoil are the second's.
func fleet(hosts int, skip func(i int) bool, spoil func(m *memory)) *memory {
	all := newMemory()
	for h := range hosts {
		luns := madeLUNs(2)
		for i := range luns {
			luns[i].ID = mapper.ID(fmt.Sprintf("%s-%d", luns[i].ID, h))
		}
		m := made{luns: luns, start: monday, every: time.Minute, n: 120, host: fmt.Sprintf("mail%d", h+1)}
		if h == 1 {
			m.skip = skip
		}
		one := m.source()
		if h == 1 {
			spoil(one)
		}
		all = all.with(one)
	}
	slices.SortStableFunc(all.runs, func(a, b series.Run) int { return a.At.Wall.Compare(b.At.Wall) })
	return all
}

// One host of a fleet was down: its LUNs' gap says so, the others' go on, and the
// report knows what it lacks.
func TestGapOfOneHost(t *testing.T) {
	from, to := monday.Add(30*time.Minute), monday.Add(42*time.Minute)
	rebooted := func(m *memory) {
		m.runs = slices.DeleteFunc(m.runs, func(r series.Run) bool { return r.At.Wall.After(from) && !r.At.Wall.After(to) })
		for i := range m.runs {
			if at := &m.runs[i].At; at.Wall.After(from) {
				at.BootID, at.Mono, at.Boot = "b2", at.Wall.Sub(to), at.Wall.Sub(to)
			}
		}
	}
	skip := func(i int) bool { return i >= 30 && i < 42 }
	for _, tt := range []struct {
		hosts  int
		events []string
	}{
		{2, []string{"mail2: reboot, down 12 min"}},
		{mostNamed + 1, nil}, // too many to say it of each
	} {
		d, err := gather(context.Background(), fleet(tt.hosts, skip, rebooted), Options{From: monday, To: monday.Add(2 * time.Hour)}.withDefaults())
		if err != nil {
			t.Fatal(err)
		}
		want := []gap{{facts.Span{From: from, To: to}, causeDown, false, "mail2"}}
		if len(d.gaps) != 0 || !slices.Equal(d.missing, want) {
			t.Errorf("%d hosts: all lack %v, missing is %v", tt.hosts, d.gaps, d.missing)
		}
		for _, l := range d.luns {
			own := l.entry.Host == "mail2"
			if own != (len(l.gaps) == 1) || own && l.gaps[0].cause != causeDown {
				t.Errorf("%d hosts: gaps of %s on %s: %v", tt.hosts, l.title, l.entry.Host, l.gaps)
			}
			if evs := d.events(d.grid, l); own != (len(evs) == 1) {
				t.Errorf("%d hosts: the picture of %s on %s tells of %v", tt.hosts, l.title, l.entry.Host, evs)
			}
		}
		var told []string
		for _, e := range d.events(d.grid, nil) {
			told = append(told, e.text)
		}
		if !slices.Equal(told, tt.events) {
			t.Errorf("%d hosts: told of %q, want %q", tt.hosts, told, tt.events)
		}
		if have, all := d.present(); all != 2*time.Hour || all-have != 12*time.Minute/time.Duration(tt.hosts) {
			t.Errorf("%d hosts: %v of %v are there", tt.hosts, have, all)
		}
	}
}

// A LUN that moved to another host lacks only the time in between.
func TestMissingBetweenHosts(t *testing.T) {
	a := made{luns: madeLUNs(1), start: monday, every: time.Minute, n: 30, host: "node1"}.source()
	b := made{luns: madeLUNs(1), start: monday.Add(35 * time.Minute), every: time.Minute, n: 25, host: "node2"}.source()
	d, err := gather(context.Background(), a.with(b), Options{From: monday, To: monday.Add(time.Hour)}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	between := facts.Span{From: monday.Add(30 * time.Minute), To: monday.Add(35 * time.Minute)}
	if len(d.missing) != 1 || d.missing[0].Span != between || len(d.gaps) != 1 || d.gaps[0].Span != between || len(d.luns[0].gaps) != 1 || d.luns[0].gaps[0].Span != between {
		t.Errorf("missing %v, gaps of all %v, of the LUN %v", d.missing, d.gaps, d.luns[0].gaps)
	}
}

// What two hosts call the same is told apart by the host; two of one host by name.
func TestTitlesOfAFleet(t *testing.T) {
	m := fleet(2, nil, func(m *memory) {
		twin := m.entries[0]
		twin.LUN.ID, twin.LUN.DMName, twin.LUN.Label = "LVM-twin", "vg-other", "primary 1"
		m.entries = append(m.entries, twin)
		k := series.Key{ID: twin.LUN.ID, Host: twin.Host, Source: twin.Source}
		m.intervals[k] = slices.Clone(m.intervals[series.Key{ID: m.entries[0].LUN.ID, Host: twin.Host, Source: twin.Source}])
	})
	d, err := gather(context.Background(), m, Options{From: monday, To: monday.Add(time.Hour)}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range d.luns {
		got = append(got, l.title+" "+l.file)
	}
	want := []string{
		"mysql 0 on mail1 lun-mail1-vg-mysql0.png", "mysql 0 on mail2 lun-mail2-vg-mysql0.png", "primary 1 (vg-other) lun-vg-other.png",
		"primary 1 (vg-primary1) on mail1 lun-mail1-vg-primary1.png", "primary 1 (vg-primary1) on mail2 lun-mail2-vg-primary1.png",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
