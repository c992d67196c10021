package journal

import (
	"database/sql"
	"errors"
)

// progress is a number under a name, 0 where it has not been set:
//
//	rolled_15m, rolled_1h  the last run whose intervals are in bins of that width
//	from_raw, from_15m     the Unix second from which those are whole; what is
//	                       older has been deleted, or is about to be
//	begun                  the Unix second at which the journal was begun, by its clock
//	thinned_space          up to where spaces are one an hour
func progress(row func(string, ...any) *sql.Row, name string) (v int64, err error) {
	err = row(`SELECT value FROM progress WHERE name = ?`, name).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return v, err
}

func (b *batch) setProgress(name string, v int64) error {
	return b.exec(`INSERT INTO progress (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, v)
}
