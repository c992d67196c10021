package render

import (
	"strings"
	"testing"
	"time"
)

// The page says what its figures mean, with this report's limits and resolution, and why
// it isn't compared with the weeks before.
func TestPageWords(t *testing.T) {
	m := made{luns: madeLUNs(2), start: monday, every: 15 * time.Minute, n: 40 * 96}
	src := m.source()
	means := func(from, to time.Time) map[string]string {
		d := gathered(t, src, Options{From: from, To: to, Limits: roleLimits()})
		out := map[string]string{}
		for _, w := range d.words() {
			out[w.Name] = w.Means
		}
		return out
	}
	first := means(monday, monday.AddDate(0, 0, 7))
	for name, want := range map[string]string{
		"95th": "over 15 min means.", "slow for": "(mysql 20\u00a0ms, primary 30\u00a0ms)", "usual": "not yet two weeks of data",
		"busy %": "%util", "LUN, layers": "never added",
	} {
		if !strings.Contains(first[name], want) {
			t.Errorf("%s: %q, want %q", name, first[name], want)
		}
	}
	if got := means(monday.AddDate(0, 0, 28), monday.AddDate(0, 0, 35))["usual"]; !strings.Contains(got, "4 weeks before, from the least to the largest") {
		t.Errorf("the fifth week: %q", got)
	}
	if got := means(monday.AddDate(0, 0, -3), monday.AddDate(0, 0, 40))["usual"]; !strings.Contains(got, "longer than five weeks") {
		t.Errorf("43 days: %q", got)
	}
}
