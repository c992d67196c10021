package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"lunstat/collector/journal/blob"
	"lunstat/collector/series"
)

// batch is one transaction.
type batch struct {
	ctx   context.Context
	tx    *sql.Tx
	j     *Journal
	stmts map[string]*sql.Stmt

	last    struct{ id, end int64 } // the newest run of the journal
	begun   bool                    // the journal knows when it was begun
	colours map[roleKey]map[int64]int
}

// Commit stores a minute whole or not at all. A State without readings doesn't change
// the host's, because imported history must not become the collector's base.
func (j *Journal) Commit(ctx context.Context, m *series.Minute) error {
	return j.commit(ctx, []*series.Minute{m})
}

// CommitAll stores many minutes in one transaction, in the given order.
func (j *Journal) CommitAll(ctx context.Context, minutes []series.Minute) error {
	all := make([]*series.Minute, len(minutes))
	for i := range minutes {
		all[i] = &minutes[i]
	}
	return j.commit(ctx, all)
}

// commit begins a new journal, once, where the old one turns out to be corrupt.
func (j *Journal) commit(ctx context.Context, minutes []*series.Minute) error {
	err := j.write(ctx, func(b *batch) error { return b.minutes(minutes) })
	if j.renews(err) {
		if err = j.renew(err); err == nil {
			err = j.write(ctx, func(b *batch) error { return b.minutes(minutes) })
		}
	}
	return j.fail("committing", err)
}

// write runs do in one transaction.
func (j *Journal) write(ctx context.Context, do func(*batch) error) (err error) {
	if j.o.ReadOnly {
		return ErrReadOnly
	}
	tx, err := j.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			clear(j.memory.hosts) // what is remembered may not have happened
			err = errors.Join(err, rollback(tx))
		}
	}()
	b := &batch{ctx: ctx, tx: tx, j: j, stmts: map[string]*sql.Stmt{}}
	err = b.row(`SELECT id, end, EXISTS (SELECT 1 FROM progress WHERE name = 'begun') FROM run ORDER BY id DESC LIMIT 1`).
		Scan(&b.last.id, &b.last.end, &b.begun)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err := do(b); err != nil {
		return err
	}
	if err := b.reach("commit"); err != nil {
		return err
	}
	if err = tx.Commit(); err == nil {
		j.memory.newest = b.last.id
	}
	return err
}

func rollback(tx *sql.Tx) error {
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("rolling back: %w", err)
	}
	return nil
}

func (b *batch) minutes(all []*series.Minute) error {
	newest := map[string]*series.Minute{} // whose state is left to the next run
	var hosts []string
	for _, m := range all {
		if err := b.minute(m); err != nil {
			return fmt.Errorf("the run of %s: %w", m.Run.At.Wall.UTC().Format(time.RFC3339), err)
		}
		if !leavesState(m) {
			continue
		}
		if newest[m.Run.Host] == nil {
			hosts = append(hosts, m.Run.Host)
		}
		newest[m.Run.Host] = m
	}
	if err := b.reach("state"); err != nil {
		return err
	}
	for _, name := range hosts {
		if err := b.saveState(name, &newest[name].State); err != nil {
			return fmt.Errorf("what the next run of %s needs: %w", name, err)
		}
	}
	return nil
}

// leavesState tells a run of the collector. One that sees no LUN leaves what is wrong:
// it would be said every minute.
func leavesState(m *series.Minute) bool {
	return len(m.State.Last) > 0 || len(m.State.Mapping) > 0 || len(m.State.Conditions) > 0
}

