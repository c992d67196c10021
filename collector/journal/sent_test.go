package journal

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
	"lunstat/mapper"
)

// forwarding is the state of forwarding, with Since in UTC.
func forwarding(t *testing.T, j *Journal) series.Forwarding {
	t.Helper()
	f, err := j.Forwarding(t.Context(), sink)
	if err != nil {
		t.Fatal(err)
	}
	f.Since = f.Since.UTC()
	return f
}

func sent(t *testing.T, j *Journal, seq uint64, refused ...series.Refused) {
	t.Helper()
	if err := j.Sent(t.Context(), sink, seq, refused); err != nil {
		t.Fatal(err)
	}
}

// minutes commits so many minutes of two LUNs.
func minutes(t *testing.T, j *Journal, from, n int) {
	t.Helper()
	for i := from; i < from+n; i++ {
		storetest.Commit(t, j, minute(i))
	}
}

// minute is the nth of two LUNs.
func minute(n int) *series.Minute {
	at := storetest.Start.Add(time.Duration(n) * time.Minute)
	return storetest.Minute("mail1", at, storetest.Interval(storetest.Key("mail1", 0), at, n), storetest.Interval(storetest.Key("mail1", 1), at, n))
}

// batchOf commits so many minutes at once, which costs a fraction of as many commits.
// Each is closed, rolled up and followed by deletions as if it were alone.
type batchOf struct {
	t    *testing.T
	j    *Journal
	most int
	in   []series.Minute
}

// add takes a minute, and says whether all that came is committed.
func (b *batchOf) add(m *series.Minute) bool {
	b.t.Helper()
	if b.in = append(b.in, *m); len(b.in) < b.most {
		return false
	}
	if err := b.j.CommitAll(b.t.Context(), b.in); err != nil {
		b.t.Fatal(err)
	}
	b.in = b.in[:0]
	return true
}

func TestForwarding(t *testing.T) {
	j := open(t, Options{})
	if got := forwarding(t, j); got != (series.Forwarding{Since: time.Time{}}) {
		t.Errorf("of an empty journal: %+v", got)
	}
	minutes(t, j, 0, 10)
	if got := forwarding(t, j); got.Pending != 10 || !got.Since.Equal(storetest.Start) {
		t.Errorf("before all: %+v", got)
	}
	why := series.Forwarding{RetryAt: storetest.Start.Add(time.Hour), Trouble: series.Warning{What: "no answer", Hint: "up?"}, Critical: true}
	if err := j.NotSent(t.Context(), sink, why); err != nil {
		t.Fatal(err)
	}
	if got := forwarding(t, j); got.Pending != 10 || !got.RetryAt.Equal(why.RetryAt) || got.Trouble != why.Trouble || !got.Critical {
		t.Errorf("held: %+v", got)
	}
	sent(t, j, 4)
	if got := forwarding(t, j); got.Pending != 6 || !got.RetryAt.IsZero() || got.Trouble.What != "" || got.Critical || !got.Since.Equal(storetest.Start.Add(4*time.Minute)) {
		t.Errorf("after four: %+v", got)
	}
	sent(t, j, 2) // somebody slower
	if out, err := j.Backlog(t.Context(), sink, 100); err != nil || len(out) != 6 || out[0].Seq != 5 {
		t.Errorf("the cursor went back: %v, %d runs", err, len(out))
	}
	if out, err := j.Backlog(t.Context(), "another", 100); err != nil || len(out) != 10 {
		t.Errorf("another sink has a cursor of its own: %v, %d runs", err, len(out))
	}
	if out, err := j.Backlog(t.Context(), sink, 1); err != nil || len(out) != 1 {
		t.Errorf("a run larger than the limit: %v, %d runs", err, len(out))
	}
}

// TestSentWaitsForNoDisk: only commits do.
func TestSentWaitsForNoDisk(t *testing.T) {
	j := open(t, Options{})
	minutes(t, j, 0, 1)
	var during, after int
	err := j.lightly(t.Context(), func(b *batch) error { return b.row(`PRAGMA synchronous`).Scan(&during) })
	if err != nil {
		t.Fatal(err)
	}
	if err := j.db.QueryRow(`PRAGMA synchronous`).Scan(&after); err != nil || during != 1 || after != 2 {
		t.Errorf("synchronous is %d in between and %d afterwards (%v), want NORMAL and FULL", during, after, err)
	}
}

