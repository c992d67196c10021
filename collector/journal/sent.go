package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"lunstat/collector/journal/blob"
	"lunstat/collector/series"
)

// storedTrouble is why the last attempt failed.
type storedTrouble struct {
	series.Warning
	Critical bool `json:"Critical,omitempty"`
}

// refusedMax is how many refused points are set aside; of more, the oldest are
// only counted.
const refusedMax = 100_000

// Sent records that a sink has all runs up to seq, except the points that it will never
// take. This takes no fsync: after a power failure, the runs since the last commit are
// sent once more, which does no harm.
func (j *Journal) Sent(ctx context.Context, sink string, seq uint64, refused []series.Refused) error {
	err := j.lightly(ctx, func(b *batch) error {
		if err := b.countDropped(sink, seq); err != nil {
			return err
		}
		err := b.exec(`INSERT INTO forward (sink, run) VALUES (?, ?)
			ON CONFLICT (sink) DO UPDATE SET run = max(run, excluded.run), retry_at = 0, trouble = NULL`, sink, seq)
		if err != nil {
			return err
		}
		return b.setAside(sink, refused)
	})
	return j.fail("noting what was forwarded", err)
}

// ForgetSent forgets what a sink has, so everything in the journal is sent once more.
func (j *Journal) ForgetSent(ctx context.Context, sink string) error {
	err := j.lightly(ctx, func(b *batch) error {
		return b.exec(`UPDATE forward SET run = 0, dropped = 0 WHERE sink = ?`, sink)
	})
	return j.fail("forgetting what was forwarded", err)
}

// NotSent records that a sink could not take runs this time: f's RetryAt, Trouble and
// Critical say until when and why.
func (j *Journal) NotSent(ctx context.Context, sink string, f series.Forwarding) error {
	text, err := json.Marshal(storedTrouble{f.Trouble, f.Critical})
	if err != nil {
		return err
	}
	retry := int64(0)
	if !f.RetryAt.IsZero() {
		retry = f.RetryAt.Unix()
	}
	err = j.lightly(ctx, func(b *batch) error {
		return b.exec(`INSERT INTO forward (sink, run, retry_at, trouble) VALUES (?, 0, ?, ?)
			ON CONFLICT (sink) DO UPDATE SET retry_at = excluded.retry_at, trouble = excluded.trouble`, sink, retry, string(text))
	})
	return j.fail("noting why nothing was forwarded", err)
}

// lightly writes without waiting for the disk: what is lost when the power fails
// is done again.
func (j *Journal) lightly(ctx context.Context, do func(*batch) error) (err error) {
	if j.o.ReadOnly {
		return ErrReadOnly
	}
	if strings.EqualFold(j.o.Sync, "normal") {
		return j.write(ctx, do)
	}
	if _, err := j.db.ExecContext(ctx, `PRAGMA synchronous = NORMAL`); err != nil {
		return err
	}
	defer func() {
		_, e := j.db.ExecContext(context.WithoutCancel(ctx), `PRAGMA synchronous = FULL`)
		err = errors.Join(err, e)
	}()
	return j.write(ctx, do)
}

// countDropped counts the runs up to seq whose intervals waited too long and were
// not sent. Those that were deleted have been counted.
func (b *batch) countDropped(sink string, seq uint64) error {
	sent, err := cursorOf(b.row, sink)
	if err != nil {
		return err
	}
	floor := min(b.last.id-int64(b.j.o.BacklogMax), int64(seq))
	if floor <= sent {
		return nil
	}
	return b.exec(fmt.Sprintf(`INSERT INTO forward (sink, run, dropped)
		SELECT ?, 0, count(DISTINCT id >> %d) FROM sums WHERE id >= ? AND id < ?
		ON CONFLICT (sink) DO UPDATE SET dropped = dropped + excluded.dropped`, partBits), sink, sumsID(sent+1, 0), sumsID(floor+1, 0))
}

