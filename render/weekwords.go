package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"lunstat/render/calendar"
	"lunstat/render/facts"
)

// verdict is what the strip says in words: what is wrong, or that nothing is.
type verdict struct {
	title string   // in large type
	says  []string // what is wrong with that LUN, a clause a line
	next  string   // what to type about it; may be ""
	lines []string // what else there is to know
	alarm bool
}

// verdict takes the heaviest finding of the first row for the headline, and counts the
// others.
func (d *data) verdict(rows []weekRow) verdict {
	var v verdict
	main := slices.IndexFunc(d.findings, func(f facts.Finding) bool {
		return f.PartOf == "" && f.Troubling() && f.Of >= 0 && d.luns[f.Of] == rows[0].lun
	})
	switch {
	case main >= 0:
		f := d.findings[main]
		v.alarm = true
		v.title = visible(f.Title)
		v.says = strings.Split(visible(strings.TrimPrefix(f.Text, f.Title+": ")), "; ")
		if len(f.Next) > 0 {
			v.next = visible(f.Next[0])
		}
		v = v.with(d.others(f, rows))
	case d.intervals == 0:
		v = verdict{title: "Nothing is known of I/O", alarm: true}.with(d.fullestWords())
	default:
		v = d.allQuiet()
	}
	return v.with(d.dataWords())
}

func (v verdict) with(line string) verdict {
	if line != "" {
		v.lines = append(v.lines, line)
	}
	return v
}

// counted are the kinds for which the headline says how many LUNs had them.
func counted() []struct {
	kind facts.Kind
	said string
} {
	return []struct {
		kind facts.Kind
		said string
	}{
		{facts.KindStalled, "stalled"}, {facts.KindFull, "nearly full"}, {facts.KindSlow, "slow"}, {facts.KindTail, "with some very slow I/Os"},
		{facts.KindGone, "gone"}, {facts.KindReadOnly, "read-only"}, {facts.KindPaths, "with fewer paths"}, {facts.KindHSM, "with HSM late or missing"},
	}
}

// besides says how many LUNs are in trouble besides the main one. One trouble counts once,
// as the first of the counted kinds that it shows.
func (d *data) besides(main facts.Finding) (said []string) {
	for _, c := range counted() {
		luns := map[int]bool{}
		for _, lead := range facts.Leading(d.findings) {
			if lead.Troubling() && (lead.Kind != main.Kind || lead.Of != main.Of) && d.countsAs(lead) == c.kind {
				luns[lead.Of] = true
			}
		}
		if n := len(luns); n > 0 {
			said = append(said, fmt.Sprintf("%s %s", number(float64(n), 0), c.said))
		}
	}
	return said
}

// countsAs is the kind as which a LUN's trouble counts: the first of the counted ones
// among its own and those of its parts.
func (d *data) countsAs(lead facts.Finding) facts.Kind {
	for _, c := range counted() {
		if c.kind == lead.Kind || slices.ContainsFunc(d.findings, func(f facts.Finding) bool {
			return f.Of == lead.Of && f.PartOf == lead.Kind && f.Kind == c.kind && f.Troubling()
		}) {
			return c.kind
		}
	}
	return ""
}

// others counts what else is wrong, and says what the rest did.
func (d *data) others(main facts.Finding, rows []weekRow) string {
	said := d.besides(main)
	if len(said) > 0 {
		return "Also: " + strings.Join(said, ", ") + ". The worst come first."
	}
	n, unknown := 0, false
	var filled []string // nearly full for a while, which has a sign but is no finding
	for _, r := range rows {
		if r.trouble {
			continue
		}
		n++
		unknown = unknown || r.unknown
		if nearly, _ := d.fullBars(r.lun); len(nearly) > 0 {
			filled = append(filled, r.title)
		}
	}
	switch {
	case n == 0:
		return ""
	case n == 1:
		return "The other LUN kept its limit" + asFar(unknown) + forAWhile(filled)
	}
	return "The other " + number(float64(n), 0) + " LUNs kept their limits" + asFar(unknown) + forAWhile(filled)
}

// forAWhile names the filesystems that were nearly full and are not any more.
func forAWhile(titles []string) string {
	switch n := len(titles); n {
	case 0:
		return ""
	case 1:
		return " " + titles[0] + " was nearly full for a while."
	default:
		return " " + number(float64(n), 0) + " filesystems were nearly full for a while."
	}
}

// asFar restricts what is said about LUNs when not all is known.
func asFar(unknown bool) string {
	if unknown {
		return ", as far as there is data."
	}
	return "."
}

