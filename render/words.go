package render

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/dustin/go-humanize"

	"lunstat/render/calendar"
	"lunstat/render/facts"
)

// mostShown is how many bytes of a text pictures and page show, half of them from each
// end; report.json has all.
const mostShown = 4096

// visible shows what can't be seen: control characters, line ends and marks that
// turn the direction of writing become dots. What is too long to be read loses its
// middle.
func visible(s string) string {
	if len(s) > mostShown {
		s = strings.ToValidUTF8(s[:mostShown/2], "") + "…" + strings.ToValidUTF8(s[len(s)-mostShown/2:], "")
	}
	last := rune(0)
	return strings.Map(func(r rune) rune {
		joins := isJoiner(r) && last > unicode.MaxLatin1 && !isJoiner(last)
		last = r
		if !joins && (unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) || r == unicode.ReplacementChar) {
			return '·'
		}
		return r
	}, s)
}

// isJoiner reports whether a character says how its neighbours are joined. Persian and
// the scripts of India are spelled with them, and emoji are composed by them.
func isJoiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

// name is what the report is about: its group, else its hosts.
func (d *data) name() string {
	hosts := strings.Join(d.hosts, ", ")
	if len(d.hosts) > mostNamed {
		hosts = fmt.Sprintf("%d hosts", len(d.hosts))
	}
	switch {
	case d.opt.Title != "":
		return visible(d.opt.Title)
	case d.opt.Group != "":
		return visible(d.opt.Group)
	case d.group != "" && hosts != "":
		return visible(d.group + " on " + hosts)
	}
	return visible(hosts)
}

// title is a picture's.
func (d *data) title(what string) string { return what + " – " + d.name() }

// subtitle is the two lines below a title.
func (d *data) subtitle(says string) []string { return []string{d.when(d.From, d.To), says} }

// tenMinutes is the length below which a range is said with its seconds.
const tenMinutes = 10 * time.Minute

// when is a range as people say it.
func (d *data) when(from, to time.Time) string {
	a, b := "Mon 2 Jan 2006 15:04", "Mon 2 Jan 2006 15:04"
	switch {
	case to.Sub(from) < tenMinutes:
		a, b = "Mon 2 Jan 2006 15:04:05", "15:04:05"
	case from.YearDay() == to.YearDay() && from.Year() == to.Year():
		b = "15:04"
	}
	text := fmt.Sprintf("%s to %s (%s), %s", from.Format(a), to.Format(b), d.days(from, to), d.zone())
	if from.Equal(d.From) {
		text += d.soFar()
		if !d.complete.whole {
			text += fmt.Sprintf(" · data for %s %% of it", d.complete.share())
		}
		text += d.framed()
	}
	return text
}

// days counts whole days by the calendar, so that a week with a change of clock
// is seven days, too, and a day without a midnight is one.
func (d *data) days(from, to time.Time) string {
	begins, ends := calendar.Wall(from), calendar.Wall(to)
	if calendar.Begins(from) && calendar.Begins(to) {
		begins, ends = begins.Truncate(24*time.Hour), ends.Truncate(24*time.Hour)
	}
	if n := ends.Sub(begins) / (24 * time.Hour); n >= 2 && begins.Add(n*24*time.Hour).Equal(ends) {
		text := fmt.Sprintf("%d days", n)
		switch more := to.Sub(from) - n*24*time.Hour; more {
		case time.Hour:
			return text + " and an hour"
		case -time.Hour:
			return text + " less an hour"
		}
		return text
	}
	return facts.Long(to.Sub(from))
}

// zoneName is the zone's name, or what its clocks were at where the system has
// none for it.
func (d *data) zoneName() string {
	if name := d.opt.Zone.String(); name != "Local" {
		return name
	}
	return d.zone()
}

