package journal

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"lunstat/collector/series"
)

// NumberedNote is a note with the number by which it is deleted.
type NumberedNote struct {
	ID int64
	series.Note
}

// AllNotes gives the admin's marks with their numbers, oldest first.
func (j *Journal) AllNotes(ctx context.Context) (all []NumberedNote, err error) {
	err = each(ctx, j.db, func(rows *sql.Rows) error {
		var n NumberedNote
		var at int64
		if err := rows.Scan(&n.ID, &at, &n.Text); err != nil {
			return err
		}
		n.At = time.Unix(at, 0).UTC()
		all = append(all, n)
		return nil
	}, `SELECT id, at, text FROM note ORDER BY at, id`)
	return all, j.fail("reading notes", err)
}

// NoNoteError is the number of a note that doesn't exist.
type NoNoteError int64

func (e NoNoteError) Error() string { return fmt.Sprintf("there is no note %d", int64(e)) }

// DeleteNotes deletes marks: all of the given ones, or none if one doesn't exist.
func (j *Journal) DeleteNotes(ctx context.Context, ids []int64) error {
	err := j.write(ctx, func(b *batch) error {
		for _, id := range ids {
			var found int
			if err := b.row(`SELECT count(*) FROM note WHERE id = ?`, id).Scan(&found); err != nil {
				return err
			}
			if found == 0 {
				return NoNoteError(id)
			}
			if err := b.exec(`DELETE FROM note WHERE id = ?`, id); err != nil {
				return err
			}
		}
		return nil
	})
	return j.fail("deleting notes", err)
}
