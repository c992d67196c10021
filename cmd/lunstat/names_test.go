package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"lunstat/mapper/hosttest"
)

// Text of before a reboot that renumbered the LUNs comes out with the names of its day.
func TestNamesOfTheirDay(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	c := newCaptured(t)
	c.on(h.Paths)
	c.vars["LUNSTAT_HOST"] = "mailstore"
	collect := func(minute int) {
		c.run("collect", "--reading-time", oclock(minute))
		h.Pass(time.Minute)
	}
	collect(-60)
	collect(-59)
	h.Reboot(0)
	h.Renumber()
	collect(-30)
	const linux = "Linux 6.1.0-56-amd64 (mailstore.example.com) \t11/16/2026 \t_x86_64_\t(2 CPU)\n"
	sar := linux + `
10:51:01          DEV       tps
10:55:01    dev253-13      0.25
11:00:01     dev253-0      0.25
11:25:01    dev253-13      0.25
12:00:00    dev253-13      0.25
`
	named := linux + `
10:51:01                     DEV       tps
10:55:01      zimbra1_sqldb-data      0.25
11:00:01              sysvg-root      0.25
11:25:01              sysvg-root      0.25
12:00:00              sysvg-root      0.25
`
	// A table that begins before the ledger has one column from its heading on.
	half := strings.Replace(sar, "10:51:01 ", "10:40:01 ", 1)
	half = strings.Replace(half, "10:55:01 ", "10:45:01    dev253-13      9.25\n10:55:01 ", 1)
	halfNamed := strings.Replace(named, "10:51:01 ", "10:40:01 ", 1)
	halfNamed = strings.Replace(halfNamed, "10:55:01 ", "10:45:01               dev253-13      9.25\n10:55:01 ", 1)
	early := linux + "10:45:01 dev253-13\n10:50:01 dev253-13\n"
	tests := []struct {
		stdin, args    string
		status         int
		stdout, stderr string
	}{
		{"dm-13 (253:8)\n", "", 0, "^sysvg-root \\(sysvg-swap\\)\n$", `^$`}, // what it is now
		{"dm-13 (253:8)\n", "--at 10:55", 0, "^zimbra1_sqldb-data \\(zimbra1_primary-store\\)\n$", `^$`},
		{"dm-13 (253:8)\n", "--at 10:55 --role", 0, "^MySQL data \\(Primary store\\)\n$", `^$`},
		{"dm-13 (253:8)\n", "--at 10:55 --dry-run", 0, "^dm-13{zimbra1_sqldb-data} \\(253:8{zimbra1_primary-store}\\)\n$", `^$`},
		{"dm-13\n", "--at 2026-11-15", 0, "^dm-13\n$", `^lunstat: warning: the ledger knows no LUN of mailstore at 2026-11-15 00:00: nothing is replaced there\nlunstat: hint: it begins at 2026-11-16 10:50\n$`},
		{"dm-13\n", "--host other", 0, "^dm-13\n$", `knows no LUN of other at .*\nlunstat: hint: it knows mailstore\n$`},
		{sar, "", 0, "^" + regexp.QuoteMeta(named) + "$", `^$`},
		{half, "", 0, "^" + regexp.QuoteMeta(halfNamed) + "$", `knows no LUN of mailstore at 2026-11-16 10:40`},
		{sar, "--at 10:55", 0, `(?s)11:00:01 +sysvg-root +0.25\n11:25:01 +zimbra1_sqldb-data .*12:00:00 +zimbra1_sqldb-data +0.25\n$`, `^$`},
		{early, "", 0, "10:45:01 dev253-13\n10:50:01 zimbra1_sqldb-data\n$", `^lunstat: warning: the ledger knows no LUN of mailstore at 2026-11-16 10:45: nothing is replaced there\nlunstat: hint: it begins at 2026-11-16 10:50\n$`},
		{strings.ReplaceAll(sar, "mailstore.example.com", "db1"), "", 0, regexp.QuoteMeta(strings.ReplaceAll(sar, "mailstore.example.com", "db1")),
			`^lunstat: warning: the text is from host db1, but the names are from mailstore: nothing is replaced\nlunstat: hint: --host mailstore `},
		{linux + "dm-13\n", "", 0, "sysvg-root\n$", `^$`}, // iostat of today
		{strings.Replace(linux, "11/16", "11/15", 1) + "dm-13\n", "", 0, "dm-13\n$", `knows no LUN of mailstore at 2026-11-15 12:00`},
		{"x\n", "/nonexistent", 1, `^$`, `/nonexistent`},
		{"x\n", ".", 1, `^$`, `is a directory`},
		{"x\n", "--at nonsense", 2, `^$`, `nonsense`},
		{"x\n", "a b", 2, `^$`, `accepts`},
	}
	for _, tt := range tests {
		c.stdin = tt.stdin
		status, stdout, stderr := c.try(append([]string{"names"}, strings.Fields(tt.args)...)...)
		if status != tt.status || !regexp.MustCompile(tt.stdout).MatchString(stdout) || !regexp.MustCompile(tt.stderr).MatchString(stderr) {
			t.Errorf("names %s: exit status %d\n%s\n%s\nwant %s\n%s", tt.args, status, stdout, stderr, tt.stdout, tt.stderr)
		}
	}
}

// Without a journal the names of now are still known, and those of the past are not.
func TestNamesWithoutJournal(t *testing.T) {
	c := newCaptured(t)
	c.on(hosttest.New(t, hosttest.Mail()...).Paths)
	c.stdin = "dm-13\n"
	if out := c.run("names"); out != "zimbra1_sqldb-data\n" {
		t.Errorf("now: %q", out)
	}
	status, out, said := c.try("names", "--at", "2026-11-15")
	if status != 0 || out != "dm-13\n" || strings.Count(said, "\n") != 2 || !strings.Contains(said, "no journal at") {
		t.Errorf("of the past: exit status %d, %q\n%s", status, out, said)
	}
}
