package journal

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dustin/go-humanize/english"

	"lunstat/collector/journal/blob"
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
	Conditions []series.Condition `json:"Conditions,omitempty"`
	Spaces     []series.KeySpace  `json:"Spaces,omitempty"` // of older versions, in place of LastStored
	Hung       []series.Hung      `json:"Hung,omitempty"`
	Classified string             `json:"Classified,omitempty"`
	LastStored []byte             `json:"LastStored,omitempty"` // spaces, as a blob: there are as many as LUNs
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
	fs      map[fsKey]*filesystem
	lastRun blob.LastRun
	mapping []byte // as the file has it
	slow    []byte // likewise
}

// State gives what the last run of a host left, or the zero State if there was none.
func (j *Journal) State(ctx context.Context, name string) (series.State, error) {
	s, err := j.state(ctx, name)
	if j.renews(err) {
		s = series.State{}
		err = j.renew(err)
	}
	return s, j.fail("reading the last run's state", err)
}

func (j *Journal) state(ctx context.Context, name string) (s series.State, err error) {
	l := loader{
		row:  func(query string, args ...any) *sql.Row { return j.db.QueryRowContext(ctx, query, args...) },
		rows: func(query string, args ...any) (*sql.Rows, error) { return j.db.QueryContext(ctx, query, args...) },
		warn: j.warn,
	}
	h, left, err := l.host(name)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s = series.State{UeventSeq: left.UeventSeq, BootID: left.BootID, SpaceAt: left.SpaceAt, Pressure: left.Pressure}
	unnamed := 0
	for i, id := range left.IDs {
		if left.Last[i].Key = h.names[id]; left.Last[i].Key == (series.Key{}) {
			unnamed++
			continue
		}
		left.Last[i-unnamed] = left.Last[i]
	}
	if s.Last = left.Last[:len(left.Last)-unnamed]; len(s.Last) == 0 {
		s.Last = nil
	}
	if unnamed > 0 {
		j.warn(fmt.Sprintf("the last counters of %s have no name in the journal %s, so the next interval is missing", english.Plural(unnamed, "LUN", ""), j.path), "")
	}
	if s.Mapping, err = blob.DecodeMapping(h.mapping); err != nil && len(h.mapping) > 0 {
		s.Mapping, s.UeventSeq = nil, 0 // all of it is read again
		l.afresh("a mapping", name)
	}
	var slow slowState
	if err := json.Unmarshal(h.slow, &slow); err != nil && len(h.slow) > 0 {
		slow = slowState{}
		l.afresh("conditions and spaces", name)
	}
	if len(slow.LastStored) > 0 {
		if slow.Spaces, err = blob.DecodeLastStored(slow.LastStored); err != nil {
			slow.Spaces = nil // all of them are stored again
			l.afresh("spaces", name)
		}
	}
	s.Conditions, s.Spaces, s.Hung, s.Classified = slow.Conditions, slow.Spaces, slow.Hung, slow.Classified
	if !j.o.ReadOnly {
		j.memory.host(name, h)
	}
	return s, nil
}

// loader reads what a run left of a host. What doesn't decode begins afresh: it is
// about one run, and the next one writes all of it again.
type loader struct {
	row  func(string, ...any) *sql.Row
	rows func(string, ...any) (*sql.Rows, error)
	warn func(what, hint string)
}

func (l *loader) afresh(what, host string) {
	l.warn(fmt.Sprintf("the last run of %s left %s that can't be read, so this run starts without", host, what),
		"a byte of the journal is damaged; everything else in it is sound; if this happens again, check this host's disk and memory")
}

// host reads a host's rows; sql.ErrNoRows if there is no such host.
func (l *loader) host(name string) (h *host, left blob.HostState, err error) {
	h = &host{name: name, ids: map[series.Key]int64{}, boots: map[bootKey]int64{}}
	if err := l.row(`SELECT id FROM host WHERE name = ?`, name).Scan(&h.id); err != nil {
		return nil, left, err
	}
	var broken [stateKinds]bool
	if left, err = l.stateRows(h, &broken); err != nil {
		return nil, left, err
	}
	if broken[stateLast] {
		l.afresh("counters", name)
		if left, err = l.lost(h); err != nil {
			return nil, left, err
		}
	}
	if broken[stateKeys] {
		if err := l.keys(h); err != nil {
			return nil, left, err
		}
	}
	h.names = make(map[int64]series.Key, len(h.ids))
	for k, id := range h.ids {
		h.names[id] = k
	}
	h.lastRun = left.LastRun
	return h, left, nil
}

