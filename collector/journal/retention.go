package journal

import (
	"database/sql"
	"errors"
	"math"
	"time"

	"lunstat/collector/journal/blob"
	"lunstat/collector/series"
)

// How much is deleted in a run at most: more than comes, and little.
const (
	dropRuns = 4
	dropBins = 2
)

// dropOld deletes a slice of what is kept no longer, always whole hours of time,
// so that a coarser bin has either all of its time or none in the finer table.
func (b *batch) dropOld(h *host, m *series.Minute) error {
	now := b.j.o.Now()
	future := now.Add(day).Unix()
	if end := m.Run.At.Wall; end.Before(now) {
		now = end // history keeps its own time
	}
	// By far most runs find nothing, and needn't ask whether the clock can be trusted.
	if due, err := b.dropsDue(b.limitsAt(now), future); err != nil || !due {
		return err
	}
	latest, err := b.latestNow(h, &m.Run)
	if err != nil {
		return err
	}
	if latest.Before(now) {
		now = latest
	}
	l := b.limitsAt(now)
	if err := b.dropRaw(l.raw, future); err != nil {
		return err
	}
	if err := b.thinSpace(l.raw); err != nil {
		return err
	}
	for i, w := range widths() {
		if err := b.dropRollup(w, l.bins[i]); err != nil {
			return err
		}
	}
	return nil
}

// limits are the Unix seconds before which raw intervals, and bins of each width, are
// too old; they begin hours.
type limits struct {
	raw  int64
	bins [2]int64
}

func (b *batch) limitsAt(now time.Time) limits {
	l := limits{raw: hour(now.Add(-b.j.o.KeepRaw))}
	for i, keep := range [2]time.Duration{b.j.o.Keep15m, b.j.o.Keep1h} {
		if l.bins[i] = math.MinInt64; keep != 0 {
			l.bins[i] = hour(now.Add(-keep))
		}
	}
	return l
}

// dropsDue reports whether there is something before the limits, or raw intervals of
// a clock that was ahead, which may hold up others. It is one statement, since it is
// asked at every run.
func (b *batch) dropsDue(l limits, future int64) (due bool, err error) {
	w := widths()
	endsBefore := func(i int) int64 { // the row of the first bin that is not too old
		return rollupID(w[i], min(max(l.bins[i]/int64(w[i].d/time.Second), 0), lastBin+1), 0, 0)
	}
	err = b.row(`SELECT coalesce((SELECT end < ?1 OR end >= ?2 FROM run WHERE id = (SELECT min(id) >> ?3 FROM sums)), 0)
		OR coalesce((SELECT min(id) >> ?4 < ?1 FROM space WHERE id >= coalesce((SELECT value FROM progress WHERE name = 'thinned_space'), 0) << ?4), 0)
		OR EXISTS (SELECT 1 FROM rollup WHERE id >= ?5 AND id < ?6) OR EXISTS (SELECT 1 FROM rollup WHERE id >= ?7 AND id < ?8)`,
		l.raw, future, partBits, secondBits, rollupID(w[0], 0, 0, 0), endsBefore(0), rollupID(w[1], 0, 0, 0), endsBefore(1)).Scan(&due)
	return due, err
}

// hour is the Unix second at which the hour of t began.
func hour(t time.Time) int64 { return series.BinOf(t, time.Hour) * 3600 }

// trustedRuns is how many runs a clock has to be ahead for until it is believed: a
// day's.
const trustedRuns = 1440

// latestNow is the latest that it can be now, by the clocks of the host's last day of runs:
// the wall clock of each, and the time that has passed since. By a clock that jumped years
// ahead an hour ago it is an hour later than before the jump. It suffices to look at the
// turns, since between two of them the wall clock went as the others did.
func (b *batch) latestNow(h *host, r *series.Run) (time.Time, error) {
	runs, err := b.aroundTurns(h)
	if err != nil {
		return time.Time{}, err
	}
	latest, passed, later := r.At.Wall, time.Duration(0), r.At
	for _, at := range runs {
		passed = min(passed+leastBetween(at, later), day)
		if now := at.Wall.Add(passed); now.Before(latest) {
			latest = now
		}
		later = at
	}
	return latest, nil
}

// leastBetween is how much time has passed between two readings at least. What CLOCK_MONOTONIC
// does not say, across a boot, is not known, but for the time since the boot. Without it a
// day counts.
func leastBetween(was, is series.Instant) time.Duration {
	switch {
	case is.Mono == 0 || is.BootID == "":
		return day
	case was.BootID != is.BootID:
		return is.Mono
	}
	return max(is.Mono-was.Mono, 0)
}

// aroundTurns are the clocks of a host's last day of runs before this one, the latest first:
// those at which something happened, and those before.
func (b *batch) aroundTurns(h *host) (clocks []series.Instant, err error) {
	rows, err := b.rows(`SELECT b.boot_id, r.end, r.mono_ms FROM run r JOIN boot b ON b.id = r.boot
		WHERE r.id > ?1 AND b.host = ?2 AND r.id IN (SELECT run FROM turn WHERE run > ?1 UNION SELECT prev FROM turn WHERE run > ?1) ORDER BY r.id DESC`,
		b.last.id-trustedRuns, h.id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var at series.Instant
		var end, mono int64
		if err := rows.Scan(&at.BootID, &end, &mono); err != nil {
			return nil, err
		}
		at.Wall, at.Mono = time.Unix(end, 0), time.Duration(mono)*time.Millisecond
		clocks = append(clocks, at)
	}
	return clocks, rows.Err()
}

