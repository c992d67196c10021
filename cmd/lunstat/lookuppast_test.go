package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"lunstat/mapper/hosttest"
)

// A host's LUNs were renumbered at a reboot, and then one of them went away: what lookup
// says about the past.
func TestLookupOfThePast(t *testing.T) {
	h := hosttest.New(t, append(hosttest.Mail(), hosttest.LUN{Kernel: "sdm", Mount: "/srv/mail"})...)
	c := newCaptured(t)
	c.on(h.Paths)
	c.vars["LUNSTAT_HOST"] = "mailstore"
	collect := func(minute int) {
		c.run("collect", "--reading-time", oclock(minute))
		h.Pass(time.Minute)
	}
	collect(-60)
	h.Do("zimbra1_sqldb-data", hosttest.IO{Reads: 600})
	collect(-59)
	h.Reboot(0)
	h.Renumber()
	collect(-30)
	h.Remove("sdm")
	collect(-29)
	h.Rename("zimbra1_sqldb-data", "zimbra1_sqldb-new")
	collect(-28)
	tests := []struct {
		args           string
		status         int
		stdout, stderr string
	}{
		{"--at 10:51 dm-13", 0, `^dm-13 = MySQL data of zimbra1 \(zimbra1_sqldb-data\) /opt/zimbra/db/data \| 10 IOPS, .* \(10:50:00 to 10:51:00\)\n`, `^$`},
		{"--at 10:51 --tree /opt/zimbra/db/data/x", 0, `(?s)^/opt/zimbra/db/data ext4\ndm-13 zimbra1_sqldb-data, LUN MySQL data of zimbra1  <  [0-9.]+ GiB +10 IOPS.*\n$`, `^$`},
		{"--at 11:22 dm-13", 0, `^dm-13 = Root of sysvg`, `^$`},
		{"--at 10:51 --json dm-13", 0, `"lun":"zimbra1_sqldb-data".*"chain":\[{"kernel":"dm-13"`, `^$`},
		{"--at 10:49 dm-13", 1, `^$`, `^lunstat: error: the ledger knows no LUN of mailstore at 2026-11-16 10:49\nlunstat: hint: it begins at 2026-11-16 10:50\n$`},
		{"--at 10:51 nonsense", 1, `^$`, `no LUN "nonsense"`},
		{"--at 10:51 --host db1 dm-13", 1, `^$`, `db1.*\n.*mailstore`},
		{"--history zimbra1_sqldb-data", 0, `(?s)^MySQL data of zimbra1 \(zimbra1_sqldb-new\), identity LVM-.*` +
			`  2026-11-16 10:50  2026-11-16 11:20  \S+ +dm-13 253:13 .* first seen\n` +
			`  2026-11-16 11:20  2026-11-16 11:22  \S+ +dm-0 253:0 .* reboot; device\n` +
			`  2026-11-16 11:22  now .* name zimbra1_sqldb-data -> zimbra1_sqldb-new\n$`, `^$`},
		{"--history sdm", 0, `(?s)^/srv/mail, identity serial:SER-sdm.*  2026-11-16 10:50  2026-11-16 11:21 `, `^$`},
		{"--history nonsense", 1, `^$`, `no LUN "nonsense"`},
		{"--history --at 10:51 dm-13", 2, `^$`, `give one of them`},
		{"--host mailstore dm-13", 2, `^$`, `--host needs --at or --history`},
		{"--dmsetup - --at 10:51 dm-13", 2, `^$`, `--dmsetup has no ledger`},
		{"--explain zimbra1_sqldb-new", 0, `\n  role      mysql: guessed from the mount point /opt/zimbra/db/data\n`, `^$`},
	}
	for _, tt := range tests {
		status, stdout, stderr := c.try(append([]string{"lookup"}, strings.Fields(tt.args)...)...)
		if status != tt.status || !regexp.MustCompile(tt.stdout).MatchString(stdout) || !regexp.MustCompile(tt.stderr).MatchString(stderr) {
			t.Errorf("lookup %s: exit status %d\n%s\n%s\nwant %s\n%s", tt.args, status, stdout, stderr, tt.stdout, tt.stderr)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(c.run("lookup", "--history", "--json", "sdm")), "\n") {
		var o struct {
			From, To, Kernel string
			Changed          []string
		}
		if err := json.Unmarshal([]byte(line), &o); err != nil || o.From != "2026-11-16T10:50:00Z" || o.To != "2026-11-16T11:21:00Z" || o.Kernel != "sdm" {
			t.Errorf("%v: %s", err, line)
		}
	}
}

// What an old host's tools printed, joined, is answered like a host.
func TestLookupFromText(t *testing.T) {
	c := newCaptured(t)
	text := "zimbra1_sqldb-data\t(253, 13)\nzimbra1_redo-redo\t(253, 11)\nmpatha\t(253, 14)\n" +
		"zimbra1_sqldb-data: 0 1048576 linear 253:14 2048\n" +
		"mpatha (3600508b400105e210000900000490000) dm-14 DGC,RAID 5\nsize=60G features='0' hwhandler='0' wp=rw\n" +
		"`-+- policy='round-robin 0' prio=0 status=active\n  |- 0:0:0:1 sdd 8:48 active ready running\n  `- 1:0:0:1 sdq 65:0 failed faulty offline\n"
	tests := []struct {
		stdin, args    string
		status         int
		stdout, stderr string
	}{
		{text, "--from - sdq", 0, `(?s)^sdq = path below MySQL data of zimbra1 \(dm-13\)\n.*` +
			`  dm-13 zimbra1_sqldb-data, LUN MySQL data of zimbra1  512 MiB\n  └─ dm-14 mpatha, map +60 GiB +DGC RAID 5 \(Clariion or VNX\)\n     └─ sdq, path 1:0:0:1 failed  <  +60 GiB\n$`, `^$`},
		{text, "--from - --tree 253:13", 0, `(?s)^dm-13 zimbra1_sqldb-data, .*  <  512 MiB\n└─ dm-14 mpatha, .*\n   ├─ sdd, path 0:0:0:1 running .*\n   └─ sdq, path 1:0:0:1 failed +60 GiB\n$`, `^$`},
		{text, "--from -", 0, `(?s)dm-13 +zimbra1_sqldb-data +MySQL data of zimbra1`, `^$`},
		{text, "--from - --json sdq", 0, `"chain":\[{"kernel":"dm-13".*"below":\[{"kernel":"dm-14".*"vendor":"DGC","model":"RAID 5".*"below":\[{"kernel":"sdq"`, `^$`},
		{text + "nonsense here\n", "--from - sdd", 0, `^sdd = path below`, `^lunstat: warning: standard input: line 10: "nonsense here" is no line of dmsetup`},
		{text, "--from - zimbra1_sqldb-dta", 1, `^$`, `no LUN "zimbra1_sqldb-dta"\nlunstat: hint: near: zimbra1_sqldb-data \(dm-13\)`},
		{"nonsense\n", "--from -", 1, `^$`, `standard input: no LUN in it: line 1: "nonsense" is no line.*\nlunstat: hint: it must be the output of dmsetup ls`},
		{"", "--from -", 1, `^$`, `standard input: no LUN in it`},
		{"", "--from /nonexistent", 1, `^$`, `/nonexistent`},
		{"", "--from - --at now", 2, `^$`, `--from has no ledger`},
	}
	for _, tt := range tests {
		c.stdin = tt.stdin
		status, stdout, stderr := c.try(append([]string{"lookup"}, strings.Fields(tt.args)...)...)
		if status != tt.status || !regexp.MustCompile(tt.stdout).MatchString(stdout) || !regexp.MustCompile(tt.stderr).MatchString(stderr) {
			t.Errorf("lookup %s: exit status %d\n%s\n%s\nwant %s\n%s", tt.args, status, stdout, stderr, tt.stdout, tt.stderr)
		}
	}
}

// A word that is the name of one device and the kernel's name or number of another is
// ambiguous too. A word that names the paths of one LUN is not, nor is a device's node.
func TestLookupOfTwoNames(t *testing.T) {
	c := newCaptured(t)
	c.on(hosttest.Shared(t, "hosts/odd-stack/before"))
	for what, want := range map[string]string{"dm-8": "zimbra1_primary-store", "253:13": "zimbra1_sqldb-data", "sda": "/dev/sda"} {
		status, stdout, stderr := c.try("lookup", what)
		if hint := "ask for one of them: lunstat lookup " + want + "\n"; status != 1 || strings.Count(stdout, "\n") != 4 || !strings.Contains(stderr, hint) {
			t.Errorf("%s: exit status %d\n%s\n%s", what, status, stdout, stderr)
		}
		if status, _, stderr := c.try("lookup", want); status != 0 {
			t.Errorf("%s, as the hint says: exit status %d\n%s", want, status, stderr)
		}
	}
	for _, what := range []string{"/dev/dm-8", "/dev/mapper/dm-8", "/dev/mapper/sda", "APM00094500123", "naa.600508b400105e22", "slow"} {
		if status, _, stderr := c.try("lookup", what); status != 0 {
			t.Errorf("%s: exit status %d\n%s", what, status, stderr)
		}
	}
	want := "dm-51 on_loop, LUN  <\n└─ loop0, other\n   └─ dm-8 zimbra1_primary-store, LUN Primary store of zimbra1\n      └─ vdc, disk\n"
	if got := regexp.MustCompile(`  +[0-9.]+ [MG]iB.*`).ReplaceAllString(c.run("lookup", "--tree", "on_loop"), ""); got != want {
		t.Errorf("through a file:\n%s\nwant\n%s", got, want)
	}
	if got := c.run("lookup", "--tree", "vdc"); !strings.Contains(got, "dm-51 on_loop, LUN") {
		t.Errorf("and up again:\n%s", got)
	}
	if got := c.run("lookup", "--tree", "dm-44"); !strings.Contains(got, "DGC VRAID 0533 (Clariion or VNX)") {
		t.Errorf("the tree doesn't say what the disks are:\n%s", got)
	}
}

// A role or a label of several LUNs is ambiguous: the candidates are listed.
func TestLookupOfSeveral(t *testing.T) {
	c := newCaptured(t)
	c.on(hosttest.New(t, hosttest.Mail()...).Paths)
	status, stdout, stderr := c.try("lookup", "system")
	if status != 1 || !strings.Contains(stdout, "sysvg-root") || !strings.Contains(stdout, "sysvg-tmp") || strings.Contains(stdout, "mysql") ||
		!regexp.MustCompile(`^lunstat: error: "system" names \d LUNs, listed above\nlunstat: hint: ask for one of them: lunstat lookup sysvg-root\n$`).MatchString(stderr) {
		t.Errorf("exit status %d\n%s\n%s", status, stdout, stderr)
	}
	if status, _, stderr := c.try("lookup", "mysql"); status != 0 {
		t.Errorf("a role of one LUN: exit status %d\n%s", status, stderr)
	}
	if status, stdout, _ := c.try("lookup", "--json", "zimbra1"); status != 1 || strings.Count(stdout, "\n") != 7 {
		t.Errorf("a group: exit status %d\n%s", status, stdout)
	}
}
