package facts

import (
	"slices"
	"time"

	"lunstat/collector/series"
)

// Level is how full a filesystem was at one moment.
type Level struct {
	At          time.Time
	Used, Avail uint64 // bytes; Avail is what users other than root can still write
}

// percent is df's Use% unrounded.
func (l Level) percent() float64 { return float64(l.Used) / float64(l.Used+l.Avail) * 100 }

func (l Level) room() series.Room { return series.RoomOf(l.Used, l.Avail) }

// Levels are the levels of one filesystem, in order of time.
type Levels struct {
	// Every is the length of the stretches. The last level of each is kept, and those at
	// which it filled up or got room again; 0: all are.
	Every time.Duration
	list  []Level
}

// Add adds the next space.
func (l *Levels) Add(s *series.Space) {
	if s.UsedBytes+s.AvailBytes == 0 {
		return
	}
	level := Level{s.At, s.UsedBytes, s.AvailBytes}
	n := len(l.list)
	if n > 0 && !s.At.After(l.list[n-1].At) {
		return // two hosts ask for one filesystem
	}
	if n > 1 && l.Every > 0 && l.list[n-1].At.Truncate(l.Every).Equal(s.At.Truncate(l.Every)) &&
		l.list[n-2].room() == l.list[n-1].room() && l.list[n-1].room() == level.room() {
		l.list[n-1] = level
		return
	}
	l.list = append(l.list, level)
}

// held is how long a level is valid for what came after it, where that is not known.
const held = 2 * time.Hour

// until is when a level ends to hold.
func (l *Levels) until(i int, now time.Time) time.Time {
	end := now
	if i+1 < len(l.list) {
		end = l.list[i+1].At
	}
	if most := l.list[i].At.Add(held); end.After(most) {
		end = most
	}
	return end
}

// when are the stretches in which something was true of the filesystem.
func (l *Levels) when(is func(Level) bool, now time.Time) []Span {
	var out []Span
	for i, at := range l.list {
		if !is(at) {
			continue
		}
		s := Span{at.At, l.until(i, now)}
		if n := len(out); n > 0 && !s.From.After(out[n-1].To.Add(touch)) {
			out[n-1].To = s.To
			continue
		}
		out = append(out, s)
	}
	return out
}

// weight is hours × severity within a range.
func (l *Levels) weight(in Span, now time.Time, warn, alarm float64) float64 {
	sum := 0.0
	for i, at := range l.list {
		s := Span{at.At, l.until(i, now)}
		if s.Overlaps(in) {
			sum += s.Clip(in).Long().Hours() * fullSeverity(at.percent(), warn, alarm)
		}
	}
	return sum
}

// Rate is how fast something fills up, in bytes a day, with the range in which it most
// likely is.
type Rate struct{ Low, Median, High float64 }

// leastDays of levels tell how fast a filesystem fills.
const leastDays = 15

// rate compares each day's lowest level with that of the same weekday one, two and more
// weeks later: neither what a night clears away nor a weekly HSM run bends it. ok is
// false where that is too little, or where it may as well be shrinking.
func (l *Levels) rate() (r Rate, ok bool) {
	days := l.lowest()
	var slopes []float64
	for i, a := range days {
		for j := i + 7; j < len(days); j += 7 {
			if b := days[j]; a.Used+a.Avail > 0 && b.Used+b.Avail > 0 {
				slopes = append(slopes, (float64(b.Used)-float64(a.Used))/float64(j-i))
			}
		}
	}
	if len(days) < leastDays || len(slopes) < 8 {
		return r, false
	}
	slices.Sort(slopes)
	at := func(share float64) float64 { return slopes[int(share*float64(len(slopes)-1))] }
	r = Rate{at(0.2), at(0.5), at(0.8)}
	return r, r.Low > 0
}

// lowest are the lowest levels of the days, of 24 hours, that end with the last one; a day
// without any is zero. What was before the filesystem was resized doesn't count.
func (l *Levels) lowest() []Level {
	if len(l.list) == 0 {
		return nil
	}
	last := l.list[len(l.list)-1]
	size := float64(last.Used + last.Avail)
	var back []Level // the last day first
	for _, at := range slices.Backward(l.list) {
		if other := float64(at.Used+at.Avail) / size; other < 0.99 || other > 1.01 {
			break
		}
		day := int(last.At.Sub(at.At) / (24 * time.Hour))
		for len(back) <= day {
			back = append(back, Level{})
		}
		if b := &back[day]; b.Used+b.Avail == 0 || at.Used < b.Used {
			*b = at
		}
	}
	slices.Reverse(back)
	return back
}

// Fills says in how many days (soonest, latest) a filesystem will be full if it goes on as in
// the last weeks. It starts from the highest level of the last week. ok is false if
// there is too little to judge by.
func (l *Levels) Fills() (soonest, latest float64, r Rate, ok bool) {
	r, ok = l.rate()
	if !ok {
		return 0, 0, r, false
	}
	last := l.list[len(l.list)-1]
	room := last.Avail
	for _, at := range slices.Backward(l.list) {
		if last.At.Sub(at.At) > 7*24*time.Hour {
			break
		}
		room = min(room, at.Avail)
	}
	return float64(room) / r.High, float64(room) / r.Low, r, true
}
