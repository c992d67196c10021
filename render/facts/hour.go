package facts

import (
	"time"

	"lunstat/render/calendar"
)

// wallHour counts the hours that the clock on the wall shows, from 1970.
func wallHour(t time.Time, zone *time.Location) int64 {
	return calendar.Wall(t.In(orUTC(zone))).Unix() / 3600
}

// wallBegins is the moment at which the clock on the wall first shows such an hour or, where
// it leaps over that, the moment at which it leaps.
func wallBegins(hour int64, zone *time.Location) time.Time {
	return calendar.At(time.Unix(hour*3600, 0), orUTC(zone), calendar.First)
}

// hourOf counts hours as wallHour does, but they begin with UTC's, as the bins do. In
// a zone that is off by a part of an hour, they are those from 0:30 on or so: else
// each bin of an hour would count half for the wrong one.
func hourOf(t time.Time, zone *time.Location) int64 {
	_, offset := t.In(orUTC(zone)).Zone()
	if part := offset % 3600; part < 0 {
		offset -= part + 3600
	} else {
		offset -= part
	}
	return (t.Unix() + int64(offset)) / 3600
}

// hourBegins is the moment at which such an hour begins or, where none has the number,
// the next one.
func hourBegins(hour int64, zone *time.Location) time.Time {
	zone = orUTC(zone)
	moment := func(at int64) time.Time { return time.Unix(at*3600, 0).In(zone) }
	_, offset := moment(hour).Zone()
	at := hour - int64(offset/3600) - 4 // clocks are set back by three hours at most
	if hourOf(moment(at), zone) >= hour {
		at = hour - 26 // more than any zone is from UTC, near a change of its clock
	}
	for hourOf(moment(at), zone) < hour {
		at++
	}
	return moment(at)
}

func orUTC(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}
