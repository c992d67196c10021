package influx

import (
	"strings"
	"testing"

	"lunstat/collector/series"
)

// TestMeansKeepTheirVersion: a point of windows' means says so, and is read back as such
// between those of a kernel.
func TestMeansKeepTheirVersion(t *testing.T) {
	means := series.Histogram{Version: series.MeansVersion, Counts: [series.NumBuckets]uint64{3: 7}}
	i := series.OutInterval{}
	i.Latency = &means
	if h := histogramOf(&i.Interval); h == nil {
		t.Error("means are not written")
	} else if line := string(appendLatency(nil, rawIO, &i, h, 1)); !strings.Contains(line, "bounds_version=129i") {
		t.Error(line)
	}
	kernel := series.Histogram{Version: series.BoundsVersion, Counts: [series.NumBuckets]uint64{3: 9}}
	all, key := latencies{}, series.Key{ID: "LVM-a"}
	want := map[int64]*series.Histogram{60: &kernel, 120: &means, 180: &kernel}
	for at := int64(60); at <= 180; at += 60 {
		all.add(key, at, want[at])
	}
	for at := int64(60); at <= 180; at += 60 {
		if got := all.at(key, at); got == nil || *got != *want[at] {
			t.Errorf("at %d: %+v, want %+v", at, got, want[at])
		}
	}
}
