package journal

import (
	"bytes"
	"compress/flate"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/collector/journal/blob"
	"lunstat/collector/series"
	"lunstat/collector/storetest"
	"lunstat/mapper"
)

// spoil changes the data of one row.
func spoil(t *testing.T, j *Journal, table string, id int64, change func([]byte) []byte) {
	t.Helper()
	var data []byte
	column := "data"
	switch table {
	case "ledger":
		column = "lun"
	case "refused":
		column = "points"
	case "warnings":
		column = "text"
	}
	if err := j.db.QueryRow(fmt.Sprintf(`SELECT %s FROM %s WHERE id = ?`, column, table), id).Scan(&data); err != nil {
		t.Fatalf("%s %d: %v", table, id, err)
	}
	if _, err := j.db.Exec(fmt.Sprintf(`UPDATE %s SET %s = ? WHERE id = ?`, table, column), change(slices.Clone(data)), id); err != nil {
		t.Fatal(err)
	}
}

func cut(b []byte) []byte { return b[:len(b)*2/3] }

// reopened closes a journal and opens it again for reading.
func reopened(t *testing.T, j *Journal, o Options) *Journal {
	t.Helper()
	again, err := Open(j.path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.Close() })
	return again
}

// said joins what was found wrong.
func said(j *Journal) string {
	var all []string
	for _, w := range j.Warnings() {
		all = append(all, w.What)
	}
	return strings.Join(all, "\n")
}

// noneAside fails if a file was set aside.
func noneAside(t *testing.T, j *Journal) {
	t.Helper()
	if aside, _ := filepath.Glob(filepath.Dir(j.path) + "/*.corrupt-*"); len(aside) > 0 {
		t.Errorf("set aside: %v", aside)
	}
}

// reads are the reads of intervals of a journal at each width.
func reads(t *testing.T, j *Journal) (sums [3]uint64) {
	t.Helper()
	for n, w := range storetest.Widths() {
		for _, in := range storetest.Read(t, j, storetest.All(w)) {
			for _, i := range in {
				sums[n] += i.Value(series.ReadIOs)
			}
		}
	}
	return sums
}

// TestDamagedSums: a damaged block costs its minute, in readers, roll-ups and the
// forwarder, and the later ones are whole.
func TestDamagedSums(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func([]byte) []byte{
		"cut":     cut,
		"empty":   func([]byte) []byte { return []byte{} },
		"version": func(b []byte) []byte { b[0] = 77; return b },
		"longer":  func(b []byte) []byte { return append(b, 0) },
		"another time": func(b []byte) []byte {
			return (&blob.Encoder{}).Block(nil, []int64{1}, []series.Interval{{End: storetest.Start}}, 0)
		},
		"a long life": func(b []byte) []byte { return longLife() },
		"a great claim": func([]byte) []byte {
			return append([]byte{1, 0xf0, 0xa2, 0x04}, make([]byte, 80_000)...) // 70,000 intervals, of at most 65,536
		},
	} {
		t.Run(name, func(t *testing.T) {
			j := open(t, Options{Sync: "normal"})
			k := storetest.Key("mail1", 0)
			var want, lost uint64
			const runs = 40 // so that hours close
			for n := range runs {
				at := storetest.Start.Add(time.Duration(n) * 4 * time.Minute)
				i := storetest.Interval(k, at, n)
				m := storetest.Minute("mail1", at, i)
				m.Mapped = []mapper.LUN{storetest.LUN(0)}
				storetest.Commit(t, j, m)
				if n == 4 {
					spoil(t, j, "sums", sumsID(5, 0), change)
					lost = i.Value(series.ReadIOs)
				}
				want += i.Value(series.ReadIOs)
			}
			if got := reads(t, j); got != [3]uint64{want - lost, want - lost, want - lost} {
				t.Errorf("%d reads at each width, want %d", got, want-lost)
			}
			out := drain(t, j, 100)
			n := 0
			for _, o := range out {
				n += len(o.Intervals)
			}
			if len(out) != runs || n != runs-1 {
				t.Errorf("%d runs with %d intervals forwarded, want %d and one less", len(out), n, runs)
			}
			if got := said(j); !strings.Contains(got, "1 block of intervals in the journal "+j.path+" is damaged and left out: the first is of 20") {
				t.Errorf("said %q", got)
			}
			reader := reopened(t, j, Options{ReadOnly: true})
			if got := reads(t, reader); got[0] != want-lost || !strings.Contains(said(reader), "1 block of intervals") {
				t.Errorf("%d reads; said %q", got, said(reader))
			}
			noneAside(t, j)
		})
	}
}

