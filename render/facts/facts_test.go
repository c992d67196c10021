package facts

import (
	"slices"
	"testing"
	"time"
)

func TestWorst(t *testing.T) {
	all := []Slow{
		{0, time.Hour}, {3 * time.Minute, time.Hour}, {30 * time.Minute, time.Hour},
		{3 * time.Minute, 2 * time.Hour}, {time.Second, time.Hour},
	}
	for _, c := range []struct {
		n    int
		want []int
	}{{0, nil}, {1, []int{2}}, {3, []int{2, 1, 3}}, {9, []int{2, 1, 3, 4}}} {
		if got := Worst(all, c.n); !slices.Equal(got, c.want) {
			t.Errorf("the worst %d are %v, want %v", c.n, got, c.want)
		}
	}
	if s := all[2].Share(); s != 0.5 {
		t.Errorf("30 minutes of an hour are a share of %v", s)
	}
	if s := (Slow{}).Share(); s != 0 {
		t.Errorf("of no time the share is %v", s)
	}
}

// Two Mondays: at 9 o'clock 100 and 300, at 10 o'clock 250 and then nothing seen.
// The mean over both Mondays is 200 at nine, 250 at ten.
func TestBusyHour(t *testing.T) {
	monday := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	at := func(day, hour, minute int) time.Time {
		return monday.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	}
	hour := time.Hour
	loads := []Load{
		{at(0, 9, 30), hour, 100}, {at(7, 9, 30), hour, 300},
		{at(0, 10, 30), hour, 250},
		{at(1, 3, 0), 5 * hour, 9000}, // one long interval says nothing about an hour
	}
	for _, c := range []struct {
		name  string
		loads []Load
		zone  *time.Location
		want  Hour
		ok    bool
	}{
		{"none", nil, time.UTC, Hour{}, false},
		{"long only", loads[3:], time.UTC, Hour{}, false},
		{"mean", loads, time.UTC, Hour{time.Monday, 10, 250}, true},
		{"zone", loads, time.FixedZone("", -11*3600), Hour{time.Sunday, 23, 250}, true},
		{"weights", []Load{{at(0, 9, 10), 20 * time.Minute, 400}, {at(0, 9, 40), 40 * time.Minute, 100}}, time.UTC, Hour{time.Monday, 9, 200}, true},
		{"idle", []Load{{at(2, 4, 30), hour, 0}}, time.UTC, Hour{time.Wednesday, 4, 0}, true},
	} {
		if got, ok := BusyHour(c.loads, c.zone); got != c.want || ok != c.ok {
			t.Errorf("%s: %v %v, want %v %v", c.name, got, ok, c.want, c.ok)
		}
	}
}
