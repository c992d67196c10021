package facts

import (
	"fmt"
	"strings"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// next is what to type about a finding of a LUN, the most useful first.
func (f *finder) next(n *Finding) []string {
	name := f.called()
	from, to := around(n, f.Now)
	out := []string{
		"lunstat lookup " + name,
		fmt.Sprintf("%s --lun %s --from %q --to %q", f.Report, name, f.typed(from), f.typed(to)),
	}
	if n.Kind == KindSlow || n.Kind == KindStalled {
		if line := f.sar(n); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// mostAround is the longest range to look at: in a week a picture still shows each hour.
const mostAround = 7 * 24 * time.Hour

// around is the range to look at: the finding's worst hour, or all of it where it is
// short. What changed is seen over days, with the last hours in which it had not.
func around(n *Finding, now time.Time) (from, to time.Time) {
	const edge = 30 * time.Minute
	from, to = n.Since, n.Until
	if to.IsZero() || to.After(now) {
		to = now
	}
	switch {
	case n.Kind == KindChanged:
		from = from.Add(-changedBefore)
		return from.Truncate(time.Minute), noLater(to, from.Add(mostAround)).Truncate(time.Minute)
	case n.Kind == KindFull: // it fills up over days, up to its end
		if week := to.Add(-mostAround); n.Unit == "days" || week.After(from) {
			from = week
		}
	case to.Sub(from) > 24*time.Hour && !n.WorstAt.IsZero():
		from, to = n.WorstAt, n.WorstAt
		if n.Kind == KindStalled { // what led to the longest; later there is nothing to see
			from = from.Add(-time.Duration(n.Worst * float64(time.Second)))
			to = from
		}
	}
	return from.Add(-edge).Truncate(time.Minute), noLater(to, from.Add(mostAround)).Add(edge).Truncate(time.Minute)
}

func noLater(t, than time.Time) time.Time {
	if t.After(than) {
		return than
	}
	return t
}

// changedBefore is how much of the time before a change is looked at with it.
const changedBefore = 12 * time.Hour

// called is the LUN's name in a shell. One with characters that no terminal shows is
// called by its device number.
func (f *finder) called() string {
	lun := &f.lun.Entry.LUN
	name := lun.Name()
	if series.Plain(name) != name || strings.HasPrefix(name, "-") {
		return lun.Dev.String()
	}
	return mapper.ShellWord(name)
}

// sar is how a sceptic checks the worst ten minutes with sysstat, under the kernel's
// name of that time. The times are the host's.
func (f *finder) sar(n *Finding) string {
	e := f.entryAt(n.WorstAt)
	if e.Source != series.SourceHost || n.WorstAt.IsZero() || n.WorstAt.Before(e.From) {
		return "" // nobody knows which number it had
	}
	from, to := n.WorstAt.Add(-10*time.Minute).In(f.zone), n.WorstAt.Add(10*time.Minute).In(f.zone)
	if from.Day() != to.Day() {
		from, to = n.WorstAt.In(f.zone), n.WorstAt.Add(time.Minute).In(f.zone)
	}
	dev := e.LUN.Dev
	if shownTwice(from) || shownTwice(to) {
		return fmt.Sprintf("sadf -d /var/log/sa/sa%s -- -d | grep -E '^#|(%s).*;(%s|dev%d-%d);'",
			from.Format("02"), strings.Join(tenMinutes(from, to), "|"), e.LUN.Kernel, dev.Major, dev.Minor)
	}
	return fmt.Sprintf("sar -d -f /var/log/sa/sa%s -s %s -e %s | grep -E 'await|%s |dev%d-%d '",
		from.Format("02"), from.Format("15:04:05"), to.Format("15:04:05"), e.LUN.Kernel, dev.Major, dev.Minor)
}

// entryAt is what the ledger says of the LUN at a moment, on the host that it was on last.
func (f *finder) entryAt(t time.Time) *mapper.Entry {
	for i := range f.lun.History {
		e := &f.lun.History[i]
		if e.Host == f.lun.Entry.Host && !e.From.After(t) && (e.To.IsZero() || e.To.After(t)) {
			return e
		}
	}
	return &f.lun.Entry
}

// tenMinutes are the beginnings of sadf's times from one moment to another, each of ten
// minutes. sadf writes date and time in UTC. sar's -s and -e know no date: of an hour that
// the clock shows twice they find the first, and in UTC the first hour of a day of 25 comes
// again as its last.
func tenMinutes(from, to time.Time) (out []string) {
	const beginning = "2006-01-02 15:0"
	for at := from.UTC().Truncate(10 * time.Minute); !at.After(to); at = at.Add(10 * time.Minute) {
		out = append(out, at.Format("2006-01-02 15:04")[:len(beginning)])
	}
	return out
}
