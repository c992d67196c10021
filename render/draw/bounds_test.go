package draw_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gonum.org/v1/plot/vg"

	"lunstat/render/draw"
)

// A text of any length is fitted in as many steps as one that fills a line, and what
// doesn't fit is looked at from both its ends.
func TestFitIsBounded(t *testing.T) {
	f := newFonts(t)
	fnt := draw.Regular(12)
	for _, letter := range []string{"n", " ", "\u0301", "é", "日"} {
		n := testing.AllocsPerRun(1, func() { f.Fit("a"+strings.Repeat(letter, 5000)+"z", 300, fnt) })
		more := testing.AllocsPerRun(1, func() { f.Fit("a"+strings.Repeat(letter, 100_000)+"z", 300, fnt) })
		if more > n+10 {
			t.Errorf("20 times as many of %q take %v allocations, not %v", letter, more, n)
		}
		got := f.Fit("a"+strings.Repeat(letter, 100_000)+"z", 300, fnt)
		if wide := f.Width(got, fnt); wide > 300 || !strings.HasPrefix(got, "a") || !strings.HasSuffix(got, "z") {
			t.Errorf("a long text of %q becomes %q of %v", letter, got[:min(len(got), 50)], wide)
		}
	}
	// What is kept is as much as fits.
	long := strings.Repeat("lWi. ", 60)
	for w := vg.Length(20); w < 400; w += 7 {
		got := f.Fit(long, w, fnt)
		if wide := f.Width(got, fnt); wide > w || wide < w-25 {
			t.Errorf("%q is %v wide, has %v", got, wide, w)
		}
	}
}

// A font is a regular file of a font's size.
func TestFontThatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	pipe, large := filepath.Join(dir, "pipe"), filepath.Join(dir, "large")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, 1<<40); err != nil {
		t.Skipf("no sparse file of a terabyte here: %v", err)
	}
	for path, says := range map[string]string{"/dev/zero": "not a regular file", pipe: "not a regular file", dir: "not a regular file", large: "too many for a font", dir + "/none": "no such file"} {
		if _, err := draw.LoadFonts(path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s as a font: %v", path, err)
		}
	}
}
