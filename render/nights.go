package render

import (
	"time"

	"lunstat/render/calendar"
	"lunstat/render/facts"
)

// The hours of the night, which are shaded.
const (
	nightFrom = 22
	nightTo   = 6
)

// nights are the shaded hours in a range, in from's zone.
func nights(from, to time.Time) []facts.Span {
	return shaded(from, to, step{days, 1, 0}, func(date time.Time) (time.Time, time.Time) {
		return date.Add((nightFrom - 24) * time.Hour), date.Add(nightTo * time.Hour)
	})
}

// weekends are the Saturdays and Sundays in a range.
func weekends(from, to time.Time) []facts.Span {
	return shaded(from, to, step{weeks, 1, 0}, func(monday time.Time) (time.Time, time.Time) {
		return monday.AddDate(0, 0, 5), monday.AddDate(0, 0, 7)
	})
}

// shaded are the stretches, one for each step of the calendar, that overlap a range.
func shaded(from, to time.Time, by step, of func(date time.Time) (begin, end time.Time)) []facts.Span {
	var out []facts.Span
	for date := by.floor(from.AddDate(0, 0, -1)); ; date = by.next(date) {
		begin, end := of(date)
		n := facts.Span{From: calendar.At(begin, from.Location(), calendar.First), To: calendar.At(end, from.Location(), calendar.First)}
		if !n.From.Before(to) {
			return out
		}
		if n.From.Before(n.To) && n.Overlaps(facts.Span{From: from, To: to}) {
			out = append(out, n)
		}
	}
}
