package facts

import (
	"testing"
	"time"

	"lunstat/collector/series"
)

// TestUsualAllocatesNothing: the bands of one LUN's picture look up thousands of hours.
func TestUsualAllocatesNothing(t *testing.T) {
	var h Hours
	at := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	for end := at.AddDate(0, 0, -28); !end.After(at); end = end.Add(time.Hour) {
		i := series.Interval{End: end, ElapsedMS: 3_600_000, SpanMS: 3_600_000}
		i.Set(series.ReadIOs, 7200)
		h.Add(&i)
	}
	if u, ok := h.Usual(IOPS, at.Add(-time.Minute)); !ok || u != (Usual{2, 2}) || !h.HasUsual(at) {
		t.Fatalf("usual %v, %v", u, ok)
	}
	if n := testing.AllocsPerRun(10, func() { h.Usual(IOPS, at.Add(-time.Minute)) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
	if h.HasUsual(at.AddDate(0, 0, -15)) {
		t.Error("of the second week there is a usual")
	}
}