// longLife is of an interval that a host can't have been up for.
func longLife() []byte {
	at := storetest.Start.Add(4 * 4 * time.Minute)
	return (&blob.Encoder{}).Block(nil, []int64{1}, []series.Interval{{End: at, ElapsedMS: 1 << 63, SpanMS: 1 << 63}}, at.Unix())
}

// TestDamagedBins: a bin's block is left out, and those of a width that there is
// none of are nobody's.
func TestDamagedBins(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	minutes(t, j, 0, 130)
	whole := reads(t, j)
	first := series.BinOf(storetest.Start, 15*time.Minute)
	spoil(t, j, "rollup", rollupID(widths()[0], first, 0, 0), cut)
	width2 := width{code: 2, d: 4 * time.Hour}
	for _, bin := range []int64{0, first} {
		if _, err := j.db.Exec(`INSERT INTO rollup (id, data) VALUES (?, x'0100')`, rollupID(width2, bin, 0, 0)); err != nil {
			t.Fatal(err)
		}
		if _, err := j.db.Exec(`INSERT INTO closing (run, bin) VALUES (20, ?)`, rollupID(width2, bin, 0, 0)>>partBits); err != nil {
			t.Fatal(err)
		}
	}
	if got := reads(t, j); got != whole {
		t.Errorf("%d reads, were %d: want those of the minutes", got, whole)
	}
	if got := said(j); !strings.Contains(got, "1 block of bins of 15m in the journal "+j.path+" is damaged and computed again from its minutes: the first is of ") {
		t.Errorf("said %q", got)
	}
	// Without the minutes the bin is lost, and no other.
	var moved int64 = storetest.Start.Unix() + 3600
	if _, err := j.db.Exec(`INSERT INTO progress VALUES ('from_raw', ?)`, moved); err != nil {
		t.Fatal(err)
	}
	got := reads(t, j)
	if got[1] >= whole[1] || got[2] != whole[2] {
		t.Errorf("%d reads, were %d: want less in 15 minutes alone", got, whole)
	}
	if out := drain(t, j, 100); len(out) != 130 {
		t.Errorf("%d runs forwarded", len(out))
	}
	if _, _, ok, err := j.Extent(t.Context()); !ok || err != nil {
		t.Errorf("extent: %v, %v", ok, err)
	}
	if got := said(j); !strings.Contains(got, "1 block of bins of 15m in the journal "+j.path+" is damaged and left out") {
		t.Errorf("said %q", got)
	}
	noneAside(t, j)
}

// TestMendedBins: while the minutes are there, no damaged block of a bin changes a
// figure, also of bins that have several rows because the clock was set back.
func TestMendedBins(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	for _, from := range []int{0, 31, 3, 70} {
		for n := from; n < from+45; n++ {
			at := storetest.Start.Add(time.Duration(n) * time.Minute)
			m := storetest.Minute("mail1", at)
			for _, lun := range []int{0, 1, 140} { // the last is in another block
				m.Intervals = append(m.Intervals, storetest.Interval(storetest.Key("mail1", lun), at, n+from))
			}
			if n == 0 {
				for lun := range 141 {
					m.State.Last = append(m.State.Last, series.Last{Key: storetest.Key("mail1", lun), At: m.Run.At})
				}
			}
			storetest.Commit(t, j, m)
		}
	}
	var want [3]map[series.Key][]series.Interval
	for n, w := range storetest.Widths() {
		want[n] = storetest.Read(t, j, storetest.All(w))
	}
	var rows []int64
	err := each(t.Context(), j.db, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		rows = append(rows, id)
		return err
	}, `SELECT id FROM rollup`)
	if err != nil || len(rows) < 12 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, id := range rows {
		var whole []byte
		spoil(t, j, "rollup", id, func(b []byte) []byte { whole = b; return cut(b) })
		for n, w := range storetest.Widths() {
			storetest.Equal(t, storetest.Read(t, j, storetest.All(w)), want[n])
		}
		spoil(t, j, "rollup", id, func([]byte) []byte { return whole })
	}
	if got := said(j); strings.Contains(got, "left out") || !strings.Contains(got, "computed again from its minutes") {
		t.Errorf("said %q", got)
	}
}