// setAside keeps refused points, those of one run and reason together.
func (b *batch) setAside(sink string, refused []series.Refused) error {
	for len(refused) > 0 {
		first := &refused[0]
		n, size := 1, len(first.Point)
		for n < len(refused) && refused[n].Seq == first.Seq && refused[n].Reason == first.Reason && size < blob.MostPoints/2 {
			size += len(refused[n].Point) + 1
			n++
		}
		points, err := blob.PackPoints(refused[:n])
		if err != nil {
			return err
		}
		if err := b.exec(`INSERT INTO refused (sink, run, reason, points, n) VALUES (?, ?, ?, ?, ?)`, sink, first.Seq, first.Reason, points, n); err != nil {
			return err
		}
		if refused = refused[n:]; len(refused) == 0 {
			return b.loseRefused(sink)
		}
	}
	return nil
}

// loseRefused bounds what is set aside.
func (b *batch) loseRefused(sink string) error {
	var n, id, of int
	for {
		err := b.row(`SELECT coalesce(sum(min(max(n, 0), 100000)), 0) FROM refused WHERE sink = ?`, sink).Scan(&n)
		if err != nil || n <= refusedMax {
			return err
		}
		if err := b.row(`SELECT id, n FROM refused WHERE sink = ? ORDER BY id LIMIT 1`, sink).Scan(&id, &of); err != nil {
			return err
		}
		if err := b.exec(`DELETE FROM refused WHERE id = ?`, id); err != nil {
			return err
		}
		if err := b.exec(`UPDATE forward SET lost = lost + ? WHERE sink = ?`, of, sink); err != nil {
			return err
		}
	}
}

// RefusedSet is the refused points of one run with one reason.
type RefusedSet struct {
	ID     int64
	Reason string
	Points []series.Refused
}

// RefusedSets are the IDs of the sets that a sink refused, oldest first.
func (j *Journal) RefusedSets(ctx context.Context, sink string) (ids []int64, err error) {
	err = each(ctx, j.db, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT id FROM refused WHERE sink = ? ORDER BY id`, sink)
	return ids, j.fail("reading refused points", err)
}

// Refused gives one set. It is empty if the set is damaged, or if another process has
// dealt with it.
func (j *Journal) Refused(ctx context.Context, id int64) (set RefusedSet, err error) {
	var run uint64
	var packed, text []byte
	err = j.db.QueryRowContext(ctx, `SELECT id, run, reason, points FROM refused WHERE id = ?`, id).Scan(&set.ID, &run, &set.Reason, &packed)
	if errors.Is(err, sql.ErrNoRows) {
		return set, nil
	}
	if err != nil {
		return set, j.fail("reading refused points", err)
	}
	if text, err = blob.UnpackPoints(packed); err != nil {
		j.damage.add(damagedPoints(), id, time.Time{})
		return set, nil
	}
	for line := range strings.Lines(string(text)) {
		set.Points = append(set.Points, series.Refused{Seq: run, Point: strings.TrimSuffix(line, "\n"), Reason: set.Reason})
	}
	return set, nil
}

// Discard deletes the points that a sink refused, and says how many they were.
func (j *Journal) Discard(ctx context.Context, sink string) (points int, err error) {
	err = j.lightly(ctx, func(b *batch) error {
		err := b.row(`SELECT coalesce(sum(min(max(n, 0), 100000)), 0) + coalesce((SELECT lost FROM forward WHERE sink = ?1), 0) FROM refused WHERE sink = ?1`, sink).Scan(&points)
		if err != nil {
			return err
		}
		if err := b.exec(`UPDATE forward SET lost = 0 WHERE sink = ?`, sink); err != nil {
			return err
		}
		return b.exec(`DELETE FROM refused WHERE sink = ?`, sink)
	})
	return points, j.fail("forgetting refused points", err)
}

// Retried removes a set that was sent again, and stores what was refused again.
func (j *Journal) Retried(ctx context.Context, sink string, id int64, refused []series.Refused) error {
	err := j.lightly(ctx, func(b *batch) error {
		if err := b.exec(`DELETE FROM refused WHERE id = ?`, id); err != nil {
			return err
		}
		return b.setAside(sink, refused)
	})
	return j.fail("noting what was sent again", err)
}
