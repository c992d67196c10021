package render

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"lunstat/render/draw"
)

// A figure and its unit are never on two lines: in a picture of any width, on the page and
// in the mail.
func TestFiguresStayWithTheirUnits(t *testing.T) {
	const text = "MySQL data: slow for 14 h 29 min since Mon 07:57; worst 130 ms on Tue 09:20, 6.5 × its limit of 20 ms; 39 % more IOPS"
	want := []string{"14 h", "29 min", "130 ms", "6.5 ×", "20 ms", "39 %"}
	html := unparted(text)
	for _, w := range want {
		if !strings.Contains(html, strings.ReplaceAll(w, " ", "\u00a0")) {
			t.Errorf("%q may part in %q", w, html)
		}
	}
	if strings.ReplaceAll(html, "\u00a0", " ") != text || strings.Contains(html, "data:\u00a0slow") {
		t.Errorf("%q", html)
	}
	f, err := draw.LoadFonts("")
	if err != nil {
		t.Fatal(err)
	}
	for width := 60; width < 900; width += 7 {
		lines := wrapped(f, []finding{{text: text}}, width)
		for _, w := range want {
			whole := slices.ContainsFunc(lines, func(l finding) bool { return strings.Contains(l.text, w) })
			if cut := len(lines) == mostFindingLines; !whole && !cut {
				t.Errorf("%d pixels: %q is on two of %v", width, w, lines)
			}
		}
	}
	if !utf8.ValidString(html) {
		t.Error("no UTF-8")
	}
}
