package journal

import (
	"math"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
	"lunstat/mapper"
)

// TestAnyClock: whatever the wall clock shows for a while, the runs then and later
// work, and those that were right stay exact at every width.
func TestAnyClock(t *testing.T) {
	t.Parallel()
	for _, odd := range []time.Time{
		date(1, 1, 1), date(1601, 1, 1), date(1677, 1, 1), date(1677, 9, 21), date(1901, 12, 13).Add(20*time.Hour + 45*time.Minute + 52*time.Second),
		date(1970, 1, 1).Add(-50 * time.Minute), date(1970, 1, 1).Add(-30 * time.Minute), date(1970, 1, 1), date(2000, 1, 1),
		time.Unix(1<<31, 0).Add(-4 * time.Minute), time.Unix(1<<31, 0), time.Unix(1<<32, 0).Add(-8 * time.Minute), time.Unix(1<<32, 0),
		time.Unix(0, math.MaxInt64).Add(-7 * time.Minute), time.Unix(0, math.MaxInt64).Add(time.Second),
		date(2400, 1, 1), date(9625, 9, 6), date(10000, 1, 1).Add(-4 * time.Hour), date(10000, 1, 1).Add(-30 * time.Minute), date(19999, 1, 1),
	} {
		odd = odd.UTC().Truncate(time.Second)
		t.Run(odd.Format(time.RFC3339), func(t *testing.T) { testWrongClock(t, odd) })
	}
}

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// testWrongClock: for 70 minutes the clock shows an odd time, long enough that bins of
// an hour close by it; right runs close bins before and after.
func testWrongClock(t *testing.T, odd time.Time) {
	now := storetest.Start
	j := open(t, Options{Sync: "normal", Now: func() time.Time { return now }, Sink: sink})
	k := storetest.Key("mail1", 0)
	var want []series.Interval
	const runs, from, to = 40, 13, 27
	const every = 5 * time.Minute
	for n := range runs {
		if now = storetest.Start.Add(time.Duration(n) * every); n >= from && n < to {
			now = odd.Add(time.Duration(n-from) * every)
		}
		i := commitAt(t, j, k, n, now)
		if n < from || n >= to {
			want = append(want, i)
		}
	}
	for _, w := range storetest.Widths() {
		got := storetest.Read(t, j, series.Query{From: storetest.Start.Add(-time.Hour), To: storetest.Start.Add(runs * every), Width: w})
		roll := want
		if w > 0 {
			roll = series.Roll(want, w)
		}
		storetest.Equal(t, got, map[series.Key][]series.Interval{k: roll})
		// Of all times, in no time.
		if all := storetest.Read(t, j, series.Query{From: time.Unix(-1<<40, 0), To: time.Unix(1<<40, 0), Width: w}); len(all[k]) < len(want)/12 {
			t.Errorf("of all times %d, width %s", len(all[k]), w)
		}
	}
	if out := drain2(t, j); len(out) != runs {
		t.Errorf("%d runs are forwarded, want %d", len(out), runs)
	}
	if _, _, ok, err := j.Extent(t.Context()); !ok || err != nil {
		t.Errorf("extent: %v, %v", ok, err)
	}
	if w := j.Warnings(); len(w) > 0 {
		t.Errorf("warned of %v", w)
	}
}

// commitAt commits the nth run of a LUN, looks at what it left, and forwards it.
func commitAt(t *testing.T, j *Journal, k series.Key, n int, at time.Time) series.Interval {
	t.Helper()
	i := storetest.Interval(k, at, n)
	m := storetest.Minute("mail1", at, i)
	m.Mapped = []mapper.LUN{storetest.LUN(n / 8)}
	m.Mapped[0].ID = k.ID
	m.Spaces = []series.KeySpace{{Key: k, Mount: "/a", Space: series.Space{At: at.Add(time.Millisecond), SizeBytes: 1 << 40, UsedBytes: uint64(n)}}}
	m.State = series.State{Last: []series.Last{{Key: k, At: m.Run.At, StallSince: at}}, SpaceAt: at, Conditions: []series.Condition{{Warning: series.Warning{What: "w"}, Since: at, Said: at}}}
	storetest.Commit(t, j, m)
	stored := at // nanoseconds of 64 bits say the years 1677 to 2262, and 0 means no time
	if lowest, highest := time.Unix(0, math.MinInt64+1), time.Unix(0, math.MaxInt64); at.Before(lowest) && !at.IsZero() {
		stored = lowest
	} else if at.After(highest) {
		stored = highest
	}
	conditions := 1
	if at.Year() > 9999 { // JSON has no such year
		conditions = 0
	}
	if s, err := j.State(t.Context(), "mail1"); err != nil || len(s.Last) != 1 || len(s.Conditions) != conditions || !s.Last[0].At.Wall.Equal(stored) {
		t.Fatalf("what run %d left: %+v, %v", n, s, err)
	}
	sent(t, j, uint64(n+1))
	return i.Interval
}

