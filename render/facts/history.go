package facts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"lunstat/mapper"
)

// history finds what the ledger says changed about a LUN in the range. Its entries are
// one host's at a time, in order.
func (f *finder) history() {
	hosts := map[string]*mapper.Entry{}
	for i := range f.lun.History {
		e := &f.lun.History[i]
		was := hosts[e.Host]
		hosts[e.Host] = e
		if was == nil || !e.From.After(f.From) || e.From.After(f.To) {
			continue
		}
		f.renamed(was, e)
		f.resized(was, e)
	}
	f.readOnly()
}

// renamed is for who looks for the former name. A kernel name or number that changed at
// a reboot is no news: that is why there is a ledger.
func (f *finder) renamed(was, is *mapper.Entry) {
	a, b := was.LUN.DMName, is.LUN.DMName
	if a == "" || b == "" || a == b {
		return
	}
	f.event(Finding{Kind: KindRenamed, Host: is.Host, Since: is.From, Until: is.From},
		fmt.Sprintf("renamed on %s: it was %s", f.at(is.From), a))
}

func (f *finder) resized(was, is *mapper.Entry) {
	a, b := was.LUN.SizeBytes, is.LUN.SizeBytes
	if a == 0 || b == 0 || a == b {
		return
	}
	how := "grew"
	if b < a {
		how = "shrank"
	}
	f.event(Finding{Kind: KindResized, Host: is.Host, Since: is.From, Until: is.From, Worst: float64(b), WorstAt: is.From, Unit: "bytes"},
		fmt.Sprintf("%s on %s from %s to %s", how, f.at(is.From), humanize.IBytes(a), humanize.IBytes(b)))
}

// event adds what is good to know: without a weight of its own.
func (f *finder) event(n Finding, says string) { f.add(n, says) }

// readOnlySeverity: nothing can be written, and mostly an I/O error came before.
const readOnlySeverity = 6

// readOnly is a mount that was writable and is so no more.
func (f *finder) readOnly() {
	var since *mapper.Entry
	point := ""
	writable := map[string]bool{}
	for i := range f.lun.History {
		e := &f.lun.History[i]
		if since != nil && e.Host == since.Host && writableAt(e, point) {
			if e.From.After(f.From) {
				f.addReadOnly(since, point, e)
			}
			since = nil
		}
		for _, m := range e.LUN.Mounts {
			at := e.Host + "\x00" + m.Point
			if m.RO && writable[at] && since == nil {
				since, point = e, m.Point
			}
			writable[at] = !m.RO
		}
	}
	if since != nil {
		f.addReadOnly(since, point, nil)
	}
}

func writableAt(e *mapper.Entry, point string) bool {
	return slices.ContainsFunc(e.LUN.Mounts, func(m mapper.Mount) bool { return m.Point == point && !m.RO })
}

func (f *finder) addReadOnly(since *mapper.Entry, point string, over *mapper.Entry) {
	if since.From.After(f.To) {
		return
	}
	n := Finding{Kind: KindReadOnly, Host: since.Host, Since: since.From}
	text := fmt.Sprintf("read-only since %s", f.at(since.From))
	until := f.Now
	if over != nil && !over.From.After(f.Now) {
		n.Until, until = over.From, over.From
		text = fmt.Sprintf("read-only from %s to %s", f.at(n.Since), f.at(n.Until))
	}
	if point != "" {
		text += " (" + point + ")"
	}
	from := since.From
	if from.Before(f.From) {
		from = f.From
	}
	n.Duration = until.Sub(since.From)
	n.Weight = max(until.Sub(from).Hours(), 1) * readOnlySeverity
	f.add(n, text)
	last := &f.found[len(f.found)-1]
	last.Next = append([]string{"dmesg -T | grep -i -E 'error|remount|" + since.LUN.Kernel + "'"}, last.Next...)
}

// The severity of a LUN that is gone though it was in use, and of what is only news.
const goneSeverity = 4

// gone is a LUN that went away while its host was there. One that was not mounted, last
// night's snapshot, is no trouble.
func (f *finder) gone() {
	l := f.lun
	if l.Gone.IsZero() {
		return
	}
	n := Finding{Kind: KindGone, Since: l.Gone, Duration: f.Now.Sub(l.Gone)}
	text := "gone since " + f.at(l.Gone)
	if m := l.Entry.LUN.Mounted(); m != "" || l.Entry.LUN.Swap {
		n.Weight = max(n.Duration.Hours(), 1) * goneSeverity
		if m != "" {
			text += "; it was mounted on " + m
		}
	}
	f.add(n, text)
}

