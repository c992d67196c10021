package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"modernc.org/sqlite"

	"lunstat/collector/journal/blob"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// Options say how a journal is opened. The zero value is right for a collector.
type Options struct {
	ReadOnly bool
	// Unlocked: the caller writes without holding the collector's lock. A collector
	// may have the file open, so it is never set aside.
	Unlocked bool
	// Stood: something beside the file shows that it was a journal, so that it may be set
	// aside even if nothing in it looks like a journal any longer.
	Stood bool
	Sync  string           // "full" (or ""): nothing is lost at power-off; "normal": no fsyncs
	Now   func() time.Time // nil: time.Now

	// How long intervals are kept: raw, bins of 15 minutes, bins of an hour.
	// 0: 35 days, 395 days, for ever.
	KeepRaw, Keep15m, Keep1h time.Duration

	// Sink is the store that runs are forwarded to, for which raw intervals are
	// kept longer if need be; "": none. BacklogMax is how many runs may wait for
	// it: of older ones it only gets the roll-ups. 0: 100,000.
	Sink       string
	BacklogMax int

	busy time.Duration      // how long to wait for another writer; 0: 5 seconds
	step func(string) error // for tests: called before each step of a commit
}

const (
	day         = 24 * time.Hour
	keepRaw     = 35 * day
	keep15m     = 395 * day
	backlogMax  = 100_000
	busyTimeout = 5 * time.Second
	// closeEvery and largeWAL: a log that is never folded into the file grows
	// without bound, as each process reads the whole of it; folding costs fsyncs.
	closeEvery = 30
	largeWAL   = 4 << 20
)

// Journal is an open journal. One that writes must not be used from two
// goroutines at once, nor from within a callback of its own.
type Journal struct {
	path     string
	o        Options
	db       *sql.DB
	warnings []series.Warning
	damage   damage
	memory   memory
	enc      blob.Encoder
}

// memory is what was read of the file once, and is not read again.
type memory struct {
	hosts map[string]*host      // what is known of them from the state
	lines map[int64]*mapper.LUN // of the ledger, by their number
	// newest is the number of the newest run, once something was committed; 0: not known.
	newest int64
}

func (m *memory) host(name string, h *host) {
	if m.hosts == nil {
		m.hosts = map[string]*host{}
	}
	m.hosts[name] = h
}

func (m *memory) line(id int64, lun *mapper.LUN) {
	if m.lines == nil {
		m.lines = map[int64]*mapper.LUN{}
	}
	m.lines[id] = lun
}

// Open opens a journal. Without ReadOnly it makes the file and its folder if they are
// missing, updates an older layout, and sets a corrupt file aside and starts a new one:
// see Warnings.
func Open(path string, o Options) (*Journal, error) {
	j := &Journal{path: path, o: o}
	j.o.defaults()
	// SQLite would wait for a pipe, and reads a device as an empty file.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, j.fail("opening", fmt.Errorf("it is %w but %s", mapper.ErrNotRegular, mapper.FileKind(info.Mode())))
	}
	if o.ReadOnly {
		if err := j.openReader(); err != nil {
			return nil, err
		}
		return j, nil
	}
	err := j.openWriter()
	if j.renews(err) {
		err = j.renew(err)
	}
	if err != nil {
		return nil, j.fail("opening", err)
	}
	return j, nil
}

func (o *Options) defaults() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.busy == 0 {
		o.busy = busyTimeout
	}
	if o.KeepRaw == 0 {
		o.KeepRaw = keepRaw
	}
	if o.Keep15m == 0 {
		o.Keep15m = keep15m
	}
	if o.BacklogMax == 0 {
		o.BacklogMax = backlogMax
	}
}

// Path is the file.
func (j *Journal) Path() string { return j.path }

// Warnings are the problems so far that have been dealt with: a file that was set
// aside, a filesystem that can't be trusted, a blob that could not be decoded and was
// left out.
func (j *Journal) Warnings() []series.Warning {
	return append(slices.Clip(j.warnings), j.damage.warnings(j.path)...)
}

// Close moves the log into the file and closes it.
func (j *Journal) Close() error {
	return j.fail("closing", j.db.Close())
}

