package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"lunstat/mapper/hosttest"
)

// oclock is a reading time of the day that the tests' clock is at noon of.
func oclock(minute int) string {
	return time.Date(2026, 11, 16, 11, 50+minute, 0, 0, time.UTC).Format(time.RFC3339)
}

// withConfig writes a config and gives the flag that names it.
func withConfig(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return "--config=" + path
}

// What lookup says if it doesn't find a LUN, or not quite: each answer is a regexp.
func TestLookupOfWhatIsNotThere(t *testing.T) {
	h := hosttest.New(t, append(hosttest.Mail(), hosttest.LUN{Kernel: "sdm", Mount: "/srv/mail"})...)
	c := newCaptured(t)
	c.on(h.Paths)
	for n := range 3 {
		c.run("collect", "--reading-time", oclock(n))
		h.Pass(time.Minute)
	}
	mounts, err := os.ReadFile(filepath.Join(h.Paths.Proc, "self/mountinfo"))
	if err != nil {
		t.Fatal(err)
	}
	h.Remove("sdm")
	h.Write("proc/self/mountinfo", string(mounts)+"90 4 0:77 / /run rw - tmpfs tmpfs rw\n")
	for n := range 2 {
		c.run("collect", "--reading-time", oclock(3+n))
		h.Pass(time.Minute)
	}
	h.Delete("proc/uptime") // no name needs a clock
	tests := []struct {
		args           string
		status         int
		stdout, stderr string
	}{
		{"/srv/mail/0/12", 1, `^$`, `error: no LUN "/srv/mail/0/12": it is on /srv/mail, which is ext4 on /dev/sdm \(8:\d+\), which the host no longer has\n` +
			`lunstat: hint: the ledger has it: /srv/mail, sdm 8:\d+, serial:SER-sdm, 1.0 GiB \(from 2026-11-16 11:50 to 2026-11-16 11:53\)\n$`},
		{"sdm", 1, `^$`, `error: no LUN "sdm"\nlunstat: hint: the ledger has it: /srv/mail, sdm`},
		{"/run/x", 1, `^$`, `it is on /run, which is tmpfs, in memory\nlunstat: hint: .findmnt`},
		{"dm-13 nonsense /opt/zimbra/store sdm", 1, `(?s)^dm-13 = MySQL data.*\ndm-8 = Primary store`, `(?s)^lunstat: error: no LUN "nonsense"\n.*lunstat: error: no LUN "sdm"\n`},
		{"--json dm-13 nonsense", 1, `^{"host":"made","kernel":"dm-13".*}\n$`, `^lunstat: error: no LUN "nonsense"\n`},
		{"/opt/zimbra/stroe/0", 0, `^dm-9 = Zimbra base`, `warning: nothing is mounted on /opt/zimbra/stroe/0, .*\(near: /opt/zimbra/store\)\nlunstat: hint: the answer is for the filesystem`},
		{"/opt/zimbra/store/0", 0, `^dm-8 = `, `^$`},
	}
	for _, tt := range tests {
		status, stdout, stderr := c.try(append([]string{"lookup"}, strings.Fields(tt.args)...)...)
		if status != tt.status || !regexp.MustCompile(tt.stdout).MatchString(stdout) || !regexp.MustCompile(tt.stderr).MatchString(stderr) {
			t.Errorf("lookup %s: exit status %d, want %d\n%swant %s\n%swant %s", tt.args, status, tt.status, stdout, tt.stdout, stderr, tt.stderr)
		}
	}
}

// A mount or a group that isn't there names no LUN in a report.
func TestReportOfWhatIsNotThere(t *testing.T) {
	h := hosttest.New(t, append(hosttest.Mail(), hosttest.LUN{Kernel: "sdm", Mount: "/srv/mail"})...)
	c := newCaptured(t)
	c.on(h.Paths)
	for n := range 3 {
		c.run("collect", "--reading-time", oclock(n))
		h.Pass(time.Minute)
	}
	out := filepath.Join(t.TempDir(), "r")
	tests := []struct {
		args   string
		status int
		stderr string
	}{
		{"--lun /opt/zimbra/stroe", 1, `no LUN "/opt/zimbra/stroe"\nlunstat: hint: near: /opt/zimbra/store \(zimbra1_primary-store\)`},
		{"--lun /srv/none", 1, `no LUN "/srv/none"`},
		{"--lun /opt/zimbra/store --lun /srv/none", 1, `no LUN "/srv/none"`},
		{"--group zimbra2", 1, `no LUN of group "zimbra2" in this range\nlunstat: hint: the range has these: sysvg, zimbra1\n`},
		{"--lun /opt/zimbra/store", 0, `^$`},
	}
	for _, tt := range tests {
		args := append([]string{"report", "--from", oclock(0), "--to", oclock(5), "--out", out}, strings.Fields(tt.args)...)
		if status, _, stderr := c.try(args...); status != tt.status || !regexp.MustCompile(tt.stderr).MatchString(stderr) {
			t.Errorf("report %s: exit status %d, want %d\n%swant %s", tt.args, status, tt.status, stderr, tt.stderr)
		}
	}
}

