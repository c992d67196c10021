package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"lunstat/collector/journal/blob"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// openEntry is a entry of the ledger that holds still.
type openEntry struct {
	id      int64
	since   int64
	lun     mapper.LUN
	damaged bool // what it says can't be read: it ends, and the LUN gets a new line
}

// addLedger closes the lines of LUNs that are gone or changed, and opens new ones.
func (b *batch) addLedger(h *host, m *series.Minute) error {
	now := m.Run.At.Wall.Unix()
	back := now < b.last.end && leavesState(m)
	if m.Mapped == nil && !back {
		return nil
	}
	source := sourceOf(m)
	open, err := b.openEntries(h, source)
	if err != nil {
		return err
	}
	boot := h.boots[bootKey{m.Run.At.BootID, m.Run.Kernel, m.Run.Version}]
	if m.Mapped == nil {
		return b.openAgain(h, open, boot, now)
	}
	keys, _ := series.Keys(m.Mapped, h.name, source, series.Earlier{})
	for i, k := range keys {
		id, err := b.series(h, k)
		if err != nil {
			return err
		}
		lun := m.Mapped[i]
		lun.ID = k.ID
		was, ok := open[id]
		delete(open, id)
		if ok && !was.damaged && was.since <= now && same(was.lun, lun) {
			continue
		}
		if ok {
			if err := b.closeEntry(was.id, now); err != nil {
				return err
			}
		}
		if err := b.openEntry(h, id, boot, now, &lun); err != nil {
			return err
		}
	}
	for _, gone := range open {
		if err := b.closeEntry(gone.id, now); err != nil {
			return err
		}
	}
	return nil
}

// openAgain begins a new line, at this run, for each line that was begun while the clock
// was ahead: otherwise the ledger would know nothing about now. Lines that are written
// stay as they are, because they may have been forwarded.
func (b *batch) openAgain(h *host, open map[int64]openEntry, boot, now int64) error {
	for _, of := range slices.Sorted(maps.Keys(open)) {
		was := open[of]
		if was.since <= now || was.damaged {
			continue
		}
		if err := b.closeEntry(was.id, now); err != nil {
			return err
		}
		if err := b.openEntry(h, of, boot, now, &was.lun); err != nil {
			return err
		}
	}
	return nil
}

// same reports whether a LUN is still as the ledger has it. JSON can't hold bytes that
// are not UTF-8, so a name with such bytes is compared as it would be stored.
func same(was, now mapper.LUN) bool {
	if !mapper.Noteworthy(&was, &now) {
		return true
	}
	text, err := json.Marshal(now)
	if err != nil {
		return false
	}
	stored, err := parseLUN(string(text))
	if err != nil {
		return false
	}
	stored.ID = was.ID
	return !mapper.Noteworthy(&was, &stored)
}

// sourceOf is whose word the mapping of a minute is.
func sourceOf(m *series.Minute) string {
	switch {
	case len(m.State.Last) > 0:
		return m.State.Last[0].Key.Source
	case len(m.Intervals) > 0:
		return m.Intervals[0].Key.Source
	}
	return series.SourceHost
}

// openEntries gives the lines of a host that hold still, by series.
func (b *batch) openEntries(h *host, source string) (map[int64]openEntry, error) {
	rows, err := b.rows(`SELECT l.id, l.series, l.since, l.lun FROM ledger l JOIN series s ON s.id = l.series
		WHERE l.until IS NULL AND s.host = ? AND s.source = ?`, h.id, source)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	open := map[int64]openEntry{}
	for rows.Next() {
		var e openEntry
		var of int64
		var text string
		if err := rows.Scan(&e.id, &of, &e.since, &text); err != nil {
			return nil, err
		}
		if e.lun, err = parseLUN(text); err != nil {
			e.damaged = true
			b.j.damage.add(damagedLedger(), e.id, time.Time{})
		}
		open[of] = e
	}
	return open, rows.Err()
}

func parseLUN(text string) (mapper.LUN, error) {
	var l mapper.LUN
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		return mapper.LUN{}, fmt.Errorf("%w: a LUN of the ledger: %w", blob.ErrMalformed, err)
	}
	return l, nil
}

func (b *batch) closeEntry(id, now int64) error {
	return b.exec(`UPDATE ledger SET until = ?, closed = ? WHERE id = ?`, now, b.last.id, id)
}

func (b *batch) openEntry(h *host, id, boot, now int64, lun *mapper.LUN) error {
	colour, err := b.colour(h, id, lun.Role)
	if err != nil {
		return err
	}
	text, err := json.Marshal(lun)
	if err != nil {
		return err
	}
	return b.exec(`INSERT INTO ledger (series, boot, since, role, colour, lun, opened) VALUES (?, ?, ?, ?, ?, ?, ?)`, id, boot, now, lun.Role, colour, string(text), b.last.id)
}

type roleKey struct {
	host int64
	role string
}

