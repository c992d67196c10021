package journal

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"lunstat/collector/series"
)

const spaceVersion = 1

// filesystem is what seldom changes of a space, and stands once.
type filesystem struct {
	series         int64
	mount          string
	size, reserved int64
	inodes         int64
}

// numberedSpace is a space and its filesystem's number.
type numberedSpace struct {
	fs int64
	at *filesystem
	*series.Space
}

// secondBits leave room for a million rows that belong to one second.
const secondBits = 20

// addSpaces stores the spaces of a run in one row.
func (b *batch) addSpaces(h *host, m *series.Minute) error {
	if len(m.Spaces) == 0 {
		return nil
	}
	all := make([]numberedSpace, len(m.Spaces))
	for i := range m.Spaces {
		fs, err := b.filesystem(h, &m.Spaces[i])
		if err != nil {
			return err
		}
		all[i] = numberedSpace{fs.id, &fs.filesystem, &m.Spaces[i].Space}
	}
	slices.SortStableFunc(all, func(a, b numberedSpace) int { return cmp.Compare(a.fs, b.fs) })
	end := m.Run.At.Wall.Unix()
	return b.exec(`INSERT INTO space (id, data, run) SELECT coalesce(max(id), ?1 - 1) + 1, ?3, ?4 FROM space WHERE id >= ?1 AND id < ?2`,
		end<<secondBits, (end+1)<<secondBits, b.j.enc.spaces(all, end), b.last.id)
}

// knownFS is a filesystem with its number.
type knownFS struct {
	id int64
	filesystem
}

// filesystem finds the filesystem of a space, or gives it a number. Its size and
// inodes are those of its first sight: what differs later stands in each row.
func (b *batch) filesystem(h *host, s *series.KeySpace) (*knownFS, error) {
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
	fs := &knownFS{filesystem: filesystem{id, s.Mount, int64(s.SizeBytes), int64(s.FreeBytes - s.AvailBytes), int64(s.Inodes)}}
	fs.id, err = b.insert(`INSERT INTO filesystem (series, mount, size_bytes, reserved_bytes, inodes) VALUES (?, ?, ?, ?, ?)`,
		id, s.Mount, fs.size, fs.reserved, fs.inodes)
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
	known := map[fsKey]*knownFS{}
	for rows.Next() {
		var fs knownFS
		if err := rows.Scan(&fs.id, &fs.series, &fs.mount, &fs.size, &fs.reserved, &fs.inodes); err != nil {
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

// spaces writes what changes: by column, and the rest as the difference from the
// filesystem's own figures, which is nearly always 0.
func (e *encoder) spaces(all []numberedSpace, end int64) []byte {
	b := binary.AppendUvarint([]byte{spaceVersion}, uint64(len(all)))
	last := int64(0)
	for _, s := range all {
		b = binary.AppendUvarint(b, uint64(s.fs-last))
		last = s.fs
	}
	for n := range spaceColumns {
		e.col = e.col[:0]
		for i := range all {
			s := &all[i]
			e.col = append(e.col, [spaceColumns]uint64{
				zigzag(s.At.UnixNano() - end*1e9),
				zigzag(int64(s.SizeBytes) - s.at.size),
				s.UsedBytes,
				zigzag(int64(s.SizeBytes - s.UsedBytes - s.FreeBytes)),
				zigzag(int64(s.FreeBytes-s.AvailBytes) - s.at.reserved),
				zigzag(int64(s.Inodes) - s.at.inodes),
				s.InodesUsed,
			}[n])
		}
		b = appendColumn(b, e.col)
	}
	return b
}

const spaceColumns = 7

// decodeSpaces undoes encoder.spaces. of gives the filesystem with a number, nil
// for one that is not asked for.
func decodeSpaces(b []byte, end int64, of func(int64) *filesystem, fn func(*filesystem, *series.Space) error) error {
	c := cursor{b: b}
	if v := c.byte(); c.err == nil && v != spaceVersion {
		return fmt.Errorf("space of version %d: %w", v, errBlob)
	}
	n := c.count(spaceSize)
	ids := make([]int64, n)
	last := int64(0)
	for i := range ids {
		last += int64(c.uvarint())
		ids[i] = last
	}
	var cols [spaceColumns][]uint64
	for k := range cols {
		cols[k] = make([]uint64, n)
		c.column(cols[k])
	}
	if err := c.end(); err != nil {
		return err
	}
	for _, delta := range cols[0] {
		if d := unzigzag(delta); d < -int64(day) || d > int64(day) {
			return fmt.Errorf("a space of %d ns beside its run: %w", d, errBlob)
		}
	}
	for i, id := range ids {
		fs := of(id)
		if fs == nil {
			continue
		}
		s := series.Space{At: time.Unix(end, unzigzag(cols[0][i])).UTC(), UsedBytes: cols[2][i], InodesUsed: cols[6][i]}
		s.SizeBytes = uint64(fs.size + unzigzag(cols[1][i]))
		s.FreeBytes = s.SizeBytes - s.UsedBytes - uint64(unzigzag(cols[3][i]))
		s.AvailBytes = s.FreeBytes - uint64(fs.reserved+unzigzag(cols[4][i]))
		s.Inodes = uint64(fs.inodes + unzigzag(cols[5][i]))
		if err := fn(fs, &s); err != nil {
			return err
		}
	}
	return nil
}

// space calls fn for the spaces of a row; of one that is damaged, which is noted, for
// none.
func (r *reader) space(id int64, data []byte, known map[int64]*filesystem, fn func(*filesystem, *series.Space) error) error {
	err := decodeSpaces(data, id>>secondBits, func(id int64) *filesystem { return known[id] }, fn)
	if errors.Is(err, errBlob) {
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
		thin := thinner{width: q.Width, waiting: map[int64]series.Space{}, fn: func(of int64, s *series.Space) error {
			ended = fn(r.keys[of], s)
			return ended
		}}
		take := func(id, _ int64, data []byte) error {
			return r.space(id, data, known, func(fs *filesystem, s *series.Space) error {
				if !s.At.After(q.From) || s.At.After(q.To) {
					return nil
				}
				return thin.add(fs.series, s)
			})
		}
		err = r.each(take, `SELECT id, 0, data FROM space WHERE id >= ? AND id < ? ORDER BY id`,
			(q.From.Unix()-spacePad)<<secondBits, (q.To.Unix()+spacePad)<<secondBits)
		if err != nil {
			return err
		}
		return thin.rest()
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
		var id int64
		var fs filesystem
		if err := rows.Scan(&id, &fs.series, &fs.mount, &fs.size, &fs.reserved, &fs.inodes); err != nil {
			return err
		}
		if _, ok := r.keys[fs.series]; ok {
			known[id] = &fs
		}
		return nil
	}, `SELECT id, series, mount, size_bytes, reserved_bytes, inodes FROM filesystem`)
	return known, err
}

// thinner lets the last space of a series in each bin through.
type thinner struct {
	width   time.Duration
	fn      func(int64, *series.Space) error
	waiting map[int64]series.Space
}

func (t *thinner) add(of int64, s *series.Space) error {
	if t.width == 0 {
		return t.fn(of, s)
	}
	was, ok := t.waiting[of]
	t.waiting[of] = *s
	if ok && series.BinOf(was.At, t.width) != series.BinOf(s.At, t.width) {
		return t.fn(of, &was)
	}
	return nil
}

func (t *thinner) rest() error {
	ids := make([]int64, 0, len(t.waiting))
	for id := range t.waiting {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		s := t.waiting[id]
		if err := t.fn(id, &s); err != nil {
			return err
		}
	}
	return nil
}
