package collector

import (
	"errors"
	"regexp"
	"time"

	"lunstat/collector/series"
)

// A run that commits nothing can't leave in the journal that it failed, and cron would
// mail the same line every minute. So it is in the text file next to the lock, after who
// holds it.

// Failing says why the runs fail, and since when. It is nil if the last run did not
// fail.
func Failing(lockFile string) *series.Condition {
	if c := recall(lockFile).failing; c != nil && !c.Said.IsZero() {
		return c
	}
	return nil
}

// NoteFailure records that a run failed, before [Run] was called or in it. known says
// that the same was reported less than a day ago, so it need not be reported again.
func NoteFailure(lockFile string, err error, now time.Time) (known bool) {
	c := series.Condition{Warning: series.Warning{What: err.Error()}, Since: now, Said: now}
	busy, met := errors.AsType[*BusyError](err)
	if met && !busy.Since.IsZero() {
		c.Since = busy.Since
	}
	if was := recall(lockFile).failing; was != nil && sameBut(was.What) == sameBut(c.What) {
		c.Since = was.Since
		if quiet := now.Sub(was.Said); quiet >= 0 && quiet < sayAgain {
			c.Said, known = was.Said, true
		}
	}
	if met {
		busy.Hangs = now.Sub(c.Since) >= longestRun
		if !busy.Hangs {
			c.Said = time.Time{} // runs may overlap; nothing is said yet
			if !busy.Since.IsZero() {
				return true
			}
		}
	}
	return remember(lockFile, func(n *lockNote) { n.failing = &c }) == nil && known
}

// sameBut leaves out of an error's text what may be another each time: numbers, times
// and durations.
func sameBut(text string) string {
	const number = `[0-9]+([.][0-9]+)?`
	text = regexp.MustCompile(`0x[0-9a-fA-F]+|(`+number+`(ns|µs|us|ms|h|m|s))+\b`).ReplaceAllString(text, "#")
	return regexp.MustCompile(number).ReplaceAllString(text, "#")
}

// ForgetFailure ends what NoteFailure recorded, and reports the end.
func ForgetFailure(lockFile string) []News {
	was := recall(lockFile).failing
	if was == nil || forget(lockFile) != nil || was.Said.IsZero() {
		return nil
	}
	return []News{{Condition: *was, Ended: true}}
}
