package dmstats_test

import (
	"testing"
	"time"

	"lunstat/collector/series"
)

// BenchmarkLatency is what lunstat itself does for one LUN a minute, without the kernel's
// part.
func BenchmarkLatency(b *testing.B) {
	_, d, keeper := host()
	last, err := keeper.Latency(&sqldb, nil, true)
	if err != nil {
		b.Fatal(err)
	}
	d.read(123456, 3*time.Millisecond)
	answer := d.regions[0].print()
	keeper.Messenger = canned(answer)
	b.ReportAllocs()
	for b.Loop() {
		if last, err = keeper.Latency(&sqldb, last, true); err != nil {
			b.Fatal(err)
		}
	}
	if last.Counts[series.BucketOf(3*time.Millisecond)] != 123456 {
		b.Fatalf("%+v", last)
	}
}