// allQuiet is the headline without trouble: the busiest hour, and what fills up.
func (d *data) allQuiet() verdict {
	v := verdict{title: "No LUN was slow, stalled or full"}
	if !d.complete.whole {
		v.title = "No trouble in what is known"
	}
	if slices.ContainsFunc(d.luns, func(l *lun) bool { return d.limit(l) > 0 && d.unwatched(l) }) {
		v.title = "No trouble in what is known"
		v = v.with("Not of all LUNs it is known how slow they were.")
	}
	return v.with(d.busiestWords()).with(d.fullestWords()).with(d.fillWordsOf()).with(d.changedWords())
}

// busiestWords name the hour of the week with the most I/O.
func (d *data) busiestWords() string {
	switch h := d.hour; {
	case h == nil:
		return ""
	case h.IOPS == 0:
		return "There was no I/O."
	case h.IOPS < 0.05:
		return "There was next to no I/O."
	default:
		digits := 0
		if h.IOPS < 9.95 {
			digits = 1
		}
		return fmt.Sprintf("The busiest hour: %s %d:00 to %d:00, %s IOPS in all.", h.Weekday, h.Hour, (h.Hour+1)%24, short(h.IOPS, digits))
	}
}

// changedWords say which change against the weeks before is the largest.
func (d *data) changedWords() string {
	i := slices.IndexFunc(d.findings, func(f facts.Finding) bool { return f.Kind == facts.KindChanged })
	if i < 0 {
		return ""
	}
	return visible(d.findings[i].Text) + "."
}

// fullestWords name the fullest filesystem.
func (d *data) fullestWords() string {
	for _, l := range d.withSpace() {
		if percent, old := d.fill(l); !old {
			return fmt.Sprintf("The fullest: %s, %d %%.", l.title, percent)
		}
	}
	return ""
}

// mostDaysAhead is how many days ahead the growth of some weeks says something.
const mostDaysAhead = 365

// fillWordsOf name what will be full first.
func (d *data) fillWordsOf() string {
	text, first := "", float64(mostDaysAhead)
	for _, l := range d.withSpace() {
		if _, old := d.fill(l); old {
			continue
		}
		if soonest, latest, r, ok := l.levels.Fills(); ok && soonest < first {
			first, text = soonest, l.title+": "+facts.FillWords(soonest, latest, r)+"."
		}
	}
	return text
}

// unwatched reports that a LUN's slow time could never be known.
func (d *data) unwatched(l *lun) bool {
	for _, p := range l.series {
		if p.slow.Watched > 0 {
			return false
		}
	}
	return len(l.series) > 0
}

// dataWords say whether the data is complete and, if not, what the largest hole is.
func (d *data) dataWords() string {
	if d.complete.whole {
		return "The data is complete."
	}
	text := "Data for " + d.complete.share() + " % of it"
	for _, f := range d.findings {
		if f.Kind == facts.KindGap && f.Of < 0 {
			says := strings.TrimPrefix(f.Text, f.Title+": ")
			if len(d.hosts) > 1 {
				says = f.Text
			}
			return visible(text + ": " + says + ".")
		}
	}
	return text + "."
}

// weekWhen is the range with its days, without hours where it has whole days.
func (d *data) weekWhen() string {
	from, to := d.From, d.To
	day, full, hours := "Mon 2 Jan", "Mon 2 Jan 2006", " 15:04"
	switch {
	case to.Sub(from) < tenMinutes:
		hours = " 15:04:05"
	case calendar.Begins(from) && calendar.Begins(to):
		to, hours = to.Add(-time.Minute), ""
	}
	begin := day
	if from.Year() != to.Year() {
		begin = full
	}
	text := from.Format(begin+hours) + " to " + to.Format(full+hours)
	if from.YearDay() == to.YearDay() && from.Year() == to.Year() {
		text = from.Format(full + hours)
		if hours != "" {
			text += " to" + to.Format(hours)
		}
	}
	to = d.To
	if y, w := from.ISOWeek(); from.Weekday() == time.Monday && calendar.Begins(from) && from.AddDate(0, 0, 7).Equal(to) {
		text = fmt.Sprintf("Week %d of %d: %s", w, y, text)
	}
	return text + ", " + d.zoneName() + d.soFar()
}

// foldedWords say what replaces the LUNs without a row.
func foldedWords(troubled, quiet []weekRow) []string {
	var out []string
	if n := len(troubled); n > 0 {
		out = append(out, english.Plural(n, "more LUN", "more LUNs")+" in trouble: see report.json and the page")
	}
	if n := len(quiet); n > 0 {
		unknown := slices.ContainsFunc(quiet, func(r weekRow) bool { return r.unknown })
		words := number(float64(n), 0) + " others kept their limits"
		if n == 1 {
			words = "1 other kept its limit"
		}
		out = append(out, strings.TrimSuffix(words+asFar(unknown), "."))
	}
	return out
}
