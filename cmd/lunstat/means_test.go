package main

import (
	"slices"
	"testing"
	"time"

	"lunstat/collector/health"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// TestMeansAreNoP99: what speaks of each I/O has nothing to say about windows' means.
func TestMeansAreNoP99(t *testing.T) {
	row := &watchRow{last: series.Interval{Latency: &series.Histogram{Version: series.MeansVersion, Counts: [series.NumBuckets]uint64{3: 500, 14: 50}}}}
	if ms, ok := p99(row); ok {
		t.Errorf("watch: %v", ms)
	}
	table := watchTable{rows: map[series.Key]*watchRow{{ID: "LVM-a"}: row}}
	if slices.ContainsFunc(table.columns(), func(c watchColumn) bool { return c.name == p99Column }) {
		t.Error("watch has a column p99")
	}
	if _, ok := (&lunFacts{last: &row.last}).loadObject()["latency"]; ok {
		t.Error("lookup --json has a latency")
	}
	c := &health.Checkup{Slow: func(string) time.Duration { return time.Millisecond }}
	if times, ok := c.P99Factor(&mapper.LUN{}, &row.last); ok {
		t.Errorf("status: %v", times)
	}
}
