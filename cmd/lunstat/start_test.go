package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Cron starts the program every minute, so its own packages do next to nothing before
// main: no regular expression is compiled, no table is filled that few commands need.
// Allocations, unlike times, are the same everywhere.
func TestOwnPackagesStartAtOnce(t *testing.T) {
	const most = 64
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "lunstat") // under this name the test binary is the program: see TestMain
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--help")
	cmd.Env = cleanEnv("GODEBUG=inittrace=1")
	var trace bytes.Buffer
	cmd.Stderr = &trace
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	met := 0
	for line := range strings.Lines(trace.String()) {
		// init lunstat/mapper @18 ms, 0.007 ms clock, 1344 bytes, 42 allocs
		f := strings.Fields(line)
		if len(f) < 10 || f[0] != "init" || !strings.HasPrefix(f[1], "lunstat/") || f[1] == "lunstat/cmd/lunstat" {
			continue // in this package the tests have variables, too
		}
		met++
		if n, err := strconv.Atoi(f[len(f)-2]); err != nil || n > most {
			t.Errorf("%s makes more than %d allocations before main: %s", f[1], most, line)
		}
	}
	if met == 0 {
		t.Errorf("no trace of lunstat's packages:\n%s", &trace)
	}
}
