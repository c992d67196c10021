package render

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
)

// An empty range says why it is empty, and which one isn't.
func TestWhyARangeIsEmpty(t *testing.T) {
	m := made{luns: madeLUNs(2), start: monday, every: time.Minute, n: 60}.source()
	for k := range m.intervals { // from 1:00 to 13:00 the collector did not run
		long := made{every: 12 * time.Hour}.interval(0, 0, monday.Add(13*time.Hour))
		long.Quality |= series.Long
		m.intervals[k] = append(m.intervals[k], long)
	}
	noLUN := newMemory()
	noLUN.runs = m.runs
	once := newMemory()
	once.runs = m.runs[:1]
	for _, c := range []struct {
		name       string
		src        *memory
		from, to   time.Time
		says, hint string
	}{
		{"within a long interval", m, monday.Add(3 * time.Hour), monday.Add(5 * time.Hour),
			": one long interval, from 2026-11-16 01:00:00 to 2026-11-16 13:00:00, has only the totals of it", `lunstat report --from "2026-11-16 00:59" --to "2026-11-16 13:01"`},
		{"after all", m, monday.AddDate(0, 0, 3), monday.AddDate(0, 0, 4),
			"; there are intervals from 2026-11-16 00:01:00 to 2026-11-16 13:00:00", `lunstat report --from "2026-11-16 00:00" --to "2026-11-16 13:01"`},
		{"no LUN", noLUN, monday, monday.Add(20 * time.Hour), ": the collector ran, but saw no LUN", "`lsblk` shows all devices; loop, "},
		{"one run", once, monday, monday.AddDate(0, 0, 4), "; there is none at all", "the second run of `lunstat collect`"},
	} {
		_, err := Report(context.Background(), c.src, Options{Out: t.TempDir(), From: c.from, To: c.to})
		empty, ok := errors.AsType[*EmptyRangeError](err)
		if !ok || !strings.HasSuffix(empty.Error(), c.says) || !strings.HasPrefix(empty.Hint(), c.hint) {
			t.Errorf("%s: %v", c.name, err)
			if ok {
				t.Errorf("hint: %s", empty.Hint())
			}
		}
	}
}
