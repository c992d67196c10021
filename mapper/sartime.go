package mapper

import (
	"bytes"
	"strconv"
	"time"
)

// sarClock reads the times in the output of sar, iostat -t and sadf -d. Their heading has
// the day, and each line the time.
type sarClock struct {
	year       int // of the heading; 0: none was seen
	month      time.Month
	day        int
	past       int // days since the heading's
	seconds    int // of the day, in the last line that had them
	seen       bool
	afterTotal bool // the last line was an average: the next section begins on the first day
	sadf       bool
	text       []byte // of the last time, as it was written
}

// read takes the time from a line; changed says that it is another than before.
func (c *sarClock) read(line []byte, zone *time.Location) (at time.Time, changed bool) {
	switch {
	case line[0] == 'L' && bytes.HasPrefix(line, []byte("Linux ")):
		year, month, day, ok := headingDay(line)
		if !ok {
			return at, false
		}
		*c = sarClock{year: year, month: month, day: day}
		return time.Date(year, month, day, 12, 0, 0, 0, zone), true
	case line[0] == '#' && bytes.HasPrefix(line, []byte("# hostname;interval;timestamp")):
		*c = sarClock{sadf: true}
	case c.sadf:
		return c.record(line, zone)
	case c.year == 0:
	case line[0] == 'A' && bytes.HasPrefix(line, []byte("Average")):
		c.afterTotal = true
	case line[0] >= '0' && line[0] <= '9':
		return c.time(line, zone)
	}
	return at, false
}

// time reads the time at the beginning of a line of sar's, or iostat's time stamp.
func (c *sarClock) time(line []byte, zone *time.Location) (at time.Time, changed bool) {
	if text, ok := clockText(line); ok {
		if bytes.Equal(text, c.text) {
			return at, false
		}
		seconds, ok := daySeconds(text)
		if !ok {
			return at, false
		}
		c.text = append(c.text[:0], text...)
		c.moveTo(seconds)
		return time.Date(c.year, c.month, c.day+c.past, 0, 0, seconds, 0, zone), true
	}
	text := string(bytes.TrimSpace(line))
	for _, form := range []string{"01/02/2006 03:04:05 PM", "01/02/2006 15:04:05", "01/02/06 15:04:05", "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05"} {
		if at, err := time.ParseInLocation(form, text, zone); err == nil {
			return at, true
		}
	}
	return at, false
}

// moveTo goes on to a time of the day. One that is half a day earlier is the next day's;
// a smaller step back is the clock's.
func (c *sarClock) moveTo(seconds int) {
	const half = 12 * 3600
	switch {
	case c.afterTotal:
		c.past, c.afterTotal = 0, false
	case c.seen && seconds < c.seconds-half:
		c.past++
	}
	c.seconds, c.seen = seconds, true
}

// record reads the time of a line of sadf -d: "host;600;2026-11-05 12:10:01 UTC;…", or
// seconds since 1970.
func (c *sarClock) record(line []byte, zone *time.Location) (at time.Time, changed bool) {
	fields := bytes.SplitN(line, []byte(";"), 4)
	if len(fields) < 4 || bytes.Equal(fields[2], c.text) {
		return at, false
	}
	text := string(fields[2])
	at, err := time.ParseInLocation("2006-01-02 15:04:05", text, zone)
	if err != nil {
		at, err = time.Parse("2006-01-02 15:04:05 UTC", text)
	}
	if err != nil {
		seconds, e := strconv.ParseInt(text, 10, 64)
		at, err = time.Unix(seconds, 0), e
	}
	if err != nil {
		return time.Time{}, false
	}
	c.text = append(c.text[:0], fields[2]...)
	return at, true
}

// clockText is the "12:10:01", "12:10:01 AM" or "12时10分01秒" at the beginning of a line.
func clockText(line []byte) ([]byte, bool) {
	if chinese := len("12时10分01秒"); len(line) > chinese && bytes.HasPrefix(line[2:], []byte("时")) && line[chinese] <= ' ' {
		return line[:chinese], true
	}
	if len(line) < 9 || line[2] != ':' || line[5] != ':' || line[8] > ' ' {
		return nil, false
	}
	if len(line) > 11 && line[10] == 'M' && (line[9] == 'A' || line[9] == 'P') {
		return line[:11], true
	}
	return line[:8], true
}

func daySeconds(text []byte) (int, bool) {
	form := "15:04:05"
	switch len(text) {
	case len("03:04:05 PM"):
		form = "03:04:05 PM"
	case len("15时04分05秒"):
		form = "15时04分05秒"
	}
	t, err := time.Parse(form, string(text))
	return t.Hour()*3600 + t.Minute()*60 + t.Second(), err == nil
}

// headingHost is the host in "Linux 6.1.0 (mailstore1)  11/05/2026  _x86_64_  (4 CPU)".
// Until RHEL 5 the day ended the line. dmesg's "Linux version …" has neither.
func headingHost(line []byte) (string, bool) {
	rest, ok := bytes.CutPrefix(line, []byte("Linux "))
	open := bytes.IndexByte(rest, '(')
	shut := bytes.IndexByte(rest, ')')
	if !ok || open < 0 || shut < open {
		return "", false
	}
	if _, _, _, isDay := dayAt(rest[shut+1:]); !isDay && !bytes.Contains(rest, []byte("CPU)")) {
		return "", false
	}
	return string(rest[open+1 : shut]), true
}

// headingDay is the day in sar's heading. Between slashes the month comes first, as in
// the locales that write so most, unless it can't be one.
func headingDay(line []byte) (year int, month time.Month, day int, ok bool) {
	if _, ok := headingHost(line); !ok {
		return 0, 0, 0, false
	}
	_, rest, _ := bytes.Cut(line, []byte(")"))
	return dayAt(rest)
}

// dayAt is the day that a text begins with.
func dayAt(rest []byte) (year int, month time.Month, day int, ok bool) {
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0, 0, 0, false
	}
	text := string(fields[0])
	for _, form := range []string{"2006-01-02", "01/02/2006", "01/02/06", "02/01/2006", "02/01/06", "02.01.2006", "02.01.06", "2006年01月02日", "2006/01/02"} {
		if t, err := time.Parse(form, text); err == nil {
			return t.Year(), t.Month(), t.Day(), true
		}
	}
	return 0, 0, 0, false
}
