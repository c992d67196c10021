package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"lunstat/mapper/hosttest"
)

// TestBadInput: one clear error with a hint, the right exit status, and nothing
// half written.
func TestBadInput(t *testing.T) {
	t.Parallel()
	type on struct {
		h    *hosttest.Host
		c    *captured
		dir  string // the test's own
		path string // of the journal
	}
	reading := func(n int) string { return time.Date(2026, 11, 16, 9, n, 0, 0, time.UTC).Format(time.RFC3339) }
	const rangeFlags = "--from 2026-11-16T08:00:00Z --to 2026-11-16T10:00:00Z"
	sqlite := func(t *testing.T, path, statement string) {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name   string
		spoil  func(t *testing.T, o on)
		args   string
		root   bool // needs a user who isn't root to fail
		status int
		stderr string // regexp
		hint   string // regexp; "" none wanted
	}{
		{name: "no diskstats", spoil: func(t *testing.T, o on) { os.Remove(filepath.Join(o.h.Paths.Proc, "diskstats")) },
			args: "collect --reading-time " + reading(5), status: 1, stderr: `reading the counters: open .*diskstats: no such file`},
		{name: "diskstats is garbage", spoil: func(t *testing.T, o on) { o.h.Write("proc/diskstats", "what\nis\nthis\n") },
			args: "collect --reading-time " + reading(5), status: 1, stderr: `diskstats: no line could be read: diskstats:1: field 1 is not a count`},
		{name: "uptime is garbage", spoil: func(t *testing.T, o on) { o.h.Write("proc/uptime", "soon\n") },
			args: "collect --reading-time " + reading(5), status: 1, stderr: `uptime: "soon" is no number of seconds`},
		{name: "reading time on this host", spoil: func(t *testing.T, o on) { o.c.vars["LUNSTAT_PATHS_PROCFS"] = "/proc" },
			args: "collect --reading-time " + reading(5), status: 2, stderr: `--reading-time needs paths.procfs`},
		{name: "reading time is no time", args: "collect --reading-time noon", status: 2, stderr: `--reading-time "noon": must be RFC 3339`},
		{name: "sub-sampling too often", args: "collect --every 1ms", status: 2, stderr: `--every 1ms: must be 100ms to 20s`},

		{name: "unknown LUN", args: "lookup zimbra1_sqldb-dta", status: 1, stderr: `no LUN "zimbra1_sqldb-dta"`, hint: `near: zimbra1_sqldb-data \(dm-13\)`},
		{name: "unknown LUN with escapes", args: "lookup \x1b[31m", status: 1, stderr: `no LUN ".*x1b\[31m"`},
		{name: "lookup beside a bad line", spoil: func(t *testing.T, o on) {
			path := filepath.Join(o.h.Paths.Proc, "diskstats")
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			os.WriteFile(path, append(text, "253 99 dm-99 1 2\n"...), 0o644)
		}, args: "lookup zimbra1_sqldb-data", status: 0, stderr: `warning: diskstats:\d+: 5 fields`},
		{name: "no dmsetup list", args: "lookup --dmsetup nowhere.txt", status: 1, stderr: `reading dmsetup's list: open nowhere.txt: no such file`},
		{name: "dmsetup list of nothing", spoil: func(t *testing.T, o on) { o.c.stdin = "No devices found\n" },
			args: "lookup --dmsetup -", status: 1, stderr: `standard input: no LUN in it`, hint: `dmsetup ls`},
		{name: "dmsetup list with a bad line", spoil: func(t *testing.T, o on) { o.c.stdin = "a-b\t(253:1)\nnonsense\n" },
			args: "lookup --dmsetup -", status: 0, stderr: `warning: standard input: .*2.*nonsense`},

		{name: "empty range", args: "report --last 5m", status: 1, stderr: `no interval between`, hint: `lunstat report --from "2026-11-16 09:0`},
		{name: "a range that ends before it begins", args: "report --from 2026-11-16 --to 2026-11-15", status: 2, stderr: `ends .* before it begins`},
		{name: "unwritable folder", spoil: func(t *testing.T, o on) { os.WriteFile(filepath.Join(o.dir, "file"), nil, 0o644) },
			args: "report " + rangeFlags + " --out DIR/file/report", status: 1, stderr: `DIR/file`},
		{name: "report of an unknown LUN", args: "report " + rangeFlags + " --lun nosuch --out DIR/r", status: 1, stderr: `no LUN "nosuch"`},
		{name: "report of an unknown group", args: "report " + rangeFlags + " --group nosuch --out DIR/r", status: 1, stderr: `no LUN of group "nosuch" in this range`, hint: `the range has these: .*zimbra1`},
		{name: "no such format", args: "export --format xml", status: 2, stderr: `--format "xml": must be json, csv, lp or prom`},
		{name: "no such bins", args: "export --every 7m", status: 2, stderr: `--every 7m0s: must be 15m or 1h`},

		{name: "no journal", spoil: func(t *testing.T, o on) { os.Remove(o.path) }, args: "report", status: 1, stderr: `no journal at .*journal.db`, hint: `lunstat collect`},
		{name: "another program's SQLite file, read", spoil: func(t *testing.T, o on) {
			os.Remove(o.path)
			sqlite(t, o.path, `CREATE TABLE cookies (host TEXT)`)
		}, args: "export", status: 1, stderr: `another program's SQLite file`, hint: `--journal`},
		{name: "another program's SQLite file, written", spoil: func(t *testing.T, o on) {
			os.Remove(o.path)
			sqlite(t, o.path, `CREATE TABLE cookies (host TEXT)`)
		}, args: "collect --reading-time " + reading(5), status: 1, stderr: `another program's SQLite file`, hint: `--journal`},
		{name: "a journal of a later version", spoil: func(t *testing.T, o on) { sqlite(t, o.path, `PRAGMA user_version = 9999`) },
			args: "collect --reading-time " + reading(5), status: 1, stderr: `has layout 9999, made by a later lunstat`, hint: `use the version of lunstat that made it`},
		{name: "a LUN that is not there, beside a journal of a later version", spoil: func(t *testing.T, o on) { sqlite(t, o.path, `PRAGMA user_version = 9999`) },
			args: "lookup gone", status: 1, stderr: `warning: what it was in the past is unknown: journal .* has layout 9999, made by a later lunstat; this one knows up to \d+\n.*\(this is 0`},
		{name: "a LUN beside a journal of a later version", spoil: func(t *testing.T, o on) { sqlite(t, o.path, `PRAGMA user_version = 9999`) },
			args: "lookup dm-13", status: 0, stderr: `warning: the load is unknown: journal .* has layout 9999, made by a later lunstat`, hint: `use the version of lunstat that made it`},
		{name: "a damaged minute, exported", spoil: func(t *testing.T, o on) { sqlite(t, o.path, damage("sums", "data")) },
			args: "export " + rangeFlags, status: 0, stderr: `warning: 1 block of intervals in the journal .* is damaged and left out: the first is of 20`, hint: `everything else in the journal is sound`},
		{name: "a damaged entry of the ledger, exported", spoil: func(t *testing.T, o on) { sqlite(t, o.path, damage("ledger", "lun")) },
			args: "export " + rangeFlags, status: 0, stderr: `warning: 1 entry of the ledger in the journal .* is damaged and replaced`},
		{name: "damaged counters, written", spoil: func(t *testing.T, o on) { sqlite(t, o.path, damage("state", "data")) },
			args: "collect --reading-time " + reading(5), status: 0, stderr: `warning: the last run of .* left counters that can't be read`},
		{name: "a corrupt journal, read", spoil: func(t *testing.T, o on) { os.WriteFile(o.path, []byte(strings.Repeat("corrupt!", 4096)), 0o644) },
			args: "export", status: 1, stderr: `is corrupt`, hint: `sets the file aside`},
		{name: "a corrupt journal, written", spoil: func(t *testing.T, o on) { os.WriteFile(o.path, []byte(strings.Repeat("corrupt!", 4096)), 0o644) },
			args: "collect --reading-time " + reading(5), status: 0, stderr: `warning: .* was corrupt .* a new one was started`},
		{name: "the journal's folder is a file", spoil: func(t *testing.T, o on) { o.c.vars["LUNSTAT_JOURNAL_PATH"] = o.path + "/journal.db" },
			args: "collect --reading-time " + reading(5), status: 1, stderr: `making the journal's folder: .*not a directory`},
		{name: "the journal's folder is read-only", root: true, spoil: func(t *testing.T, o on) { os.Chmod(filepath.Dir(o.path), 0o555) },
			args: "collect --reading-time " + reading(5), status: 1, stderr: `permission denied`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.root && os.Geteuid() == 0 {
				t.Skip("root may write everywhere")
			}
			o := on{h: hosttest.New(t, hosttest.Mail()...), c: newCaptured(t), dir: t.TempDir()}
			o.path = o.c.vars["LUNSTAT_JOURNAL_PATH"]
			o.c.on(o.h.Paths)
			for n := range 3 {
				o.c.run("collect", "--reading-time", reading(n))
				o.h.Pass(time.Minute)
			}
			if tt.spoil != nil {
				// What the journal's own WAL still holds belongs into the file that is spoilt.
				sqlite(t, o.path, `PRAGMA wal_checkpoint(TRUNCATE)`)
				os.Remove(o.path + "-wal")
				os.Remove(o.path + "-shm")
				tt.spoil(t, o)
			}
			args := strings.Fields(strings.ReplaceAll(tt.args, "DIR", o.dir))
			status, _, stderr := o.c.try(args...)
			if status != tt.status {
				t.Errorf("exit status %d, want %d", status, tt.status)
			}
			if !regexp.MustCompile(strings.ReplaceAll(tt.stderr, "DIR", o.dir)).MatchString(stderr) {
				t.Errorf("says:\n%swant %s", stderr, tt.stderr)
			}
			if tt.hint != "" && !regexp.MustCompile(`lunstat: hint: .*`+tt.hint).MatchString(stderr) {
				t.Errorf("says:\n%swant the hint %s", stderr, tt.hint)
			}
			if strings.ContainsRune(stderr, '\x1b') || strings.Contains(stderr, "goroutine") {
				t.Errorf("says: %q", stderr)
			}
			if lines := strings.Count(stderr, "lunstat: error:"); tt.status != 0 && lines != 1 {
				t.Errorf("%d errors:\n%s", lines, stderr)
			}
			if left, _ := filepath.Glob(filepath.Join(o.dir, "r", "*")); len(left) > 0 {
				t.Errorf("half written: %v", left)
			}
		})
	}
}

