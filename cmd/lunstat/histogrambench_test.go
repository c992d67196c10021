package main

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/collector/dmstats"
	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// BenchmarkHistograms is a minute of 14 LUNs inside one process, with histograms and
// without: also its CPU time, which a busy machine bends less. What the kernel takes for its
// 14 answers is not in it.
func BenchmarkHistograms(b *testing.B) {
	for _, on := range []string{"false", "true"} {
		b.Run(on, func(b *testing.B) {
			h := hosttest.New(b, hosttest.Mail()...)
			kernel := &regions{of: map[mapper.DevNo]string{}, sizeMB: 1024}
			vars := map[string]string{
				"LUNSTAT_PATHS_PROCFS": h.Paths.Proc, "LUNSTAT_PATHS_SYSFS": h.Paths.Sys,
				"LUNSTAT_PATHS_DEVFS": h.Paths.Dev, "LUNSTAT_PATHS_UDEV": h.Paths.Udev,
				"LUNSTAT_JOURNAL_PATH": b.TempDir() + "/journal.db", "LUNSTAT_JOURNAL_SYNC": "normal", "LUNSTAT_HISTOGRAMS": on,
			}
			var cpu time.Duration
			at := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
			minute := func() {
				h.DoAll(func(i int) hosttest.IO {
					return hosttest.IO{Reads: uint64(40 + i), ReadSectors: 320, ReadMS: 90, Writes: 60, WriteSectors: 480, WriteMS: 30, BusyMS: 80}
				})
				kernel.reads += 100
				h.Pass(time.Minute)
				at = at.Add(time.Minute)
				e, _, errs := world(b, vars)
				e.DeviceMapper = func(mapper.Paths) dmstats.Messenger { return kernel }
				before := ownCPU(b)
				b.StartTimer()
				status := run(b.Context(), []string{"collect", "--reading-time", at.Format(time.RFC3339)}, e)
				b.StopTimer()
				cpu += ownCPU(b) - before
				if status != 0 {
					b.Fatal(errs)
				}
			}
			minute()
			b.ResetTimer()
			cpu = 0
			for range b.N {
				minute()
			}
			b.ReportMetric(float64(cpu.Microseconds())/1000/float64(b.N), "cpu-ms/run")
			if on == "true" && len(kernel.of) != 14 {
				b.Fatalf("%d regions", len(kernel.of))
			}
		})
	}
}

// ownCPU is the CPU time that this process has taken.
func ownCPU(t testing.TB) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
