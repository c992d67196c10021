package journal

import (
	"errors"
	"fmt"
	"io/fs"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What can be wrong with the file or its folder. The errors of this package wrap one of
// these if it applies; a missing file is [fs.ErrNotExist].
var (
	ErrLocked   = errors.New("another process is writing to it")
	ErrReadOnly = errors.New("it can't be written to")
	ErrFull     = errors.New("no space left for it")
)

// ForeignError: the file is another program's SQLite database.
type ForeignError struct{ Path string }

func (e *ForeignError) Error() string {
	return fmt.Sprintf("%s is another program's SQLite file, not a journal", e.Path)
}

// NewerError: a later lunstat has written the file.
type NewerError struct {
	Path       string
	Has, Knows int // versions of the layout
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("journal %s has layout %d, made by a later lunstat; this one knows up to %d", e.Path, e.Has, e.Knows)
}

// CorruptError: the file is damaged, or no SQLite file at all.
type CorruptError struct {
	Path string
	Ours bool // it is a journal, or was one: a collector that meets the damage sets it aside
	Err  error
}

func (e *CorruptError) Error() string {
	if !e.Ours {
		return fmt.Sprintf("%s does not look like a journal: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("journal %s is corrupt: %v", e.Path, e.Err)
}

// Hint says what happens to the file: only a file that is or was a journal is ever
// moved.
func (e *CorruptError) Hint() string {
	if !e.Ours {
		return "lunstat does not touch it: give another file (--journal FILE, or journal.path in the config), or move this one away"
	}
	return "the next `lunstat collect` that finds the damage sets the file aside and starts a new one"
}

// Unwrap is what SQLite said.
func (e *CorruptError) Unwrap() error { return e.Err }

// primary is SQLite's result code without its details; 0 if err has none.
func primary(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// corrupt reports that SQLite can't read the file. A blob that doesn't decode is no
// such case: it costs only what it holds.
func corrupt(err error) bool {
	code := primary(err)
	return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
}

// fail says what was being done to which journal, and gives the error a kind.
func (j *Journal) fail(doing string, err error) error {
	var foreign *ForeignError
	var newer *NewerError
	var bad *CorruptError
	if err == nil || errors.As(err, &foreign) || errors.As(err, &newer) || errors.As(err, &bad) {
		return err
	}
	if corrupt(err) {
		return &CorruptError{Path: j.path, Ours: j.ours(), Err: fmt.Errorf("%s: %w", doing, err)}
	}
	var kind error
	switch primary(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		kind = ErrLocked
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		kind = ErrReadOnly
	case sqlite3.SQLITE_FULL:
		kind = ErrFull
	}
	if errors.Is(err, fs.ErrPermission) {
		kind = ErrReadOnly
	}
	if kind != nil {
		return fmt.Errorf("journal %s: %s: %w: %w", j.path, doing, kind, err)
	}
	return fmt.Errorf("journal %s: %s: %w", j.path, doing, err)
}
