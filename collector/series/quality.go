package series

import (
	"strings"
)

// Quality is the set of marks on an interval: what happened to the counters or the
// clocks. The zero value is a plain interval.
type Quality uint16

// The marks, in the order in which they are printed. Their values are stored, so never
// renumber them.
const (
	Wrapped   Quality = 1 << iota // a 32-bit ms field passed 2³²
	Reset                         // reboot or re-creation: the new counters say what happened since
	Stepped                       // a counter went back by a little; that counter's sum is 0
	Long                          // longer than the gap: totals only, no peaks, percentiles or slow time
	Clock                         // the wall clock was stepped
	Suspended                     // the host was suspended in between
	First                         // never seen before (a reading without interval)
	Stalled                       // I/O in flight at both ends and none completed
	// LatencyPartial: the histogram lacks I/Os of the interval, because the kernel began
	// to count in the middle of it, the device grew, or a merged interval has none.
	LatencyPartial
)

var qualityNames = [...]string{"wrapped", "reset", "stepped", "long", "clock", "suspended", "first", "stalled", "latency-partial"}

// Has reports whether all marks of m are set.
func (q Quality) Has(m Quality) bool { return q&m == m }

// List is the marks' names, in a fixed order; empty for a plain interval.
func (q Quality) List() []string {
	var l []string
	for i, n := range qualityNames {
		if q&(1<<i) != 0 {
			l = append(l, n)
		}
	}
	return l
}

// String is the marks joined by commas, "" for a plain interval.
func (q Quality) String() string { return strings.Join(q.List(), ",") }
