package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"lunstat/collector/series"
)

// Runs gives the records of the runs in (From, To] of the hosts of q.Keys, oldest
// first. With q.Width above 0, and for times before the oldest raw intervals, it gives
// only runs at which a boot, a clock or a gap changed something, the runs before those,
// and each host's first and last run.
func (j *Journal) Runs(ctx context.Context, q series.Query) ([]series.Run, error) {
	query := `SELECT ` + runColumns + ` FROM ` + runTables + ` WHERE r.end > ?1 AND r.end <= ?2`
	if q.Width > 0 {
		query += ` AND r.id IN (SELECT run FROM turn UNION SELECT prev FROM turn UNION ` +
			outermost("r.end, r.id") + ` UNION ` + outermost("r.end DESC, r.id DESC") + ` UNION ` + outermost("r.id DESC") + `)`
	}
	hosts := map[string]bool{}
	for _, k := range q.Keys {
		hosts[k.Host] = true
	}
	var all []series.Run
	err := each(ctx, j.db, func(rows *sql.Rows) error {
		r, err := scanRun(rows)
		if err == nil && (q.Keys == nil || hosts[r.Host]) {
			all = append(all, r)
		}
		return err
	}, query+` ORDER BY r.end, r.id`, q.From.Unix(), q.To.Unix())
	return all, j.fail("reading runs", err)
}

// outermost selects each host's first run between ?1 and ?2 in some order. The last
// one that was committed need not be the last by the wall clock.
func outermost(order string) string {
	return `SELECT (SELECT r.id FROM run r JOIN boot b ON b.id = r.boot WHERE b.host = h.id AND r.end > ?1 AND r.end <= ?2
		ORDER BY ` + order + ` LIMIT 1) FROM host h`
}

// runColumns and runTables are a run's record, whole.
const (
	runColumns = `h.name, b.boot_id, b.kernel, b.version, r.end, r.wall_ms, r.mono_ms, r.boot_ms, r.took_ms, r.luns,
		r.pressure_elapsed_ms, r.pressure_some_us, r.pressure_full_us, w.text`
	runTables = `run r JOIN boot b ON b.id = r.boot JOIN host h ON h.id = b.host LEFT JOIN warnings w ON w.id = r.warnings`
)

// scanRun reads runColumns, and whatever columns follow.
func scanRun(rows *sql.Rows, more ...any) (r series.Run, err error) {
	var end, wall, mono, boot int64
	var warnings sql.NullString
	var pressure pressureColumns
	columns := []any{&r.Host, &r.At.BootID, &r.Kernel, &r.Version, &end, &wall, &mono, &boot, &r.TookMS, &r.LUNs,
		&pressure.elapsed, &pressure.some, &pressure.full, &warnings}
	if err = rows.Scan(append(columns, more...)...); err != nil {
		return r, err
	}
	r.Pressure = pressure.value()
	r.At.Wall = time.Unix(end, wall*1e6).UTC()
	r.At.Mono, r.At.Boot = time.Duration(mono)*time.Millisecond, time.Duration(boot)*time.Millisecond
	if warnings.Valid {
		if err := json.Unmarshal([]byte(warnings.String), &r.Warnings); err != nil {
			r.Warnings = []series.Warning{{What: "the warnings of this run can't be read, because the journal is damaged"}}
		}
	}
	return r, nil
}

// AddNote adds an admin's mark, which every picture of that time shows.
func (j *Journal) AddNote(ctx context.Context, n series.Note) error {
	err := j.write(ctx, func(b *batch) error {
		return b.exec(`INSERT INTO note (at, text) VALUES (?, ?)`, n.At.Unix(), n.Text)
	})
	return j.fail("adding a note", err)
}

// Notes gives the admin's marks in (from, to], oldest first.
func (j *Journal) Notes(ctx context.Context, from, to time.Time) ([]series.Note, error) {
	var all []series.Note
	err := each(ctx, j.db, func(rows *sql.Rows) error {
		var at int64
		var n series.Note
		if err := rows.Scan(&at, &n.Text); err != nil {
			return err
		}
		n.At = time.Unix(at, 0).UTC()
		all = append(all, n)
		return nil
	}, `SELECT at, text FROM note WHERE at > ? AND at <= ? ORDER BY at, id`, from.Unix(), to.Unix())
	return all, j.fail("reading notes", err)
}
