package main

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"lunstat/collector/dmstats"
	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

var update = flag.Bool("update", false, "write the golden files and the scripts' expectations again")

func TestMain(m *testing.M) {
	testscript.Main(hosttest.InMemory{Tests: m}, map[string]func(){"lunstat": func() { start(apart(systemEnv())) }})
}

// apart keeps e from what an installed lunstat has on this machine: the system's config and
// journal are in the script's folder, and nowhere for a process that has none.
func apart(e *env) *env {
	dir := filepath.Join(cmp.Or(e.Getenv("WORK"), os.TempDir()), "no-system")
	e.SystemConfig, e.SystemJournal = filepath.Join(dir, "config.yaml"), filepath.Join(dir, "journal.db")
	return e
}

// TestScripts types what a user types, and looks at what a user sees.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition: func(cond string) (bool, error) {
			name, is := strings.CutPrefix(cond, "command:")
			switch {
			case is:
				return slices.ContainsFunc(commands(systemEnv()), func(c *cobra.Command) bool { return c.Name() == name }), nil
			case cond == "root":
				return os.Geteuid() == 0, nil
			case cond == "race":
				return raceEnabled, nil
			}
			return false, fmt.Errorf("no such condition")
		},
	})
}

// world is an env of the test's own: no files but those that it names, Monday
// noon, and not root.
func world(t testing.TB, vars map[string]string) (e *env, stdout, stderr *bytes.Buffer) {
	t.Helper()
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	system := t.TempDir()
	return &env{
		Stdin:  new(bytes.Buffer),
		Stdout: stdout,
		Stderr: stderr,
		Now:    func() time.Time { return time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC) },
		Zone:   time.UTC,
		Getenv: func(name string) string { return vars[name] },
		Environ: func() (pairs []string) {
			for name, value := range vars {
				pairs = append(pairs, name+"="+value)
			}
			return pairs
		},
		Geteuid:       func() int { return 1000 },
		Hostname:      func() (string, error) { return "mailstore", nil },
		GiveWay:       func() {}, // the tests go on
		SaveMemory:    func() {},
		DeviceMapper:  func(mapper.Paths) dmstats.Messenger { return nil },
		SystemConfig:  system + "/config.yaml",
		SystemJournal: system + "/journal.db",
		Mailname:      system + "/mailname",
	}, stdout, stderr
}

func TestExitStatus(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want int
	}{
		{[]string{"--version"}, 0},
		{[]string{"--help"}, 0},
		{[]string{"help"}, 0},
		{nil, 0},
		{[]string{"--bogus"}, 2},
		{[]string{"--config"}, 2},
		{[]string{"colect"}, 2},
		{[]string{"help", "colect"}, 2},
	} {
		e, _, stderr := world(t, nil)
		if got := run(context.Background(), tt.args, e); got != tt.want {
			t.Errorf("lunstat %q: exit status %d, want %d", tt.args, got, tt.want)
		}
		if spoke := stderr.Len() > 0; spoke != (tt.want != 0) {
			t.Errorf("lunstat %q: standard error is %q", tt.args, stderr)
		}
	}
}