// colour is what a series had when it was last in this role, or the next one: the
// order of first sight within host and role, for ever.
func (b *batch) colour(h *host, id int64, role string) (int, error) {
	if b.colours == nil {
		if err := b.readColours(); err != nil {
			return 0, err
		}
	}
	of := b.colours[roleKey{h.id, role}]
	c, ok := of[id]
	if !ok {
		c = len(of)
		if of == nil {
			b.colours[roleKey{h.id, role}] = map[int64]int{id: c}
		} else {
			of[id] = c
		}
	}
	return c, nil
}

func (b *batch) readColours() error {
	b.colours = map[roleKey]map[int64]int{}
	rows, err := b.rows(`SELECT DISTINCT s.host, l.role, l.series, l.colour FROM ledger l JOIN series s ON s.id = l.series`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k roleKey
		var of int64
		var c int
		if err := rows.Scan(&k.host, &k.role, &of, &c); err != nil {
			return err
		}
		if b.colours[k] == nil {
			b.colours[k] = map[int64]int{}
		}
		b.colours[k][of] = c
	}
	return rows.Err()
}

// LUNs gives the ledger's entries that overlap the range, in the order in which the
// LUNs were first seen, and then by time. If two LUNs have one identity, the second has
// the ID of its series, which differs.
func (j *Journal) LUNs(ctx context.Context, from, to time.Time) ([]mapper.Entry, error) {
	all, lost, err := j.entries(ctx, from, to)
	for n, line := range lost {
		if err == nil {
			id := all[n].LUN.ID
			all[n].LUN, err = j.standIn(ctx, j.db, line)
			all[n].LUN.ID = id
		}
	}
	if err != nil {
		return nil, j.fail("reading the ledger", err)
	}
	return all, nil
}

// entries gives lost, by the place of an entry, the numbers of lines whose LUN can't
// be read.
func (j *Journal) entries(ctx context.Context, from, to time.Time) (all []mapper.Entry, lost map[int]int64, err error) {
	lost = map[int]int64{}
	err = each(ctx, j.db, func(rows *sql.Rows) error {
		var e mapper.Entry
		var line, since int64
		var until sql.NullInt64
		var id, text string
		if err := rows.Scan(&line, &e.Host, &e.BootID, &e.Source, &id, &since, &until, &e.Colour, &text); err != nil {
			return err
		}
		e.From = second(since)
		if until.Valid {
			e.To = second(until.Int64)
		}
		var err error
		if e.LUN, err = parseLUN(text); err != nil {
			lost[len(all)] = line
			j.damage.add(damagedLedger(), line, e.From)
		}
		e.LUN.ID = mapper.ID(id) // JSON can't hold every identity
		all = append(all, e)
		return nil
	}, `SELECT l.id, h.name, b.boot_id, s.source, s.uuid, l.since, l.until, l.colour, l.lun
		FROM ledger l JOIN series s ON s.id = l.series JOIN host h ON h.id = s.host JOIN boot b ON b.id = l.boot
		WHERE l.since <= ? AND (l.until IS NULL OR l.until > ?) ORDER BY l.series, l.id`, to.Unix(), from.Unix())
	return all, lost, err
}

// standIn is what a LUN is taken for where its line can't be read: what it was
// before or afterwards, or else what the last run saw. Its role has a column.
func (j *Journal) standIn(ctx context.Context, q rowser, line int64) (mapper.LUN, error) {
	var role, uuid string
	var of, host int64
	err := q.QueryRowContext(ctx, `SELECT l.role, l.series, s.host, s.uuid FROM ledger l JOIN series s ON s.id = l.series WHERE l.id = ?`, line).
		Scan(&role, &of, &host, &uuid)
	if err != nil {
		return mapper.LUN{}, err
	}
	lun := mapper.LUN{ID: mapper.ID(uuid), Kernel: uuid, Layer: mapper.LayerLUN}
	found := errors.New("found")
	err = each(ctx, q, func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		near, err := parseLUN(text)
		if err != nil {
			return nil
		}
		lun = near
		return found
	}, `SELECT lun FROM ledger WHERE series = ?1 AND id <> ?2 ORDER BY abs(id - ?2) LIMIT 8`, of, line)
	if err == nil {
		lun, err = j.lastSeen(ctx, q, host, lun)
	}
	if err != nil && !errors.Is(err, found) {
		return lun, err
	}
	lun.Role = role
	return lun, nil
}

// lastSeen is a LUN as a host's last run saw it, or what it was given.
func (j *Journal) lastSeen(ctx context.Context, q rowser, host int64, lun mapper.LUN) (mapper.LUN, error) {
	var data []byte
	err := q.QueryRowContext(ctx, `SELECT data FROM state WHERE id = ?`, stateID(host, stateMapping)).Scan(&data)
	if err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return lun, err
	}
	mapping, err := blob.DecodeMapping(data)
	if err != nil {
		return lun, nil
	}
	keys, _ := series.Keys(mapping, "", "", series.Earlier{})
	for i, k := range keys {
		if k.ID == lun.ID {
			return mapping[i], nil
		}
	}
	return lun, nil
}
