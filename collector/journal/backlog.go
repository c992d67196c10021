package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"lunstat/collector/series"
)

// backlogRuns is how many runs are read at once at most.
const backlogRuns = 1000

// Backlog gives the runs that a sink lacks, oldest first: as many as hold about limit
// intervals, and at least one if there is any. A run is the same each time that it is
// read, except that raw intervals may have been deleted, or may have waited longer than
// Options.BacklogMax allows.
func (j *Journal) Backlog(ctx context.Context, sink string, limit int) ([]series.Outbound, error) {
	var out []series.Outbound
	err := j.reading(ctx, nil, func(r *reader) error {
		b := &backlog{reader: r, j: j, ledger: ledgerOf{j: j, r: r}}
		var err error
		out, err = b.read(sink, limit)
		return err
	})
	return out, j.fail("reading what is to be forwarded", err)
}

// backlog puts together what a stretch of runs committed.
type backlog struct {
	*reader
	j      *Journal
	ledger ledgerOf
	out    []series.Outbound
	place  map[uint64]int // of a run in out
}

func (b *backlog) read(sink string, limit int) ([]series.Outbound, error) {
	sent, err := cursorOf(b.row, sink)
	if err != nil {
		return nil, err
	}
	if err := b.runs(sent, limit); err != nil || len(b.out) == 0 {
		return nil, err
	}
	first, last := b.out[0].Seq, b.out[len(b.out)-1].Seq
	if err := b.ledger.load(first, last); err != nil {
		return nil, fmt.Errorf("the ledger: %w", err)
	}
	for _, step := range []struct {
		what string
		do   func(first, last uint64) error
	}{
		{"intervals", b.intervals}, {"bins", b.bins}, {"spaces", b.spaces},
	} {
		if err := step.do(first, last); err != nil {
			return nil, fmt.Errorf("%s: %w", step.what, err)
		}
	}
	if err := b.changes(sent); err != nil {
		return nil, fmt.Errorf("changes of the ledger: %w", err)
	}
	return b.out, nil
}

// runs reads the records of the runs above a cursor.
func (b *backlog) runs(sent int64, limit int) error {
	b.place = map[uint64]int{}
	begun, err := progress(b.row, "begun")
	if err != nil {
		return err
	}
	enough := errors.New("enough")
	n := 0
	err = each(b.ctx, b.conn, func(rows *sql.Rows) error {
		o := series.Outbound{Begun: uint64(begun)}
		var err error
		if o.Run, err = scanRun(rows, &o.Seq, &o.SameSecond); err != nil {
			return err
		}
		if n += int(o.Run.LUNs); n > limit && len(b.out) > 0 {
			return enough
		}
		b.place[o.Seq] = len(b.out)
		b.out = append(b.out, o)
		return nil
	}, `SELECT `+runColumns+`, r.id, r.same FROM `+runTables+` WHERE r.id > ? ORDER BY r.id LIMIT ?`, sent, backlogRuns)
	if errors.Is(err, enough) {
		return nil
	}
	return err
}

func (b *backlog) intervals(first, last uint64) error {
	floor, err := b.j.floor(b.row)
	if err != nil {
		return err
	}
	return b.each(func(id, _ int64, data []byte) error {
		n, ok := b.place[uint64(id>>partBits)]
		if !ok {
			return nil
		}
		o := &b.out[n]
		ids, in, ok := b.block(id, o.Run.At.Wall.Unix(), data)
		if !ok {
			return nil
		}
		for i, id := range ids {
			if _, known := b.keys[id]; !known {
				continue
			}
			lun, err := b.ledger.at(id, o.Seq)
			if err != nil {
				return err
			}
			o.Intervals = append(o.Intervals, series.OutInterval{Key: b.keys[id], LUN: lun, Interval: in[i]})
		}
		return nil
	}, `SELECT id, 0, data FROM sums WHERE id >= ? AND id < ? ORDER BY id`, sumsID(max(int64(first), floor+1), 0), sumsID(int64(last)+1, 0))
}

// bins are those that a run's commit wrote.
func (b *backlog) bins(first, last uint64) error {
	return b.each(func(id, run int64, data []byte) error {
		n, ok := b.place[uint64(run)]
		if !ok {
			return nil
		}
		w, ok := widthOfID(id)
		if !ok {
			return nil
		}
		o := &b.out[n]
		ids, in, ok := b.bin(w, id, data)
		if !ok {
			return nil
		}
		for i, of := range ids {
			if _, known := b.keys[of]; !known {
				continue
			}
			lun, err := b.ledger.at(of, o.Seq)
			if err != nil {
				return err
			}
			o.Bins = append(o.Bins, series.OutBin{
				Width: w.d, RowsBefore: uint32(id >> partBits & (1<<seqBits - 1)),
				OutInterval: series.OutInterval{Key: b.keys[of], LUN: lun, Interval: in[i]},
			})
		}
		return nil
	}, fmt.Sprintf(`SELECT u.id, c.run, u.data FROM closing c CROSS JOIN rollup u ON u.id >= c.bin << %d AND u.id < (c.bin + 1) << %[1]d
		WHERE c.run >= ? AND c.run <= ? ORDER BY c.run, u.id`, partBits), first, last)
}

