package facts

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// A filesystem is a finding from these shares on, in percent as df shows them, unless
// its LUN has a limit of its own: see [FullFrom].
const (
	FullWarn  = 90
	FullAlarm = 95
)

// FullFrom are the shares from which a LUN's filesystem is nearly full, and from which
// that is trouble.
func FullFrom(l *mapper.LUN) (warn, alarm float64) {
	if own := l.Limits.FullPercent; own > 0 {
		return own, max(own, FullAlarm)
	}
	return FullWarn, FullAlarm
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
	if since, _ := f.lun.Levels.since(atLeast(warn)); !since.IsZero() {
		n.Since = since
		n.Weight = f.lun.Levels.weight(f.Span, f.Now, warn, alarm)
	}
	text := fmt.Sprintf("%d %% full, %s free", percent, humanize.IBytes(s.AvailBytes))
	if percent >= 100 {
		since, earlier := f.lun.Levels.since(func(l Level) bool { return l.room() != series.RoomLeft })
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

// lastFull is a filesystem that was nearly full when it last answered: one that hangs is
// not less full.
func (f *finder) lastFull(s *series.Space, percent int) {
	warn, alarm := FullFrom(&f.lun.Entry.LUN)
	n := Finding{
		Kind: KindFull, Since: s.At, Until: s.At, Unended: true, Worst: float64(percent), WorstAt: s.At, Unit: "%",
		Limit: warn, TimesLimit: float64(percent) / warn, Short: fmt.Sprintf("was %d %% full", percent),
		Weight: max(f.lun.Levels.weight(f.Span, f.Now, warn, alarm), fullSeverity(float64(percent), warn, alarm)),
	}
	if since, _ := f.lun.Levels.since(atLeast(warn)); !since.IsZero() {
		n.Since = since
	}
	n.Duration = max(n.Until.Sub(n.Since), 0)
	f.add(n, fmt.Sprintf("was %d %% full, %s free, when it last answered on %s", percent, humanize.IBytes(s.AvailBytes), f.at(s.At)))
}

// atLeast reports of a level that it is so many percent or more, as df says it: it rounds up.
func atLeast(percent float64) func(Level) bool {
	return func(l Level) bool { return l.percent() >= percent-1 }
}

// since is since when something is true of the filesystem; earlier says that nobody looked
// before. Of a gap before and after which it was true nobody says that it was not.
func (l *Levels) since(is func(Level) bool) (since time.Time, earlier bool) {
	for i, at := range slices.Backward(l.list) {
		if !is(at) {
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

// What fills up within soonDays is a finding; within troubleDays it is trouble.
const (
	soonDays    = 90
	troubleDays = 14
)
