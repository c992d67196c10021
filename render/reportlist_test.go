package render

import (
	"context"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// weekly draws reports of weeks, each into a folder of that name.
func weekly(t *testing.T, parent string, o Options, weeks ...int) Result {
	t.Helper()
	src := made{luns: madeLUNs(1), start: monday, every: time.Hour, n: 24 * 7 * 6}.source()
	var res Result
	for _, week := range weeks {
		o.From, o.To = monday.AddDate(0, 0, 7*(week-1)), monday.AddDate(0, 0, 7*week)
		o.Out, o.Width, o.level = filepath.Join(parent, fmt.Sprintf("2026-W%02d", week)), LeastWidth, png.NoCompression
		var err error
		if res, err = Report(context.Background(), src, o); err != nil {
			t.Fatal(err)
		}
	}
	return res
}

// listed is what is in a folder.
func listed(t *testing.T, dir string) []string {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, n := range all {
		names = append(names, n.Name())
	}
	return names
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func got(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestWeeks: the parent's page lists the weeks, the newest first, and each page links
// to those before it.
func TestWeeks(t *testing.T) {
	parent := t.TempDir()
	weekly(t, parent, Options{}, 1, 2, 3)
	index := got(t, filepath.Join(parent, pageFile))
	var order []int
	for _, w := range []string{"./2026-W03/index.html", "./2026-W02/index.html", "./2026-W01/index.html"} {
		order = append(order, strings.Index(index, `href="`+w+`"`))
	}
	if !slices.IsSorted(order) || order[0] < 0 || !strings.Contains(index, generatorMark) {
		t.Errorf("the index has the weeks at %v:\n%s", order, index)
	}
	page := got(t, filepath.Join(parent, "2026-W03", pageFile))
	for want, n := range map[string]int{`href="../2026-W02/index.html"`: 1, `href="../2026-W01/index.html"`: 1, `href="../2026-W03/`: 0, `href="../index.html"`: 1} {
		if strings.Count(page, want) != n {
			t.Errorf("the page has %q %d times, want %d", want, strings.Count(page, want), n)
		}
	}
	if first := got(t, filepath.Join(parent, "2026-W01", pageFile)); strings.Contains(first, "../2026-W0") {
		t.Error("the first week links to later ones")
	}
}

// TestKeep: old weeks go, and with them nothing that is not a report's.
func TestKeep(t *testing.T) {
	parent, elsewhere := t.TempDir(), t.TempDir()
	weekly(t, parent, Options{Formats: []string{"png", "pdf"}}, 1, 2)
	weekly(t, parent, Options{}, 3, 4, 5)
	weekly(t, elsewhere, Options{}, 1)
	foreign := map[string]string{
		"notes.txt":                   "mine",
		"2026-W02/notes.txt":          "mine",
		"2026-W02/lun-mine.png":       "mine",
		"other/index.html":            "mine",
		"other/report.json":           `{"made_by":"another","pictures":["disk-io.png"],"to":"2020-01-01T00:00:00Z"}`,
		"other/disk-io.png":           "mine",
		"no-report/disk-io.png":       "mine",
		"2026-W03/deeper/disk-io.png": "mine",
	}
	for name, text := range foreign {
		put(t, filepath.Join(parent, name), text)
	}
	// A report that is reached by a link, a picture that is one, and a report.json.
	if err := os.Symlink(filepath.Join(elsewhere, "2026-W01"), filepath.Join(parent, "linked")); err != nil {
		t.Fatal(err)
	}
	// A page of somebody's in a report's folder, and one of a lunstat before the mark.
	put(t, filepath.Join(parent, "2026-W04", pageFile), "<h1>mine</h1>")
	put(t, filepath.Join(parent, "2026-W01", pageFile), "<footer>Every number in the pictures: "+oldMark+"</footer>")
	picture := filepath.Join(parent, "2026-W03", "disk-io.png")
	if err := os.Remove(picture); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(parent, "notes.txt"), picture); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(parent, "json-linked", "disk-io.png"), "mine")
	if err := os.Symlink(filepath.Join(elsewhere, "2026-W01", numbersFile), filepath.Join(parent, "json-linked", numbersFile)); err != nil {
		t.Fatal(err)
	}

	res := weekly(t, parent, Options{Keep: 2}, 6)
	if len(res.Warnings) > 0 {
		t.Errorf("warnings: %v", res.Warnings)
	}
	want := []string{"2026-W02", "2026-W03", "2026-W04", "2026-W05", "2026-W06", "index.html", "json-linked", "linked", "no-report", "notes.txt", "other"}
	if names := listed(t, parent); !slices.Equal(names, want) {
		t.Errorf("left: %q, want %q", names, want)
	}
	for name, text := range foreign {
		if have := got(t, filepath.Join(parent, name)); have != text {
			t.Errorf("%s is %q", name, have)
		}
	}
	if names := listed(t, filepath.Join(parent, "2026-W02")); !slices.Equal(names, []string{"lun-mine.png", "notes.txt"}) {
		t.Errorf("2026-W02 has %q", names)
	}
	if names := listed(t, filepath.Join(parent, "2026-W03")); !slices.Equal(names, []string{"deeper", "disk-io.png"}) {
		t.Errorf("2026-W03 has %q", names)
	}
	if names := listed(t, filepath.Join(parent, "2026-W04")); !slices.Equal(names, []string{pageFile}) {
		t.Errorf("2026-W04 has %q", names)
	}
	if n := len(listed(t, filepath.Join(elsewhere, "2026-W01"))); n < 5 {
		t.Errorf("elsewhere has %d files left", n)
	}
	index := got(t, filepath.Join(parent, pageFile))
	if strings.Contains(index, "W02") || strings.Contains(index, "linked") || strings.Contains(index, "other") || !strings.Contains(index, "W05") {
		t.Errorf("the index:\n%s", index)
	}
	// An earlier week, drawn again, removes none that is later than it.
	if err := os.Remove(filepath.Join(parent, "2026-W04", pageFile)); err != nil {
		t.Fatal(err)
	}
	weekly(t, parent, Options{Keep: 1}, 4)
	if names := listed(t, parent); !slices.Contains(names, "2026-W05") || !slices.Contains(names, "2026-W04") {
		t.Errorf("after an earlier week: %q", names)
	}
}

// TestKeepCountsWeeks: reports of one week count once, even if they end at different times.
func TestKeepCountsWeeks(t *testing.T) {
	to := monday.Add(6 * time.Hour)
	report := func(folder string, to time.Time) weekReport { return weekReport{Folder: folder, To: to} }
	for name, c := range map[string]struct {
		all  []weekReport
		keep int
		old  []string
	}{
		"groups that end now": {[]weekReport{
			report("b", to), report("a", to.Add(-5*time.Second)),
			report("b-1", to.AddDate(0, 0, -7)), report("a-1", to.AddDate(0, 0, -7).Add(-5*time.Second)),
			report("a-2", to.AddDate(0, 0, -14)),
		}, 2, []string{"a-2"}},
		"a week ends on Monday at midnight": {[]weekReport{
			report("b", to), report("sunday", monday), report("saturday", monday.AddDate(0, 0, -1)), report("before", monday.AddDate(0, 0, -7)),
		}, 2, []string{"before"}},
		"this one is not there yet": {[]weekReport{report("a", to.Add(-time.Second)), report("a-1", to.AddDate(0, 0, -7))}, 1, []string{"a-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, old := keepWeeks(c.all, c.keep, "b", to)
			var names []string
			for _, w := range old {
				names = append(names, w.Folder)
			}
			if !slices.Equal(names, c.old) {
				t.Errorf("to remove: %q, want %q", names, c.old)
			}
		})
	}
}

// TestForeignIndex: an index.html of somebody's stays, and so do then the old weeks. A
// folder that only happens to have a report in it gets no page.
func TestForeignIndex(t *testing.T) {
	for name, make := range map[string]func(parent string){
		"a page": func(parent string) { put(t, filepath.Join(parent, pageFile), "<h1>mine</h1>") },
		"a link": func(parent string) {
			put(t, filepath.Join(parent, "mine"), generatorMark)
			if err := os.Symlink("mine", filepath.Join(parent, pageFile)); err != nil {
				t.Fatal(err)
			}
		},
		"a folder": func(parent string) { put(t, filepath.Join(parent, pageFile, "x"), "") },
	} {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			make(parent)
			before, err := os.Lstat(filepath.Join(parent, pageFile))
			if err != nil {
				t.Fatal(err)
			}
			weekly(t, parent, Options{Keep: 1}, 1, 2)
			after, err := os.Lstat(filepath.Join(parent, pageFile))
			if err != nil || !os.SameFile(before, after) || before.Size() != after.Size() {
				t.Errorf("it was replaced: %v", err)
			}
			if names := listed(t, parent); !slices.Contains(names, "2026-W01") {
				t.Errorf("a week went: %q", names)
			}
		})
	}
	home := t.TempDir()
	put(t, filepath.Join(home, "letter.txt"), "")
	src := made{luns: madeLUNs(1), start: monday, every: time.Hour, n: 24}.source()
	if _, err := Report(context.Background(), src, Options{Out: filepath.Join(home, "report"), From: monday, To: monday.AddDate(0, 0, 1)}); err != nil {
		t.Fatal(err)
	}
	if names := listed(t, home); !slices.Equal(names, []string{"letter.txt", "report"}) {
		t.Errorf("beside the report: %q", names)
	}
}