// minute stores all of a minute but its state.
func (b *batch) minute(m *series.Minute) error {
	h, err := b.host(m.Run.Host)
	if err != nil {
		return err
	}
	steps := []struct {
		name string
		do   func(*host, *series.Minute) error
	}{
		{"run", b.addRun},
		{"sums", b.addSums},
		{"ledger", b.addLedger},
		{"space", b.addSpaces},
		{"rollup", b.closeBins},
		{"retention", b.dropOld},
	}
	for _, s := range steps {
		if err := b.reach(s.name); err != nil {
			return err
		}
		if err := s.do(h, m); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	b.last.end = m.Run.At.Wall.Unix()
	return nil
}

// addRun stores the record of the run, and makes it the newest one.
func (b *batch) addRun(h *host, m *series.Minute) error {
	r := &m.Run
	boot, err := b.boot(h, r)
	if err != nil {
		return err
	}
	warnings, err := b.warnings(r.Warnings)
	if err != nil {
		return err
	}
	id, end := b.last.id+1, r.At.Wall.Unix()
	p := columnsOfPressure(r.Pressure)
	err = b.exec(`INSERT INTO run (id, boot, end, wall_ms, mono_ms, boot_ms, took_ms, luns, warnings, pressure_elapsed_ms, pressure_some_us, pressure_full_us, same)
		SELECT ?, ?, ?3, ?, ?, ?, ?, ?, ?, ?, ?, ?, count(*) FROM run WHERE end = ?3`,
		id, boot, end, r.At.Wall.Nanosecond()/1e6, r.At.Mono.Milliseconds(), r.At.Boot.Milliseconds(), r.TookMS, r.LUNs, warnings,
		p.elapsed, p.some, p.full)
	if err != nil {
		return err
	}
	b.last.id = id
	if err := b.begin(); err != nil {
		return err
	}
	if !leavesState(m) {
		return nil // not a run of the collector
	}
	return b.addTurn(h, r, blob.LastRun{Run: id, Boot: boot, End: end})
}

// latestBegun leaves a sink room for run numbers, whatever the clock shows.
const latestBegun = 1<<34 - 1

// begin notes, once, when the journal was begun: so its runs are told apart from
// those of a journal that was lost before.
func (b *batch) begin() error {
	if b.begun {
		return nil
	}
	b.begun = true
	return b.setProgress("begun", min(max(b.j.o.Now().Unix(), 1), latestBegun))
}

// warnings numbers the warnings of a run; no number for none.
func (b *batch) warnings(all []series.Warning) (id sql.NullInt64, err error) {
	if len(all) == 0 {
		return id, nil
	}
	text, err := json.Marshal(all)
	if err != nil {
		return id, err
	}
	err = b.row(`SELECT id FROM warnings WHERE text = ?`, string(text)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		id.Valid = true
		id.Int64, err = b.insert(`INSERT INTO warnings (text) VALUES (?)`, string(text))
	}
	return id, err
}

// addTurn notes a run at which something changed since the host's run before: it is
// kept for ever, as it says what a hole in a curve was.
func (b *batch) addTurn(h *host, r *series.Run, now blob.LastRun) error {
	was := h.lastRun.Run
	h.lastRun = now
	if was != 0 {
		before, err := b.run(was)
		if err == nil && !series.Turn(&before, r) {
			return nil
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	return b.exec(`INSERT INTO turn (run, prev) VALUES (?, nullif(?, 0))`, now.Run, was)
}

// run reads what two runs are compared by.
func (b *batch) run(id int64) (r series.Run, err error) {
	var end, wall, mono, boot int64
	err = b.row(`SELECT b.boot_id, b.kernel, b.version, r.end, r.wall_ms, r.mono_ms, r.boot_ms FROM run r JOIN boot b ON b.id = r.boot WHERE r.id = ?`, id).
		Scan(&r.At.BootID, &r.Kernel, &r.Version, &end, &wall, &mono, &boot)
	r.At.Wall = time.Unix(end, wall*1e6)
	r.At.Mono, r.At.Boot = time.Duration(mono)*time.Millisecond, time.Duration(boot)*time.Millisecond
	return r, err
}

// boot numbers what all runs of a boot share.
func (b *batch) boot(h *host, r *series.Run) (id int64, err error) {
	k := bootKey{r.At.BootID, r.Kernel, r.Version}
	if id, ok := h.boots[k]; ok {
		return id, nil
	}
	err = b.row(`SELECT id FROM boot WHERE host = ? AND boot_id = ? AND kernel = ? AND version = ?`, h.id, k.bootID, k.kernel, k.version).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		id, err = b.insert(`INSERT INTO boot (host, boot_id, kernel, version) VALUES (?, ?, ?, ?)`, h.id, k.bootID, k.kernel, k.version)
	}
	h.boots[k] = id
	return id, err
}

// addSums stores the intervals in blocks of the run.
func (b *batch) addSums(h *host, m *series.Minute) error {
	end := m.Run.At.Wall.Unix()
	all := make([]numbered, len(m.Intervals))
	for i := range m.Intervals {
		k := &m.Intervals[i]
		if k.End.Unix() != end {
			return fmt.Errorf("an interval of %s ends at %s, not at its run's second", k.Key.ID, k.End.UTC().Format(time.RFC3339))
		}
		id, err := b.series(h, k.Key)
		if err != nil {
			return err
		}
		all[i] = numbered{id, &k.Interval}
	}
	return b.blocks(all, end, func(part int64, data []byte) error {
		return b.exec(`INSERT INTO sums (id, data) VALUES (?, ?)`, sumsID(b.last.id, part), data)
	})
}

// sumsID is the row of a run's block: those of a run are together, in the
// order of the runs.
func sumsID(run, part int64) int64 { return run<<partBits | part }

// partBits is how many bits of a row's number say which block it is.
const partBits = 16

// reach is where tests stop or kill a commit.
func (b *batch) reach(step string) error {
	if b.j.o.step == nil {
		return nil
	}
	return b.j.o.step(step)
}

// prepared compiles a statement once in a batch.
func (b *batch) prepared(query string) (*sql.Stmt, error) {
	if s := b.stmts[query]; s != nil {
		return s, nil
	}
	s, err := b.tx.PrepareContext(b.ctx, query)
	if err != nil {
		return nil, err
	}
	b.stmts[query] = s
	return s, nil
}

func (b *batch) exec(query string, args ...any) error {
	s, err := b.prepared(query)
	if err == nil {
		_, err = s.ExecContext(b.ctx, args...)
	}
	return err
}

// insert gives the number of the new row.
func (b *batch) insert(query string, args ...any) (int64, error) {
	s, err := b.prepared(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(b.ctx, args...)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

func (b *batch) row(query string, args ...any) *sql.Row {
	s, err := b.prepared(query)
	if err != nil {
		return b.tx.QueryRowContext(b.ctx, query, args...) // fails the same way
	}
	return s.QueryRowContext(b.ctx, args...)
}

func (b *batch) rows(query string, args ...any) (*sql.Rows, error) {
	s, err := b.prepared(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(b.ctx, args...)
}
