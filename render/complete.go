package render

import (
	"fmt"
	"math"
	"slices"
	"time"

	"lunstat/render/facts"
)

// completeness is how much of a range there is data of. Page, pictures and
// report.json all show this one value.
type completeness struct {
	expected, present int     // minutes
	percent           float64 // 100 where nothing is missing
	whole             bool    // less than a minute is missing
}

// completeOf rounds once.
func completeOf(have, want time.Duration) completeness {
	if want-have < time.Minute {
		minutes := int(math.Round(want.Minutes()))
		return completeness{minutes, minutes, 100, true}
	}
	return completeness{
		expected: int(math.Round(want.Minutes())), present: int(math.Round(have.Minutes())),
		percent: float64(have) / float64(want) * 100,
	}
}

// share is the percentage in text. What is missing shows in it, however little of a
// year it is.
func (c completeness) share() string {
	if c.whole {
		return number(100, 1)
	}
	return number(min(c.percent, 99.9), 1)
}

// words are the completeness for the page, of several hosts on average.
func (c completeness) words(hosts int) string {
	text := fmt.Sprintf("%s of %s minutes are there (%s\u00a0%%)", number(float64(c.present), 0), number(float64(c.expected), 0), c.share())
	if hosts > 1 {
		text += fmt.Sprintf(" on average of %d hosts", hosts)
	}
	return text
}

// present is for how much of the range there is data as it should be, of several
// hosts on average: not where there is none, nor where one long interval is
// for hours. What is still to come is not wanted.
func (d *data) present() (have, want time.Duration) {
	want = d.past().Long()
	var missing time.Duration // of all hosts together
	hosts := time.Duration(max(len(d.hosts), 1))
	for _, g := range d.missing {
		if g.host == "" {
			missing += g.Long() * hosts
		} else {
			missing += g.Long()
		}
	}
	return max(want-missing/hosts, 0), want
}

// past is the range up to now: what lies after now can't be missing.
func (d *data) past() facts.Span { return facts.Span{From: d.From, To: d.now} }

// findNow finds where the range ends for what can be known: now, if now is in the range.
// A host's clock may run ahead of the one that draws, and what it sent is there.
func (d *data) findNow() {
	now := d.opt.Now
	for _, l := range d.luns {
		for _, p := range l.series {
			if n := len(p.spans); n > 0 && p.spans[n-1].To.After(now) {
				now = p.spans[n-1].To
			}
		}
		if l.space.any() && l.space.last.At.After(now) {
			now = l.space.last.At
		}
	}
	d.now = d.To
	if !d.opt.Now.IsZero() && now.Before(d.To) {
		d.now = now.In(d.opt.Zone)
	}
}

// mostlyEmpty: if there is data for less than one part in so many of a range, only that
// part is drawn.
const mostlyEmpty = 4

// cropGrid shortens the time axis of a range that is mostly before the first run or still
// to come, to where there is data: an hour's curves in the frame of a week would be a few
// pixels wide.
func (d *data) cropGrid() {
	begin, end := d.first.Add(-time.Minute), d.To
	for _, since := range d.since {
		if since.Before(begin) {
			begin = since
		}
	}
	if now := d.opt.Now; !now.IsZero() && now.Before(end) {
		end = now
		if d.last.After(end) { // by a clock that is ahead
			end = d.last
		}
	}
	there := facts.Span{From: begin.In(d.opt.Zone), To: end.In(d.opt.Zone)}.Clip(d.Span)
	if there.Long() <= 0 || there.Long() >= d.Long()/mostlyEmpty {
		return
	}
	margin := max(there.Long()/20, time.Minute)
	there = facts.Span{From: there.From.Add(-margin), To: there.To.Add(margin)}.Clip(d.Span)
	if d.spaceGrid.from.Equal(d.From) {
		d.spaceGrid.from, d.spaceGrid.to = there.From, there.To
	}
	d.grid.from, d.grid.to = there.From, there.To
}

// framed says which part of the range is drawn, where that isn't all.
func (d *data) framed() string {
	if d.grid.from.Equal(d.From) && d.grid.to.Equal(d.To) {
		return ""
	}
	const form = "Mon 2 Jan 15:04"
	return " · shown from " + d.grid.from.Format(form) + " to " + d.grid.to.Format(form)
}

// soFar says that a range is not over yet.
func (d *data) soFar() string {
	if !d.now.Before(d.To) {
		return ""
	}
	return " · so far to " + d.now.In(d.opt.Zone).Format("Mon 2 Jan 15:04")
}

// ending is the gap at the end of the range, in which nothing is known of a LUN.
func (d *data) ending(l *lun) (gap, bool) {
	for _, g := range l.gaps {
		if g.To.Equal(d.now) && !g.flat {
			return g, true
		}
	}
	return gap{}, false
}

// goneSince is when a LUN went away while its host was still there; zero: it didn't.
func (d *data) goneSince(l *lun) time.Time {
	if g, ok := d.ending(l); ok && g.cause == causeAbsent {
		return g.From
	}
	return time.Time{}
}

// end says from when on nothing more is known of a LUN.
func (d *data) end(l *lun) string {
	g, ok := d.ending(l)
	at := g.From.In(d.opt.Zone).Format("Mon 2 Jan 15:04")
	switch {
	case !ok:
		return ""
	case g.From.Equal(d.From):
		return " · nothing known in this range"
	case g.cause == causeAbsent:
		return " · gone since " + at
	}
	return " · no data since " + at
}

// lastAge is how old a LUN's last figure is, where it is not of now: "last 43 h ago". A
// long interval at the end has a mean, but no last figure.
func (d *data) lastAge(l *lun) string {
	i := slices.IndexFunc(l.gaps, func(g gap) bool { return g.To.Equal(d.now) && (!g.flat || g.Long() > time.Hour) })
	if i < 0 || l.gaps[i].From.Equal(d.From) {
		return ""
	}
	g := l.gaps[i]
	return "last " + facts.Long(d.now.Sub(g.From)) + " ago"
}

// fill is how full a LUN's filesystem is, in percent as df says. It is old where the LUN
// went away, where its host sends nothing, and where the filesystem is no longer mounted:
// then it says nothing about now.
func (d *data) fill(l *lun) (percent int, old bool) {
	percent, _ = l.spaceLong.last.UsedPercent()
	_, ended := d.ending(l)
	return percent, ended || d.now.Sub(l.spaceLong.last.At) > l.spaceLong.hold+time.Hour
}

// spaceStands reports that a filesystem's fill says something about the range's end: it
// is of now or, if the host fell silent, it is the last that is known. A filesystem that
// was nearly full then isn't fine just because nobody looked since.
func (d *data) spaceStands(l *lun) bool {
	g, ended := d.ending(l)
	if !ended || g.cause == causeAbsent || !g.From.After(d.From) {
		_, old := d.fill(l)
		return !old
	}
	return g.From.Sub(l.spaceLong.last.At) <= l.spaceLong.hold+time.Hour
}

// fillWords are the fill in the words of tables.
func (d *data) fillWords(l *lun) string {
	percent, old := d.fill(l)
	if old {
		return fmt.Sprintf("was %d %%", percent)
	}
	return fmt.Sprintf("%d %%", percent)
}