// TestHostileWeeks: what a folder's name or another's report.json says is text.
func TestHostileWeeks(t *testing.T) {
	parent := t.TempDir()
	put(t, filepath.Join(parent, `a"><script>?#%`, numbersFile),
		`{"made_by":"lunstat","pictures":["../../x","lun-x.png"],"title":"<script>","from":"2026-11-15T00:00:00Z","to":"2026-11-16T00:00:00Z","findings":[{"text":"<img src=x>"}],"luns":[]}`)
	put(t, filepath.Join(parent, "broken", numbersFile), `{"made_by":"lunstat","pictures":`)
	weekly(t, parent, Options{}, 3)
	index := got(t, filepath.Join(parent, pageFile))
	if strings.Contains(index, "<script") || strings.Contains(index, "<img") || strings.Contains(index, "broken") ||
		!strings.Contains(index, `href="./a%22%3E%3Cscript%3E%3F%23%25/index.html"`) {
		t.Errorf("the index:\n%s", index)
	}
}

// A week's days are said once.
func TestDates(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	day := func(month time.Month, d, hour int) time.Time { return time.Date(2026, month, d, hour, 0, 0, 0, z) }
	for _, c := range []struct {
		from, to    time.Time
		words, want string
	}{
		{day(11, 23, 0), day(11, 30, 0), "week 48", "23 Nov to 29 Nov 2026"},
		{day(10, 19, 0), day(10, 26, 0), "week 43", "19 Oct to 25 Oct 2026"}, // 169 hours
		{day(11, 21, 10), day(11, 28, 10), "Sat 21 Nov to Sat 28 Nov", "2026"},
		{day(11, 23, 7), day(11, 23, 13), "Mon 23 Nov 07:00 to 13:00", "2026"},
	} {
		if words, got := rangeWords(c.from, c.to), dates(c.from, c.to); words != c.words || got != c.want {
			t.Errorf("%q, %q; want %q, %q", words, got, c.words, c.want)
		}
	}
}
