package storetest

import (
	"reflect"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// mapped commits a mapping at a minute.
func mapped(t *testing.T, s Store, host string, minute int, luns ...mapper.LUN) time.Time {
	t.Helper()
	at := Start.Add(time.Duration(minute) * time.Minute)
	m := Minute(host, at)
	m.Mapped = append([]mapper.LUN{}, luns...)
	Commit(t, s, m)
	return at
}

func entries(t *testing.T, s Store, from, to time.Time) []mapper.Entry {
	t.Helper()
	all, err := s.LUNs(t.Context(), from, to)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// ledger: a LUN that is renamed, renumbered, gone and back again has a line for
// each of its times, and the other one line.
func ledger(t *testing.T, s Store) {
	steady, lun := LUN(1), LUN(0)
	renamed, moved := lun, lun
	renamed.DMName, renamed.LV = "zimbra1-other", "other"
	moved = renamed
	moved.Kernel, moved.Dev.Minor = "dm-300", 300
	at0 := mapped(t, s, "mail1", 0, lun, steady)
	mapped(t, s, "mail1", 1, lun, steady) // nothing new
	at2 := mapped(t, s, "mail1", 2, renamed, steady)
	at3 := mapped(t, s, "mail1", 3, moved, steady)
	at4 := mapped(t, s, "mail1", 4, steady)
	at6 := mapped(t, s, "mail1", 6, moved, steady)

	want := []struct {
		lun      mapper.LUN
		from, to time.Time
	}{{lun, at0, at2}, {renamed, at2, at3}, {moved, at3, at4}, {moved, at6, time.Time{}}, {steady, at0, time.Time{}}}
	all := entries(t, s, Start.Add(-time.Hour), Start.Add(time.Hour))
	if len(all) != len(want) {
		t.Fatalf("%d lines, want %d: %+v", len(all), len(want), all)
	}
	for i, w := range want {
		e := all[i]
		if !reflect.DeepEqual(e.LUN, w.lun) || !e.From.Equal(w.from) || !e.To.Equal(w.to) {
			t.Errorf("line %d:\n got %+v\nwant %+v", i, e, w)
		}
		if e.Host != "mail1" || e.BootID != "boot-1" || e.Source != series.SourceHost {
			t.Errorf("line %d is of host %q, boot %q, source %q", i, e.Host, e.BootID, e.Source)
		}
	}
	if at5 := Start.Add(5 * time.Minute); len(entries(t, s, at5, at5)) != 1 {
		t.Errorf("at minute 5 there was one LUN, not %+v", entries(t, s, at5, at5))
	}
	if got := entries(t, s, at3, at3); len(got) != 2 || got[0].LUN.Kernel != "dm-300" {
		t.Errorf("at the minute of the change the new line holds, not %+v", got)
	}
}

func oneIdentityTwice(t *testing.T, s Store) {
	a, b := LUN(0), LUN(0)
	b.Kernel, b.Dev.Minor = "dm-9", 9
	mapped(t, s, "mail1", 0, a, b)
	mapped(t, s, "mail1", 1, a, b)
	all := entries(t, s, Start, Start.Add(time.Hour))
	if len(all) != 2 || all[0].LUN.Kernel != "dm-0" || all[1].LUN.Kernel != "dm-9" || all[0].LUN.ID == all[1].LUN.ID {
		t.Errorf("two LUNs with one identity: %+v", all)
	}
}

// colours: the order of first sight within host and role, kept for ever.
func colours(t *testing.T, s Store) {
	a, b, c := LUN(0), LUN(1), LUN(2)
	redo := b
	redo.Role = "redo"
	mapped(t, s, "mail1", 0, a, b)
	mapped(t, s, "mail2", 0, c)
	mapped(t, s, "mail1", 1, redo)
	mapped(t, s, "mail1", 2, c, a, b)
	want := map[string]int{"mail1/dm-0/mysql": 0, "mail1/dm-1/mysql": 1, "mail1/dm-1/redo": 0, "mail1/dm-2/mysql": 2, "mail2/dm-2/mysql": 0}
	seen := map[string]bool{}
	for _, e := range entries(t, s, Start, Start.Add(time.Hour)) {
		name := e.Host + "/" + e.LUN.Kernel + "/" + e.LUN.Role
		if c, ok := want[name]; !ok || e.Colour != c {
			t.Errorf("%s has colour %d, want %d", name, e.Colour, c)
		}
		seen[name] = true
	}
	if len(seen) != len(want) {
		t.Errorf("lines of %v, want %v", seen, want)
	}
}

func spaces(t *testing.T, s Store) {
	want := map[series.Key][]series.Space{}
	for n := range 40 {
		at := Start.Add(time.Duration(n) * 5 * time.Minute)
		m := Minute("mail1", at.Add(300*time.Millisecond))
		for l := range 3 {
			sp := series.Space{At: at, SizeBytes: 1<<40 + uint64(n/20)<<30, UsedBytes: uint64(n*l+1) * 4096, Inodes: 1 << 26, InodesUsed: uint64(n * 3)}
			sp.FreeBytes = sp.SizeBytes - sp.UsedBytes
			sp.AvailBytes = sp.FreeBytes - 1<<30
			if l == 2 {
				sp.Inodes, sp.InodesUsed, sp.AvailBytes = 0, 0, 0
			}
			k := Key("mail1", l)
			want[k] = append(want[k], sp)
			m.Spaces = append(m.Spaces, series.KeySpace{Key: k, Mount: LUN(l).Mounts[0].Point, Space: sp})
		}
		Commit(t, s, m)
	}
	for _, w := range Widths() {
		got := map[series.Key][]series.Space{}
		err := s.Spaces(t.Context(), All(w), func(k series.Key, sp *series.Space) error {
			c := *sp
			c.At = c.At.UTC()
			got[k] = append(got[k], c)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		wanted := map[series.Key][]series.Space{}
		for k, in := range want {
			wanted[k] = lastPerBin(in, w)
		}
		if !reflect.DeepEqual(got, wanted) {
			t.Errorf("width %s:\n got %+v\nwant %+v", w, got, wanted)
		}
	}
	q := series.Query{From: Start, To: Start.Add(10 * time.Minute), Keys: []series.Key{Key("mail1", 1)}}
	var got []series.Space
	if err := s.Spaces(t.Context(), q, func(_ series.Key, sp *series.Space) error { got = append(got, *sp); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || !got[0].At.Equal(Start.Add(5*time.Minute)) {
		t.Errorf("of ten minutes: %+v", got)
	}
}

func lastPerBin(in []series.Space, w time.Duration) []series.Space {
	if w == 0 {
		return in
	}
	var out []series.Space
	for i := range in {
		if i+1 == len(in) || series.BinOf(in[i].At, w) != series.BinOf(in[i+1].At, w) {
			out = append(out, in[i])
		}
	}
	return out
}