// TestExtentOfDamagedBins: the first bin that can be read counts.
func TestExtentOfDamagedBins(t *testing.T) {
	now := storetest.Start
	j := open(t, Options{Sync: "normal", KeepRaw: time.Hour, Now: func() time.Time { return now }})
	for n := range 300 {
		now = storetest.Start.Add(time.Duration(n) * time.Minute)
		minutes(t, j, n, 1)
	}
	for _, w := range widths() {
		spoil(t, j, "rollup", rollupID(w, series.BinOf(storetest.Start, w.d), 0, 0), cut)
	}
	first, _, ok, err := j.Extent(t.Context())
	if want := storetest.Start.Truncate(15 * time.Minute).Add(15 * time.Minute); !ok || err != nil || first.Before(want) || first.After(want.Add(15*time.Minute)) {
		t.Errorf("begins at %s, %v, %v; want the quarter after %s", first, ok, err, want)
	}
}

// TestDamagedState: each part of what a run left begins afresh by itself, and the
// run after that finds all of it again.
func TestDamagedState(t *testing.T) {
	for kind, test := range map[int64]struct {
		said string
		last bool // the counters are there still
	}{
		stateLast:    {"left counters that can't be read", false},
		stateKeys:    {"", true}, // it is only a copy
		stateMapping: {"left a mapping that can't be read", true},
		stateSlow:    {"left conditions and spaces that can't be read", true},
	} {
		for name, change := range map[string]func([]byte) []byte{"cut": cut, "version": func(b []byte) []byte { b[0] ^= 0x40; return b },
			"a great claim": func(b []byte) []byte { return append([]byte{b[0], 0xff, 0xff, 0xff, 0x7f}, make([]byte, 1<<20)...) }} {
			t.Run(fmt.Sprint(kind, " ", name), func(t *testing.T) {
				j := open(t, Options{Sync: "normal"})
				commit := func(j *Journal, n int) {
					t.Helper()
					at := storetest.Start.Add(time.Duration(n) * time.Minute)
					k := storetest.Key("mail1", 0)
					m := storetest.Minute("mail1", at, storetest.Interval(k, at, n))
					m.State = series.State{Last: []series.Last{{Key: k, At: m.Run.At}}, UeventSeq: 7, BootID: "b", Mapping: []mapper.LUN{storetest.LUN(0)},
						Conditions: []series.Condition{{Warning: series.Warning{What: "w"}, Since: at, Said: at}}}
					storetest.Commit(t, j, m)
				}
				for n := range 5 {
					commit(j, n)
				}
				spoil(t, j, "state", stateID(1, kind), change)
				reader := reopened(t, j, Options{ReadOnly: true})
				if s, err := reader.State(t.Context(), "mail1"); err != nil || len(s.Last) == 1 != test.last {
					t.Errorf("read by somebody else: %+v, %v", s, err)
				}
				j = reopened(t, j, Options{Sync: "normal"})
				s, err := j.State(t.Context(), "mail1")
				if err != nil || len(s.Last) == 1 != test.last || kind == stateMapping && (s.Mapping != nil || s.UeventSeq != 0) {
					t.Errorf("%+v, %v", s, err)
				}
				if got := said(j); !strings.Contains(got, test.said) || test.said == "" && got != "" {
					t.Errorf("said %q", got)
				}
				commit(j, 5)
				if runs, err := j.Runs(t.Context(), storetest.All(time.Hour)); err != nil || len(runs) != 2 {
					t.Errorf("%d turns, %v: want the first and the last run", len(runs), err)
				}
				j = reopened(t, j, Options{Sync: "normal"})
				if s, err := j.State(t.Context(), "mail1"); err != nil || len(s.Last) != 1 || len(s.Mapping) != 1 || len(s.Conditions) != 1 || said(j) != "" {
					t.Errorf("one run later: %+v, %v; said %q", s, err, said(j))
				}
				if got := len(storetest.Read(t, j, storetest.All(0))[storetest.Key("mail1", 0)]); got != 6 {
					t.Errorf("%d intervals, want 6", got)
				}
				noneAside(t, j)
			})
		}
	}
}

// TestUnnamedSeries: one reading whose series has no name costs that LUN alone.
func TestUnnamedSeries(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	m := storetest.Minute("mail1", storetest.Start)
	m.State.Last = nil
	for n := range 3 {
		m.State.Last = append(m.State.Last, series.Last{Key: storetest.Key("mail1", n), At: m.Run.At})
	}
	storetest.Commit(t, j, m)
	keys := []series.Key{storetest.Key("mail1", 0), storetest.Key("mail1", 2)}
	spoil(t, j, "state", stateID(1, stateKeys), func([]byte) []byte {
		return blob.AppendKeys(nil, map[series.Key]int64{keys[0]: 1, keys[1]: 3}, keys)
	})
	j = reopened(t, j, Options{Sync: "normal"})
	s, err := j.State(t.Context(), "mail1")
	if err != nil || len(s.Last) != 2 || s.Last[1].Key != keys[1] || !strings.Contains(said(j), "1 LUN") {
		t.Errorf("%+v, %v; said %q", s.Last, err, said(j))
	}
}

