package render

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"lunstat/collector/series"
	"lunstat/render/calendar"
)

// A report's folder is usually next to those of other weeks. Their parent gets an
// index.html that lists them, and old reports are removed. Both concern only files with
// lunstat's mark: a folder whose report.json is lunstat's, the files that it names, and
// an index.html with generatorMark in it.

//go:embed reportlist.html
var reportListHTML string

// generatorMark is in each page of lunstat's, near its beginning.
const generatorMark = `<meta name="generator" content="lunstat">`

// weekReport is this report, or another one next to it.
type weekReport struct {
	Folder  string // its name in the parent
	Name    string // "Week 47"
	Title   string
	When    string
	Known   bool   // which findings it has; reports of old say none
	Verdict string // its first finding
	More    int    // findings
	From    time.Time
	To      time.Time
}

// Href is where its page is, from the parent.
func (w weekReport) Href() string { return "./" + url.PathEscape(w.Folder) + "/" + pageFile }

// mostSummary is more than a report.json has before its LUNs, in bytes.
const mostSummary = 32 << 20

// weeksIn are the reports in a folder, the newest first.
func weeksIn(parent string, zone *time.Location) []weekReport {
	names, err := os.ReadDir(parent)
	if err != nil {
		return nil
	}
	var out []weekReport
	for _, n := range names {
		if !n.IsDir() { // nor what is a link to a folder
			continue
		}
		var m mark
		if err := m.readFile(filepath.Join(parent, n.Name(), numbersFile), mostSummary); err != nil || m.by != maker {
			continue
		}
		w := weekReport{
			Folder: n.Name(), Title: visible(m.title), From: m.from.In(zone), To: m.to.In(zone),
			Name: capital(rangeWords(m.from.In(zone), m.to.In(zone))), More: max(m.leading()-1, 0),
			Known: slices.Contains(m.has, "findings"), When: dates(m.from.In(zone), m.to.In(zone)),
		}
		if len(m.findings) > 0 {
			w.Verdict = unparted(visible(m.findings[0].Text))
		}
		out = append(out, w)
	}
	slices.SortStableFunc(out, func(a, b weekReport) int { return b.To.Compare(a.To) })
	return out
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// rangeWords is a range in few words: a calendar week by its number.
func rangeWords(a, b time.Time) string {
	if calendar.Begins(a) && calendar.Begins(b) && a.Weekday() == time.Monday && sameDay(a.AddDate(0, 0, 7), b) {
		_, n := a.ISOWeek()
		return fmt.Sprintf("week %d", n)
	}
	const day, clock = "Mon 2 Jan", "Mon 2 Jan 15:04"
	switch last := b.Add(-time.Nanosecond); {
	case b.Sub(a) < 2*24*time.Hour && !(calendar.Begins(a) && calendar.Begins(b)):
		if b.Sub(a) < tenMinutes {
			return a.Format(clock+":05") + " to " + b.Format("15:04:05")
		}
		if sameDay(a, b) {
			return a.Format(clock) + " to " + b.Format("15:04")
		}
		return a.Format(clock) + " to " + b.Format(clock)
	case sameDay(a, last):
		return a.Format(day)
	default:
		return a.Format(day) + " to " + last.Format(day)
	}
}

// dates are what a range in few words doesn't say: the days of a calendar week, or only
// the year.
func dates(a, b time.Time) string {
	last := b.Add(-time.Nanosecond)
	if strings.HasPrefix(rangeWords(a, b), "week") {
		return a.Format("2 Jan") + " to " + last.Format("2 Jan 2006")
	}
	return last.Format("2006")
}

func sameDay(a, b time.Time) bool { return a.Year() == b.Year() && a.YearDay() == b.YearDay() }

// weeksBeside is what a page says about the reports next to its own.
type weeksBeside struct {
	earlier []weekReport
	index   bool // the parent has an index of them, or will have
}

// mostEarlier are the earlier weeks that a page links to. The index has all.
const mostEarlier = 6

// beside are the reports next to out of the same hosts or group whose ranges ended
// before, the newest first.
func (d *data) beside(out string) weeksBeside {
	out, err := filepath.Abs(out)
	if err != nil {
		return weeksBeside{}
	}
	parent, own := filepath.Dir(out), filepath.Base(out)
	all := weeksIn(parent, d.opt.Zone)
	stay := all
	if d.opt.Keep > 0 {
		stay, _ = keepWeeks(all, d.opt.Keep, own, d.To.In(d.opt.Zone))
	}
	var list []weekReport
	for _, w := range stay {
		if w.Folder != own && w.To.Before(d.To) && w.Title == d.name() {
			list = append(list, w)
		}
	}
	list, _ = atMost(list, mostEarlier)
	return weeksBeside{list, ownsIndex(parent, own, append(all, weekReport{Folder: own}))}
}

// weekFolder is a folder's name that shows that its parent is one of weeks.
var weekFolder = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\d{4}-W\d{2}$`)
})

// index writes the parent's index.html, and removes the reports that are older than
// the newest weeks that it is to keep. What goes wrong with it spoils no report, and is
// a warning.
func (d *data) index(out string) []series.Warning {
	out, err := filepath.Abs(out)
	if err != nil {
		return nil
	}
	parent, own := filepath.Dir(out), filepath.Base(out)
	all := weeksIn(parent, d.opt.Zone)
	if !ownsIndex(parent, own, all) {
		return nil
	}
	var problems []error
	if d.opt.Keep > 0 {
		var old []weekReport
		all, old = keepWeeks(all, d.opt.Keep, own, d.To.In(d.opt.Zone))
		for _, w := range old {
			problems = append(problems, removeReport(filepath.Join(parent, w.Folder)))
		}
	}
	problems = append(problems, d.writeIndex(parent, all))
	if err := errors.Join(problems...); err != nil {
		return []series.Warning{{What: "the list of reports in " + parent + ": " + strings.ReplaceAll(err.Error(), "\n", "; ")}}
	}
	return nil
}

// ownsIndex reports whether the parent's index.html is lunstat's to write. One that is
// there must be lunstat's. If there is none, the parent must be a folder of reports:
// lunstat doesn't leave a page in any folder that somebody happened to be in.
func ownsIndex(parent, current string, all []weekReport) bool {
	page := filepath.Join(parent, pageFile)
	info, err := os.Lstat(page)
	if err == nil {
		return info.Mode().IsRegular() && hasMark(page)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if weekFolder().MatchString(current) {
		return true
	}
	names, err := os.ReadDir(parent)
	if err != nil {
		return false
	}
	for _, n := range names {
		if !slices.ContainsFunc(all, func(w weekReport) bool { return w.Folder == n.Name() }) {
			return false
		}
	}
	return len(names) > 1
}

func (d *data) writeIndex(parent string, all []weekReport) error {
	t, err := template.New(pageFile).Parse(reportListHTML)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	err = t.Execute(&b, struct {
		Weeks   []weekReport
		Version string
	}{all, d.opt.Version})
	if err != nil {
		return err
	}
	return (&folder{path: parent}).write(pageFile, b.Bytes())
}