// stateRows reads what a host's rows hold, in one statement. Rows that don't decode
// are broken. The mapping and what seldom changes are decoded where they are needed.
func (l *loader) stateRows(h *host, broken *[stateKinds]bool) (left blob.HostState, err error) {
	rows, err := l.rows(`SELECT id, data FROM state WHERE id >= ? AND id < ?`, stateID(h.id, 0), stateID(h.id, stateKinds))
	if err != nil {
		return left, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var data sql.RawBytes // the blobs are large, and a copy of each is as large
		if err := rows.Scan(&id, &data); err != nil {
			return left, err
		}
		var bad error
		switch kind := id - stateID(h.id, 0); kind {
		case stateLast:
			left, bad = blob.DecodeHostState(data)
			broken[kind] = bad != nil
		case stateKeys:
			h.ids, h.keys, bad = blob.DecodeKeys(data, h.name)
			broken[kind] = bad != nil
		case stateMapping:
			h.mapping = bytes.Clone(data)
		case stateSlow:
			h.slow = bytes.Clone(data)
		}
	}
	return left, rows.Err()
}

// lost is what can be known of a host's last run without its state.
func (l *loader) lost(h *host) (left blob.HostState, err error) {
	err = l.row(`SELECT r.id, r.boot, r.end FROM run r JOIN boot b ON b.id = r.boot WHERE b.host = ? ORDER BY r.id DESC LIMIT 1`, h.id).
		Scan(&left.LastRun.Run, &left.LastRun.Boot, &left.LastRun.End)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return left, err
}

// keys reads from their table what the state has a copy of, which is written again.
func (l *loader) keys(h *host) error {
	rows, err := l.rows(`SELECT id, source, uuid FROM series WHERE host = ? ORDER BY id`, h.id)
	if err != nil {
		return err
	}
	defer rows.Close()
	h.ids, h.keys, h.added = map[series.Key]int64{}, nil, true
	for rows.Next() {
		var id int64
		k := series.Key{Host: h.name}
		if err := rows.Scan(&id, &k.Source, &k.ID); err != nil {
			return err
		}
		h.ids[k] = id
		h.keys = append(h.keys, k)
	}
	return rows.Err()
}

// host finds a host or gives it a number.
func (b *batch) host(name string) (*host, error) {
	if h := b.j.memory.hosts[name]; h != nil {
		return h, nil
	}
	l := loader{b.row, b.rows, b.j.warn}
	h, _, err := l.host(name)
	if errors.Is(err, sql.ErrNoRows) {
		if _, err = b.insert(`INSERT INTO host (name) VALUES (?)`, name); err == nil {
			h, _, err = l.host(name)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("host %q: %w", name, err)
	}
	b.j.memory.host(name, h)
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
	if blob.BlockOf(id) >= 1<<partBits {
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
	left := blob.HostState{LastRun: h.lastRun, UeventSeq: s.UeventSeq, BootID: s.BootID, SpaceAt: s.SpaceAt, Pressure: s.Pressure,
		Last: s.Last, IDs: make([]int64, len(s.Last))}
	for i := range s.Last {
		if left.IDs[i], err = b.series(h, s.Last[i].Key); err != nil {
			return err
		}
	}
	const perLast = 100 // bytes, about
	if err := b.saveRow(h, stateLast, blob.AppendHostState(make([]byte, 0, 256+perLast*len(s.Last)), &left)); err != nil {
		return err
	}
	if h.added {
		if err := b.saveRow(h, stateKeys, blob.AppendKeys(nil, h.ids, h.keys)); err != nil {
			return err
		}
		h.added = false
	}
	if err := b.saveChanged(h, stateMapping, &h.mapping, blob.AppendMapping(make([]byte, 0, len(h.mapping)+len(h.mapping)/8), s.Mapping)); err != nil {
		return err
	}
	now := slowState{Conditions: s.Conditions, Hung: s.Hung, Classified: s.Classified}
	if len(s.Spaces) > 0 {
		now.LastStored = blob.AppendLastStored(nil, s.Spaces)
	}
	slow, err := json.Marshal(now)
	if err != nil {
		slow = []byte("{}") // a time beyond the year 9999: nothing that is worth a minute
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