// TestDamagedSpace: a damaged row is left out, and goes when its hour is thinned.
func TestDamagedSpace(t *testing.T) {
	t.Parallel()
	now := storetest.Start
	j := open(t, Options{Sync: "normal", KeepRaw: 2 * time.Hour, Now: func() time.Time { return now }})
	k := storetest.Key("mail1", 0)
	count := func() (n int) {
		t.Helper()
		if err := j.Spaces(t.Context(), storetest.All(0), func(series.Key, *series.Space) error { n++; return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for n := range 6 * 20 {
		now = storetest.Start.Add(time.Duration(n) * 3 * time.Minute)
		m := storetest.Minute("mail1", now, storetest.Interval(k, now, n))
		m.Spaces = []series.KeySpace{{Key: k, Mount: "/a", Space: series.Space{At: now, SizeBytes: 1 << 40, UsedBytes: uint64(n)}}}
		storetest.Commit(t, j, m)
		if n == 3 {
			spoil(t, j, "space", storetest.Start.Unix()<<secondBits, cut)
			if got := count(); got != 3 {
				t.Errorf("%d spaces, want 3", got)
			}
			if out := drain(t, j, 100); len(out) != 4 {
				t.Errorf("%d runs forwarded", len(out))
			}
		}
	}
	var left int
	err := j.db.QueryRow(`SELECT count(*) FROM space WHERE id = ?`, storetest.Start.Unix()<<secondBits).Scan(&left)
	if err != nil || left != 0 || !strings.Contains(said(j), "1 row of filesystems' space") {
		t.Errorf("%d damaged rows left, %v; said %q", left, err, said(j))
	}
}

// TestDamagedLedger: a line that can't be read costs no LUN its name, and the next
// mapping writes another.
func TestDamagedLedger(t *testing.T) {
	names := func(t *testing.T, j *Journal) (names []string) {
		t.Helper()
		luns, err := j.LUNs(t.Context(), storetest.Start, storetest.Start.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range luns {
			names = append(names, e.LUN.DMName+" "+e.LUN.Role)
		}
		return names
	}
	lun := storetest.LUN(0)
	commit := func(t *testing.T, j *Journal, n int, name string) {
		t.Helper()
		at := storetest.Start.Add(time.Duration(n) * time.Minute)
		m := storetest.Minute("mail1", at, storetest.Interval(storetest.Key("mail1", 0), at, n))
		if name != "" {
			lun.DMName = name
			m.Mapped = []mapper.LUN{lun}
		}
		m.State.Mapping = []mapper.LUN{lun}
		m.State.Last = []series.Last{{Key: storetest.Key("mail1", 0), At: m.Run.At}}
		storetest.Commit(t, j, m)
	}
	spoilt := func(t *testing.T, first ...string) *Journal {
		t.Helper()
		j := open(t, Options{Sync: "normal"})
		for n, name := range first {
			commit(t, j, n, name)
		}
		spoil(t, j, "ledger", 1, cut)
		return j
	}
	role := " " + lun.Role
	t.Run("another line", func(t *testing.T) {
		j := spoilt(t, "a", "b", "c")
		if got := names(t, j); !slices.Equal(got, []string{"b" + role, "b" + role, "c" + role}) {
			t.Errorf("named %q", got)
		}
		for _, o := range drain(t, j, 100) {
			if o.Intervals[0].LUN == nil || o.Intervals[0].LUN.DMName == "" {
				t.Errorf("run %d is forwarded without a name", o.Seq)
			}
		}
		if got := said(j); !strings.Contains(got, "1 entry of the ledger") {
			t.Errorf("said %q", got)
		}
	})
	t.Run("the last mapping", func(t *testing.T) {
		j := spoilt(t, "a", "")
		if got := names(t, j); !slices.Equal(got, []string{"a" + role}) {
			t.Errorf("named %q", got)
		}
		commit(t, j, 2, "a")
		if got := names(t, j); !slices.Equal(got, []string{"a" + role, "a" + role}) {
			t.Errorf("named %q, want a line that can be read", got)
		}
		noneAside(t, j)
	})
	t.Run("nothing", func(t *testing.T) {
		j := spoilt(t, "a")
		spoil(t, j, "state", stateID(1, stateMapping), cut)
		luns, err := j.LUNs(t.Context(), storetest.Start, storetest.Start)
		if err != nil || len(luns) != 1 || luns[0].LUN.ID != storetest.Key("mail1", 0).ID || luns[0].LUN.Layer != mapper.LayerLUN {
			t.Errorf("%+v, %v", luns, err)
		}
	})
}

// TestDamagedTexts: the warnings of a run and why forwarding failed.
func TestDamagedTexts(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	m := storetest.Minute("mail1", storetest.Start)
	m.Run.Warnings = []series.Warning{{What: "w"}}
	storetest.Commit(t, j, m)
	spoil(t, j, "warnings", 1, cut)
	if runs, err := j.Runs(t.Context(), storetest.All(0)); err != nil || len(runs) != 1 || len(runs[0].Warnings) != 1 || !strings.Contains(runs[0].Warnings[0].What, "can't be read") {
		t.Errorf("%+v, %v", runs, err)
	}
	if err := j.NotSent(t.Context(), sink, series.Forwarding{Trouble: series.Warning{What: "down"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := j.db.Exec(`UPDATE forward SET trouble = '{'`); err != nil {
		t.Fatal(err)
	}
	if f, err := j.Forwarding(t.Context(), sink); err != nil || f.Pending != 1 || !strings.Contains(f.Trouble.What, "can't be read") {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestDeflateBomb: refused points that unpack into more than were ever packed.
func TestDeflateBomb(t *testing.T) {
	t.Parallel()
	j := open(t, Options{Sync: "normal"})
	minutes(t, j, 0, 1)
	sent(t, j, 1, series.Refused{Seq: 1, Point: "a x=1 1", Reason: "old"}, series.Refused{Seq: 1, Point: "b x=1 1", Reason: "new"})
	var bomb bytes.Buffer
	w, err := flate.NewWriter(&bomb, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil { // after which the same may come once more
		t.Fatal(err)
	}
	packed := bytes.Repeat(bomb.Bytes(), blob.MostPoints>>20+1)
	spoil(t, j, "refused", 1, func([]byte) []byte { return packed })
	for id, want := range map[int64]int{1: 0, 2: 1} {
		if set, err := j.Refused(t.Context(), id); err != nil || len(set.Points) != want {
			t.Errorf("set %d: %d points, %v; want %d", id, len(set.Points), err, want)
		}
	}
	if got := said(j); !strings.Contains(got, "1 set of refused points") {
		t.Errorf("said %q", got)
	}
}

// TestSingleBytes: whatever byte of whatever blob is another, nothing fails, and no
// other run loses anything.
func TestSingleBytes(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	l := newLoad(3, true)
	var last *series.Minute
	for range 40 {
		last = l.minute()
		last.State.Mapping = storetest.Mapping()
		storetest.Commit(t, j, last)
	}
	sent(t, j, 1, series.Refused{Seq: 1, Point: "a x=1 1", Reason: "old"})
	if _, err := j.db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{"sums": "data", "rollup": "data", "space": "data", "state": "data", "ledger": "lun", "refused": "points"}
	n := 0
	for table, column := range rows {
		var id int64
		var data []byte
		if err := j.db.QueryRow(fmt.Sprintf(`SELECT id, %s FROM %s ORDER BY id LIMIT 1`, column, table)).Scan(&id, &data); err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(data); at += 1 + len(data)/12 {
			n++
			spoil(t, j, table, id, func(b []byte) []byte { b[at] ^= byte(1 + 37*n); return b })
			everything(t.Context(), t, j)
			spoil(t, j, table, id, func([]byte) []byte { return data })
		}
	}
	noneAside(t, j)
}

// everything reads all that a journal has.
func everything(ctx context.Context, t *testing.T, j *Journal) {
	t.Helper()
	r := reopened(t, j, Options{ReadOnly: true})
	defer r.Close()
	for _, w := range storetest.Widths() {
		in := storetest.Read(t, r, storetest.All(w))
		if w == 0 && len(in[storetest.Key("mail1", 0)]) < 39 {
			t.Errorf("%d intervals are left of 40", len(in[storetest.Key("mail1", 0)]))
		}
		if err := r.Spaces(ctx, storetest.All(w), func(series.Key, *series.Space) error { return nil }); err != nil {
			t.Error(err)
		}
	}
	ids, err := r.RefusedSets(ctx, sink)
	if err == nil {
		_, err = r.Refused(ctx, ids[0])
	}
	if err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"ledger":  errorOf(r.LUNs(ctx, time.Time{}, storetest.Start.Add(day))),
		"backlog": errorOf(r.Backlog(ctx, sink, 1000)),
		"state":   errorOf(r.State(ctx, "mail1")),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(r.path); err != nil {
		t.Error(err)
	}
}

func errorOf[T any](_ T, err error) error { return err }
