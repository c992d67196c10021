package when

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"lunstat/render/calendar"
)

// Range is a range of time as somebody types it: a length up to now, a calendar week,
// or two ends, where the second may be left out. Exactly one of the three is given.
// The other fields are "".
type Range struct {
	Last     string // a duration: "7d"
	Week     string // an ISO week: "2026-W47"
	From, To string // moments
}

// Ends reads the range. Days and weeks are the zone's: a day on which the clocks
// change has 23 or 25 hours.
func (r Range) Ends(now time.Time, zone *time.Location) (from, to time.Time, err error) {
	from, to, err = r.ends(now.In(zone))
	if err != nil {
		return time.Time{}, time.Time{}, err
	}
	if !from.Before(to) {
		const form = "2006-01-02 15:04:05 MST"
		return time.Time{}, time.Time{}, fmt.Errorf("the range ends (%s) before it begins (%s)", to.Format(form), from.Format(form))
	}
	return from, to, nil
}

func (r Range) ends(now time.Time) (from, to time.Time, err error) {
	switch r {
	case Range{Last: r.Last}:
		if r.Last != "" {
			from, err = back(now, r.Last)
			return from, now, err
		}
	case Range{Week: r.Week}:
		return isoWeek(r.Week, now.Location())
	case Range{To: r.To}:
		return from, to, errors.New("--to without --from: where does the range begin?")
	case Range{From: r.From, To: r.To}:
		if from, err = moment(now, r.From, first); err != nil || r.To == "" {
			return from, now, err
		}
		to, err = moment(now, r.To, final)
		return from, to, err
	}
	return from, to, errors.New("a range is one of --last 7d, --week 2026-W47, --from TIME [--to TIME]")
}

// isoWeek reads a week of ISO 8601. It lasts from Monday to Monday, and the first week
// of a year is the one with the 4th of January.
func isoWeek(s string, zone *time.Location) (from, to time.Time, err error) {
	bad := fmt.Errorf("%q is no week: write the year and the ISO week, like 2026-W47", s)
	y, w, found := strings.Cut(strings.ToUpper(s), "-W")
	year, yearOK := wholeNumber(y)
	number, weekOK := wholeNumber(w)
	if !found || !yearOK || !weekOK || len(y) != 4 || len(w) != 2 {
		return from, to, bad
	}
	jan4 := time.Date(int(year), time.January, 4, 0, 0, 0, 0, time.UTC)
	monday := jan4.AddDate(0, 0, -(int(jan4.Weekday())+6)%7+7*(int(number)-1))
	if gotYear, got := monday.ISOWeek(); gotYear != int(year) || got != int(number) {
		return from, to, fmt.Errorf("%d has no week %s", year, strconv.Quote(w))
	}
	next := monday.AddDate(0, 0, 7)
	return calendar.At(monday, zone, calendar.First), calendar.At(next, zone, calendar.First), nil
}
