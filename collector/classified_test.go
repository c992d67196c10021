package collector

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// Where nothing changed by which devices are classified, last run's classes hold; they
// are what classifying again gives. Whatever changes them is seen in the next minute,
// with no uevent to announce it.
func TestClassifiedAgainOnlyWhereItMatters(t *testing.T) {
	c := newCrond(t, append(hosttest.Mail(), hosttest.LUN{Kernel: "sdz"})...)
	file := func(name string) string { return filepath.Join(filepath.Dir(c.host.Paths.Proc), name) }
	read := func(name string) string {
		text, err := os.ReadFile(file(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	o := Options{Paths: c.host.Paths, Host: "mailstore", LockFile: c.lockFile, Rules: c.rules}
	minute := time.Duration(0)
	run := func() []mapper.LUN {
		t.Helper()
		minute += time.Minute
		c.host.Pass(time.Minute)
		o.ReadingTime = boot.Add(minute)
		if _, err := Run(t.Context(), o, func() (Journal, error) { return &c.memory, nil }); err != nil {
			t.Fatal(err)
		}
		return c.state.Mapping
	}
	run()
	mounts := read("proc/self/mountinfo")
	sqldb := ""
	for line := range strings.Lines(mounts) {
		if strings.Contains(line, "sqldb-data") {
			sqldb = line
		}
	}
	if sqldb == "" {
		t.Fatalf("no mount of sqldb-data in\n%s", mounts)
	}
	for _, tt := range []struct {
		name   string
		change func()
		seen   func(l *mapper.LUN) bool // of zimbra1_sqldb-data; nil: nothing changed
	}{
		{"nothing", func() {}, nil},
		{"unmounted", func() { c.host.Write("proc/self/mountinfo", strings.Replace(mounts, sqldb, "", 1)) },
			func(l *mapper.LUN) bool { return l.Mounted() == "" }},
		{"mounted", func() { c.host.Write("proc/self/mountinfo", mounts) },
			func(l *mapper.LUN) bool { return l.Mounted() != "" }},
		{"swap", func() {
			c.host.Write("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n/dev/mapper/zimbra1_sqldb-data partition 1 0 -1\n")
		}, func(l *mapper.LUN) bool { return l.Swap }},
		{"a rule", func() { o.LUNs = []mapper.Rule{{Match: "zimbra1_sqldb-data", Label: "x"}} },
			func(l *mapper.LUN) bool { return l.Label == "x" }},
		{"another version, which knows more", func() {
			o.Version = "2"
			c.state.Mapping[0].Label, c.state.Mapping[0].SizeBytes = "of the old version", 0
		}, func(l *mapper.LUN) bool {
			return c.state.Mapping[0].Label != "of the old version" && c.state.Mapping[0].SizeBytes != 0
		}},
	} {
		before := c.state.Classified
		tt.change()
		luns := run()
		if again := c.state.Classified != before; before == "" || c.state.Classified == "" || again != (tt.seen != nil) {
			t.Errorf("%s: classified by %q, and by %q before", tt.name, c.state.Classified, before)
		}
		for i := range luns {
			if tt.seen != nil && luns[i].Name() == "zimbra1_sqldb-data" && !tt.seen(&luns[i]) {
				t.Errorf("%s is not seen: %+v", tt.name, luns[i])
			}
		}
		held := run()
		c.state.Classified = "" // by nothing: all is classified again
		if luns := run(); !reflect.DeepEqual(luns, held) {
			t.Errorf("%s: what held differs from what is classified again:\n%+v\n%+v", tt.name, held, luns)
		}
	}
}

// What is wrong with the mounts is said in every minute, and a device that is written
// to becomes a LUN.
func TestTroubleIsNeverHeld(t *testing.T) {
	c := newCrond(t, append(hosttest.Mail(), hosttest.LUN{Kernel: "sdz"})...)
	wall := time.Duration(0)
	run := func() Result { wall += time.Minute; c.host.Pass(time.Minute); return c.run(wall) }
	run()
	text, err := os.ReadFile(filepath.Join(c.host.Paths.Proc, "self/mountinfo"))
	if err != nil {
		t.Fatal(err)
	}
	c.host.Write("proc/self/mountinfo", string(text)+"a bad line\n")
	for range 3 {
		if r := run(); len(r.Run.Warnings) != 1 || c.state.Classified != "" {
			t.Errorf("warnings %+v, classified by %q", r.Run.Warnings, c.state.Classified)
		}
	}
}

// A bare disk is a LUN from the minute on in which it is written to.
func TestWrittenToIsSeenAtOnce(t *testing.T) {
	c := newCrond(t, append(hosttest.Mail(), hosttest.LUN{Kernel: "sdz", SizeMB: 4096})...)
	layer := func() mapper.Layer {
		for _, l := range c.state.Mapping {
			if l.Kernel == "sdz" {
				return l.Layer
			}
		}
		return ""
	}
	for minute := range 5 {
		if minute == 3 {
			c.host.Do("sdz", hosttest.IO{Writes: 1, WriteSectors: 8})
		}
		c.host.Pass(time.Minute)
		c.run(time.Duration(minute+1) * time.Minute)
		want := mapper.LayerDisk
		if minute >= 3 {
			want = mapper.LayerLUN
		}
		if got := layer(); got != want {
			t.Errorf("minute %d: %s, want %s", minute, got, want)
		}
	}
}

// A mount that goes before the first reading of a sub-sampling run and comes back before
// the last one: the last reading goes on from the first, not from the run before.
func TestSubsampleClassifiesByItsFirstReading(t *testing.T) {
	c := newCrond(t, hosttest.Mail()...)
	c.host.Pass(time.Minute)
	c.run(time.Minute)
	mountinfo := filepath.Join(c.host.Paths.Proc, "self/mountinfo")
	mounts, err := os.ReadFile(mountinfo)
	if err != nil {
		t.Fatal(err)
	}
	var without strings.Builder
	for line := range strings.Lines(string(mounts)) {
		if !strings.Contains(line, "sqldb-data") {
			without.WriteString(line)
		}
	}
	c.host.Write("proc/self/mountinfo", without.String())
	r := run{state: c.state, Options: Options{
		Paths: c.host.Paths, Host: "mailstore", Every: time.Second, ReadingTime: boot.Add(time.Minute + 58*time.Second), // past second 57: it does not wait
	}}
	if err := r.read(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.host.Write("proc/self/mountinfo", string(mounts))
	if err := r.addWindows(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range r.sample.LUNs {
		if l := &r.sample.LUNs[i]; l.Name() == "zimbra1_sqldb-data" && l.Mounted() == "" {
			t.Errorf("%s is not mounted", l.Name())
		}
	}
}

// A mount whose device is known by a link alone is looked up in every run: udev may let
// the link lead elsewhere.
func TestMountByLinkIsNeverHeld(t *testing.T) {
	c := newCrond(t, append(hosttest.Mail(), hosttest.LUN{Kernel: "sdz"})...)
	text, err := os.ReadFile(filepath.Join(c.host.Paths.Proc, "self/mountinfo"))
	if err != nil {
		t.Fatal(err)
	}
	c.host.Write("proc/self/mountinfo", string(text)+"900 1 0:77 / /srv/pool rw - btrfs /dev/disk/by-id/wwn-0x5000 rw\n")
	c.host.Pass(time.Minute)
	c.run(time.Minute)
	if c.state.Classified != "" {
		t.Errorf("classified by %q", c.state.Classified)
	}
}
