package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"lunstat/mapper/hosttest"
)

// TestKilledAnywhere runs the collector as cron does, as a process of its own, and kills
// it at a random moment more often than not. In the end every I/O is counted exactly
// once.
func TestKilledAnywhere(t *testing.T) {
	const minutes, lun = 150, "zimbra1_sqldb-data"
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "lunstat") // under this name the test binary is the program: see TestMain
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	h := hosttest.New(t, hosttest.Mail()...)
	c := newCaptured(t)
	c.on(h.Paths)
	var vars []string
	for name, value := range c.vars {
		vars = append(vars, name+"="+value)
	}
	at := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	collect := func(patience time.Duration) (killed bool) {
		cmd := exec.Command(program, "collect", "--reading-time", at.Format(time.RFC3339))
		cmd.Env = append(vars, "HOME="+t.TempDir())
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(patience, func() { cmd.Process.Kill() })
		defer timer.Stop()
		out.Close()
		return cmd.Wait() != nil
	}
	if collect(time.Minute) {
		t.Fatal("the first run failed")
	}
	began := time.Now()
	if collect(time.Minute) {
		t.Fatal("the second run failed")
	}
	whole := time.Since(began) // of the last run that nobody killed: on a busy machine it changes
	rnd := rand.New(rand.NewPCG(1, 2))
	killed, done := 0, uint64(0)
	for range minutes {
		h.Pass(time.Minute)
		at = at.Add(time.Minute)
		n := rnd.Uint64N(1000)
		h.Do(lun, hosttest.IO{Reads: n, ReadSectors: 8 * n, ReadMS: 2 * n})
		done += n
		began := time.Now()
		if collect(time.Duration(rnd.Int64N(int64(2 * whole)))) {
			killed++
		} else {
			whole = time.Since(began)
		}
	}
	h.Pass(time.Minute)
	at = at.Add(time.Minute)
	if collect(time.Minute) {
		t.Fatal("the last run failed")
	}
	var reads, elapsed float64
	ends := map[string]bool{}
	for _, x := range c.export() {
		if x["lun"] != lun {
			continue
		}
		if end := fmt.Sprint(x["end"]); ends[end] {
			t.Errorf("two intervals end at %s", end)
		} else {
			ends[end] = true
		}
		v, _ := x.number("read_ios")
		reads += v
		v, _ = x.number("elapsed_ms")
		elapsed += v
	}
	t.Logf("%d of %d runs were killed, %d intervals", killed, minutes, len(ends))
	if reads != float64(done) || elapsed != (minutes+1)*60_000 {
		t.Errorf("%.0f reads in %.0f ms, want %d in %d", reads, elapsed, done, (minutes+1)*60_000)
	}
	if killed < minutes/4 || len(ends) < minutes/10 {
		t.Errorf("%d killed, %d intervals: the test tested little", killed, len(ends))
	}
}
