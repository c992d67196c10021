package render

import (
	"strings"
	"testing"
	"time"

	"lunstat/render/facts"
)

// A filesystem that was nearly full when the collector stopped is still a finding, which
// says that the data ended; so is one that no longer answered before that, but not one
// that was unmounted.
func TestNearlyFullWhenTheDataEnded(t *testing.T) {
	m := made{luns: madeLUNs(3), start: monday, every: time.Minute, n: 20 * 60, space: func(l, i int) int {
		if l >= 1 && i > 10*60 {
			return -1
		}
		return 940
	}}
	m.luns[1].Mounts = nil // unmounted
	d := gathered(t, m.source(), Options{From: monday, To: monday.Add(24 * time.Hour), Now: monday.Add(24 * time.Hour)})
	var full []string
	for _, f := range d.findings {
		if f.Kind == facts.KindFull {
			full = append(full, f.Text)
		}
	}
	if len(full) != 2 || !strings.HasPrefix(full[0], "mysql 0: 94 % full, 60 GiB free") || !strings.HasSuffix(full[0], "; the data ended at Mon 20:00") ||
		full[1] != "secondary 2: was 94 % full, 60 GiB free, when it last answered on Mon 10:01" {
		t.Errorf("%q", full)
	}
}
