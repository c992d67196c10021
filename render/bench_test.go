package render

import (
	"context"
	"io"
	"testing"
	"time"

	"lunstat/collector/mailstore"
	"lunstat/render/draw"
)

// week is a week of the simulated mailstore, with what a report of it needs.
func week(b *testing.B) (*memory, Options) {
	b.Helper()
	to := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	from := to.AddDate(0, 0, -7)
	m := record(mailstore.Options{Start: from, Minutes: 7 * 24 * 60})
	return m, Options{From: from, To: to, Out: b.TempDir(), Now: to}
}

// BenchmarkWeekIO is one picture of 14 LUNs over a week, read from bins in memory.
func BenchmarkWeekIO(b *testing.B) {
	m, o := week(b)
	f, err := draw.LoadFonts("")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		d, err := gather(context.Background(), m, o.withDefaults())
		if err != nil {
			b.Fatal(err)
		}
		n, err := drawIO(d, medium{fonts: f}).WriteTo(io.Discard)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(n), "bytes")
	}
}

// BenchmarkStrip is week.png alone, of what was read already.
func BenchmarkStrip(b *testing.B) {
	m, o := week(b)
	f, err := draw.LoadFonts("")
	if err != nil {
		b.Fatal(err)
	}
	d, err := gather(context.Background(), m, o.withDefaults())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		n, err := drawWeek(d, medium{fonts: f}).WriteTo(io.Discard)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(n), "bytes")
	}
}

// BenchmarkWeek is the whole report: 17 pictures, numbers and page.
func BenchmarkWeek(b *testing.B) {
	m, o := week(b)
	for b.Loop() {
		if _, err := Report(context.Background(), m, o); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkYear is the whole report of a year from bins of 15 minutes.
func BenchmarkYear(b *testing.B) {
	to := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	every := 15 * time.Minute
	y := made{luns: madeLUNs(14), start: to.AddDate(-1, 0, 0), every: every, n: 365 * 96, ios: wave(every), space: func(l, i int) int { return l * 70 }}
	m := y.source()
	o := Options{From: y.start, To: to, Out: b.TempDir()}
	for b.Loop() {
		if _, err := Report(context.Background(), m, o); err != nil {
			b.Fatal(err)
		}
	}
}
