package dmstats

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// answers are the lines of a file in testdata: what Linux 6.1 answered in a guest.
func answers(t testing.TB, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(strings.Lines(string(text)))
	if len(lines) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return lines
}

func TestParseCounted(t *testing.T) {
	for _, line := range answers(t, "print.txt") {
		c, err := parseCounted(line)
		if err != nil {
			t.Fatal(err)
		}
		var n uint64
		for _, i := range c.counts {
			n += i
		}
		if n != c.readIOs+c.writeIOs || c.start != 0 || c.length == 0 {
			t.Errorf("%+v: the buckets have %d I/Os", c, n)
		}
	}
	c, err := parseCounted("0+131072 108 5 5256 25684760 100 65 800 184219386 -1 200065106 200425611 18385456 181679650 0:37:89:34:6:7:21:13:1:0:0:0:0:0:0:0:0:18446744073709551615\n")
	if err != nil || c.readIOs != 108 || c.readNS != 25684760 || c.writeIOs != 100 || c.writeNS != 184219386 || c.counts[1] != 37 || c.counts[17] != 1<<64-1 {
		t.Errorf("%+v, %v", c, err)
	}
}

// What isn't exactly a line of counters is none: half a line would be wrong counts.
func TestParseCountedIsStrict(t *testing.T) {
	line := answers(t, "print.txt")[3]
	if _, err := parseCounted(line); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]string{
		"empty":           "",
		"no end":          strings.TrimSuffix(line, "\n"),
		"two areas":       line + line,
		"a bucket less":   strings.Replace(line, " 0:", " ", 1),
		"a bucket more":   strings.Replace(line, "\n", ":0\n", 1),
		"no histogram":    line[:strings.LastIndexByte(line, ' ')] + "\n",
		"a field less":    strings.Replace(line, " 108", "", 1),
		"two blanks":      strings.Replace(line, " ", "  ", 1),
		"a sign":          strings.Replace(line, " 108", " +108", 1),
		"below 0":         strings.Replace(line, " 108", " -108", 1),
		"hexadecimal":     strings.Replace(line, " 108", " 0x6c", 1),
		"an empty bucket": strings.Replace(line, " 0:", " :", 1),
		"no range":        strings.Replace(line, "0+", "0-", 1),
		"too large":       strings.Replace(line, " 108", " 18446744073709551616", 1),
	} {
		if change == line {
			t.Fatalf("%s changes nothing", name)
		}
		if c, err := parseCounted(change); err == nil {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func TestParseList(t *testing.T) {
	text := strings.Join(answers(t, "list.txt"), "")
	regions, err := parseList(text + "7: 8+16 4 dmstats - precise_timestamps\n9: 0+1 1 x y\n")
	if err != nil || len(regions) != 4 {
		t.Fatalf("%+v, %v", regions, err)
	}
	if r := regions[0]; r != (Region{ID: 0, Length: 524288, Step: 524288, Program: "lunstat", Aux: "1", Precise: true, Bounds: boundsText()}) {
		t.Errorf("%+v", r)
	}
	if r := regions[2]; r != (Region{ID: 7, Start: 8, Length: 16, Step: 4, Program: "dmstats", Aux: "-", Precise: true}) {
		t.Errorf("%+v", r)
	}
	for _, bad := range []string{
		"\n", "0: 0+8 8 lunstat\n", "0 0+8 8 lunstat -\n", "x: 0+8 8 lunstat -\n", "0: 8 8 lunstat -\n", "0: 0+8 x lunstat -\n",
		"0: 0+8 8 lunstat - what\n", "0: 0+8 8 lunstat - precise_timestamps precise_timestamps\n",
		"0: 0+8 8 lunstat - precise_timestamps histogram:1 more\n",
	} {
		if r, err := parseList(bad); err == nil {
			t.Errorf("%q: %+v", bad, r)
		}
	}
	if r, err := parseList(""); err != nil || r != nil {
		t.Errorf("no regions: %+v, %v", r, err)
	}
}

// Whatever the kernel answers, nothing panics, and what is taken reads the same again.
func FuzzAnswers(f *testing.F) {
	for _, name := range []string{"print.txt", "list.txt"} {
		for _, line := range answers(f, name) {
			f.Add(line)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := parseCounted(text); err == nil {
			again, err := parseCounted(c.line())
			if err != nil || again != c {
				t.Errorf("%q: %+v, then %+v, %v", text, c, again, err)
			}
		}
		regions, err := parseList(text)
		if err == nil && len(regions) != strings.Count(text, "\n") && strings.HasSuffix(text, "\n") {
			t.Errorf("%q: %d regions", text, len(regions))
		}
	})
}

// line prints the counters that are kept as the kernel would.
func (c *counted) line() string {
	counts := make([]string, len(c.counts))
	for i, n := range c.counts {
		counts[i] = fmt.Sprint(n)
	}
	return fmt.Sprintf("%d+%d %d 0 0 %d %d 0 0 %d 0 0 0 0 0 %s\n", c.start, c.length, c.readIOs, c.readNS, c.writeIOs, c.writeNS, strings.Join(counts, ":"))
}
