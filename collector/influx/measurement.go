package influx

import (
	"fmt"
	"time"

	"lunstat/collector/series"
)

// The measurements.
const (
	rawIO     = "lun_io"
	quarterIO = "lun_io_15m"
	hourIO    = "lun_io_1h"
	spaces    = "lun_space"

	rawLatency     = "lun_latency"
	quarterLatency = "lun_latency_15m"
	hourLatency    = "lun_latency_1h"
	info           = "lun_info"
	runs           = "lun_run"
)

// The fields of a run that say how long the host waited for I/O.
const (
	pressureElapsed = "pressure_elapsed_ms"
	pressureSome    = "pressure_some_us"
	pressureFull    = "pressure_full_us"
)

// measurementOf names the measurement of bins of a width; 0 is raw.
func measurementOf(width time.Duration) (string, error) {
	kept := series.Widths()
	switch width {
	case 0:
		return rawIO, nil
	case kept[0]:
		return quarterIO, nil
	case kept[1]:
		return hourIO, nil
	}
	return "", fmt.Errorf("bins of %v: InfluxDB keeps 15 minutes and 1 hour", width)
}

// maximaNames are the fields of one set of maxima.
type maximaNames struct{ window, iops, iopsAt, bytes, util, queue, readAwait, writeAwait string }

// Which maxima: the peaks of sub-samples, or the largest means in a bin.
const (
	peaks = iota
	means
)

func namesOf(which int) maximaNames {
	if which == means {
		return maximaNames{"mean_window_ms", "iops_mean_max", "iops_mean_max_at", "bytes_per_s_mean_max",
			"util_percent_mean_max", "queue_size_mean_max", "read_await_ms_mean_max", "write_await_ms_mean_max"}
	}
	return maximaNames{"peak_window_ms", "iops_max", "iops_max_at", "bytes_per_s_max",
		"util_percent_max", "queue_size_max", "read_await_ms_max", "write_await_ms_max"}
}

// stampOf is the time stamp of a point: nanoseconds tell points of one second
// apart.
func stampOf(t time.Time, n int64) int64 { return t.Unix()*int64(time.Second) + n }

// secondOf undoes stampOf.
func secondOf(stamp int64) time.Time {
	s := stamp / int64(time.Second)
	if stamp%int64(time.Second) < 0 {
		s--
	}
	return time.Unix(s, 0)
}

// The years whose every nanosecond InfluxDB can number.
const (
	firstYear = 1678
	lastYear  = 2261
)

// storable says why a point of a time can't be stored: only a clock that was wrong
// shows such a time, and its number would be one of another year.
func storable(t time.Time) error {
	if y := t.UTC().Year(); y < firstYear || y > lastYear {
		return fmt.Errorf("InfluxDB can't store the time %s, only the years %d to %d: the clock was wrong", t.UTC().Format(time.RFC3339), firstYear, lastYear)
	}
	return nil
}
