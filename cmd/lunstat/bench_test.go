package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// program builds lunstat as a user would.
func program(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "lunstat")
	cmd := exec.Command("go", "build", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as README says: a program that needs no loader starts 2 ms sooner
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return path
}

// cleanEnv is the environment of a process without what steers the benchmarks, and
// with vars.
func cleanEnv(vars ...string) []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "LUNSTAT_") })
	return append(env, vars...)
}

// usage is what a process cost, by the kernel's own account of it.
type usage struct {
	cpu     time.Duration
	peakMB  float64
	written float64 // kB handed to the filesystem
}

func measure(b *testing.B, cmd *exec.Cmd) usage {
	b.Helper()
	// A process begins in its parent's memory, whose peak the kernel then counts as
	// its own: proc(5), clear_refs.
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Log(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		b.Fatalf("%v: %v\n%s", cmd.Args, err, &stderr)
	}
	s := cmd.ProcessState
	r := s.SysUsage().(*syscall.Rusage)
	return usage{s.UserTime() + s.SystemTime(), float64(r.Maxrss) / 1024, float64(r.Oublock) / 2}
}

// BenchmarkSyncs counts the fsyncs of a minute, if strace is installed.
func BenchmarkSyncs(b *testing.B) {
	if _, err := exec.LookPath("strace"); err != nil {
		b.Skip("no strace here (Debian: apt-get install strace)")
	}
	lunstat := program(b)
	dir := b.TempDir()
	env := cleanEnv("LUNSTAT_JOURNAL_PATH="+filepath.Join(dir, "journal.db"), "HOME="+dir)
	trace := filepath.Join(dir, "trace")
	run := func() int {
		cmd := exec.Command("strace", "-f", "-e", "trace=fsync,fdatasync,sync_file_range,msync", "-o", trace, lunstat, "collect")
		cmd.Env = env
		if err := cmd.Run(); err != nil {
			b.Skipf("strace can't be used here: %v", err)
		}
		text, err := os.ReadFile(trace)
		if err != nil {
			b.Fatal(err)
		}
		return strings.Count(string(text), "sync(")
	}
	run() // makes the file
	syncs := 0
	for b.Loop() {
		syncs += run()
	}
	b.ReportMetric(float64(syncs)/float64(b.N), "fsyncs/run")
	b.ReportMetric(0, "ns/op")
}
