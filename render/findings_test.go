package render

import (
	"testing"
	"time"
)

// The report of a week that is over doesn't say that anything still lasts.
func TestRangeBeforeNowIsOver(t *testing.T) {
	for late, over := range map[time.Duration]bool{-time.Hour: false, 0: false, 20 * time.Second: false, 30 * time.Minute: true} {
		d := &data{}
		d.From, d.To = monday, monday.AddDate(0, 0, 7)
		d.opt.Now = d.To.Add(late)
		in := d.seenBy()
		if got := in.Over(); got != over {
			t.Errorf("%v after its end: %v", late, got)
		}
	}
	if in := (&data{}).seenBy(); in.Over() {
		t.Error("over, though now is not known")
	}
}
