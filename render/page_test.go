package render

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"rsc.io/pdf"

	"lunstat/collector/series"
)

// browser finds a Chromium, or skips.
func browser(t *testing.T) string {
	for _, name := range []string{os.Getenv("LUNSTAT_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	t.Skip("no Chromium: apt-get install chromium, or set LUNSTAT_CHROMIUM")
	return ""
}

// measured is what a browser says about a page.
type measured struct {
	Images, Page, Window, Rows, Dead int
	Lost                             []string // pictures that did not come
	Wide                             []string // what reaches over the screen's edge
	Small                            []string // texts below 12 pixels
	Cut                              []string // figures that are wider than their cell
	Mute                             []string // pictures whose alternative text isn't a sentence
}

// measure is what the browser is asked once all pictures are there. A frame shows the
// page, because no window is as narrow as a phone.
const measure = `<!DOCTYPE html><body><iframe id="f" style="border:0;width:%dpx;height:900px" src="/index.html"></iframe><script>
document.getElementById("f").addEventListener("load", e => {
	const w = e.target.contentWindow, doc = w.document, say = x => x.tagName + " " + (x.textContent || x.alt || "").trim().slice(0, 40);
	const images = [...doc.images], all = [...doc.body.querySelectorAll("*")], width = doc.documentElement.clientWidth;
	const seen = all.filter(x => x.getClientRects().length && !x.closest("figure > a"));
	document.body.dataset.measured = JSON.stringify({
		images: images.length, lost: images.filter(i => !i.naturalWidth).map(i => i.src),
		page: doc.documentElement.scrollWidth, window: w.innerWidth,
		rows: doc.querySelectorAll("table.luns tr").length,
		dead: [...doc.querySelectorAll('a[href^="#"]')].filter(a => !doc.getElementById(a.getAttribute("href").slice(1))).length,
		wide: seen.filter(x => x.getBoundingClientRect().right > width + 0.5).map(say),
		small: seen.filter(x => [...x.childNodes].some(n => n.nodeType == 3 && n.data.trim()) && parseFloat(w.getComputedStyle(x).fontSize) < 12).map(say),
		cut: seen.filter(x => x.matches("td, th, p, li, code") && x.scrollWidth > x.clientWidth + 1 && x.clientWidth > 0 && w.getComputedStyle(x).display != "inline").map(say),
		mute: images.filter(i => !/: ./.test(i.alt)).map(i => i.alt),
	});
});
</script>`

// inBrowser has a real browser show a report's page that wide. A message on its
// console, or a file that it asked for in vain, is an error.
func inBrowser(t *testing.T, chromium string, content map[string][]byte, width int) measured {
	t.Helper()
	missed := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Path[1:]
		text, ok := content[name]
		switch {
		case name == "":
			fmt.Fprintf(w, measure, width)
		case name == "favicon.ico": // a browser asks every server for one
			w.WriteHeader(http.StatusNoContent)
		case !ok:
			missed <- name
			http.NotFound(w, r)
		case name == pageFile: // it waits for none that isn't in sight
			_, _ = w.Write(bytes.ReplaceAll(text, []byte(` loading="lazy"`), nil))
		default:
			_, _ = w.Write(text)
		}
	}))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(),
		"--enable-logging=stderr", "--window-size=1400,1000", "--virtual-time-budget=20000", "--dump-dom", server.URL+"/")
	var said strings.Builder
	cmd.Stderr = &said
	dom, err := cmd.Output()
	if err != nil { // a sandbox of its own kind, a snap without a home
		t.Skipf("%s shows nothing here: %v", chromium, err)
	}
	for line := range strings.Lines(said.String()) {
		if strings.Contains(line, "CONSOLE") {
			t.Errorf("on the console: %s", line)
		}
	}
	if len(missed) > 0 {
		t.Errorf("not there: %s", <-missed)
	}
	found := regexp.MustCompile(`data-measured="([^"]*)"`).FindSubmatch(dom)
	if found == nil {
		t.Fatalf("the page's script gave no answer; %d bytes of page", len(dom))
	}
	var got measured
	if err := json.Unmarshal([]byte(html.UnescapeString(string(found[1]))), &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// screens are a phone, a small window and a desk.
var screens = []int{420, 768, 1280}

// TestPageInBrowser: a real browser shows each picture, finds each place that the page
// points to, and scrolls down, not sideways. No figure is cut, no text too small.
func TestPageInBrowser(t *testing.T) {
	chromium := browser(t)
	long := madeLUNs(25)
	long[1].Label = strings.Repeat("a very long label of a LUN ", 5)
	long[2].Label, long[2].DMName = "", strings.Repeat("x", 128)
	tails := made{luns: madeLUNs(3), start: monday, every: time.Minute, n: 600, ios: func(l, _ int) uint64 { return 100_000_000 / uint64(l+1) }, space: func(int, int) int { return 960 }}.source()
	for k := range tails.intervals { // one column more in the table, and wide figures
		tails.counted(k, tailed)
		for i := range tails.intervals[k] {
			tails.intervals[k][i].Set(series.SlowMS, uint64(i%60_000))
		}
	}
	for name, c := range map[string]struct {
		src  *memory
		long time.Duration
		want measured
	}{
		"histograms": {tails, 10 * time.Hour, measured{Images: 7, Rows: 4}},
		"shared":     {sharedLUN(3), 30 * time.Minute, measured{Images: 7, Rows: 4}},
		"many": {made{luns: long, start: monday, every: time.Minute, n: 30, ios: func(l, i int) uint64 { return 100_000_000 / uint64(l+1) },
			space: func(int, int) int { return 960 }}.source(), 30 * time.Minute, measured{Images: 29, Rows: 21 + 6}},
	} {
		content := files(t, c.src, Options{From: monday, To: monday.Add(c.long)})
		for _, width := range screens {
			t.Run(fmt.Sprintf("%s at %d", name, width), func(t *testing.T) {
				got := inBrowser(t, chromium, content, width)
				if got.Images != c.want.Images || got.Rows != c.want.Rows {
					t.Errorf("%d images, %d rows, want %d and %d", got.Images, got.Rows, c.want.Images, c.want.Rows)
				}
				if got.Page > got.Window || got.Window != width {
					t.Errorf("%d pixels wide on a screen of %d", got.Page, got.Window)
				}
				for what, list := range map[string][]string{"lost": got.Lost, "too wide": got.Wide, "too small": got.Small, "cut": got.Cut, "without a verdict": got.Mute} {
					if len(list) > 0 {
						t.Errorf("%s: %q", what, list)
					}
				}
				if got.Dead > 0 {
					t.Errorf("%d dead links", got.Dead)
				}
			})
		}
	}
}

// TestPageIsValid has HTML Tidy read the page and the list of weeks.
func TestPageIsValid(t *testing.T) {
	tidy, err := exec.LookPath("tidy")
	if err != nil {
		t.Skip("no tidy: apt-get install tidy")
	}
	luns := madeLUNs(25)
	luns[1].Label = hostile
	src := made{luns: luns, start: monday, every: time.Minute, n: 30, space: func(int, int) int { return 960 }}.source()
	page := files(t, src, Options{From: monday, To: monday.Add(30 * time.Minute), Formats: []string{"png", "pdf"}})[pageFile]
	cmd := exec.Command(tidy, "-quiet", "-errors", "--drop-empty-elements", "no")
	cmd.Stdin = bytes.NewReader(bytes.ReplaceAll(page, []byte(` loading="lazy"`), nil)) // HTML that Tidy 5.6 doesn't know yet
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
	if bytes.Contains(page, []byte("<script")) {
		t.Error("the page has a script")
	}
	// Who hears the page goes from heading to heading, and from cell to cell.
	level := 0
	for _, h := range regexp.MustCompile(`<h([1-6])[ >]`).FindAllSubmatch(page, -1) {
		if next := int(h[1][0] - '0'); next > level+1 {
			t.Errorf("a heading of level %d follows one of level %d", next, level)
		} else {
			level = next
		}
	}
	if bytes.Contains(page, []byte("<th>")) || bytes.Contains(page, []byte("<th class")) {
		t.Error("a table's header doesn't say what it is the header of")
	}
	if n := bytes.Count(page, []byte(`<th scope="row">`)); n != len(luns) {
		t.Errorf("%d rows begin with the LUN as their header, want %d", n, len(luns))
	}
}

// printed is a report's page on paper.
func printed(t *testing.T, chromium string, src Source, o Options) (r *pdf.Reader, paper string) {
	t.Helper()
	dir := t.TempDir()
	o.Out, o.level = dir, png.NoCompression
	if _, err := Report(t.Context(), src, o); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	paper = filepath.Join(dir, "page.pdf")
	if err := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(),
		"--no-pdf-header-footer", "--print-to-pdf="+paper, "file://"+filepath.Join(dir, pageFile)).Run(); err != nil {
		t.Skipf("%s prints nothing here: %v", chromium, err)
	}
	r, err := pdf.Open(paper)
	if err != nil {
		t.Fatal(err)
	}
	return r, paper
}

