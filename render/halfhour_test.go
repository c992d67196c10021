package render

import (
	"math"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/render/calendar"
)

// Each day, from 10:00 to 12:00 by the clock on the wall, a host works. In each zone, and
// over a change of its clock, the curve, the usual behind it, the strip's columns and the
// busy hour say so.
func TestNothingIsOffByAnHour(t *testing.T) {
	for _, tt := range []struct {
		zone   string
		monday string        // of the week
		off    time.Duration // by which the usual may be off the curve: a clock that changes by half an hour
	}{
		{"UTC", "2026-06-01", 0},
		{"Europe/Berlin", "2026-10-19", 0}, // the week in which the clock is set back
		{"Europe/Berlin", "2026-10-26", 0}, // the one after
		{"Europe/Berlin", "2026-03-23", 0},
		{"America/Santiago", "2026-03-30", 0},
		{"America/Santiago", "2026-08-31", 0},
		{"America/Santiago", "2026-09-07", 0},
		{"Asia/Kolkata", "2026-06-01", 0},
		{"Asia/Kathmandu", "2026-06-01", 0},
		{"Australia/Lord_Howe", "2026-06-01", 0},
		{"Australia/Lord_Howe", "2026-04-06", 30 * time.Minute},
		{"Australia/Lord_Howe", "2026-10-05", 30 * time.Minute},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		begin, err := time.ParseInLocation(time.DateOnly, tt.monday, zone)
		if err != nil {
			t.Fatal(err)
		}
		name := tt.zone + " " + tt.monday
		start := begin.AddDate(0, 0, -28).UTC()
		end := begin.AddDate(0, 0, 7)
		m := made{luns: madeLUNs(1), start: start, every: 15 * time.Minute, n: int(end.Sub(start) / (15 * time.Minute))}
		m.ios = func(_, i int) uint64 {
			wall := calendar.Wall(start.Add(time.Duration(i)*m.every + m.every/2).In(zone))
			if wall.Hour() == 10 || wall.Hour() == 11 {
				return 9000
			}
			return 0
		}
		src := m.source()
		for k := range src.intervals { // an interval that ends with a quarter of an hour belongs to it
			for i := range src.intervals[k] {
				src.intervals[k][i].End = src.intervals[k][i].End.Add(-time.Second)
				src.intervals[k][i].Set(series.SlowMS, min(src.intervals[k][i].Value(series.ReadIOs), 1)*900_000)
			}
		}
		d := gathered(t, src, Options{From: begin, To: end, Zone: zone, Limits: roleLimits()})
		l := d.luns[0]
		if d.hour == nil || d.hour.Hour != 10 && d.hour.Hour != 11 {
			t.Errorf("%s: the busy hour is %+v", name, d.hour)
		}
		for i := range d.hours.n() {
			wall := calendar.Wall(d.hours.edges[i].In(zone))
			if wall.Minute() != 0 {
				t.Errorf("%s: a column of the strip begins at %s", name, wall.Format(time.DateTime))
			}
			if works, slow := wall.Hour() == 10 || wall.Hour() == 11, l.strip[i] >= 1; works != slow {
				t.Errorf("%s: the strip's column of %s is slow: %v", name, wall.Format(time.DateTime), slow)
			}
		}
		_, usual := l.usualBand(d.grid, iops)
		for day := 0; day < 7; day++ {
			is, was := middleOf(d.grid, l.lines[iops].mean, begin.AddDate(0, 0, day), zone), middleOf(d.grid, usual, begin.AddDate(0, 0, day), zone)
			if math.Abs(is-11) > 0.1 || math.Abs(was-is) > tt.off.Hours()+0.1 {
				t.Errorf("%s: on day %d the work is at %.2f h, the usual at %.2f h", name, day, is, was)
			}
		}
	}
}

// middleOf is the hour of a day, by the clock on the wall, in the middle of what a line has.
func middleOf(g grid, line columns, day time.Time, zone *time.Location) float64 {
	sum, at := 0.0, 0.0
	for i, v := range line {
		t := g.from.Add(time.Duration((float64(i) + 0.5) * float64(g.width()))).In(zone)
		if t.Year() != day.Year() || t.YearDay() != day.YearDay() || math.IsNaN(v) {
			continue
		}
		wall := calendar.Wall(t)
		sum += v
		at += v * wall.Sub(wall.Truncate(24*time.Hour)).Hours()
	}
	return at / sum
}