// damage cuts the first blob of a table short.
func damage(table, column string) string {
	return fmt.Sprintf("UPDATE %s SET %s = substr(%[2]s, 1, length(%[2]s) - 3) WHERE id = (SELECT min(id) FROM %[1]s)", table, column)
}

// TestStatusOfADamagedJournal: what status could not read is a finding of its own.
func TestStatusOfADamagedJournal(t *testing.T) {
	h, c := hosttest.New(t, hosttest.Mail()...), newCaptured(t)
	c.on(h.Paths)
	for n := range 3 {
		c.run("collect", "--reading-time", time.Date(2026, 11, 16, 9, n, 0, 0, time.UTC).Format(time.RFC3339))
		h.Pass(time.Minute)
	}
	db, err := sql.Open("sqlite", c.vars["LUNSTAT_JOURNAL_PATH"])
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(damage("state", "data")); err != nil {
		t.Fatal(err)
	}
	if _, stdout, _ := c.try("status", "--all"); !strings.Contains(stdout, "left counters that can't be read") {
		t.Errorf("says:\n%s", stdout)
	}
}

// A capture that lacks nearly everything doesn't crash lunstat.
func TestBareCapture(t *testing.T) {
	c := newCaptured(t)
	p := hosttest.PathsAt(t.TempDir())
	c.on(p)
	if err := os.MkdirAll(p.Proc, 0o755); err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		files := map[string]string{
			"uptime":    fmt.Sprintf("%d.00 1.00\n", 1000+60*n),
			"diskstats": fmt.Sprintf(" 253 13 dm-13 %d 0 800 10 0 0 0 0 0 5 10\n 8 0 sda 1 0 8 0 0 0 0 0 0 0 0\n", 100+60*n),
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(p.Proc, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		c.run("collect", "--reading-time", time.Date(2026, 11, 16, 9, n, 0, 0, time.UTC).Format(time.RFC3339))
	}
	got := c.export()
	if len(got) == 0 || got[0]["lun"] != "dm-13" || got[0]["read_ios"] != 60.0 || got[0]["host"] != "unknown" {
		t.Errorf("exported %v", got)
	}
}
