package journal

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"lunstat/collector/journal/blob"
	"lunstat/collector/series"
)

// secondBits leave room for a million rows that belong to one second.
const secondBits = 20

// addSpaces stores the spaces of a run in one row.
func (b *batch) addSpaces(h *host, m *series.Minute) error {
	if len(m.Spaces) == 0 {
		return nil
	}
	all := make([]blob.NumberedSpace, len(m.Spaces))
	for i := range m.Spaces {
		fs, err := b.filesystem(h, &m.Spaces[i])
		if err != nil {
			return err
		}
		all[i] = blob.NumberedSpace{ID: fs.id, Of: fs.Filesystem, Space: &m.Spaces[i].Space}
	}
	slices.SortStableFunc(all, func(a, b blob.NumberedSpace) int { return cmp.Compare(a.ID, b.ID) })
	end := m.Run.At.Wall.Unix()
	return b.exec(`INSERT INTO space (id, data, run) SELECT coalesce(max(id), ?1 - 1) + 1, ?3, ?4 FROM space WHERE id >= ?1 AND id < ?2`,
		end<<secondBits, (end+1)<<secondBits, b.j.enc.Spaces(all, end), b.last.id)
}

// filesystem is a row of that table.
type filesystem struct {
	id     int64
	series int64
	mount  string
	blob.Filesystem
}

// filesystem finds the filesystem of a space, or gives it a number. Its size and
// inodes are those of its first sight: each row has what differs later.
func (b *batch) filesystem(h *host, s *series.KeySpace) (*filesystem, error) {
	if h.fs == nil {
		if err := b.readFilesystems(h); err != nil {
			return nil, fmt.Errorf("filesystems: %w", err)
		}
	}
	id, err := b.series(h, s.Key)
	if err != nil {
		return nil, err
	}
	k := fsKey{id, s.Mount}
	if fs := h.fs[k]; fs != nil {
		return fs, nil
	}
	fs := &filesystem{series: id, mount: s.Mount, Filesystem: blob.FilesystemOf(&s.Space)}
	fs.id, err = b.insert(`INSERT INTO filesystem (series, mount, size_bytes, reserved_bytes, inodes) VALUES (?, ?, ?, ?, ?)`,
		id, s.Mount, fs.SizeBytes, fs.ReservedBytes, fs.Inodes)
	if err != nil {
		return nil, fmt.Errorf("filesystem %s: %w", s.Mount, err)
	}
	h.fs[k] = fs
	return fs, nil
}

// readFilesystems reads a host's in one go: one by one, 10,000 would cost seconds.
func (b *batch) readFilesystems(h *host) error {
	rows, err := b.rows(`SELECT f.id, f.series, f.mount, f.size_bytes, f.reserved_bytes, f.inodes
		FROM filesystem f JOIN series s ON s.id = f.series WHERE s.host = ?`, h.id)
	if err != nil {
		return err
	}
	defer rows.Close()
	known := map[fsKey]*filesystem{}
	for rows.Next() {
		var fs filesystem
		if err := rows.Scan(&fs.id, &fs.series, &fs.mount, &fs.SizeBytes, &fs.ReservedBytes, &fs.Inodes); err != nil {
			return err
		}
		known[fsKey{fs.series, fs.mount}] = &fs
	}
	h.fs = known
	return rows.Err()
}

type fsKey struct {
	series int64
	mount  string
}

// space calls fn for the spaces of a row; of one that is damaged, which is noted, for
// none.
func (r *reader) space(id int64, data []byte, known map[int64]*filesystem, fn func(*filesystem, *series.Space) error) error {
	of := func(fs int64) (f blob.Filesystem, ok bool) {
		if known[fs] != nil {
			f, ok = known[fs].Filesystem, true
		}
		return f, ok
	}
	err := blob.DecodeSpaces(data, id>>secondBits, of, func(fs int64, s *series.Space) error { return fn(known[fs], s) })
	if errors.Is(err, blob.ErrMalformed) {
		r.j.damage.add(damagedSpace(), id, second(id>>secondBits))
		return nil
	}
	return err
}

// spacePad is how far from its run's second a space may have been asked for.
const spacePad = 600

// Spaces calls fn for each space, in order of At within a key; with q.Width, for
// the last in each bin.
func (j *Journal) Spaces(ctx context.Context, q series.Query, fn func(series.Key, *series.Space) error) error {
	var ended error
	err := j.reading(ctx, q.Keys, func(r *reader) error {
		known, err := r.filesystems()
		if err != nil {
			return fmt.Errorf("filesystems: %w", err)
		}
		thin := series.Thinner{Width: q.Width, Give: func(k series.Key, s *series.Space) error {
			ended = fn(k, s)
			return ended
		}}
		take := func(id, _ int64, data []byte) error {
			return r.space(id, data, known, func(fs *filesystem, s *series.Space) error {
				if !q.Has(s.At) {
					return nil
				}
				return thin.Add(r.keys[fs.series], s)
			})
		}
		err = r.each(take, `SELECT id, 0, data FROM space WHERE id >= ? AND id < ? ORDER BY id`,
			(q.From.Unix()-spacePad)<<secondBits, (q.To.Unix()+spacePad)<<secondBits)
		if err != nil {
			return err
		}
		return thin.Flush()
	})
	if ended != nil {
		return ended
	}
	return j.fail("reading spaces", err)
}

// filesystems gives those of the series that are asked for.
func (r *reader) filesystems() (map[int64]*filesystem, error) {
	known := map[int64]*filesystem{}
	err := each(r.ctx, r.conn, func(rows *sql.Rows) error {
		var fs filesystem
		if err := rows.Scan(&fs.id, &fs.series, &fs.mount, &fs.SizeBytes, &fs.ReservedBytes, &fs.Inodes); err != nil {
			return err
		}
		if _, ok := r.keys[fs.series]; ok {
			known[fs.id] = &fs
		}
		return nil
	}, `SELECT id, series, mount, size_bytes, reserved_bytes, inodes FROM filesystem`)
	return known, err
}
