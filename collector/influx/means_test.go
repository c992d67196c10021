package influx

import (
	"bytes"
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

// FuzzDecodeHistogram: whatever a point holds, a histogram is one of known bounds that
// both stores can hold, and is the same after it was packed; a bucket that is missing is
// not 0.
func FuzzDecodeHistogram(f *testing.F) {
	for _, version := range []string{"1", "129", "130", "0", "257", "385", "-127", "1.29e2", "null"} {
		f.Add(version+",0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", int64(60))
	}
	f.Add("129,0,1,null,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", int64(1)<<62)
	f.Add("129,9223372036854775807,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0", int64(-1)<<63)
	f.Add("1,1e300,NaN,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0", int64(0))
	f.Fuzz(func(t *testing.T, text string, stamp int64) {
		cells := make([]cell, 1+series.NumBuckets)
		for i, c := range bytes.SplitN([]byte(text), []byte(","), len(cells)) {
			cells[i] = c
		}
		h, ok := decodeHistogram(cells)
		if !ok {
			return
		}
		if h.Version != series.BoundsVersion && h.Version != series.MeansVersion || !h.Storable() {
			t.Errorf("%q is %+v", text, h)
		}
		for i, c := range cells {
			if c.absent() {
				t.Errorf("%q lacks number %d, and is %+v", text, i, h)
			}
		}
		all, key := latencies{}, series.Key{ID: "LVM-a"}
		all.add(key, stamp, &h)
		if got := all.at(key, stamp); got == nil || *got != h {
			t.Errorf("packed it is %+v, want %+v", got, h)
		}
	})
}
