package mapper

import (
	"fmt"
	"strings"
	"time"
)

// Limits are the limits that the config sets for one LUN. Each of them replaces the
// limit of the LUN's role, or the one for all LUNs. 0 means that the config sets none.
type Limits struct {
	AwaitMS     float64 `json:"await_ms,omitempty"`     // await above which time counts as slow, in ms
	UtilPercent float64 `json:"util_percent,omitempty"` // busy time from which status warns
	FullPercent float64 `json:"full_percent,omitempty"` // df's Use% from which a filesystem is nearly full
}

// AwaitLimit is the await above which the LUN counts as slow: its own limit, or else its
// role's. ofRole may be nil; 0 means that there is no limit.
func (l *LUN) AwaitLimit(ofRole func(role string) time.Duration) time.Duration {
	switch {
	case l.Limits.AwaitMS > 0:
		return time.Duration(l.Limits.AwaitMS * float64(time.Millisecond))
	case ofRole == nil:
		return 0
	}
	return ofRole(l.Role)
}

// String is "await 5 ms, 97 % full"; "" where there are none.
func (l Limits) String() string {
	var words []string
	add := func(v float64, form string) {
		if v > 0 {
			words = append(words, fmt.Sprintf(form, v))
		}
	}
	add(l.AwaitMS, "await %g ms")
	add(l.UtilPercent, "%g %% busy")
	add(l.FullPercent, "%g %% full")
	return strings.Join(words, ", ")
}

// or takes what one rule doesn't set from another.
func (l Limits) or(o Limits) Limits {
	if l.AwaitMS == 0 {
		l.AwaitMS = o.AwaitMS
	}
	if l.UtilPercent == 0 {
		l.UtilPercent = o.UtilPercent
	}
	if l.FullPercent == 0 {
		l.FullPercent = o.FullPercent
	}
	return l
}

// differ reports whether both set a limit, and not the same one.
func (l Limits) differ(o Limits) bool { return l.or(o) != o.or(l) }
