package collector

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/mapper/hosttest"
)

const pressureFile = "proc/pressure/io"

// capturedPressure is what a kernel gave, with other totals.
func capturedPressure(some, full uint64) string {
	return fmt.Sprintf("some avg10=3.61 avg60=7.29 avg300=3.25 total=%d\nfull avg10=2.69 avg60=4.88 avg300=2.07 total=%d\n", some, full)
}

// TestPressure: the host's I/O pressure over a day on which it is known, isn't, is known
// again, and begins again at 0.
func TestPressure(t *testing.T) {
	c := newCrond(t, hosttest.Mail()...)
	wall := c.host.Up()
	for _, step := range []struct {
		name   string
		text   string // "": the file is not there
		pass   time.Duration
		reboot bool
		want   string // elapsed ms, some, full; "": nothing is known
		warns  bool
	}{
		{name: "first run", text: capturedPressure(964150428, 198878736), pass: time.Minute},
		{name: "plain", text: capturedPressure(966150429, 198878736), pass: time.Minute, want: "60000 2000001 0"},
		{name: "too soon", text: capturedPressure(966150439, 198878736), pass: 500 * time.Millisecond},
		{name: "the time of both", text: capturedPressure(966250429, 198878746), pass: 59500 * time.Millisecond, want: "60000 100000 10"},
		{name: "hours later", text: capturedPressure(3966250429, 198878746), pass: 2 * time.Hour, want: "7200000 3000000000 0"},
		{name: "rebooted", text: capturedPressure(5000, 300), pass: time.Minute, reboot: true},
		{name: "a minute after", text: capturedPressure(6000, 350), pass: time.Minute, want: "60000 1000 50"},
		{name: "no such file", pass: time.Minute},
		{name: "back", text: capturedPressure(8000, 400), pass: time.Minute},
		{name: "no line full", text: "some avg10=0.00 avg60=0.00 avg300=0.00 total=8001\n", pass: time.Minute, want: "60000 1 ?"},
		{name: "full is back", text: capturedPressure(8001, 500), pass: time.Minute, want: "60000 0 ?"},
		{name: "both", text: capturedPressure(8001, 600), pass: time.Minute, want: "60000 0 100"},
		{name: "went back", text: capturedPressure(7000, 700), pass: time.Minute, want: "60000 ? 100"},
		{name: "more than the time", text: capturedPressure(7000+80e6, 700), pass: time.Minute, want: "60000 ? 0"},
		{name: "empty", text: "\n", pass: time.Minute},
		{name: "no numbers", text: "some avg10=0.00 avg60=0.00 avg300=0.00 total=\n", pass: time.Minute, warns: true},
		{name: "no total", text: "some avg10=0.00\nfull avg10=0.00\n", pass: time.Minute, warns: true},
		{name: "negative", text: "some avg10=0.00 avg60=0.00 avg300=0.00 total=-7\n", pass: time.Minute, warns: true},
	} {
		if step.reboot {
			c.host.Reboot(step.pass)
		} else {
			c.host.Pass(step.pass)
		}
		wall += step.pass
		if step.text == "" {
			c.host.Delete(pressureFile)
		} else {
			c.host.Write(pressureFile, step.text)
		}
		c.run(wall)
		run := c.minutes[len(c.minutes)-1].Run
		got := ""
		if p := run.Pressure; p.ElapsedMS > 0 {
			got = fmt.Sprintf("%d %s %s", p.ElapsedMS, known(p.SomeUS), known(p.FullUS))
		}
		if got != step.want {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
		warned := false
		for _, w := range run.Warnings {
			warned = warned || strings.Contains(w.What, "I/O pressure")
		}
		if warned != step.warns {
			t.Errorf("%s: warnings %+v, want one of the pressure %v", step.name, run.Warnings, step.warns)
		}
	}
}

func known(v *uint64) string {
	if v == nil {
		return "?"
	}
	return fmt.Sprint(*v)
}

// A kernel that has it switched off says EOPNOTSUPP, which no made file does.
func TestGivesNoPressure(t *testing.T) {
	for err, want := range map[error]bool{
		&os.PathError{Op: "open", Path: "/proc/pressure/io", Err: unix.EOPNOTSUPP}: true,
		&os.PathError{Op: "open", Path: "/proc/pressure/io", Err: unix.ENOENT}:     true,
		&os.PathError{Op: "open", Path: "/proc/pressure/io", Err: unix.EACCES}:     false,
	} {
		if got := givesNoPressure(fmt.Errorf("psi: %w", err)); got != want {
			t.Errorf("%v: %v, want %v", err, got, want)
		}
	}
}
