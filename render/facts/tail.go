package facts

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"lunstat/collector/series"
)

// Tails is how long the I/Os of one LUN took in each hour of local time. It knows only
// intervals with a histogram.
type Tails struct {
	Zone *time.Location // nil: UTC
	list []tailHour     // in order
}

// tailHour is what an hour of the clock on the wall had.
type tailHour struct {
	at int64 // wall hours since 1970
	series.Histogram
}

// Add adds an interval or a bin of at most an hour. Long ones say nothing about an hour,
// and counts by other bounds can't be added.
func (t *Tails) Add(i *series.Interval) {
	if i.Latency == nil || i.Latency.Version != series.BoundsVersion || i.Quality.Has(series.Long) {
		return
	}
	at := wallHour(i.Start().Add(i.End.Sub(i.Start())/2), t.Zone)
	n := len(t.list)
	if n == 0 || t.list[n-1].at != at { // the hours of two hosts may come in turn
		var there bool
		n, there = slices.BinarySearchFunc(t.list, at, func(h tailHour, at int64) int { return cmp.Compare(h.at, at) })
		if !there {
			t.list = slices.Insert(t.list, n, tailHour{at, series.Histogram{Version: i.Latency.Version}})
		}
		n++
	}
	h := &t.list[n-1]
	h.Histogram, _ = h.Histogram.Add(i.Latency)
}

// What makes an hour one with a tail. Any LUN has an I/O in a hundred that takes longer
// than its limit, so the hundredth has to take several times as long, and there have to
// be enough of them.
const (
	tailTimes = 5    // × the limit
	tailIOs   = 1000 // in an hour
	tailSlow  = 10   // of them above
	tailHours = 2    // in the range
)

// tail is what some hours have in common.
type tail struct {
	hours []tailHour
	over  time.Duration // a bound: so long, and longer, took
	oneIn uint64        // of so many I/Os one
	daily []dayHours    // each day at these hours; nil: not each day
	days  int           // with a tail, of
	known int           // days with enough I/O at these hours
}

// dayHours are some hours of the day; to is from 1 to 24, and less than from or the same
// where midnight lies between.
type dayHours struct{ from, to int }

func (d dayHours) has(hour int) bool {
	if d.from < d.to {
		return hour >= d.from && hour < d.to
	}
	return hour >= d.from || hour < d.to
}

// String is "02:00 to 05:00".
func (d dayHours) String() string { return fmt.Sprintf("%02d:00 to %02d:00", d.from, d.to) }

// nightly reports that it is when people sleep.
func (d dayHours) nightly() bool {
	return (d.from >= 20 || d.from < 8) && (d.to <= 8 || d.from >= 20 && d.to >= 20 && d.to > d.from)
}

// slowest is the longest bound that one I/O in a hundred, or more of them, took or
// exceeded. ok is false if there are too few I/Os.
func slowest(h *series.Histogram) (over time.Duration, oneIn uint64, ok bool) {
	total, above := h.Total(), uint64(0)
	if total < tailIOs {
		return 0, 0, false
	}
	bounds := series.Bounds()
	for i := len(bounds) - 1; i >= 0; i-- {
		if above += h.Counts[i+1]; above >= tailSlow && above >= (total+99)/100 {
			return bounds[i], (total + above/2) / above, true
		}
	}
	return 0, 0, true
}

// find looks for hours in which one I/O in a hundred took several times as long as the
// limit. It leaves out hours for which skip is true: those are told otherwise.
func (t *Tails) find(limit time.Duration, skip func(Span) bool) (found tail, ok bool) {
	var judged, tailed []tailHour
	for i := range t.list {
		h := &t.list[i]
		over, _, known := slowest(&h.Histogram)
		if !known || skip(t.span(h.at)) {
			continue
		}
		judged = append(judged, *h)
		if over >= tailTimes*limit {
			tailed = append(tailed, *h)
		}
	}
	if limit <= 0 || len(tailed) < tailHours {
		return tail{}, false
	}
	found = tail{hours: tailed}
	if daily := everyDay(judged, tailed); daily != nil {
		found = tail{hours: slices.DeleteFunc(tailed, func(h tailHour) bool { return !within(daily, h) }), daily: daily}
		found.days, found.known = daysOf(found.hours), daysOf(slices.DeleteFunc(judged, func(h tailHour) bool { return !within(daily, h) }))
	}
	all := series.Histogram{Version: series.BoundsVersion}
	for i := range found.hours {
		all, _ = all.Add(&found.hours[i].Histogram)
	}
	found.over, found.oneIn, _ = slowest(&all)
	return found, true
}

// span is when the clock on the wall showed an hour: twice as long where it was set back.
func (t *Tails) span(hour int64) Span {
	return Span{wallBegins(hour, t.Zone), wallBegins(hour+1, t.Zone)}
}

func within(daily []dayHours, h tailHour) bool {
	return slices.ContainsFunc(daily, func(d dayHours) bool { return d.has(int(h.at % 24)) })
}

