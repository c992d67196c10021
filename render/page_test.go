package render

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"
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

// measure is what the browser is asked once all pictures are there.
const measure = `<script>
addEventListener("load", () => {
	const images = [...document.images];
	document.body.dataset.measured = JSON.stringify({
		images: images.length, lost: images.filter(i => !i.naturalWidth).map(i => i.src),
		page: document.documentElement.scrollWidth, window: innerWidth,
		rows: document.querySelectorAll(".wide tr").length,
		dead: [...document.querySelectorAll('a[href^="#"]')].filter(a => !document.getElementById(a.getAttribute("href").slice(1))).length,
	});
});
</script>`

// TestPageInBrowser: a real browser shows each picture, finds each place that the
// page points to, and scrolls a narrow page down, not sideways.
func TestPageInBrowser(t *testing.T) {
	chromium := browser(t)
	content := files(t, sharedLUN(3), Options{From: monday, To: monday.Add(30 * time.Minute)})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Path[1:]
		if _, ok := content[name]; !ok {
			http.NotFound(w, r)
			return
		}
		text := content[name]
		if name == pageFile { // it waits for none that isn't in sight
			text = append(bytes.ReplaceAll(text, []byte(` loading="lazy"`), nil), measure...)
		}
		_, _ = w.Write(text)
	}))
	defer server.Close()
	for _, size := range []string{"500,900", "1400,900"} { // below 500 it would not go
		t.Run(size, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			dom, err := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(),
				"--window-size="+size, "--virtual-time-budget=20000", "--dump-dom", server.URL+"/"+pageFile).Output()
			if err != nil { // a sandbox of its own kind, a snap without a home
				t.Skipf("%s shows nothing here: %v", chromium, err)
			}
			found := regexp.MustCompile(`data-measured="([^"]*)"`).FindSubmatch(dom)
			if found == nil {
				t.Fatalf("the page's script gave no answer; %d bytes of page", len(dom))
			}
			var got struct {
				Images, Page, Window, Rows, Dead int
				Lost                             []string
			}
			if err := json.Unmarshal([]byte(html.UnescapeString(string(found[1]))), &got); err != nil {
				t.Fatal(err)
			}
			if got.Images != 7 || len(got.Lost) > 0 || got.Rows != 4 || got.Dead > 0 || got.Page > got.Window {
				t.Errorf("in %s: %+v, want 7 images, none lost, 4 rows, no dead link, no wider than the window", size, got)
			}
		})
	}
}