// Finish prepares the journal for an exit without Close, which would cost three more
// fsyncs. The log holds what was committed, and the next process finds it. Every 30th
// run, and a run that finds the log large, moves the log into the file.
func (j *Journal) Finish(ctx context.Context) error {
	if j.o.ReadOnly {
		return j.Close()
	}
	run := j.memory.newest
	if run == 0 {
		if err := j.db.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM run`).Scan(&run); err != nil {
			return j.fail("finishing", err)
		}
	}
	wal, err := os.Stat(j.path + "-wal")
	if err != nil || run%closeEvery != 0 && wal.Size() < largeWAL {
		return nil
	}
	// Emptied, not removed as by Close: without the two files, users who may not
	// write to the folder could not read.
	_, err = j.db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return j.fail("folding the log in", err)
}

// dsn names the file to SQLite. In a URI, ?, # and % would end or bend the path;
// without "file:" the options would be ignored.
func (j *Journal) dsn(options ...string) string {
	path := j.path
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	escaped := (&url.URL{Path: path}).EscapedPath()
	options = append(options, fmt.Sprintf("_pragma=busy_timeout(%d)", j.o.busy.Milliseconds()))
	return "file://" + escaped + "?" + strings.Join(options, "&")
}

func (j *Journal) openWriter() error {
	sync := "FULL"
	if strings.EqualFold(j.o.Sync, "normal") {
		sync = "NORMAL"
	}
	if err := j.make(); err != nil {
		return err
	}
	if err := j.refuse(); err != nil {
		return err
	}
	forget := j.keepLog()
	// As SQLite's own build does on Linux: the time stamp need not reach the disk.
	if !sqlite.FdatasyncEnabled() { // it is the process's, which may have more journals
		if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
			return err
		}
	}
	db, err := sql.Open("sqlite", j.dsn("mode=rw", "_txlock=immediate", "_pragma=synchronous("+sync+")"))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if err := j.prepare(db); err != nil {
		db.Close()
		return err
	}
	forget()
	j.db = db
	return nil
}

// make creates the folder and an empty file where there is none: SQLite would
// take the umask's rights, and others are to read it. Its -wal and -shm get the
// rights of the file.
func (j *Journal) make() error {
	if err := os.MkdirAll(filepath.Dir(j.path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(j.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Chmod(0o644)
}

// prepare looks at what the file is, and makes or migrates it.
func (j *Journal) prepare(db *sql.DB) error {
	m, err := readMark(db)
	if err == nil {
		err = m.check(j.path)
	}
	if err != nil {
		return err
	}
	remote := onRemote(j.path)
	if remote != "" {
		j.warn(fmt.Sprintf("the journal %s is on %s: runs take longer, and readers must wait", j.path, remote),
			"put it on a local filesystem: --journal, or journal.path in the config")
	}
	if m.version == 0 {
		// The mode stays in the file: set at every run, it would cost every run.
		mode := "WAL"
		if remote != "" {
			mode = "DELETE"
		}
		if _, err := db.Exec(`PRAGMA journal_mode = ` + mode); err != nil {
			return err
		}
	}
	if m.version == version {
		return nil
	}
	return migrate(db, j.path)
}

func (j *Journal) warn(what, hint string) {
	j.warnings = append(j.warnings, series.Warning{What: what, Hint: hint})
}

// openReader opens for reading alone, while a collector may be writing.
func (j *Journal) openReader() error {
	if _, err := os.Stat(j.path); err != nil {
		return j.fail("opening", err)
	}
	err := j.readWith("mode=ro")
	if err != nil && !corrupt(err) && j.noLog() {
		// A reader of a write-ahead log needs the -shm file, which it can't make
		// in a folder that it may not write to. Without a log there is nothing
		// but the file, which nobody is writing to.
		err = j.readWith("mode=ro", "immutable=1")
	}
	return j.fail("opening for reading", err)
}

func (j *Journal) readWith(options ...string) error {
	db, err := sql.Open("sqlite", j.dsn(options...))
	if err != nil {
		return err
	}
	m, err := readMark(db)
	if err == nil {
		err = m.check(j.path)
	}
	if err == nil && m.version == 0 {
		err = errors.New("it is empty: no run of the collector has been stored yet")
	}
	if err != nil {
		db.Close()
		return err
	}
	if m.version < version {
		// The first run of the collector brings it up to date, and a reader can't.
		db.Close()
		db = sql.OpenDB(older{dsn: j.dsn(options...), views: olderViews[m.version]})
	}
	j.db = db
	return nil
}

// noLog reports that there is no write-ahead log, or nothing in it.
func (j *Journal) noLog() bool {
	wal, err := os.Stat(j.path + "-wal")
	return errors.Is(err, fs.ErrNotExist) || err == nil && wal.Size() == 0
}
