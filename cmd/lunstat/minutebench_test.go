package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/mapper/hosttest"
)

// BenchmarkCronMinute is one `lunstat collect` as a whole process: what a minute costs
// the host. In the same run it measures two others, turn by turn, since a busy machine
// makes all of them dearer: sadc, which reads the same made host, and a Go program that
// does nothing. Each LUN is a volume on a disk of its own, and all of them work.
func BenchmarkCronMinute(b *testing.B) {
	lunstat, floor := program(b), emptyProgram(b)
	for _, n := range []int{14, 1000, 10_000} {
		b.Run(fmt.Sprintf("LUNs=%d", n), func(b *testing.B) {
			h := hosttest.New(b, hosttest.Many(n)...)
			m := cronMinute{host: h, lunstat: lunstat, env: minuteEnv(h, diskFolder(b)), at: time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)}
			peer := newSadc(b, h)
			m.run(b) // the first makes the file and the ledger
			m.run(b)
			var ours, theirs, least usage
			for b.Loop() {
				ours.add(m.run(b))
				if peer != nil {
					theirs.add(peer.run(b))
				}
				least.add(measure(b, exec.Command(floor)))
			}
			ms := func(u usage) float64 { return float64(u.cpu.Microseconds()) / 1000 / float64(b.N) }
			b.ReportMetric(ms(ours), "cpu-ms/run")
			b.ReportMetric(ms(least), "empty-cpu-ms/run")
			if peer != nil {
				b.ReportMetric(ms(theirs), "sadc-cpu-ms/run")
				b.ReportMetric(ms(ours)/ms(theirs), "×sadc")
			}
			b.ReportMetric(ours.written/float64(b.N), "written-kB/run")
			b.ReportMetric(ours.peakMB, "peak-MB")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// add adds what one process cost to what others did.
func (u *usage) add(v usage) {
	u.cpu += v.cpu
	u.written += v.written
	u.peakMB = max(u.peakMB, v.peakMB)
}

// diskFolder is where the journal lies: the tests' own folders may be in memory, where
// fsync costs nothing.
func diskFolder(b *testing.B) string {
	b.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "lunstat-bench")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) }) // what is left there is only untidy
	return dir
}

func minuteEnv(h *hosttest.Host, dir string) []string {
	return cleanEnv("LUNSTAT_JOURNAL_PATH="+filepath.Join(dir, "journal.db"), "LUNSTAT_LAYERS=luns", "HOME="+dir,
		"LUNSTAT_PATHS_PROCFS="+h.Paths.Proc, "LUNSTAT_PATHS_SYSFS="+h.Paths.Sys, "LUNSTAT_PATHS_DEVFS="+h.Paths.Dev, "LUNSTAT_PATHS_UDEV="+h.Paths.Udev)
}

// cronMinute lets a minute of work pass on a host, and collects.
type cronMinute struct {
	host    *hosttest.Host
	lunstat string
	env     []string
	at      time.Time
}

func (m *cronMinute) run(b *testing.B) usage {
	b.Helper()
	m.host.Pass(time.Minute)
	m.host.DoAll(func(i int) hosttest.IO {
		n := uint64(i%97 + 1)
		return hosttest.IO{Reads: 13 * n, ReadSectors: 104 * n, ReadMS: 40 * n, Writes: 29 * n, WriteSectors: 464 * n, WriteMS: 60 * n, BusyMS: 90 * n, QueueMS: 100 * n}
	})
	m.at = m.at.Add(time.Minute)
	cmd := exec.Command(m.lunstat, "collect", "--reading-time", m.at.Format(time.RFC3339))
	cmd.Env = m.env
	return measure(b, cmd)
}

func emptyProgram(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	source := filepath.Join(dir, "empty.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(dir, "empty")
	if out, err := exec.Command("go", "build", "-o", path, source).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return path
}

// sadc is sysstat's collector, in whose eyes a made host is this machine.
type sadc struct {
	host    *hosttest.Host
	program string
	file    string
}

// newSadc gives nil, and says why, if there is no sadc, or if it can't be shown another
// host because a mount namespace isn't allowed.
func newSadc(b *testing.B, h *hosttest.Host) *sadc {
	b.Helper()
	program, err := exec.LookPath("/usr/lib/sysstat/sadc")
	if err != nil {
		b.Log("no sadc here to measure beside (Debian: apt-get install sysstat)")
		return nil
	}
	h.Write("sys/devices/system/cpu/cpu0/online", "1\n")
	s := &sadc{h, program, filepath.Join(b.TempDir(), "sa")}
	if err := s.as(func() {}); err != nil {
		b.Logf("sadc can't be shown the made host (as root it can): %v", err)
		return nil
	}
	return s
}

func (s *sadc) run(b *testing.B) (u usage) {
	b.Helper()
	err := s.as(func() { u = measure(b, exec.Command(s.program, "-S", "DISK", "1", "1", s.file)) })
	if err != nil {
		b.Fatal(err)
	}
	return u
}

// as calls do in a thread for which the made host's files are this machine's. The
// thread ends with it.
func (s *sadc) as(do func()) error {
	failed := make(chan error)
	go func() {
		runtime.LockOSThread()
		var err error
		defer func() { failed <- err }() // should do end the goroutine, too
		if err = s.mount(); err == nil {
			do()
		}
	}()
	return <-failed
}

func (s *sadc) mount() error {
	if err := unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("leaving the mount namespace: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	for from, to := range map[string]string{filepath.Join(s.host.Paths.Proc, "diskstats"): "/proc/diskstats", s.host.Paths.Sys: "/sys"} {
		if err := unix.Mount(from, to, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("mounting %s at %s: %w", from, to, err)
		}
	}
	return nil
}