func TestRefused(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	minutes(t, j, 0, 3)
	points := []series.Refused{
		{Seq: 1, Point: "lun_io,host=a x=1i 1", Reason: "too old"},
		{Seq: 1, Point: `lun_io,host=b\ c x=1i 1`, Reason: "too old"},
		{Seq: 1, Point: "lun_io,host=c x=1i 1", Reason: "field type"},
		{Seq: 2, Point: "lun_io,host=a x=1i 2", Reason: "field type"},
	}
	sent(t, j, 3, points...)
	read := func() (got []series.Refused, ids []int64) {
		t.Helper()
		ids, err := j.RefusedSets(t.Context(), sink)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			set, err := j.Refused(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, set.Points...)
		}
		return got, ids
	}
	got, ids := read()
	if !reflect.DeepEqual(got, points) || len(ids) != 3 {
		t.Errorf("%d sets: %+v", len(ids), got)
	}
	if f := forwarding(t, j); f.Refused != 4 || f.Lost != 0 || f.Pending != 0 {
		t.Errorf("%+v", f)
	}
	// One set is taken at last, of another one point is refused for another reason.
	again := points[0]
	again.Reason = "older still"
	for n, still := range [][]series.Refused{{again}, nil} {
		if err := j.Retried(t.Context(), sink, ids[n], still); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := read(); !reflect.DeepEqual(got, []series.Refused{points[3], again}) {
		t.Errorf("after a retry: %+v", got)
	}
	if n, err := j.Discard(t.Context(), sink); n != 2 || err != nil {
		t.Errorf("%d points forgotten, %v", n, err)
	}
	if f := forwarding(t, j); f.Refused != 0 {
		t.Errorf("%+v", f)
	}
}

// TestRefusedIsBounded: the oldest are only counted.
func TestRefusedIsBounded(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	minutes(t, j, 0, 1)
	const each = refusedMax/2 + 1
	for seq := range uint64(3) {
		var points []series.Refused
		for n := range each {
			points = append(points, series.Refused{Seq: seq, Point: fmt.Sprintf("lun_io,host=a x=%di %d", n, seq), Reason: "too old"})
		}
		sent(t, j, 1, points...)
	}
	if f := forwarding(t, j); f.Refused != each || f.Lost != 2*each {
		t.Errorf("%+v, want %d set aside and %d counted", f, each, 2*each)
	}
}

// TestBacklogMax: of runs that waited too long only the roll-ups go, and they are
// counted.
func TestBacklogMax(t *testing.T) {
	j := open(t, Options{Sync: "normal", Sink: sink, BacklogMax: 20})
	minutes(t, j, 0, 50)
	out := drain(t, j, 7)
	bins, with := 0, 0
	for _, o := range out {
		bins += len(o.Bins)
		if len(o.Intervals) > 0 {
			with++
		}
	}
	if len(out) != 50 || with != 20 || bins != 3*2 {
		t.Errorf("%d runs, %d with intervals, %d bins; want 50, 20 and 6", len(out), with, bins)
	}
	if f := forwarding(t, j); f.Dropped != 30 {
		t.Errorf("%d dropped, want 30", f.Dropped)
	}
}

// TestRetentionKeepsUnsent: raw intervals that were not sent stay longer than
// others, and what cannot is counted and leaves its roll-ups.
func TestRetentionKeepsUnsent(t *testing.T) {
	t.Parallel()
	now := storetest.Start
	const hours = 6
	for _, test := range []struct {
		name              string
		o                 Options
		sent              uint64
		raw, dropped, due int // runs with intervals, runs counted, runs to be sent
	}{
		{"no sink", Options{}, 0, 2 * 60, 0, 0},
		{"nothing sent", Options{Sink: sink}, 0, hours * 60, 0, hours * 60},
		{"bounded", Options{Sink: sink, BacklogMax: 150}, 0, 150, hours*60 - 150, 0},
		{"some sent", Options{Sink: sink}, 180, hours*60 - 180, 0, hours*60 - 180},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.o.Sync, test.o.KeepRaw = "normal", time.Hour
			test.o.Now = func() time.Time { return now }
			j := open(t, test.o)
			b := batchOf{t: t, j: j, most: 20}
			for n := range hours * 60 {
				now = storetest.Start.Add(time.Duration(n) * time.Minute)
				b.add(minute(n))
				if n == 199 && test.sent > 0 {
					sent(t, j, test.sent)
				}
			}
			var raw int
			if err := j.db.QueryRow(`SELECT count(DISTINCT id >> 16) FROM sums`).Scan(&raw); err != nil || raw > test.raw+5 || raw < test.raw-60 {
				t.Errorf("%d runs have intervals (%v), want about %d", raw, err, test.raw)
			}
			if test.o.Sink == "" {
				return
			}
			f := forwarding(t, j)
			bins := map[time.Duration]int{}
			for _, o := range drain(t, j, 1000) {
				for _, b := range o.Bins {
					bins[b.Width]++
				}
			}
			f.Dropped = forwarding(t, j).Dropped
			if f.Dropped != test.dropped || test.due > 0 && f.Pending != test.due {
				t.Errorf("%d dropped and %d due, want %d and %d", f.Dropped, f.Pending, test.dropped, test.due)
			}
			if test.sent == 0 && (bins[15*time.Minute] != 2*(hours*4-1) || bins[time.Hour] != 2*(hours-1)) {
				t.Errorf("bins sent: %v", bins)
			}
		})
	}
}

