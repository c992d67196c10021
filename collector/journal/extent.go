package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"lunstat/collector/series"
)

// Extent is the end of the first and of the last interval; ok is false if there is
// none. If raw intervals have been deleted, the first is that of a bin.
func (j *Journal) Extent(ctx context.Context) (first, last time.Time, ok bool, err error) {
	var e extent
	err = j.reading(ctx, nil, func(r *reader) error {
		if err := e.raw(r); err != nil {
			return err
		}
		for _, w := range widths() {
			if err := e.rollup(r, w); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || !e.ok {
		return time.Time{}, time.Time{}, false, j.fail("reading the extent", err)
	}
	return e.first, e.last, true, nil
}

type extent struct {
	first, last time.Time
	ok          bool
}

func (e *extent) include(t time.Time) {
	if !e.ok || t.Before(e.first) {
		e.first = t
	}
	if !e.ok || t.After(e.last) {
		e.last = t
	}
	e.ok = true
}

// raw includes the first and the last run that has intervals still.
func (e *extent) raw(r *reader) error {
	for _, order := range []string{"", " DESC"} {
		var end int64
		err := r.row(fmt.Sprintf(`SELECT r.end FROM run r
			WHERE EXISTS (SELECT 1 FROM sums s WHERE s.id >= r.id << %d AND s.id < (r.id + 1) << %[1]d)
			ORDER BY r.end%s LIMIT 1`, partBits, order)).Scan(&end)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		e.include(time.Unix(end, 0).UTC())
	}
	return nil
}

// rollup includes the first bin. Its end is that of its last interval, so the
// bin counts only where its raw intervals are gone.
func (e *extent) rollup(r *reader, w width) error {
	whole := errors.New("the first that can be read")
	err := r.each(func(id, _ int64, data []byte) error {
		_, in, err := r.decodeBin(w, id, data)
		if err != nil {
			return nil // the reader says so
		}
		for i := range in {
			if !e.ok || series.BinOf(in[i].End, w.d) < series.BinOf(e.first, w.d) {
				e.include(in[i].End)
			}
		}
		return whole
	}, `SELECT id, 0, data FROM rollup WHERE id >= ? AND id < ? ORDER BY id`, rollupID(w, 0, 0, 0), rollupID(w, lastBin+1, 0, 0))
	if errors.Is(err, whole) {
		return nil
	}
	return err
}