// picturesOn is how many pictures a page has.
func picturesOn(r *pdf.Reader, page int) int {
	return len(r.Page(page).Resources().Key("XObject").Keys())
}

// TestRightToLeft: a name that is read from the right doesn't turn the figures after it:
// "שם: 92 % full" would be shown as "92 :שם % full".
func TestRightToLeft(t *testing.T) {
	src := slowSource("שם", "box")
	src.notes = []series.Note{{At: monday.Add(time.Hour), Text: "שם 12"}}
	o := Options{From: monday, To: monday.Add(10 * time.Hour)}
	page := string(files(t, src, o)[pageFile])
	for _, want := range []string{"<strong><bdi>שם</bdi>:</strong> slow", "<td><bdi>שם 12</bdi></td>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	for _, part := range python(t, mailed(t, src, o)).Parts {
		if part.Kind == "text/html" && !strings.Contains(part.Text, "<bdi>שם</bdi></strong>: slow") {
			t.Errorf("the mail: %s", part.Text)
		}
	}
}

// TestPagePrinted: on paper the findings and the strip are on page 1, and the rest fills
// its pages.
func TestPagePrinted(t *testing.T) {
	chromium := browser(t)
	r, paper := printed(t, chromium, slowSource("MySQL data", "box"), Options{From: monday, To: monday.Add(10 * time.Hour)})
	// Seven pictures: one on page 1, two or three on each of the others.
	if n := r.NumPage(); n > 4 {
		t.Errorf("%d pages, want 4 at most", n)
	}
	if n := picturesOn(r, 1); n != 1 {
		t.Errorf("%d pictures on page 1, want the strip", n)
	}
	reader, err := exec.LookPath("pdftotext")
	if err != nil {
		return // rsc.io/pdf gives glyphs, not letters
	}
	text, err := exec.CommandContext(t.Context(), reader, "-l", "1", paper, "-").Output()
	if err != nil || !strings.Contains(string(text), "MySQL data: slow for 10 h") || strings.Contains(string(text), "What to type") {
		t.Errorf("page 1, %v:\n%s", err, text)
	}
}

