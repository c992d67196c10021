package health

import (
	"strings"
	"testing"
	"time"

	"lunstat/collector/journal"
	"lunstat/collector/series"
)

// TestOlderCollector: status has read the journal, so a run to which the layout is new
// was one of another program. The advice is not to run this one by hand.
func TestOlderCollector(t *testing.T) {
	what := (&journal.NewerError{Path: "/j.db", Has: 3, Knows: 2}).Error()
	c := Checkup{Failing: &series.Condition{Warning: series.Warning{What: what}, Since: time.Unix(0, 0)}}
	if f := c.failing(); len(f) != 1 || !strings.Contains(f[0].Hint, "an older lunstat runs on this host") {
		t.Errorf("%+v", f)
	}
}
