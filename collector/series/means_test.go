package series

import (
	"bytes"
	"encoding/json"
	"testing"
)

// TestMeansSayNothingOfEachIO: no percentile, so that no reader of percentiles takes means
// for I/Os, and an export says what they are.
func TestMeansSayNothingOfEachIO(t *testing.T) {
	h := &Histogram{Version: MeansVersion, Counts: [NumBuckets]uint64{3: 500, 12: 50}}
	if b, ok := h.Quantile(0.99); ok {
		t.Errorf("a percentile of I/Os: %v", b)
	}
	r := &Record{Interval: &Interval{Latency: h}}
	if r.exported() != nil {
		t.Error("csv has no room to say that these are means")
	}
	b, err := json.Marshal(latencyColumn().value(r))
	if err != nil || !bytes.Contains(b, []byte(`{"from":"means","bounds_us":[50,`)) || bytes.Contains(b, []byte("p99")) {
		t.Errorf("%s, %v", b, err)
	}
}