func daysOf(hours []tailHour) int {
	days := map[int64]bool{}
	for _, h := range hours {
		days[h.at/24] = true
	}
	return len(days)
}

// How often an hour of the day has to have a tail to be one that has it each day.
const (
	dailyDays  = 3
	dailyShare = 2.0 / 3
	mostDaily  = 2 // stretches of a day that are named
)

// everyDay are the hours of the day that mostly have a tail; nil: there are none, or too
// many stretches of them to name.
func everyDay(judged, tailed []tailHour) []dayHours {
	var days, with [24]int
	for _, h := range judged {
		days[h.at%24]++
	}
	for _, h := range tailed {
		with[h.at%24]++
	}
	mostly := func(hour int) bool {
		hour = (hour + 24) % 24
		return with[hour] >= dailyDays && float64(with[hour]) >= dailyShare*float64(days[hour])
	}
	var out []dayHours
	for from := range 24 {
		if !mostly(from) || mostly(from-1) {
			continue
		}
		to := from + 1
		for mostly(to) {
			to++
		}
		out = append(out, dayHours{from, (to-1)%24 + 1})
	}
	if out == nil && mostly(0) { // all of them
		out = []dayHours{{0, 24}}
	}
	if len(out) > mostDaily {
		return nil
	}
	return out
}

// tailSeverity makes a tail less than slowness: one I/O in a hundred and not the mean.
const tailSeverity = 0.25

// tail is one finding for the hours in which few of a LUN's I/Os took very long. An hour
// that is slow on average is told already.
func (f *finder) tail() {
	t := f.lun.Tails
	if t == nil {
		return
	}
	found, ok := t.find(f.lun.Limit, f.slowIn)
	if !ok {
		return
	}
	limit := float64(f.lun.Limit) / float64(time.Millisecond)
	n := Finding{
		Kind: KindTail, Unit: "ms", Limit: limit, OneIn: found.oneIn,
		Since: t.span(found.hours[0].at).From, Until: t.span(found.hours[len(found.hours)-1].at).To,
		Worst: float64(found.over) / float64(time.Millisecond),
	}
	n.TimesLimit = n.Worst / limit
	worst := time.Duration(0)
	for i := range found.hours {
		h := &found.hours[i]
		in := t.span(h.at).Clip(Span{f.From, f.Now})
		n.Duration += in.Long()
		n.Hours = append(n.Hours, in)
		over, _, _ := slowest(&h.Histogram)
		n.Weight += in.Long().Hours() * severity(float64(over)/float64(f.lun.Limit)) * tailSeverity
		if over > worst {
			worst, n.WorstAt = over, in.To
		}
	}
	onwards := ""
	if found.daily == nil && n.Until.After(f.lun.LastEnd) { // the hour goes on
		onwards = ", and still do"
		if when := f.goOn(&n, f.lun.LastEnd); when != "" {
			onwards = ", and did " + when
		}
	}
	for _, d := range found.daily {
		n.Daily = append(n.Daily, d.String())
	}
	f.add(n, f.tailWords(&found, &n, onwards))
}

// slowIn reports that a LUN whose slowness is a finding was slow in a stretch.
func (f *finder) slowIn(in Span) bool {
	if !slices.ContainsFunc(f.found, func(n Finding) bool { return n.Kind == KindSlow && n.Of == f.of }) {
		return false
	}
	return slices.ContainsFunc(f.lun.Slow, func(s *Slowness) bool {
		return slices.ContainsFunc(s.hours, func(h slowHour) bool { return in.Overlaps(Span{h.first.From, h.last.To}) })
	})
}

func (f *finder) tailWords(found *tail, n *Finding, onwards string) string {
	text := fmt.Sprintf("1 in %d I/Os took more than %s, ", found.oneIn, milliseconds(n.Worst))
	switch {
	case found.daily != nil:
		text += found.when()
	case onwards != "":
		text += fmt.Sprintf("for %s since %s", Long(n.Duration), f.at(n.Since)) + onwards
	default:
		text += fmt.Sprintf("for %s from %s to %s", Long(n.Duration), f.at(n.Since), f.at(n.Until))
	}
	return text + fmt.Sprintf("; that is %s its limit of %s", multiple(n.TimesLimit), milliseconds(n.Limit))
}

// when says at which hours of which days.
func (t *tail) when() string {
	day := "day"
	if !slices.ContainsFunc(t.daily, func(d dayHours) bool { return !d.nightly() }) {
		day = "night"
	}
	var at []string
	for _, d := range t.daily {
		at = append(at, d.String())
	}
	text := strings.Join(at, " and ")
	if len(t.daily) == 1 && t.daily[0] == (dayHours{0, 24}) {
		text = "at all hours"
	}
	if t.days < t.known {
		return fmt.Sprintf("%s on %d of %s", text, t.days, english.Plural(t.known, day, ""))
	}
	return text + " every " + day
}