// TestTagsAreThoseOfTheCommit: a LUN that is renamed afterwards, a clock that is
// set back, another run in the same second: a run stays what it was.
func TestTagsAreThoseOfTheCommit(t *testing.T) {
	t.Parallel()
	j := open(t, Options{Sync: "normal"})
	rnd := rand.New(rand.NewPCG(3, 4))
	var names []string
	lun := storetest.LUN(0)
	at := storetest.Start
	all := map[uint64]series.Outbound{}
	for n := range 120 {
		switch rnd.IntN(6) {
		case 0:
			at = at.Add(-90 * time.Second)
		case 1: // the same second
		default:
			at = at.Add(time.Minute)
		}
		m := storetest.Minute("mail1", at, storetest.Interval(storetest.Key("mail1", 0), at, n))
		if rnd.IntN(4) == 0 {
			lun.DMName = fmt.Sprintf("name-%d", n)
		}
		names = append(names, lun.DMName)
		m.Mapped = []mapper.LUN{lun}
		storetest.Commit(t, j, m)
		out, err := j.Backlog(t.Context(), sink, 1<<30)
		if err != nil || len(out) != n+1 {
			t.Fatalf("%d runs, %v", len(out), err)
		}
		for i, o := range out {
			if was, ok := all[o.Seq]; ok && !reflect.DeepEqual(was, o) {
				t.Fatalf("run %d was\n%+v\nand is\n%+v", o.Seq, was, o)
			}
			all[o.Seq] = o
			if got := o.Intervals[0].LUN.DMName; got != names[i] {
				t.Fatalf("run %d has the name %q, want %q", o.Seq, got, names[i])
			}
		}
	}
	stamps := map[int64]bool{}
	for _, o := range all {
		stamp := o.Run.At.Wall.Unix()*1e9 + int64(o.SameSecond)
		if stamps[stamp] {
			t.Errorf("two runs have the time stamp %d", stamp)
		}
		stamps[stamp] = true
	}
}

// TestFromOlderVersions: a journal of an older layout is brought up to date, and its
// whole content is still to be sent.
func TestFromOlderVersions(t *testing.T) {
	for from := 1; from < version; from++ {
		t.Run(fmt.Sprint("version ", from), func(t *testing.T) { fromVersion(t, from) })
	}
}

func fromVersion(t *testing.T, from int) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := Open(path, Options{Sync: "normal"})
	if err != nil {
		t.Fatal(err)
	}
	l := newLoad(3, false)
	for range 130 {
		storetest.Commit(t, j, l.minute())
	}
	want, err := j.Backlog(t.Context(), sink, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	back(t, path, from)
	if j, err = Open(path, Options{Sync: "normal"}); err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	got, err := j.Backlog(t.Context(), sink, 1<<30)
	if err != nil || !reflect.DeepEqual(got, want) {
		for i := range want {
			if i < len(got) && !reflect.DeepEqual(got[i], want[i]) {
				t.Fatalf("run %d:\n got %+v\nwant %+v", i, got[i], want[i])
			}
		}
		t.Fatalf("%d runs, %v; want %d", len(got), err, len(want))
	}
}

// back takes from a journal what the layouts after a version added.
func back(t *testing.T, path string, to int) {
	t.Helper()
	added := [version]string{1: `ALTER TABLE run DROP COLUMN same; ALTER TABLE ledger DROP COLUMN opened; ALTER TABLE ledger DROP COLUMN closed;
		ALTER TABLE space DROP COLUMN run; DROP TABLE closing; ALTER TABLE forward DROP COLUMN lost; ALTER TABLE forward DROP COLUMN retry_at;
		ALTER TABLE forward DROP COLUMN trouble; ALTER TABLE refused DROP COLUMN n`,
		2: `ALTER TABLE run DROP COLUMN pressure_elapsed_ms; ALTER TABLE run DROP COLUMN pressure_some_us; ALTER TABLE run DROP COLUMN pressure_full_us`}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for v := version - 1; v >= to; v-- {
		for _, s := range strings.Split(added[v], ";") {
			if _, err := db.Exec(s); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
	}
	if _, err := db.Exec(fmt.Sprintf(`PRAGMA user_version = %d`, to)); err != nil {
		t.Fatal(err)
	}
}
