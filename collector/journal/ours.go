package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// ours reports whether a file that SQLite can't read is a journal, or was one: a typing
// error in --journal must not move somebody else's file. The file itself may show it, or
// the log next to it.
func ours(path string) bool { return hasMark(path) || hasTables(path) || logged(path+"-wal") }

func (j *Journal) ours() bool { return j.o.Stood || ours(j.path) }

// Offsets in an SQLite file, by SQLite's documentation of the file format.
const (
	headSize  = 100
	markAt    = 68  // application_id, of the file and of page 1 in a log
	cellsAt   = 103 // how many entries page 1 has: tables and indexes
	pageSize  = 4096
	leafTable = 0x0d // the first byte of a page of a table, behind the head of page 1
	walHeader = 32
	walFrame  = 24
)

const sqliteHead = "SQLite format 3\x00"

// refuse keeps SQLite from opening for writing what is not ours: it would fold a
// foreign log in. A file that is empty, or without a table, may become a journal.
func (j *Journal) refuse() error {
	head := readHead(j.path, cellsAt+2)
	if len(head) == 0 || string(head) == sqliteHead[:1] /* SQLite's own, for an empty file */ {
		return nil
	}
	if ours(j.path) {
		j.o.Stood = true // also after SQLite has removed the log
		return nil
	}
	if !bytes.HasPrefix(head, []byte(sqliteHead)) {
		if j.o.Stood {
			return nil // SQLite will say what is wrong with it
		}
		return &CorruptError{Path: j.path, Err: errors.New("it is not an SQLite file")}
	}
	unmarked := len(head) < markAt+4 || binary.BigEndian.Uint32(head[markAt:]) == 0
	if empty := len(head) == cellsAt+2 && binary.BigEndian.Uint16(head[cellsAt:]) == 0; unmarked && (empty || j.o.Stood) {
		return nil
	}
	return &ForeignError{Path: j.path}
}

// hasMark: the head of the file has our application_id still.
func hasMark(path string) bool {
	head := readHead(path, markAt+4)
	return len(head) == markAt+4 && binary.BigEndian.Uint32(head[markAt:]) == applicationID
}

// hasTables: one of the first pages holds the definition of a table that only a
// journal has, although the head is lost.
func hasTables(path string) bool {
	const pages = 8 // the definitions were the first to be written
	head := readHead(path, pages*pageSize)
	for at := 0; at+pageSize <= len(head); at += pageSize {
		page := head[at : at+pageSize]
		kind := page[0]
		if at == 0 {
			kind = page[headSize]
		}
		if kind == leafTable && bytes.Contains(page, []byte("CREATE TABLE rollup (id INTEGER PRIMARY KEY, data BLOB NOT NULL)")) {
			return true
		}
	}
	return false
}

// logged: a write-ahead log holds a first page that has our application_id.
func logged(path string) bool {
	f, err := openRegular(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, walHeader)
	if _, err := io.ReadFull(f, head); err != nil || binary.BigEndian.Uint32(head)&^1 != 0x377f0682 {
		return false
	}
	size := int64(binary.BigEndian.Uint32(head[8:]))
	if size < 512 || size > 1<<16 {
		return false
	}
	frame := make([]byte, walFrame+markAt+4)
	for at := int64(walHeader); ; at += walFrame + size {
		if _, err := f.ReadAt(frame, at); err != nil {
			return false
		}
		if binary.BigEndian.Uint32(frame) == 1 && binary.BigEndian.Uint32(frame[walFrame+markAt:]) == applicationID {
			return true
		}
	}
}

// readHead reads up to n bytes of a regular file.
func readHead(path string, n int64) []byte {
	f, err := openRegular(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, n))
	if err != nil {
		return nil
	}
	return head
}

// openRegular opens a file for reading; it refuses anything but a regular file.
func openRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, os.ErrInvalid
	}
	return f, nil
}