func (b *backlog) spaces(first, last uint64) error {
	known, err := b.filesystems()
	if err != nil {
		return err
	}
	from, to := b.out[0].Run.At.Wall.Unix(), int64(0)
	for i := range b.out {
		end := b.out[i].Run.At.Wall.Unix()
		from, to = min(from, end), max(to, end)
	}
	return b.each(func(id, run int64, data []byte) error {
		n, ok := b.place[uint64(run)]
		if !ok {
			return nil
		}
		o := &b.out[n]
		return b.space(id, data, known, func(fs *filesystem, s *series.Space) error {
			lun, err := b.ledger.at(fs.series, o.Seq)
			if err != nil {
				return err
			}
			o.Spaces = append(o.Spaces, series.OutSpace{LUN: lun, KeySpace: series.KeySpace{Key: b.keys[fs.series], Mount: fs.mount, Space: *s}})
			return nil
		})
	}, `SELECT id, run, data FROM space WHERE id >= ? AND id < ? AND run >= ? AND run <= ? ORDER BY id`,
		from<<secondBits, (to+1)<<secondBits, first, last)
}

// changes are the lines of the ledger that began or ended since the run before,
// and at the first run of a host's day all that hold.
func (b *backlog) changes(sent int64) error {
	before, err := b.before(sent)
	if err != nil {
		return err
	}
	prev := uint64(sent)
	for i := range b.out {
		o := &b.out[i]
		today := series.BinOf(o.Run.At.Wall, day)
		was, ok := before[o.Run.Host]
		o.Ledger = b.ledger.entries(o, prev, !ok || was != today)
		before[o.Run.Host], prev = today, o.Seq
	}
	return nil
}

// before is the day of each host's last run up to a cursor.
func (b *backlog) before(sent int64) (map[string]int64, error) {
	days := map[string]int64{}
	for i := range b.out {
		host := b.out[i].Run.Host
		if _, ok := days[host]; ok {
			continue
		}
		var end int64
		err := b.row(`SELECT r.end FROM `+runTables+` WHERE h.name = ? AND r.id <= ? ORDER BY r.id DESC LIMIT 1`, host, sent).Scan(&end)
		if errors.Is(err, sql.ErrNoRows) {
			days[host] = -1
			continue
		}
		if err != nil {
			return nil, err
		}
		days[host] = series.BinOf(time.Unix(end, 0), day)
	}
	return days, nil
}

// floor is the last run that has more than BacklogMax runs after it.
func (j *Journal) floor(row func(string, ...any) *sql.Row) (run int64, err error) {
	err = row(`SELECT coalesce(max(id), 0) FROM run`).Scan(&run)
	return run - int64(j.o.BacklogMax), err
}

func cursorOf(row func(string, ...any) *sql.Row, sink string) (run int64, err error) {
	err = row(`SELECT run FROM forward WHERE sink = ?`, sink).Scan(&run)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return run, err
}

// heldFrom is the first run whose raw intervals are kept for the sink, however old they
// are.
func (b *batch) heldFrom() (int64, error) {
	if b.j.o.Sink == "" {
		return b.last.id + 1, nil
	}
	sent, err := cursorOf(b.row, b.j.o.Sink)
	if err != nil {
		return 0, err
	}
	return max(sent, b.last.id-int64(b.j.o.BacklogMax)) + 1, nil
}

// dropUnsent counts a run that is deleted before the sink got it.
func (b *batch) dropUnsent(run int64) error {
	if b.j.o.Sink == "" {
		return nil
	}
	return b.exec(`INSERT INTO forward (sink, run, dropped) VALUES (?, 0, 1) ON CONFLICT (sink) DO UPDATE SET dropped = dropped + (run < ?)`, b.j.o.Sink, run)
}

// Forwarding says how much waits for a sink, and why.
func (j *Journal) Forwarding(ctx context.Context, sink string) (f series.Forwarding, err error) {
	f, err = j.forwarding(ctx, sink)
	return f, j.fail("reading what is to be forwarded", err)
}

func (j *Journal) forwarding(ctx context.Context, sink string) (f series.Forwarding, err error) {
	var retry int64
	var trouble sql.NullString
	err = j.db.QueryRowContext(ctx, `SELECT dropped, lost, retry_at, trouble FROM forward WHERE sink = ?`, sink).Scan(&f.Dropped, &f.Lost, &retry, &trouble)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return f, err
	}
	if retry != 0 {
		f.RetryAt = time.Unix(retry, 0)
	}
	if trouble.Valid {
		var t storedTrouble
		if err := json.Unmarshal([]byte(trouble.String), &t); err != nil {
			t = storedTrouble{Warning: series.Warning{What: "forwarding failed, and the reason can't be read, because the journal is damaged"}}
		}
		f.Trouble, f.Critical = t.Warning, t.Critical
	}
	var oldest sql.NullInt64
	err = j.db.QueryRowContext(ctx, `SELECT count(*), min(end) FROM run WHERE id > coalesce((SELECT run FROM forward WHERE sink = ?), 0)`, sink).Scan(&f.Pending, &oldest)
	if err != nil {
		return f, err
	}
	if oldest.Valid {
		f.Since = time.Unix(oldest.Int64, 0)
	}
	return f, j.db.QueryRowContext(ctx, `SELECT coalesce(sum(min(max(n, 0), 100000)), 0) FROM refused WHERE sink = ?`, sink).Scan(&f.Refused)
}
