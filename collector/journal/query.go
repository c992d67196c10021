package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lunstat/collector/journal/blob"
	"lunstat/collector/series"
)

// reader answers one question from one moment of the journal: what a run rolls up while
// it reads must not be counted both raw and as a bin.
type reader struct {
	j     *Journal
	ctx   context.Context
	conn  *sql.Conn
	keys  map[int64]series.Key // of the series that are asked for
	parts []int64              // the blocks that they are in
	dec   blob.Decoder
	// mended are the bins, by their row's number without its place among others of the
	// bin, that were put together again from their minutes.
	mended map[int64]bool
	fn     func(series.Key, *series.Interval) error
	ended  error // what fn ended the reading with
}

// give calls fn.
func (r *reader) give(id int64, i *series.Interval) error {
	r.ended = r.fn(r.keys[id], i)
	return r.ended
}

// Intervals calls fn for each interval or bin, in order of End within a key. Bins
// replace raw intervals that are already deleted, and bins of an hour replace deleted
// bins of 15 minutes. fn may use the interval only until it returns, and must not call
// this journal.
func (j *Journal) Intervals(ctx context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error {
	var ended error
	err := j.reading(ctx, q.Keys, func(r *reader) error {
		if len(r.keys) == 0 {
			return nil
		}
		r.fn = fn
		err := r.read(q)
		ended = r.ended
		return err
	})
	if ended != nil {
		return ended
	}
	return j.fail("reading intervals", err)
}

// reading calls do within one read transaction.
func (j *Journal) reading(ctx context.Context, keys []series.Key, do func(*reader) error) (err error) {
	conn, err := j.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	// Not db.Begin, which takes the lock that writers need.
	if _, err := conn.ExecContext(ctx, `BEGIN`); err != nil {
		return err
	}
	defer func() {
		_, e := conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
		err = errors.Join(err, e)
	}()
	r := &reader{j: j, ctx: ctx, conn: conn, keys: map[int64]series.Key{}, mended: map[int64]bool{}}
	if err := r.find(keys); err != nil {
		return fmt.Errorf("series: %w", err)
	}
	return do(r)
}

// read splits the range between the tables that still have it.
func (r *reader) read(q series.Query) error {
	from, to := q.From.Unix(), q.To.Unix()
	var raw, fine int64
	var err error
	if raw, err = progress(r.row, "from_raw"); err != nil {
		return err
	}
	if fine, err = progress(r.row, "from_15m"); err != nil {
		return err
	}
	w := widths()
	switch q.Width {
	case 0:
		// A bin ends before the second at which the next one begins.
		if err := r.bins(w[1], from, min(to, fine-1)); err != nil {
			return err
		}
		if err := r.bins(w[0], max(from, fine-1), min(to, raw-1)); err != nil {
			return err
		}
		return r.raw(max(from, max(raw, fine)-1), to)
	case w[0].d:
		if err := r.bins(w[1], from, min(to, fine-1)); err != nil {
			return err
		}
		return r.bins(w[0], max(from, fine-1), to)
	case w[1].d:
		return r.bins(w[1], from, to)
	}
	return fmt.Errorf("no bins of %s: 0, %s and %s are kept", q.Width, w[0].d, w[1].d)
}

// find finds the series with the given keys; nil is all.
func (r *reader) find(keys []series.Key) error {
	want := make(map[series.Key]bool, len(keys))
	for _, k := range keys {
		want[k] = true
	}
	parts := map[int64]bool{}
	err := each(r.ctx, r.conn, func(rows *sql.Rows) error {
		var id int64
		var k series.Key
		if err := rows.Scan(&id, &k.Host, &k.Source, &k.ID); err != nil {
			return err
		}
		if keys == nil || want[k] {
			r.keys[id], parts[blob.BlockOf(id)] = k, true
		}
		return nil
	}, `SELECT s.id, h.name, s.source, s.uuid FROM series s JOIN host h ON h.id = s.host`)
	r.parts = slices.Sorted(maps.Keys(parts))
	return err
}

func (r *reader) row(query string, args ...any) *sql.Row {
	return r.conn.QueryRowContext(r.ctx, query, args...)
}

// each calls do for the blocks that a query gives as id, Unix second and data.
func (r *reader) each(do func(id, end int64, data []byte) error, query string, args ...any) error {
	return each(r.ctx, r.conn, func(rows *sql.Rows) error {
		var id, end int64
		var data sql.RawBytes
		if err := rows.Scan(&id, &end, &data); err != nil {
			return err
		}
		return do(id, end, data)
	}, query, args...)
}

// block decodes a run's block; false where it is damaged, which is noted.
func (r *reader) block(id, end int64, data []byte) ([]int64, []series.Interval, bool) {
	ids, in, err := r.dec.Run(data, end)
	if err != nil {
		r.j.damage.add(damagedSums(), id, second(end))
	}
	return ids, in, err == nil
}

// decodeBin decodes a bin's block.
func (r *reader) decodeBin(w width, id int64, data []byte) ([]int64, []series.Interval, error) {
	bin := binOfID(id)
	return r.dec.Bin(data, w.binEnd(bin-1), w.binEnd(bin))
}

// bin decodes a bin's block; false where it is damaged, which is noted.
func (r *reader) bin(w width, id int64, data []byte) ([]int64, []series.Interval, bool) {
	ids, in, err := r.decodeBin(w, id, data)
	if err != nil {
		r.j.damage.add(damagedBins(w, false), id, second(w.binEnd(binOfID(id)-1)))
	}
	return ids, in, err == nil
}

// mendBin puts a bin's series of one block together from its minutes, where those are
// still there, in place of what was read of rows of that block. Of minutes that are in
// no bin yet the tail takes care.
func (r *reader) mendBin(w width, id int64, all folded) (mended bool, err error) {
	bin, part := binOfID(id), id&(1<<partBits-1)
	from, to := w.binEnd(bin-1), w.binEnd(bin)
	whole, err := progress(r.row, "from_raw")
	if err != nil || from < whole {
		return false, err
	}
	rolled, err := progress(r.row, "rolled_"+w.name)
	if err != nil {
		return false, err
	}
	for of := range all[bin] {
		if blob.BlockOf(of) == part {
			delete(all[bin], of)
		}
	}
	r.j.damage.add(damagedBins(w, true), id, second(from))
	r.mended[id>>(seqBits+partBits)<<partBits|part] = true
	return true, r.each(func(block, end int64, data []byte) error {
		if ids, in, ok := r.block(block, end, data); ok {
			r.fold(w, all, ids, in)
		}
		return nil
	}, `SELECT s.id, r.end, s.data FROM run r JOIN sums s ON s.id = (r.id << ?) | ? WHERE r.end >= ? AND r.end < ? AND r.id <= ? ORDER BY r.id`,
		partBits, part, from, to, rolled)
}

// written takes a row of a bin into all, or what can be had in its place.
func (r *reader) written(w width, id int64, data []byte, all folded) error {
	if r.mended[id>>(seqBits+partBits)<<partBits|id&(1<<partBits-1)] {
		return nil
	}
	ids, in, err := r.decodeBin(w, id, data)
	if err == nil {
		r.fold(w, all, ids, in)
		return nil
	}
	mended, err := r.mendBin(w, id, all)
	if err == nil && !mended {
		r.bin(w, id, data) // which notes it
	}
	return err
}

// raw gives the intervals that end in (from, to], Unix seconds.
func (r *reader) raw(from, to int64) error {
	give := func(block, end int64, data []byte) error {
		ids, in, ok := r.block(block, end, data)
		if !ok {
			return nil
		}
		for i, id := range ids {
			if _, ok := r.keys[id]; ok {
				if err := r.give(id, &in[i]); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return r.each(give, `SELECT s.id, r.end, s.data FROM run r CROSS JOIN sums s ON `+r.blocksOf("r.id")+`
		WHERE r.end > ? AND r.end <= ? ORDER BY r.end, r.id`, from, to)
}

// fewParts: up to so many blocks are looked up one by one, more are scanned.
const fewParts = 8

// blocksOf is the condition for the blocks of a run that are asked for. Numbers
// alone go into the text.
func (r *reader) blocksOf(run string) string {
	if len(r.parts) > fewParts {
		return fmt.Sprintf("s.id >= %s << %d AND s.id < (%s + 1) << %d", run, partBits, run, partBits)
	}
	var rows []string
	for _, p := range r.parts {
		rows = append(rows, fmt.Sprintf("(%s << %d | %d)", run, partBits, p))
	}
	return "s.id IN (" + strings.Join(rows, ", ") + ")"
}

// bins gives the bins of a width that end in (from, to], Unix seconds: those that
// were written, put together with what is not rolled up yet.
func (r *reader) bins(w width, from, to int64) error {
	if from >= to {
		return nil
	}
	tail, err := r.tail(w, from, to)
	if err != nil {
		return err
	}
	first, last := max(0, series.BinOf(time.Unix(from, 0), w.d)), min(lastBin, series.BinOf(time.Unix(to, 0), w.d))
	if first > last {
		return nil
	}
	all, waiting := folded{}, tail.bins()
	give := func(bin int64) error {
		err := r.giveBin(w, from, to, all[bin], tail[bin])
		delete(all, bin)
		return err
	}
	// flush gives what is before a bin. At most one written bin waits.
	flush := func(bin int64) error {
		for _, n := range all.bins() {
			if !slices.Contains(waiting, n) {
				waiting = append(waiting, n)
			}
		}
		slices.Sort(waiting)
		for len(waiting) > 0 && waiting[0] < bin {
			n := waiting[0]
			waiting = waiting[1:]
			if err := give(n); err != nil {
				return err
			}
		}
		return nil
	}
	take := func(id, _ int64, data []byte) error {
		bin := binOfID(id)
		if err := flush(bin); err != nil {
			return err
		}
		return r.written(w, id, data, all)
	}
	query := `SELECT id, 0, data FROM rollup WHERE id >= ? AND id < ?` + r.inParts() + ` ORDER BY id`
	if err := r.each(take, query, rollupID(w, first, 0, 0), rollupID(w, last+1, 0, 0)); err != nil {
		return err
	}
	return flush(last + 1)
}

// inParts is the condition that keeps a query of roll-ups to the parts with wanted series,
// if they are few.
func (r *reader) inParts() string {
	if len(r.parts) > fewParts {
		return ""
	}
	parts := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(r.parts)), ", "), "[]")
	return fmt.Sprintf(` AND id & %d IN (%s)`, 1<<partBits-1, parts)
}

// tail rolls up what is in no bin yet, in whole bins.
func (r *reader) tail(w width, from, to int64) (folded, error) {
	f := folded{}
	rolled, err := progress(r.row, "rolled_"+w.name)
	if err != nil {
		return nil, err
	}
	first, last := max(0, series.BinOf(time.Unix(from, 0), w.d)), min(lastBin, series.BinOf(time.Unix(to, 0), w.d))
	take := func(block, end int64, data []byte) error {
		if bin := series.BinOf(time.Unix(end, 0), w.d); bin < first || bin > last {
			return nil
		}
		if ids, in, ok := r.block(block, end, data); ok {
			r.fold(w, f, ids, in)
		}
		return nil
	}
	err = r.each(take, `SELECT s.id, r.end, s.data FROM run r CROSS JOIN sums s ON `+r.blocksOf("r.id")+` WHERE r.id > ? ORDER BY r.id`, rolled)
	return f, err
}

func (r *reader) fold(w width, f folded, ids []int64, in []series.Interval) {
	for i, id := range ids {
		if _, ok := r.keys[id]; ok {
			f.add(w, id, in[i], nil)
		}
	}
}

// giveBin puts together what was written of a bin and what was not.
func (r *reader) giveBin(w width, from, to int64, written, tail map[int64][]series.Interval) error {
	ids := make([]int64, 0, len(written)+len(tail))
	for id := range written {
		ids = append(ids, id)
	}
	for id := range tail {
		if _, both := written[id]; !both {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		for _, i := range series.JoinBin(written[id], tail[id], w.d) {
			if end := i.End.Unix(); end <= from || end > to {
				continue
			}
			if err := r.give(id, &i); err != nil {
				return err
			}
		}
	}
	return nil
}

// each calls do at each row.
func each(ctx context.Context, q rowser, do func(*sql.Rows) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// rowser is a journal or one connection to it.
type rowser interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
