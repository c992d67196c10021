package journal

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"lunstat/collector/series"
)

// The rows of a host's state. All but the first are written only where they
// changed. The numbers are stored.
const (
	stateLast = iota
	stateKeys
	stateMapping
	stateSlow
	stateKinds
)

// slowState is what changes seldom and is read by people, too: as JSON.
type slowState struct {
	Conditions []series.Condition `json:",omitempty"`
	Spaces     []series.KeySpace  `json:",omitempty"`
	Hung       []series.Hung      `json:",omitempty"`
}

func stateID(host, kind int64) int64 { return host*stateKinds + kind }

type bootKey struct{ bootID, kernel, version string }

// host is what a process remembers of a host, so that a run reads it once.
type host struct {
	id      int64
	name    string
	ids     map[series.Key]int64
	keys    []series.Key // in the order of their first sight by the state
	names   map[int64]series.Key
	added   bool // keys has some that the file lacks
	boots   map[bootKey]int64
	fs      map[fsKey]*knownFS
	tail    tail
	mapping []byte // as it stands in the file
	slow    []byte // likewise
}

// State gives what the last run of a host left, the zero State if none did.
func (j *Journal) State(ctx context.Context, name string) (series.State, error) {
	s, err := j.state(ctx, name)
	if err != nil && corrupt(err) && !j.o.ReadOnly {
		s = series.State{}
		err = j.renew(err)
	}
	return s, fail(j.path, "reading the last run's state", err)
}

func (j *Journal) state(ctx context.Context, name string) (s series.State, err error) {
	h, left, err := loadHost(func(query string, args ...any) *sql.Row { return j.db.QueryRowContext(ctx, query, args...) }, name)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	j.hosts[name] = h
	s = series.State{Last: left.last, UeventSeq: left.ueventSeq, BootID: left.bootID, SpaceAt: left.spaceAt}
	for i, id := range left.ids {
		k, ok := h.names[id]
		if !ok {
			return s, fmt.Errorf("series %d has no name: %w", id, errBlob)
		}
		s.Last[i].Key = k
	}
	if len(h.mapping) > 0 {
		if s.Mapping, err = decodeMapping(h.mapping); err != nil {
			return s, err
		}
	}
	if len(h.slow) > 0 {
		var slow slowState
		if err := json.Unmarshal(h.slow, &slow); err != nil {
			return s, fmt.Errorf("%w: conditions and spaces: %w", errBlob, err)
		}
		s.Conditions, s.Spaces, s.Hung = slow.Conditions, slow.Spaces, slow.Hung
	}
	return s, nil
}

// loadHost reads a host's rows; sql.ErrNoRows if there is no such host.
func loadHost(row func(string, ...any) *sql.Row, name string) (h *host, left leftover, err error) {
	h = &host{name: name, ids: map[series.Key]int64{}, names: map[int64]series.Key{}, boots: map[bootKey]int64{}}
	if err := row(`SELECT id FROM host WHERE name = ?`, name).Scan(&h.id); err != nil {
		return nil, left, err
	}
	var rows [stateKinds][]byte
	for kind := range rows {
		err := row(`SELECT data FROM state WHERE id = ?`, stateID(h.id, int64(kind))).Scan(&rows[kind])
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, left, err
		}
	}
	if rows[stateLast] != nil {
		if left, err = decodeLeftover(rows[stateLast]); err != nil {
			return nil, left, err
		}
	}
	if rows[stateKeys] != nil {
		if h.ids, h.keys, err = decodeKeys(rows[stateKeys], name); err != nil {
			return nil, left, err
		}
	}
	for k, id := range h.ids {
		h.names[id] = k
	}
	h.tail, h.mapping, h.slow = left.tail, rows[stateMapping], rows[stateSlow]
	return h, left, nil
}

// host finds a host or gives it a number.
func (b *batch) host(name string) (*host, error) {
	if h := b.j.hosts[name]; h != nil {
		return h, nil
	}
	h, _, err := loadHost(b.row, name)
	if errors.Is(err, sql.ErrNoRows) {
		if _, err = b.insert(`INSERT INTO host (name) VALUES (?)`, name); err == nil {
			h, _, err = loadHost(b.row, name)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("host %q: %w", name, err)
	}
	b.j.hosts[name] = h
	return h, nil
}

// series finds a series or gives it a number. It may be of another host than the
// run's.
func (b *batch) series(h *host, k series.Key) (id int64, err error) {
	if id, ok := h.ids[k]; ok {
		return id, nil
	}
	of := h
	if k.Host != h.name {
		if of, err = b.host(k.Host); err != nil {
			return 0, err
		}
	}
	err = b.row(`SELECT id FROM series WHERE host = ? AND source = ? AND uuid = ?`, of.id, k.Source, string(k.ID)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		id, err = b.insert(`INSERT INTO series (host, source, uuid) VALUES (?, ?, ?)`, of.id, k.Source, string(k.ID))
	}
	if err != nil {
		return 0, fmt.Errorf("series %s of %s: %w", k.ID, k.Host, err)
	}
	if partOf(id) >= 1<<partBits {
		return 0, fmt.Errorf("series %s of %s: the journal has %d series, and can't number more", k.ID, k.Host, id)
	}
	h.ids[k] = id
	if k.Host == h.name {
		h.keys, h.names[id], h.added = append(h.keys, k), k, true
	}
	return id, nil
}

// saveState leaves to the next run what it needs.
func (b *batch) saveState(name string, s *series.State) error {
	h, err := b.host(name)
	if err != nil {
		return err
	}
	left := leftover{tail: h.tail, ueventSeq: s.UeventSeq, bootID: s.BootID, spaceAt: s.SpaceAt, last: s.Last, ids: make([]int64, len(s.Last))}
	for i := range s.Last {
		if left.ids[i], err = b.series(h, s.Last[i].Key); err != nil {
			return err
		}
	}
	if err := b.saveRow(h, stateLast, appendLeftover(nil, &left)); err != nil {
		return err
	}
	if h.added {
		if err := b.saveRow(h, stateKeys, appendKeys(nil, h.ids, h.keys)); err != nil {
			return err
		}
		h.added = false
	}
	if err := b.saveChanged(h, stateMapping, &h.mapping, appendMapping(nil, s.Mapping)); err != nil {
		return err
	}
	slow, err := json.Marshal(slowState{s.Conditions, s.Spaces, s.Hung})
	if err != nil {
		return err
	}
	return b.saveChanged(h, stateSlow, &h.slow, slow)
}

// saveChanged writes a row where it isn't what the file has.
func (b *batch) saveChanged(h *host, kind int64, has *[]byte, data []byte) error {
	if bytes.Equal(data, *has) {
		return nil
	}
	*has = data
	return b.saveRow(h, kind, data)
}

func (b *batch) saveRow(h *host, kind int64, data []byte) error {
	return b.exec(`INSERT INTO state (id, data) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data`, stateID(h.id, kind), data)
}