// zone is the axis' zone with what its clocks were at in the range.
func (d *data) zone() string {
	name := d.opt.Zone.String()
	a, _ := d.From.Zone()
	b, _ := d.To.Zone()
	switch {
	case name == "Local":
		name = a
	case a != name && a != "":
		name += " (" + a + ")"
	}
	switch {
	case a != b && d.opt.Zone.String() == "Local":
		name = a + ", then " + b
	case a != b:
		name = d.opt.Zone.String() + " (" + a + ", then " + b + ")"
	}
	return name
}

// resolution is what a column of a picture shows.
func (d *data) resolution() string {
	if d.cells.edges != nil {
		return "means of " + d.cells.by.plural()
	}
	if w := d.grid.width(); float64(w) > 1.5*float64(d.typical) {
		return "means of " + facts.Long(w)
	}
	if d.width == 0 && !d.binned() {
		return "each interval's mean"
	}
	return "means of " + facts.Long(d.typical)
}

// coarseBy is what the overviews' upper frames show means of, where that isn't the columns.
func (d *data) coarseBy() string {
	if d.cells.coarse == nil {
		return ""
	}
	return d.cells.coarse.by.plural()
}

// typicalLength is the median of the intervals', or the bins' own.
func (d *data) typicalLength() time.Duration {
	if d.width > 0 {
		return d.width
	}
	if len(d.lengths) == 0 {
		return 0
	}
	slices.Sort(d.lengths)
	return time.Duration(d.lengths[len(d.lengths)/2]) * time.Millisecond
}

// percentileOver says what the 95th percentile is taken over.
func (d *data) percentileOver() string {
	if d.width > 0 {
		return facts.Long(d.width) + " means"
	}
	if d.binned() {
		return facts.Long(d.typical) + " means"
	}
	return "raw intervals"
}

// binned reports that raw intervals were asked for and most are bins: those of an old range
// are no longer there.
func (d *data) binned() bool { return d.width == 0 && d.meanMS > 0 && d.typical >= minBin }

// minBin is the width of the finest bins.
const minBin = 15 * time.Minute

// reading says how to read a picture.
func (d *data) reading() []string {
	how := fmt.Sprintf("Line: %s. Pale band and max: %s. 95th: below it for 95 %% of the time, over %s.", d.resolution(), d.largestOf(), d.percentileOver())
	if d.peakMS > 0 {
		how += fmt.Sprintf(" Palest: largest %s.", facts.Long(time.Duration(d.peakMS)*time.Millisecond))
	}
	switch long := d.grid.to.Sub(d.grid.from); {
	case long < time.Hour: // one shade at most, and the axis has the time
	case long <= nightsUpTo:
		how += " Shaded: nights 22–6 h, weekends."
	case long <= weekendsUpTo:
		how += " Shaded: weekends."
	}
	return append([]string{how}, d.imprint()...)
}

// largestOf says what maxima are of.
func (d *data) largestOf() string {
	if d.meanMS == 0 {
		return "largest interval"
	}
	return "largest mean of " + facts.Long(time.Duration(d.meanMS)*time.Millisecond)
}

// imprint says what made the picture, and whether anything in it is real.
func (d *data) imprint() []string {
	text := "lunstat"
	if d.opt.Version != "" {
		text += " " + d.opt.Version
	}
	if !d.opt.Now.IsZero() {
		text += ", " + d.opt.Now.In(d.opt.Zone).Format("Mon 2 Jan 2006 15:04")
	}
	if d.opt.Simulated {
		text += ". Simulated figures of an invented mailstore, not of a real host"
	}
	return []string{text}
}

// under is the text below a LUN's title: its name, where it is mounted, size.
func (l *lun) under() string {
	lun := &l.entry.LUN
	var words []string
	if lun.Name() != l.title {
		words = append(words, visible(lun.Name()))
	}
	if m := lun.Mounted(); m != "" && m != l.title {
		words = append(words, visible(m))
	}
	if lun.SizeBytes > 0 {
		words = append(words, humanize.IBytes(lun.SizeBytes))
	}
	return strings.Join(words, " · ")
}