// The last sheet has two pictures and more: one would leave it nearly empty.
func TestLastSheet(t *testing.T) {
	chromium := browser(t)
	const luns = 8
	r, _ := printed(t, chromium, made{luns: madeLUNs(luns), start: monday, every: 15 * time.Minute, n: 96, ios: wave(15 * time.Minute)}.source(), Options{From: monday, To: monday.AddDate(0, 0, 1)})
	all := 0
	for p := 1; p <= r.NumPage(); p++ {
		all += picturesOn(r, p)
	}
	if last := picturesOn(r, r.NumPage()); all != luns+3 || last < 2 {
		t.Errorf("%d pictures, of them %d on the last of %d sheets", all, last, r.NumPage())
	}
}

// TestSharp: on sharp screens a browser takes pictures that are twice as large.
func TestSharp(t *testing.T) {
	src := made{luns: madeLUNs(2), start: monday, every: time.Minute, n: 30}.source()
	content := files(t, src, Options{From: monday, To: monday.Add(30 * time.Minute), Width: LeastWidth, Formats: []string{"png", "svg"}, Sharp: true})
	n := 0
	for name, b := range content {
		base, is := strings.CutSuffix(name, "@2x.png")
		if !is {
			continue
		}
		n++
		small, err := png.DecodeConfig(bytes.NewReader(content[base+".png"]))
		if err != nil {
			t.Fatal(err)
		}
		large, err := png.DecodeConfig(bytes.NewReader(b))
		if err != nil || large.Width != 2*small.Width || large.Height != 2*small.Height {
			t.Errorf("%s: %d × %d beside %d × %d, %v", name, large.Width, large.Height, small.Width, small.Height, err)
		}
		want := fmt.Sprintf(`src="%[1]s.png" width="%[2]d" height="%[3]d" srcset="%[1]s.png 1x, %[1]s@2x.png 2x"`, base, small.Width, small.Height)
		if !strings.Contains(string(content[pageFile]), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if n != 5 {
		t.Errorf("%d sharp pictures, want 5", n)
	}
}
