package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"lunstat/collector"
	"lunstat/collector/journal"
	"lunstat/mapper/hosttest"
)

// TestLookupOfHostileNames: whatever a device is called, it is found by that name, and what
// lookup, names and watch print of it does nothing to a terminal.
func TestLookupOfHostileNames(t *testing.T) {
	names := append(hostileNames(), "a b", "line\nbreak", `in\x2fname`, "hp!c0d0", "почта", "<b>&amp;</b>", "'", "$(reboot)", strings.Repeat("x", 127), strings.Repeat("ö", 64))
	var luns []hosttest.LUN
	for i, name := range names {
		luns = append(luns, hosttest.LUN{Name: name, UUID: "-", On: []string{"sd" + string(rune('a'+i/26)) + string(rune('a'+i%26))}, Mount: "/srv/" + name})
	}
	h := hosttest.New(t, luns...)
	c := newCaptured(t)
	c.on(h.Paths)
	for n := range 2 {
		c.run("collect", "--reading-time", oclock(n))
		h.Pass(time.Minute)
	}
	for i, name := range names {
		for _, args := range [][]string{{}, {"--tree"}, {"--explain"}, {"--json"}, {"--history"}, {"--at", oclock(1)}} {
			status, stdout, stderr := c.try(append(append([]string{"lookup"}, args...), "--", name)...)
			if status != 0 || stdout == "" || stderr != "" {
				t.Errorf("lookup %q %q: exit status %d\n%s%s", args, name, status, stdout, stderr)
			}
			harmless(t, "lookup "+strings.Join(args, " "), stdout)
		}
		c.stdin = "error on " + luns[i].On[0] + " dm-" + string(rune('0'+i%10)) + "\n"
		for _, args := range [][]string{{}, {"--role"}, {"--dry-run"}} {
			harmless(t, "names", c.run(append([]string{"names"}, args...)...))
		}
	}
	_, _, stderr := c.try("lookup", "nothing\x1b[2J\n")
	harmless(t, "an error", stderr)
	harmless(t, "the list", c.run("lookup"))
	table := watchOf(t, h, 3)
	for _, width := range []int{1, 20, 80, 200} {
		harmless(t, "watch", strings.Join(table.frame(width, 60), "\n"))
	}
	harmless(t, "watch", table.lines())
}

