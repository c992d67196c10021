package journal

import (
	"context"
	"database/sql"
	"math"
	"time"

	"lunstat/collector/series"
)

// pressureColumns are a run's, or a bin's sums of them; NULL is unknown.
type pressureColumns struct{ elapsed, some, full sql.NullInt64 }

func columnsOfPressure(p series.Pressure) (c pressureColumns) {
	if p.ElapsedMS == 0 {
		return c
	}
	return pressureColumns{column(&p.ElapsedMS), column(p.SomeUS), column(p.FullUS)}
}

// column is NULL for what is unknown, and for what SQLite has no number for.
func column(v *uint64) (c sql.NullInt64) {
	if v != nil && *v <= math.MaxInt64 {
		c = sql.NullInt64{Int64: int64(*v), Valid: true}
	}
	return c
}

func (c *pressureColumns) value() (p series.Pressure) {
	sum := func(v sql.NullInt64) *uint64 {
		if !v.Valid || v.Int64 < 0 {
			return nil
		}
		u := uint64(v.Int64)
		return &u
	}
	p.SomeUS, p.FullUS = sum(c.some), sum(c.full)
	if elapsed := sum(c.elapsed); elapsed != nil && (p.SomeUS != nil || p.FullUS != nil) {
		p.ElapsedMS = *elapsed
	}
	if p.ElapsedMS == 0 {
		return series.Pressure{}
	}
	return p
}

// Pressures gives how long the hosts of q.Keys waited for I/O, oldest first: of each run
// in (From, To], or with q.Width of each bin, as the sums of its runs. A run at which
// that is unknown is left out; a sum that some of a bin's runs lack is unknown. Only runs
// whose raw intervals are kept are there.
func (j *Journal) Pressures(ctx context.Context, q series.Query) ([]series.HostPressure, error) {
	width := max(int64(q.Width/time.Second), 1)
	// Of the older runs, only those are left that say what a hole was.
	whole, err := progress(func(query string, args ...any) *sql.Row { return j.db.QueryRowContext(ctx, query, args...) }, "from_raw")
	if err != nil {
		return nil, j.fail("reading the I/O pressure", err)
	}
	hosts := map[string]bool{}
	for _, k := range q.Keys {
		hosts[k.Host] = true
	}
	// A sum that is not known for each of a group's runs is NULL.
	query := `SELECT h.name, r.end / ?3 AS bin, r.id * (?3 = 1) AS run, sum(r.pressure_elapsed_ms),
			iif(count(r.pressure_some_us) = count(*), sum(r.pressure_some_us), NULL),
			iif(count(r.pressure_full_us) = count(*), sum(r.pressure_full_us), NULL)
		FROM run r JOIN boot b ON b.id = r.boot JOIN host h ON h.id = b.host
		WHERE r.end > ?1 AND r.end <= ?2 AND r.pressure_elapsed_ms IS NOT NULL
		GROUP BY h.name, bin, run ORDER BY bin, run, h.name`
	var all []series.HostPressure
	err = each(ctx, j.db, func(rows *sql.Rows) error {
		var c pressureColumns
		var bin, run int64
		var p series.HostPressure
		if err := rows.Scan(&p.Host, &bin, &run, &c.elapsed, &c.some, &c.full); err != nil {
			return err
		}
		if p.Pressure = c.value(); p.ElapsedMS == 0 || q.Keys != nil && !hosts[p.Host] {
			return nil
		}
		p.End = endOfBin(bin, q.Width)
		all = append(all, p)
		return nil
	}, query, max(q.From.Unix(), whole-1), q.To.Unix(), width)
	return all, j.fail("reading the I/O pressure", err)
}

// endOfBin is the second at which a bin ends; without a width, the bin is that second.
func endOfBin(bin int64, width time.Duration) time.Time {
	if width == 0 {
		return time.Unix(bin, 0).UTC()
	}
	return time.Unix((bin+1)*int64(width/time.Second), 0).UTC()
}
