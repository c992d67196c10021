package facts

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"lunstat/collector/series"
)

// Level is how full a filesystem was at one moment.
type Level struct {
	At          time.Time
	Used, Avail uint64
}

// percent is df's Use% unrounded.
func (l Level) percent() float64 { return float64(l.Used) / float64(l.Used+l.Avail) * 100 }

func (l Level) room() series.Room { return series.RoomOf(l.Used, l.Avail) }

// Levels are the levels of one filesystem, in order of time.
type Levels struct {
	// Every is how long the stretches are of which the last level is kept, and those at
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

// FillWords puts it into words: "full in 8 to 12 weeks, growing by 1.2 GiB a day".
func FillWords(soonest, latest float64, r Rate) string {
	return fmt.Sprintf("full in %s, growing by %s a day", days(soonest, latest), humanize.IBytes(uint64(r.Median)))
}

// days is a range of days, in weeks from three weeks on.
func days(from, to float64) string {
	switch {
	case to < 1:
		return "less than a day"
	case from < 0.5:
		return "less than " + days(to, to)
	}
	unit, name := 1.0, "day"
	if from >= 21 {
		unit, name = 7, "week"
	}
	a, b := figure(from, unit, 0), figure(to, unit, 0)
	switch {
	case a != b:
		return a + " to " + b + " " + name + "s"
	case a == "1":
		return "1 " + name
	}
	return a + " " + name + "s"
}

// What fills up within soonDays is a finding; within troubleDays it is trouble.
const (
	soonDays    = 90
	troubleDays = 14
)

// full is a filesystem that is nearly full now, was full in the range, or will be soon.
func (f *finder) full() {
	s := f.lun.Space
	if s == nil {
		return
	}
	warn, _ := FullFrom(&f.lun.Entry.LUN)
	percent, ok := s.UsedPercent()
	nearly := ok && float64(percent) >= warn
	switch {
	case nearly && f.lun.SpaceOK:
		f.nearlyFull(s, percent)
	case nearly && f.lun.Gone.IsZero() && f.lun.LastEnd.After(s.At) && f.lun.Entry.LUN.Mounted() != "":
		f.lastFull(s, percent)
	default:
		f.wasFull()
		if ok && f.lun.SpaceOK {
			f.fills(percent)
			f.inodes(s)
		}
	}
}

// nearlyFull is one that is nearly full, or full, now.
func (f *finder) nearlyFull(s *series.Space, percent int) {
	warn, alarm := FullFrom(&f.lun.Entry.LUN)
	n := Finding{
		Kind: KindFull, Since: s.At, Worst: float64(percent), WorstAt: s.At, Unit: "%",
		Limit: warn, Short: fmt.Sprintf("%d %% full", percent),
		Weight: 24 * fullSeverity(float64(percent), warn, alarm), // a day of it, where no more is known
	}
	spells := f.spells()
	if spans := f.lun.Levels.when(func(l Level) bool { return l.percent() >= warn-1 }, f.Now); len(spans) > 0 { // df rounds up
		n.Since = spans[len(spans)-1].From
		n.Weight = f.lun.Levels.weight(f.Span, f.Now, warn, alarm)
	}
	text := fmt.Sprintf("%d %% full, %s free", percent, humanize.IBytes(s.AvailBytes))
	if percent >= 100 {
		since, earlier := f.fullSince()
		if !since.IsZero() {
			n.Since = since
		}
		text = f.fullWords(s, since, earlier)
		n.Short = "full"
		spells = slices.DeleteFunc(spells, func(s Span) bool { return s.To.After(since) })
	}
	n.Duration = max(f.Now.Sub(n.Since), 0)
	if soonest, latest, r, ok := f.lun.Levels.Fills(); ok && percent < 100 && soonest <= soonDays {
		text += "; " + FillWords(soonest, latest, r)
	}
	if len(spells) > 0 && percent < 100 {
		text += "; it was " + f.spellWords(spells)
		n.Worst, n.WorstAt = 100, spells[0].From
	}
	n.TimesLimit = n.Worst / warn
	f.add(n, text)
}

// lastFull is a filesystem that was nearly full when it last answered: one that hangs is no
// emptier.
func (f *finder) lastFull(s *series.Space, percent int) {
	warn, alarm := FullFrom(&f.lun.Entry.LUN)
	n := Finding{
		Kind: KindFull, Since: s.At, Until: s.At, Unended: true, Worst: float64(percent), WorstAt: s.At, Unit: "%",
		Limit: warn, TimesLimit: float64(percent) / warn, Short: fmt.Sprintf("was %d %% full", percent),
		Weight: max(f.lun.Levels.weight(f.Span, f.Now, warn, alarm), fullSeverity(float64(percent), warn, alarm)),
	}
	if spans := f.lun.Levels.when(func(l Level) bool { return l.percent() >= warn-1 }, f.Now); len(spans) > 0 {
		n.Since = spans[len(spans)-1].From
	}
	n.Duration = max(n.Until.Sub(n.Since), 0)
	f.add(n, fmt.Sprintf("was %d %% full, %s free, when it last answered on %s", percent, humanize.IBytes(s.AvailBytes), f.at(s.At)))
}

// fullSince is since when nothing, or only root's reserve, can be written; earlier says
// that nobody looked before. Of a gap before and after which it was full nobody says that
// it had room.
func (f *finder) fullSince() (since time.Time, earlier bool) {
	list := f.lun.Levels.list
	for i, at := range slices.Backward(list) {
		if at.room() == series.RoomLeft {
			break
		}
		since, earlier = at.At, i == 0
	}
	return since, earlier
}

func (f *finder) fullWords(s *series.Space, since time.Time, earlier bool) string {
	text := "full"
	if !since.IsZero() {
		text += " since " + f.at(since)
	}
	if earlier {
		text += " or earlier"
	}
	if s.AvailBytes > 0 {
		return text + ": " + humanize.IBytes(s.AvailBytes) + " free"
	}
	return text + ": nothing is free"
}

// spells are when nothing could be written to a filesystem, as far as that was in the
// range.
func (f *finder) spells() []Span {
	all := f.lun.Levels.when(func(l Level) bool { return l.room() == series.RoomNone }, f.Now)
	return slices.DeleteFunc(all, func(s Span) bool { return !s.Overlaps(f.Span) })
}

func (f *finder) spellWords(spells []Span) string {
	first, last := f.at(spells[0].From), f.at(spells[len(spells)-1].To)
	if len(spells) == 1 {
		return fmt.Sprintf("full for %s, from %s to %s", Long(spells[0].Long()), first, last)
	}
	return fmt.Sprintf("full %s, for %s in all, between %s and %s", times(len(spells)), Long(sum(spells)), first, last)
}

func sum(spans []Span) (all time.Duration) {
	for _, s := range spans {
		all += s.Long()
	}
	return all
}

// wasFull is a filesystem to which for a while nothing could be written.
func (f *finder) wasFull() {
	in := f.spells()
	if len(in) == 0 {
		return
	}
	warn, alarm := FullFrom(&f.lun.Entry.LUN)
	n := Finding{
		Kind: KindFull, Worst: 100, Unit: "%", Limit: warn, TimesLimit: 100 / warn, Short: "was full",
		Duration: sum(in), Since: in[0].From, Until: in[len(in)-1].To, WorstAt: in[0].From,
	}
	n.Weight = n.Duration.Hours() * fullSeverity(100, warn, alarm)
	f.add(n, "was "+f.spellWords(in))
}

// inodes is a filesystem that has room and can hardly take another file. XFS makes inodes
// of free space: where that is short, this would say it twice.
func (f *finder) inodes(s *series.Space) {
	percent := 100 * float64(s.InodesUsed) / float64(max(s.Inodes, 1))
	if s.Inodes == 0 || percent < FullWarn {
		return
	}
	said := min(int(math.Floor(percent)), 100)
	n := Finding{
		Kind: KindFull, Since: s.At, Worst: percent, WorstAt: s.At, Unit: "%", Limit: FullWarn, TimesLimit: percent / FullWarn,
		Short:  fmt.Sprintf("%d %% of inodes", said),
		Weight: 24 * fullSeverity(percent, FullWarn, FullAlarm),
	}
	room := "no room for another file"
	if free := s.Inodes - min(s.InodesUsed, s.Inodes); free > 0 {
		room = fmt.Sprintf("room for %s", english.Plural(int(free), "more file", "more files"))
	}
	f.add(n, fmt.Sprintf("%d %% of its inodes are used: %s", said, room))
}

// fills is what will be full soon.
func (f *finder) fills(percent int) {
	soonest, latest, r, ok := f.lun.Levels.Fills()
	if !ok || soonest > soonDays {
		return
	}
	at := f.lun.Space.At
	n := Finding{Kind: KindFull, Since: at, Worst: soonest, WorstAt: at, Unit: "days", Short: "full in " + days(soonest, latest)}
	if soonest <= troubleDays {
		n.Weight = 24 * (1 - soonest/troubleDays) * fullSeverity(FullAlarm, FullWarn, FullAlarm)
	}
	f.add(n, fmt.Sprintf("%d %% full; %s", percent, FillWords(soonest, latest, r)))
}

// fullSeverity is that of a filling filesystem: nothing can be written to a full one.
func fullSeverity(percent, warn, alarm float64) float64 {
	switch {
	case percent > 99.5:
		return stallSeverity
	case percent > alarm-1:
		return 0.1
	case percent > warn-1:
		return 0.02
	}
	return 0
}