// watchOf is watch's table after some seconds of a host.
func watchOf(t *testing.T, h *hosttest.Host, seconds int) *watchTable {
	t.Helper()
	w := &watcher{
		options: collector.Options{Paths: h.Paths, Host: "made"}, rules: collector.Rules{Gap: 5 * time.Minute, Layers: "all"},
		table: watchTable{host: "made", layers: "all", zone: time.UTC},
	}
	for n := range seconds {
		w.options.ReadingTime = time.Date(2026, 11, 16, 12, 0, n, 0, time.UTC)
		if _, err := w.read(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.Pass(time.Second)
	}
	return &w.table
}

// Links that lead to themselves, in sysfs and /dev, hide what is behind them and nothing
// else.
func TestLinksInARing(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	c := newCaptured(t)
	c.on(h.Paths)
	ring := func(path, target string) {
		t.Helper()
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
	}
	ring(filepath.Join(h.Paths.Sys, "block", "dm-13"), "dm-13")
	ring(filepath.Join(h.Paths.Sys, "block", "dm-8", "slaves"), "../dm-8/slaves")
	ring(filepath.Join(h.Paths.Sys, "block", "dm-9", "slaves", "dm-9"), "../../dm-9")
	ring(filepath.Join(h.Paths.Sys, "block", "dm-9", "holders", "dm-9"), "../../dm-9")
	ring(filepath.Join(h.Paths.Dev, "mapper", "a"), "b")
	ring(filepath.Join(h.Paths.Dev, "mapper", "b"), "a")
	for what, want := range map[string]string{
		"dm-8": `^dm-8 = Primary store`, "dm-9": `^dm-9 = Zimbra base`, "dm-13": `^dm-13 = `, "/opt/zimbra/db/data": `^dm-13 = `,
		"/dev/mapper/a": `^$`, "/opt/zimbra/store/x": `^dm-8`,
	} {
		for _, flag := range []string{"--json=false", "--tree", "--explain", "--json"} {
			status, stdout, stderr := c.try("lookup", flag, what)
			if flag == "--json=false" && !regexp.MustCompile(want).MatchString(stdout) || strings.Contains(stderr, "goroutine") || (status != 0) != (want == "^$") {
				t.Errorf("lookup %s %s: exit status %d\n%s%s", flag, what, status, stdout, stderr)
			}
		}
	}
	for n := range 2 {
		c.try("collect", "--reading-time", oclock(n))
		h.Pass(time.Minute)
	}
}

// A device that is in the counters and whose folder in sysfs is gone a moment later is
// said to be unknown, and the others are answered.
func TestLookupOfWhatGoesAway(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	c := newCaptured(t)
	c.on(h.Paths)
	h.Delete("sys/block/dm-13")
	if status, stdout, stderr := c.try("lookup", "dm-8"); status != 0 || !strings.HasPrefix(stdout, "dm-8 = Primary store") {
		t.Errorf("exit status %d\n%s%s", status, stdout, stderr)
	}
	if status, stdout, stderr := c.try("lookup", "dm-13"); status != 0 || !strings.Contains(stdout, "kernel:dm-13, only a name") {
		t.Errorf("what only the counters have: exit status %d\n%s%s", status, stdout, stderr)
	}
	h.Delete("proc/diskstats")
	if status, stdout, stderr := c.try("lookup", "dm-8"); status != 0 || !strings.HasPrefix(stdout, "dm-8 = Primary store") || !strings.Contains(stderr, "diskstats: no such file") {
		t.Errorf("without counters: exit status %d\n%s%s", status, stdout, stderr)
	}
}

// A clock that was years ahead has left entries from the future in the ledger.
func TestLedgerFromTheFuture(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	c := newCaptured(t)
	c.on(h.Paths)
	c.run("collect", "--reading-time", "2037-01-01T00:00:00Z")
	h.Pass(time.Minute)
	h.Rename("zimbra1_sqldb-data", "zimbra1_sqldb-new")
	c.run("collect", "--reading-time", "2037-01-01T00:01:00Z")
	h.Pass(time.Minute)
	c.run("collect", "--reading-time", oclock(-10))
	h.Pass(time.Minute)
	c.run("collect", "--reading-time", oclock(-9))
	h.Pass(time.Minute)
	h.Rename("zimbra1_sqldb-new", "zimbra1_sqldb-last")
	c.run("collect", "--reading-time", oclock(-8))
	c.check(t, "lookup", []wanted{
		{"zimbra1_sqldb-last", 0, `^dm-13 = MySQL data of zimbra1 \(zimbra1_sqldb-last\)`, `^$`},
		{"--at 11:41:30 dm-13", 0, `^dm-13 = MySQL data of zimbra1 \(zimbra1_sqldb-new\)`, `^$`},
		{"--at 11:55 dm-13", 0, `^dm-13 = MySQL data of zimbra1 \(zimbra1_sqldb-last\)`, `^$`},
		{"--at 11:39 dm-13", 1, `^$`, `it begins at 2026-11-16 11:40\n$`},
		{"--at 2036-06-01 dm-13", 0, `zimbra1_sqldb-last`, `^$`},
		{"--history dm-13", 0, `(?s)^MySQL data of zimbra1 \(zimbra1_sqldb-last\), identity.* now .* name zimbra1_sqldb-new -> zimbra1_sqldb-last\n`, `^$`},
	})
	c.stdin = "dm-13\n"
	c.check(t, "names", []wanted{{"", 0, `^zimbra1_sqldb-last\n$`, `^$`}, {"--at 11:41:30", 0, `^zimbra1_sqldb-new\n$`, `^$`}, {"--at 11:55", 0, `^zimbra1_sqldb-last\n$`, `^$`}})
}

// wanted is what a command with these flags is to answer.
type wanted struct {
	args           string
	status         int
	stdout, stderr string // regexps
}

func (c *captured) check(t *testing.T, command string, answers []wanted) {
	t.Helper()
	for _, want := range answers {
		status, stdout, stderr := c.try(append([]string{command}, strings.Fields(want.args)...)...)
		if status != want.status || !regexp.MustCompile(want.stdout).MatchString(stdout) || !regexp.MustCompile(want.stderr).MatchString(stderr) {
			t.Errorf("%s %s: exit status %d\n%s%swant %+v", command, want.args, status, stdout, stderr, want)
		}
	}
}

// A journal that another host wrote says nothing about this host.
func TestJournalOfAnotherHost(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	c := newCaptured(t)
	c.on(h.Paths)
	c.vars["LUNSTAT_HOST"] = "old"
	for n := range 2 {
		c.run("collect", "--reading-time", oclock(n-10))
		h.Pass(time.Minute)
	}
	h.Renumber()
	c.vars["LUNSTAT_HOST"] = "new"
	const others = `the ledger knows no LUN of new at .*\nlunstat: hint: the journal has no run of that host; it has those of old: --host names one\n$`
	c.check(t, "lookup", []wanted{
		{"dm-13", 0, `^dm-13 = Root of sysvg \(sysvg-root\) /\n`, `^$`}, // no load: it is another host's
		{"--history dm-13", 1, `^$`, others},
		{"--at 11:51 dm-13", 1, `^$`, others},
		{"--at 11:51 --host old dm-13", 0, `^dm-13 = MySQL data of zimbra1 .* \| `, `^$`},
		{"--at 11:51 --host nobody dm-13", 1, `^$`, `no LUN of host "nobody".*\n.*old\n$`},
		{"--history --host old zimbra1_sqldb-data", 0, `first seen\n$`, `^$`},
		{"zimbra1_nothing", 1, `^$`, `no LUN "zimbra1_nothing"`},
	})
	c.stdin = "dm-13\n"
	c.check(t, "names", []wanted{
		{"", 0, `^sysvg-root\n$`, `^$`},
		{"--at 11:51", 0, `^dm-13\n$`, `knows no LUN of new at .*\nlunstat: hint: it knows old\n$`},
		{"--at 11:51 --host old", 0, `^zimbra1_sqldb-data\n$`, `^$`},
	})
	c.vars["LUNSTAT_JOURNAL_PATH"] = filepath.Join(t.TempDir(), "empty.db")
	j, err := journal.Open(c.vars["LUNSTAT_JOURNAL_PATH"], journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	j.Close()
	c.check(t, "names", []wanted{{"--at 11:51", 0, `^dm-13\n$`, `knows no LUN of new at .*\nlunstat: hint: the ledger is empty; `}})
	c.check(t, "lookup", []wanted{{"--at 11:51 dm-13", 1, `^$`, `the ledger is empty`}, {"--history", 1, `^$`, `the ledger is empty`}})
}
