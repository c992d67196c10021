package mailstore

import (
	"fmt"
	"testing"

	"lunstat/collector/series"
)

// BenchmarkFiveWeeks is the demo's run: 14 LUNs, five weeks of minutes.
func BenchmarkFiveWeeks(b *testing.B) {
	b.ReportAllocs()
	readings := 0
	for b.Loop() {
		all(Options{Start: monday}, func(s *series.Sample) { readings += len(s.Readings) })
	}
	b.ReportMetric(float64(readings)/b.Elapsed().Seconds(), "readings/s")
}

// BenchmarkNext is one sample, which should grow with the LUNs and no faster.
func BenchmarkNext(b *testing.B) {
	for _, n := range []int{14, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := New(Options{Start: monday, LUNs: n, Minutes: 1 << 24})
			b.ReportAllocs()
			readings := 0
			for b.Loop() {
				s, _ := m.Next()
				readings += len(s.Readings)
			}
			b.ReportMetric(float64(readings)/b.Elapsed().Seconds(), "readings/s")
		})
	}
}
