package collector

import (
	"errors"
	"fmt"
	"os"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"

	"lunstat/collector/series"
)

// readPressure adds to a sample how long the host's tasks have waited for I/O since the
// boot.
func readPressure(proc string, s *series.Sample) {
	fs, err := procfs.NewFS(proc)
	var stats procfs.PSIStats
	if err == nil {
		stats, err = fs.PSIStatsForResource("io")
	}
	switch {
	case givesNoPressure(err):
		return
	case err != nil:
		s.Warnings = append(s.Warnings, series.Warning{
			What: fmt.Sprintf("reading the host's I/O pressure: %v", err),
			Hint: "how long the host waited for I/O is unknown; everything else is measured",
		})
		return
	}
	if stats.Some == nil && stats.Full == nil {
		return
	}
	s.Pressure.At = s.At
	if stats.Some != nil {
		s.Pressure.SomeUS = &stats.Some.Total
	}
	if stats.Full != nil {
		s.Pressure.FullUS = &stats.Full.Total
	}
}

// givesNoPressure: a kernel before 4.20 or without CONFIG_PSI lacks the file, and one
// that was booted with psi=0 does not open it. Neither is a fault: nothing is known.
func givesNoPressure(err error) bool {
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.EOPNOTSUPP)
}