func TestGroupWhereThereIsNone(t *testing.T) {
	h := hosttest.New(t, hosttest.LUN{Kernel: "sda", Mount: "/"})
	c := newCaptured(t)
	c.on(h.Paths)
	for n := range 3 {
		c.run("collect", "--reading-time", oclock(n))
		h.Pass(time.Minute)
	}
	status, _, stderr := c.try("report", "--from", oclock(0), "--to", oclock(5), "--out", t.TempDir(), "--group", "x")
	if status != 1 || !strings.Contains(stderr, `no LUN of group "x"`) || !strings.Contains(stderr, "no LUN of this range has a group") {
		t.Errorf("exit status %d: %s", status, stderr)
	}
}

// What the config ignores is neither kept nor shown, nor is what was kept of it
// before; and whatever a config leaves, no command crashes.
func TestIgnore(t *testing.T) {
	h := hosttest.New(t, append(hosttest.Mail(), hosttest.LUN{Kernel: "sdm", Mount: "/srv/mail"})...)
	c := newCaptured(t) // it stores all layers
	c.on(h.Paths)
	minute := 0
	collect := func(flags ...string) {
		c.run(append([]string{"collect", "--reading-time", oclock(minute)}, flags...)...)
		minute++
		h.Pass(time.Minute)
	}
	for range 3 {
		collect()
	}
	ignored := map[string]string{
		"/": "dm-0", "dm-13": "dm-13", "zimbra1_sqldb-data": "dm-13", "/srv/mail": "sdm", "sdm": "sdm", "zimbra1_sqldb-*": "dm-13",
	}
	for match, kernel := range ignored {
		config := withConfig(t, fmt.Sprintf("luns: [{match: %q, ignore: true}]\n", match))
		for _, args := range []string{"export", "export --format csv", "export --format lp", "export --format prom"} {
			got := c.run(append(strings.Fields(args), config, "--from", oclock(0), "--to", oclock(5))...)
			if strings.Contains(got, kernel+`"`) || strings.Contains(got, ","+kernel+",") || len(got) == 0 {
				t.Errorf("%s with %s ignored has it:\n%s", args, match, got)
			}
		}
		if first, _, _ := strings.Cut(c.run("lookup", config, kernel), "\n"); !strings.HasPrefix(first, kernel+" = ignored by the config") {
			t.Errorf("lookup of %s, ignored by %s: %s", kernel, match, first)
		}
		if got := c.run("lookup", config); strings.Contains(got, kernel+" ") {
			t.Errorf("lookup with %s ignored lists it:\n%s", match, got)
		}
	}
	none := withConfig(t, "luns: [{match: '*', ignore: true}]\n")
	collect(none)
	collect(none)
	if got := c.run("export", "--from", oclock(3), "--to", oclock(9)); got != "" {
		t.Errorf("with all ignored this is kept:\n%s", got)
	}
	for args, want := range map[string]int{
		"lookup": 0, "lookup --json": 0, "lookup / dm-13": 0, "lookup --json /": 0, "status": 0, "status --json": 0, "status --all": 0,
		"export": 0, "export --format prom": 0, "note x": 0,
		"report --from " + oclock(0) + " --to " + oclock(5) + " --out " + t.TempDir(): 1,
	} {
		status, _, stderr := c.try(append(strings.Fields(args), none)...)
		if status != want && !strings.HasPrefix(args, "status") || strings.Contains(stderr, "goroutine") {
			t.Errorf("%s with all ignored: exit status %d, %s", args, status, stderr)
		}
		if want == 1 && !strings.Contains(stderr, "the config ignores all LUNs of this range") {
			t.Errorf("%s with all ignored: %s", args, stderr)
		}
	}
}

