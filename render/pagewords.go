package render

import (
	"fmt"
	"strings"

	"lunstat/render/facts"
)

// pageWord is a word of the page with what it means.
type pageWord struct{ Name, Means string }

// words explain the page's figures as docs/numbers.md defines them.
func (d *data) words() []pageWord {
	usual := d.unread
	if usual == "" {
		usual = fmt.Sprintf("What a LUN did in the same hour of the same weekday in the %d weeks before, from the least to the largest. It is the green band behind a LUN's curves.", facts.UsualWeeks)
	}
	words := []pageWord{
		{"I/O/s", "Reads, writes and discards that completed in a second, without flushes."},
		{"busy %", "The share of the time with at least one I/O in flight, which iostat calls %util. A SAN LUN that is 100 % busy can often do more."},
		{"read ms, write ms", "The await: how long a read or a write took on average, with the time that it waited in the queue."},
		{"95th", "The figure stayed below it for 95 % of the time, over " + d.percentileOver() + "."},
		{"max", "The " + d.largestOf() + "."},
		{"slow for", d.slowMeans()},
		{"space used", "How full the filesystem is, in percent as df shows it. Blocks that are reserved for root count as used."},
		{"LUN, layers", "A LUN is the top of its stack, for example a logical volume. The maps, disks and paths below it are its layers: the same I/O passes through them, so their figures are never added to those of the LUN."},
		{"usual", usual},
	}
	return words
}

// slowMeans names the limits of the LUNs on the page.
func (d *data) slowMeans() string {
	var limits []string
	seen := map[string]bool{}
	for _, l := range d.luns {
		limit := d.limit(l)
		if role := l.role(); limit > 0 && role != "" && !seen[role] {
			seen[role] = true
			limits = append(limits, fmt.Sprintf("%s %g\u00a0ms", visible(role), limit.Seconds()*1000))
		}
	}
	text := "The time in which reads or writes took longer, on average over a minute, than the limit of the LUN's role"
	if len(limits) > 0 {
		text += " (" + strings.Join(limits, ", ") + ")"
	}
	return text + ". A time without I/O is not slow."
}