// drain2 reads all runs for a sink that has none.
func drain2(t *testing.T, j *Journal) (all []series.Outbound) {
	t.Helper()
	for seq := uint64(0); ; {
		out, err := j.Backlog(t.Context(), "another", 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(out) == 0 || out[len(out)-1].Seq == seq {
			return all
		}
		all, seq = append(all, out...), out[len(out)-1].Seq
		if err := j.Sent(t.Context(), "another", seq, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// TestClockAheadDeletesNothing: while the clock is years ahead for less than a day's
// runs nothing is too old, and when it is believed the old goes.
func TestClockAheadDeletesNothing(t *testing.T) {
	t.Parallel()
	now := storetest.Start
	j := open(t, Options{Sync: "normal", Now: func() time.Time { return now }})
	k := storetest.Key("mail1", 0)
	count := func() (n int) {
		t.Helper()
		if err := j.db.QueryRow(`SELECT count(*) FROM sums WHERE id < ?`, sumsID(101, 0)).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	b := batchOf{t: t, j: j, most: 20}
	for n := range trustedRuns + 400 {
		now = storetest.Start.Add(time.Duration(n) * time.Minute)
		if n >= 100 {
			now = now.AddDate(12, 0, 0)
		}
		b.add(storetest.Minute("mail1", now, storetest.Interval(k, now, n)))
		if n == trustedRuns-1 && count() != 100 {
			t.Errorf("%d of 100 are left after a day", count())
		}
	}
	if count() != 0 {
		t.Errorf("%d of 100 are left when the clock has been believed", count())
	}
}

// TestClockAheadOfShortRetention: if less than a day is kept, a clock that jumps years ahead,
// with a reboot or without, deletes nothing that is not too old by the other clocks. These
// go on in deleting what is.
func TestClockAheadOfShortRetention(t *testing.T) {
	t.Parallel()
	for name, rebooted := range map[string]bool{"jump": false, "reboot": true} {
		now := storetest.Start
		j := open(t, Options{Sync: "normal", Now: func() time.Time { return now }, KeepRaw: 3 * time.Hour, Keep15m: 6 * time.Hour})
		k := storetest.Key("mail1", 0)
		b := batchOf{t: t, j: j, most: 20}
		const jump, runs = 8 * 60, 12 * 60
		for n := range runs {
			now = storetest.Start.Add(time.Duration(n) * time.Minute)
			mono, boot := time.Hour+time.Duration(n)*time.Minute, "boot-1"
			if n >= jump {
				now = now.AddDate(12, 0, 0)
				if rebooted {
					mono, boot = time.Duration(1+n-jump)*time.Minute, "boot-2"
				}
			}
			m := storetest.Minute("mail1", now, storetest.Interval(k, now, n))
			m.Run.At.Mono, m.Run.At.Boot, m.Run.At.BootID = mono, mono, boot
			if !b.add(m) || n < jump-1 {
				continue
			}
			var first, bins int64
			if err := j.db.QueryRow(`SELECT min(id) >> 16 FROM sums`).Scan(&first); err != nil {
				t.Fatal(err)
			}
			if err := j.db.QueryRow(`SELECT count(*) FROM rollup WHERE id < ?`, rollupID(widths()[0], lastBin+1, 0, 0)).Scan(&bins); err != nil {
				t.Fatal(err)
			}
			if oldest := int64(n) - first + 1; oldest < 3*60-1 || oldest > 4*60+30 || bins < 6*4-1 {
				t.Fatalf("%s, %d minutes after it: the oldest minute is of %d minutes ago, and there are %d bins", name, n-jump, oldest, bins)
			}
		}
	}
}

// TestRawStaysUntilRolledUp: what is ahead of time, or older than its time, is in no
// bin yet in the run after it.
func TestRawStaysUntilRolledUp(t *testing.T) {
	for name, shift := range map[string]time.Duration{"ahead": 4000 * day, "old": -400 * day} {
		t.Run(name, func(t *testing.T) {
			now := storetest.Start
			j := open(t, Options{Sync: "normal", Now: func() time.Time { return now }, KeepRaw: time.Hour, Keep15m: 1000 * day})
			k := storetest.Key("mail1", 0)
			var want uint64
			odd := storetest.Start.Add(shift).Truncate(time.Hour)
			for n := range 200 {
				now = storetest.Start.Add(time.Duration(n) * time.Minute)
				at := now
				if n < 10 {
					at = odd.Add(time.Duration(n) * time.Minute)
				}
				i := storetest.Interval(k, at, n)
				if n < 10 {
					want += i.Value(series.ReadIOs)
				}
				storetest.Commit(t, j, storetest.Minute("mail1", at, i))
			}
			for _, w := range widths() {
				var got uint64
				q := series.Query{From: odd.Add(-day), To: odd.Add(day), Width: w.d}
				for _, i := range storetest.Read(t, j, q)[k] {
					got += i.Value(series.ReadIOs)
				}
				if got != want {
					t.Errorf("%d of %d reads are in bins of %s", got, want, w.name)
				}
			}
			var left int
			if err := j.db.QueryRow(`SELECT count(*) FROM sums WHERE id < ?`, sumsID(11, 0)).Scan(&left); err != nil || left != 0 {
				t.Errorf("%d are still raw, %v", left, err)
			}
		})
	}
}

// TestNothingIsDeletedBeforeItIsRolledUp: however old raw intervals are, they stay until
// the bins of both widths have them; one width may be behind.
func TestNothingIsDeletedBeforeItIsRolledUp(t *testing.T) {
	for _, w := range widths() {
		now := storetest.Start
		j := open(t, Options{Sync: "normal", Now: func() time.Time { return now }})
		for n := range 4 * 60 {
			now = storetest.Start.Add(time.Duration(n) * time.Minute)
			minutes(t, j, n, 1)
		}
		whole := reads(t, j)
		if _, err := j.db.Exec(`DELETE FROM progress WHERE name = ?`, "rolled_"+w.name); err != nil {
			t.Fatal(err)
		}
		if _, err := j.db.Exec(`DELETE FROM rollup WHERE id >= ? AND id < ?`, rollupID(w, 0, 0, 0), rollupID(w, lastBin+1, 0, 0)); err != nil {
			t.Fatal(err)
		}
		j.o.KeepRaw = time.Hour
		now = now.Add(time.Second) // in the same bins
		storetest.Commit(t, j, storetest.Minute("mail1", now))
		if got := reads(t, j); got != whole {
			t.Errorf("%s behind: %d reads, want %d", w.name, got, whole)
		}
		now = storetest.Start.Add(5 * time.Hour)
		storetest.Commit(t, j, storetest.Minute("mail1", now))
		if got := reads(t, j); got[1] != whole[1] || got[2] != whole[2] {
			t.Errorf("%s rolled up at last: %d reads, want %d", w.name, got, whole)
		}
	}
}

// TestSync: a commit syncs as the config says.
func TestSync(t *testing.T) {
	for sync, want := range map[string]int{"": 2, "full": 2, "FULL": 2, "normal": 1} {
		j := open(t, Options{Sync: sync})
		var got int
		err := j.write(t.Context(), func(b *batch) error { return b.row(`PRAGMA synchronous`).Scan(&got) })
		if err != nil || got != want {
			t.Errorf("sync %q: synchronous is %d in a commit, %v; want %d", sync, got, err, want)
		}
	}
}

// TestTurnAtAStepBack: a run before which the clock was set back explains the overlap,
// however coarse the question is.
func TestTurnAtAStepBack(t *testing.T) {
	for name, back := range map[string]time.Duration{"half a minute": 30 * time.Second, "an hour": time.Hour, "to the same second": time.Minute} {
		j := open(t, Options{Sync: "normal"})
		k := storetest.Key("mail1", 0)
		for n := range 20 {
			mono := time.Hour + time.Duration(n)*time.Minute
			at := storetest.Start.Add(time.Duration(n) * time.Minute)
			if n >= 10 {
				at = at.Add(-back)
			}
			m := storetest.Minute("mail1", at, storetest.Interval(k, at, n))
			m.Run.At.Mono, m.Run.At.Boot = mono, mono
			m.State.Last = []series.Last{{Key: k, At: m.Run.At}}
			storetest.Commit(t, j, m)
		}
		var run, prev int64
		err := j.db.QueryRow(`SELECT run, prev FROM turn WHERE run > 1`).Scan(&run, &prev)
		if err != nil || run != 11 || prev != 10 {
			t.Errorf("%s: the turn is run %d after %d, %v; want 11 after 10", name, run, prev, err)
		}
	}
}
