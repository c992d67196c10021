package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"lunstat/cmd/lunstat/when"
)

func TestClean(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"zimbra1_sqldb-data", "zimbra1_sqldb-data"},
		{`with\x20space`, `with\x20space`},
		{"том 日本 é e\u0301 <b>'\"`$(id)`", "том 日本 é e\u0301 <b>'\"`$(id)`"},
		{"a\x1b[2Jb", `a\x1b[2Jb`},
		{"a\nb\tc\r\x00\x7f", `a\nb\tc\r\x00\x7f`},
		{"a\u009b31m", `a\u009b31m`},
		{"\xff\xc3", `\xff\xc3`},
		{"a\u202eb\u200bc\ufeff\u00a0", `a\u202eb\u200bc\ufeff\u00a0`},
		{"\U000e0041", `\U000e0041`},
	} {
		if got := clean(tt.in); got != tt.want {
			t.Errorf("clean(%q) is %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b[2J\xff日本\u202e")
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s)
		if !utf8.ValidString(got) {
			t.Errorf("clean(%q) is no UTF-8: %q", s, got)
		}
		for _, r := range got {
			if !unicode.IsPrint(r) {
				t.Errorf("clean(%q) lets %U through", s, r)
			}
		}
		if clean(got) != got {
			t.Errorf("clean(%q) is not clean yet: %q", s, got)
		}
	})
}

func TestAge(t *testing.T) {
	for _, tt := range []struct {
		d    time.Duration
		want string
	}{
		{0, "0 s ago"},
		{42 * time.Second, "42 s ago"},
		{119 * time.Second, "119 s ago"},
		{2 * time.Minute, "2 min ago"},
		{119 * time.Minute, "119 min ago"},
		{3 * time.Hour, "3 h ago"},
		{47 * time.Hour, "47 h ago"},
		{35 * when.Day, "35 d ago"},
		{-time.Hour, "in 60 min"},
	} {
		if got := age(tt.d); got != tt.want {
			t.Errorf("age(%v) is %q, want %q", tt.d, got, tt.want)
		}
	}
}

func TestSize(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{size(0), "0 B"},
		{size(1 << 30), "1.0 GiB"},
		{size(61 << 30), "61 GiB"},
		{size(1<<64 - 1), "16 EiB"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	rows := [][]string{{"MySQL data", "812", "9"}, {"日本", "3", "10.5"}, {"e\u0301", "", ""}}
	if err := printTable(&b, []string{"LUN", "IOPS", "r ms"}, rows); err != nil {
		t.Fatal(err)
	}
	want := `
LUN         IOPS  r ms
------------------------
MySQL data  812   9
日本        3     10.5
é
`
	if got := b.String(); got != want[1:] {
		t.Errorf("got\n%swant\n%s", got, want[1:])
	}
}

// TestPipesStayPlain: only a terminal gets a progress bar.
func TestPipesStayPlain(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if isTerminal(w) || isTerminal(new(bytes.Buffer)) || width(w) != 0 {
		t.Error("a pipe is taken for a terminal")
	}
	b := newBar(w, "collecting", 2)
	b.Step()
	b.Done()
	w.Close()
	var got strings.Builder
	if _, err := r.WriteTo(nopCloser{&got}); err != nil || got.Len() > 0 {
		t.Errorf("the bar wrote %q into a pipe (%v)", got.String(), err)
	}
}

type nopCloser struct{ *strings.Builder }

// A text that a full disk swallowed is an error.
func TestOutputLost(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	for _, args := range [][]string{{"--version"}, {"help"}, {"lookup", "--help"}, {"completion", "bash"}} {
		var stderr strings.Builder
		e := systemEnv()
		e.Stdout, e.Stderr = &output{file: full}, &stderr
		if status := run(t.Context(), args, e); status != statusFailed {
			t.Errorf("%v: status %d", args, status)
		}
		if !strings.Contains(stderr.String(), "writing the answer") || !strings.Contains(stderr.String(), "no space left") {
			t.Errorf("%v said %q", args, stderr.String())
		}
	}
}
