package journal

import (
	"database/sql"
	"fmt"
)

// applicationID marks the file as ours ("LUNS"), for file(1) and for us.
const applicationID = 0x4c554e53

// migrations[i] takes a journal from version i to i+1. What has been released
// stays as it is; a change is a new step. Tables keep their names, also where a better
// one is known: people query them (docs/journal.md), and each new version is one that
// an older lunstat refuses. What a table is for is in the package's comment.
var migrations = [...]string{`
CREATE TABLE host (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE boot (
	id INTEGER PRIMARY KEY,
	host INTEGER NOT NULL REFERENCES host,
	boot_id TEXT NOT NULL,
	kernel TEXT NOT NULL,
	version TEXT NOT NULL,
	UNIQUE (host, boot_id, kernel, version));
CREATE TABLE series (
	id INTEGER PRIMARY KEY,
	host INTEGER NOT NULL REFERENCES host,
	source TEXT NOT NULL,
	uuid TEXT NOT NULL,
	UNIQUE (host, source, uuid));
CREATE TABLE ledger (
	id INTEGER PRIMARY KEY,
	series INTEGER NOT NULL REFERENCES series,
	boot INTEGER NOT NULL REFERENCES boot,
	since INTEGER NOT NULL, -- Unix seconds
	until INTEGER,          -- NULL: it is so still
	role TEXT NOT NULL,
	colour INTEGER NOT NULL,
	lun TEXT NOT NULL);     -- JSON
CREATE TABLE run (
	id INTEGER PRIMARY KEY,
	boot INTEGER NOT NULL REFERENCES boot,
	end INTEGER NOT NULL,     -- Unix seconds, as of its intervals
	wall_ms INTEGER NOT NULL, -- of that second
	mono_ms INTEGER NOT NULL, -- CLOCK_MONOTONIC
	boot_ms INTEGER NOT NULL, -- CLOCK_BOOTTIME
	took_ms INTEGER NOT NULL,
	luns INTEGER NOT NULL,
	warnings INTEGER REFERENCES warnings);
CREATE TABLE warnings (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE); -- JSON; a condition that lasts stands once
CREATE INDEX run_end ON run (end);
CREATE TABLE sums (id INTEGER PRIMARY KEY, data BLOB NOT NULL);       -- id: run, block
CREATE TABLE rollup (id INTEGER PRIMARY KEY, data BLOB NOT NULL);     -- id: width, bin, row of the bin, block
CREATE TABLE space (id INTEGER PRIMARY KEY, data BLOB NOT NULL);      -- id: Unix second, row of the second
CREATE TABLE filesystem (
	id INTEGER PRIMARY KEY,
	series INTEGER NOT NULL REFERENCES series,
	mount TEXT NOT NULL,
	size_bytes INTEGER NOT NULL,
	reserved_bytes INTEGER NOT NULL, -- free to root alone
	inodes INTEGER NOT NULL);
CREATE TABLE state (id INTEGER PRIMARY KEY, data BLOB NOT NULL);      -- id: host, kind
CREATE TABLE turn (run INTEGER PRIMARY KEY, prev INTEGER);            -- prev: the run before, of the same host
CREATE TABLE note (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, text TEXT NOT NULL);
CREATE TABLE progress (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE forward (sink TEXT PRIMARY KEY, run INTEGER NOT NULL, dropped INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE refused (
	id INTEGER PRIMARY KEY,
	sink TEXT NOT NULL,
	run INTEGER NOT NULL,
	reason TEXT NOT NULL,
	points BLOB NOT NULL);
`, `
ALTER TABLE run ADD COLUMN same INTEGER NOT NULL DEFAULT 0; -- how many earlier runs ended in the same second
UPDATE run SET same = (SELECT count(*) FROM run r WHERE r.end = run.end AND r.id < run.id);
ALTER TABLE ledger ADD COLUMN opened INTEGER NOT NULL DEFAULT 0; -- the run that wrote the line
ALTER TABLE ledger ADD COLUMN closed INTEGER;                    -- the run that ended it
UPDATE ledger SET opened = coalesce((SELECT id FROM run WHERE end >= since ORDER BY end, id LIMIT 1), 0),
	closed = CASE WHEN until IS NULL THEN NULL ELSE coalesce((SELECT id FROM run WHERE end >= until ORDER BY end, id LIMIT 1), 0) END;
ALTER TABLE space ADD COLUMN run INTEGER;
UPDATE space SET run = (SELECT min(id) FROM run WHERE end = space.id >> 20);
CREATE TABLE closing (run INTEGER NOT NULL, bin INTEGER NOT NULL, PRIMARY KEY (run, bin)) WITHOUT ROWID; -- bin: a rollup's id without its block
INSERT INTO closing SELECT run, bin FROM (
	SELECT bin, (SELECT id FROM run WHERE end >= ((bin >> 16 & 268435455) + 1) * iif(bin >> 44, 3600, 900) ORDER BY end, id LIMIT 1) AS run
	FROM (SELECT DISTINCT id >> 16 AS bin FROM rollup)) WHERE run IS NOT NULL;
ALTER TABLE forward ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;     -- refused points that are set aside no longer
ALTER TABLE forward ADD COLUMN retry_at INTEGER NOT NULL DEFAULT 0; -- Unix seconds
ALTER TABLE forward ADD COLUMN trouble TEXT;                        -- JSON; why the last attempt failed
ALTER TABLE refused ADD COLUMN n INTEGER NOT NULL DEFAULT 1;        -- how many lines, deflated, points has
`, `
ALTER TABLE run ADD COLUMN pressure_elapsed_ms INTEGER; -- NULL, here and below: unknown
ALTER TABLE run ADD COLUMN pressure_some_us INTEGER;    -- /proc/pressure/io since the host's run before
ALTER TABLE run ADD COLUMN pressure_full_us INTEGER;
`}

// version is what this program writes, user_version of the file.
const version = len(migrations)

// mark is what a file says about itself.
type mark struct {
	application, version, tables int
}

type queryer interface {
	QueryRow(query string, args ...any) *sql.Row
}

func readMark(q queryer) (m mark, err error) {
	if err = q.QueryRow(`PRAGMA application_id`).Scan(&m.application); err != nil {
		return m, err
	}
	if err = q.QueryRow(`PRAGMA user_version`).Scan(&m.version); err != nil {
		return m, err
	}
	if m.application == 0 {
		err = q.QueryRow(`SELECT count(*) FROM sqlite_schema`).Scan(&m.tables)
	}
	return m, err
}

// check refuses what is not ours to read.
func (m mark) check(path string) error {
	switch {
	case m.application != applicationID && (m.application != 0 || m.version != 0 || m.tables != 0):
		return &ForeignError{Path: path}
	case m.version > version:
		return &NewerError{Path: path, Has: m.version, Knows: version}
	}
	return nil
}

// migrate brings a file to this program's version, in one transaction, in which
// the version is looked at again: another process may have been faster.
func migrate(db *sql.DB, path string) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	m, err := readMark(tx)
	if err != nil {
		return err
	}
	if err := m.check(path); err != nil {
		return err
	}
	for v := m.version; v < version; v++ {
		if _, err := tx.Exec(migrations[v]); err != nil {
			return fmt.Errorf("from version %d to %d: %w", v, v+1, err)
		}
	}
	if _, err := tx.Exec(fmt.Sprintf(`PRAGMA application_id = %d; PRAGMA user_version = %d`, applicationID, version)); err != nil {
		return err
	}
	return tx.Commit()
}