// dropRaw deletes raw intervals that end before a Unix second, oldest run first. A run
// of a clock that was ahead, as it ends at future or later, doesn't hold up others.
func (b *batch) dropRaw(before, future int64) error {
	rolled, err := b.rolledUp()
	if err != nil {
		return err
	}
	held, err := b.heldFrom()
	if err != nil {
		return err
	}
	for range dropRuns {
		var run, end int64
		err := b.row(`SELECT r.id, r.end FROM run r WHERE r.id = (SELECT min(id) >> ? FROM sums)`, partBits).Scan(&run, &end)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if run > rolled || run >= held {
			return nil
		}
		if end >= before {
			holdsUp := false
			if end >= future {
				err = b.row(`SELECT EXISTS (SELECT 1 FROM run WHERE end < ? AND id > ?)`, before, run).Scan(&holdsUp)
			}
			if err != nil || !holdsUp {
				return err
			}
		}
		if err := b.dropUnsent(run); err != nil {
			return err
		}
		if err := b.dropRun(run, end, end < before); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) rolledUp() (run int64, err error) {
	for i, w := range widths() {
		r, err := progress(b.row, "rolled_"+w.name)
		if err != nil {
			return 0, err
		}
		if i == 0 || r < run {
			run = r
		}
	}
	return run, nil
}

func (b *batch) dropRun(run, end int64, moves bool) error {
	if moves {
		moved, err := b.raise("from_raw", hour(time.Unix(end, 0))+3600)
		if err == nil && moved {
			err = b.dropWarnings()
		}
		if err != nil {
			return err
		}
	}
	if err := b.exec(`DELETE FROM sums WHERE id >= ? AND id < ?`, sumsID(run, 0), sumsID(run+1, 0)); err != nil {
		return err
	}
	if err := b.exec(`DELETE FROM closing WHERE run <= ? AND (?2 = '' OR run <= coalesce((SELECT run FROM forward WHERE sink = ?2), 0))`, run, b.j.o.Sink); err != nil {
		return err
	}
	// Runs that say what a hole was are kept, those before such a hole, and those
	// whose bins are still to be forwarded.
	return b.exec(`DELETE FROM run WHERE id <= ? AND id NOT IN (SELECT run FROM turn) AND id NOT IN (SELECT prev FROM turn WHERE prev IS NOT NULL)
		AND id NOT IN (SELECT run FROM closing)`, run)
}

// raise sets a number that only grows, and says whether it did.
func (b *batch) raise(name string, v int64) (bool, error) {
	was, err := progress(b.row, name)
	if err != nil || v <= was {
		return false, err
	}
	return true, b.setProgress(name, v)
}

// dropWarnings deletes what no run says any longer, once an hour.
func (b *batch) dropWarnings() error {
	var any bool
	if err := b.row(`SELECT EXISTS (SELECT 1 FROM warnings)`).Scan(&any); err != nil || !any {
		return err
	}
	return b.exec(`DELETE FROM warnings WHERE id NOT IN (SELECT warnings FROM run WHERE warnings IS NOT NULL)`)
}

// dropRollup deletes bins that end before a Unix second.
func (b *batch) dropRollup(w width, before int64) error {
	for range dropBins {
		var first sql.NullInt64
		err := b.row(`SELECT min(id) FROM rollup WHERE id >= ? AND id < ?`, rollupID(w, 0, 0, 0), rollupID(w, lastBin+1, 0, 0)).Scan(&first)
		if err != nil || !first.Valid {
			return err
		}
		bin := binOfID(first.Int64)
		if w.binEnd(bin) > before {
			return nil
		}
		if _, err := b.raise("from_"+w.name, hour(time.Unix(w.binEnd(bin)-1, 0))+3600); err != nil {
			return err
		}
		if err := b.exec(`DELETE FROM rollup WHERE id >= ? AND id < ?`, rollupID(w, bin, 0, 0), rollupID(w, bin+1, 0, 0)); err != nil {
			return err
		}
	}
	return nil
}

// thinSpace leaves, of an hour before a Unix second, the last space of each
// filesystem: rows that have nothing else are deleted.
func (b *batch) thinSpace(before int64) error {
	done, err := progress(b.row, "thinned_space")
	if err != nil {
		return err
	}
	var first sql.NullInt64
	if err := b.row(`SELECT min(id) FROM space WHERE id >= ?`, done<<secondBits).Scan(&first); err != nil || !first.Valid {
		return err
	}
	from := hour(time.Unix(first.Int64>>secondBits, 0))
	to := from + 3600
	if to > before {
		return nil
	}
	needless, err := b.needlessSpaces(from, to)
	if err != nil {
		return err
	}
	for _, id := range needless {
		if err := b.exec(`DELETE FROM space WHERE id = ?`, id); err != nil {
			return err
		}
	}
	return b.setProgress("thinned_space", to)
}

// needlessSpaces are the rows whose filesystems are all in later rows too.
func (b *batch) needlessSpaces(from, to int64) (ids []int64, err error) {
	rows, err := b.rows(`SELECT id, data FROM space WHERE id >= ? AND id < ? ORDER BY id DESC`, from<<secondBits, to<<secondBits)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	later := map[int64]bool{}
	for rows.Next() {
		var id int64
		var data []byte
		if err := rows.Scan(&id, &data); err != nil {
			return nil, err
		}
		needed := false
		err := blob.DecodeSpaces(data, 0, func(fs int64) (blob.Filesystem, bool) {
			needed = needed || !later[fs]
			later[fs] = true
			return blob.Filesystem{}, false
		}, nil)
		if err != nil {
			b.j.damage.add(damagedSpace(), id, second(id>>secondBits))
			needed = false // nobody can read it
		}
		if !needed {
			ids = append(ids, id)
		}
	}
	return ids, rows.Err()
}