// appeared is a LUN that was first seen within the range.
func (f *finder) appeared() {
	l := f.lun
	if l.New.IsZero() {
		return
	}
	text := "new since " + f.at(l.New)
	if l.Entry.LUN.SizeBytes > 0 {
		text += ", " + humanize.IBytes(l.Entry.LUN.SizeBytes)
	}
	f.event(Finding{Kind: KindAppeared, Since: l.New, Until: l.New}, text)
}

// absent are stretches in which a LUN was not there though its host was, and after which
// it came back.
func (f *finder) absent() {
	n := Finding{Kind: KindGap, Unit: "s"}
	count := 0
	for _, g := range f.lun.Gaps {
		if g.Cause != CauseAbsent || !g.To.Before(f.Now.Add(-touch)) {
			continue
		}
		if count++; count == 1 {
			n.Since = g.From
		}
		n.Until = g.To
		n.Duration += g.Long()
		if s := g.Long().Seconds(); s > n.Worst {
			n.Worst, n.WorstAt = s, g.To
		}
	}
	if count == 0 {
		return
	}
	n.Weight = n.Duration.Hours() * gapSeverity
	text := fmt.Sprintf("not there for %s, from %s to %s", Long(n.Duration), f.at(n.Since), f.at(n.Until))
	if count > 1 {
		text = fmt.Sprintf("not there %s, for %s in all, first on %s", times(count), Long(n.Duration), f.at(n.Since))
	}
	f.add(n, text)
}

// CauseAbsent is the cause of a gap in which the host was there and the LUN was not.
const CauseAbsent = "LUN absent"

// Map is a multipath map with what the ledger says of its paths, and the LUNs on it.
type Map struct {
	Name    string
	History []mapper.Entry // of one host, in order
	LUNs    []int          // places in Seen
}

// working is how many paths can carry I/O, as far as that is known: a state that may not
// be read counts as working.
func working(e *mapper.Entry) int {
	n := 0
	for _, p := range e.LUN.Paths {
		if p.State == "" || p.State == "running" || p.State == "live" {
			n++
		}
	}
	return n
}

// paths is one finding for each map that has fewer paths than it had.
func (f *finder) paths() {
	for i := range f.Maps {
		f.pathsOf(&f.Maps[i])
	}
}

func (f *finder) pathsOf(m *Map) {
	most, least := 0, 0
	var since *mapper.Entry
	n := Finding{Kind: KindPaths, Unit: "paths"}
	for i := range m.History {
		e := &m.History[i]
		now := working(e)
		switch {
		case since == nil && now < most:
			since, least = e, now
		case since != nil && now >= most:
			if e.From.After(f.From) {
				f.lostPaths(m, n, since, e, least, most)
			}
			since = nil
		case since != nil:
			least = min(least, now)
		}
		most = max(most, now)
	}
	if since != nil && since.From.Before(f.To) {
		f.lostPaths(m, n, since, nil, least, most)
	}
}

// lostPaths adds the finding. Its severity is log₂ of how many times fewer paths carry
// the same I/O, and that of a stall where none is left.
func (f *finder) lostPaths(m *Map, n Finding, since, over *mapper.Entry, left, of int) {
	n.Host, n.Since, n.Worst, n.WorstAt, n.Limit = since.Host, since.From, float64(left), since.From, float64(of)
	until := f.Now
	text := fmt.Sprintf("%d of %s since %s", left, english.Plural(of, "path", ""), f.at(since.From))
	if over != nil {
		n.Until, until = over.From, over.From
		text = fmt.Sprintf("%d of %s from %s to %s", left, english.Plural(of, "path", ""), f.at(n.Since), f.at(n.Until))
	}
	from := since.From
	if from.Before(f.From) {
		from = f.From
	}
	n.Duration = until.Sub(since.From)
	severe := stallSeverity * 1.0
	if left > 0 {
		severe = severity(float64(of) / float64(left))
	}
	n.Weight = max(until.Sub(from).Hours(), 0) * severe
	var titles []string
	for _, i := range m.LUNs {
		titles = append(titles, f.LUNs[i].Title)
	}
	f.of, f.lun = m.LUNs[0], &f.LUNs[m.LUNs[0]]
	n.With = titles[1:]
	text += ", map " + m.Name
	if len(n.With) > 0 {
		text += "; also of " + strings.Join(n.With, ", ")
	}
	f.add(n, text)
	last := &f.found[len(f.found)-1]
	last.Next = append([]string{"multipath -ll " + m.Name}, last.Next...)
}