// A colour and limits that the config sets count at once for what was stored before, and
// the ledger keeps them from the next run on.
func TestOwnColourAndLimits(t *testing.T) {
	h := hosttest.New(t, hosttest.Mail()...)
	c := newCaptured(t)
	c.on(h.Paths)
	for n := range 3 {
		c.run("collect", "--reading-time", oclock(n))
		h.Pass(time.Minute)
	}
	own := withConfig(t, "luns: [{match: 'vg:zimbra1_sqldb', colour: '#123456', limits: {await: 1ms, full: 3}}]\n")
	out := t.TempDir()
	c.run("report", "--from", oclock(0), "--to", oclock(5), "--out", out, own)
	page, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil || !strings.Contains(string(page), "#123456") {
		t.Errorf("the page has not the config's colour: %v", err)
	}
	for minute := 3; minute < 5; minute++ {
		h.Do("zimbra1_sqldb-data", hosttest.IO{Reads: 600, ReadMS: 1200}) // 2 ms: less than the role's limit
		c.run("collect", "--reading-time", oclock(minute), own)
		h.Pass(time.Minute)
	}
	slow := 0
	for _, x := range c.export() {
		if x["lun"] == "zimbra1_sqldb-data" && x["slow_ms"] == 60000.0 {
			slow++
		}
	}
	if slow != 2 {
		t.Errorf("%d minutes were slow by the LUN's own limit, want 2", slow)
	}
	if got := c.run("lookup", "--explain", "dm-13", own); !strings.Contains(got, "await 1 ms, 3 % full") {
		t.Errorf("lookup --explain doesn't say the limits:\n%s", got)
	}
	if got := c.run("lookup", "--history", "zimbra1_sqldb-data"); !strings.Contains(got, "limits none -> await 1 ms, 3 % full; colour none -> #123456") {
		t.Errorf("lookup --history doesn't say the change:\n%s", got)
	}
	if _, got, _ := c.try("config", "check", own); strings.Contains(got, "matches no LUN") {
		t.Errorf("config check: %s", got)
	}
}

// No path is said to be lost whose state can't be read.
func TestPathsUnknown(t *testing.T) {
	const wwid = "360060160ade32800f2e3baf47665e211"
	h := hosttest.New(t, hosttest.LUN{Name: "mpatha", WWID: wwid, On: []string{"sda", "sdb", "sdc", "sdd"}})
	c := newCaptured(t)
	c.on(h.Paths)
	headline := func() string {
		first, _, _ := strings.Cut(c.run("lookup", "mpatha"), "\n")
		return first
	}
	h.State("sda", "offline")
	if got := headline(); !strings.HasSuffix(got, "| 3/4 paths") {
		t.Error(got)
	}
	// The devices' folders are h's: host0/0:0:0:N.
	for n := range 4 {
		h.Delete(fmt.Sprintf("sys/devices/host0/0:0:0:%d/state", n))
		want := []string{"| 3/4 paths, 1 unknown", "| 2/4 paths, 2 unknown", "| 1/4 paths, 3 unknown", "| 4 paths, their state unknown"}[n]
		if got := headline(); !strings.HasSuffix(got, want) {
			t.Errorf("%s; want %s", got, want)
		}
	}
	// Without the folder "slaves" each of them still knows the other.
	h.Delete("sys/block/dm-0/slaves")
	if got := headline(); !strings.HasSuffix(got, "| 4 paths, their state unknown") {
		t.Error(got)
	}
	if got := c.run("lookup", "sdb"); !strings.HasPrefix(got, "sdb = path below mpatha (dm-0)\n") {
		t.Error(got)
	}
}

// What stores data is a LUN in every run, also where no device came or went and the
// last run's mapping still holds.
func TestPoolsFromRunToRun(t *testing.T) {
	h := hosttest.New(t,
		hosttest.LUN{Name: "vg-root", On: []string{"sda"}, Mount: "/"},
		hosttest.LUN{Kernel: "sdb", Udev: []string{"ID_FS_TYPE=zfs_member", "ID_FS_LABEL=tank"}},
		hosttest.LUN{Kernel: "sdc"}, hosttest.LUN{Kernel: "sdd"},
	)
	c := newCaptured(t)
	c.on(h.Paths)
	for n := range 4 {
		for _, name := range []string{"sdb", "sdc"} {
			h.Do(name, hosttest.IO{Writes: 600, WriteSectors: 4800})
		}
		c.run("collect", "--reading-time", oclock(n))
		h.Pass(time.Minute)
	}
	layers := map[string]string{}
	for _, x := range c.export() {
		kernel, layer := x["kernel"].(string), x["layer"].(string)
		if was, ok := layers[kernel]; ok && was != layer {
			t.Errorf("%s is %s, and was %s", kernel, layer, was)
		}
		layers[kernel] = layer
	}
	for kernel, want := range map[string]string{"dm-0": "lun", "sdb": "lun", "sdc": "lun", "sdd": "disk", "sda": "disk"} {
		if layers[kernel] != want {
			t.Errorf("%s is %q, want %q", kernel, layers[kernel], want)
		}
	}
	if got := c.run("lookup", "tank"); !strings.HasPrefix(got, "sdb = ZFS pool tank |") {
		t.Error(got)
	}
}
