package when

import (
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	for _, tt := range []struct {
		text string
		want time.Duration
		out  string // "": as text
	}{
		{"0", 0, ""},
		{"20ms", 20 * time.Millisecond, ""},
		{"90s", 90 * time.Second, "1m30s"},
		{"5m", 5 * time.Minute, ""},
		{"1h", time.Hour, ""},
		{"36h", 36 * time.Hour, ""},
		{"1.5h", 90 * time.Minute, "1h30m"},
		{"35d", 35 * Day, ""},
		{"5w", 35 * Day, "35d"},
		{"1w2d12h", 9*Day + 12*time.Hour, "228h"},
		{"1d1s", Day + time.Second, "24h0m1s"},
		{"-5m", -5 * time.Minute, ""},
	} {
		got, err := ParseDuration(tt.text)
		if err != nil || got != tt.want {
			t.Errorf("%q: %v, %v, want %v", tt.text, got, err, tt.want)
		}
		want := tt.out
		if want == "" {
			want = tt.text
		}
		if out := Duration(got).String(); out != want {
			t.Errorf("%q prints as %q, want %q", tt.text, out, want)
		}
	}
	for _, text := range []string{"", "5", "d", "w", "1.5d", "-1d", "+1d", "1d-2h", "1d+2h", "2d1w", "1d1d", "13mo", "1e3d", "9999999999d", "200000d", "106751d24h", "5 m", "1h2", " 5m", "٣d"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q is taken as %v", text, got)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, text := range []string{"1w2d12h", "0", "-5m", "1.5h", "106751d23h47m", "1d"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			return
		}
		if d < -100*365*Day || d > 100*365*Day {
			return // the printed form need not be read again at the edge of the type
		}
		if again, err := ParseDuration(Duration(d).String()); err != nil && d >= 0 || err == nil && again != d {
			t.Errorf("%q is %v, which prints as %q and reads as %v (%v)", text, d, Duration(d), again, err)
		}
	})
}
