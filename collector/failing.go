package collector

import (
	"encoding/json"
	"os"
	"strings"
	"time"

	"lunstat/collector/series"
)

// A run that commits nothing can't leave in the journal that it failed, and cron
// would mail the same line every minute. So it stands in the lock file, behind who
// holds it: a file that is there takes a line even on a full disk.

// Failing is what makes the runs fail, since when; nil if the last one did not.
func Failing(lockFile string) *series.Condition {
	_, line := readLock(lockFile)
	var c series.Condition
	if json.Unmarshal([]byte(line), &c) != nil || c.What == "" {
		return nil
	}
	return &c
}

// noteFailure remembers that a run failed. known says that the same was said less
// than a day ago.
func noteFailure(lockFile string, err error, now time.Time) (known bool) {
	c := series.Condition{Warning: series.Warning{What: err.Error()}, Since: now, Said: now}
	if was := Failing(lockFile); was != nil && was.What == c.What {
		c.Since = was.Since
		if quiet := now.Sub(was.Said); quiet >= 0 && quiet < sayAgain {
			c.Said, known = was.Said, true
		}
	}
	holder, _ := readLock(lockFile)
	line, e := json.Marshal(c)
	if e != nil {
		return false
	}
	return rewriteLock(lockFile, holder, string(line)+"\n") == nil && known
}

// forgetFailure ends what noteFailure remembers, and says so.
func forgetFailure(lockFile string) []News {
	was := Failing(lockFile)
	holder, _ := readLock(lockFile)
	if was == nil || rewriteLock(lockFile, holder, "") != nil {
		return nil
	}
	return []News{{Condition: *was, Ended: true}}
}

// readLock gives the two lines of the lock file: who holds it, since when, and what
// makes the runs fail. What can't be read is empty.
func readLock(lockFile string) (holder, failing string) {
	text, err := os.ReadFile(lockFile)
	if err != nil {
		return "", ""
	}
	holder, failing, _ = strings.Cut(string(text), "\n")
	return holder, failing
}

// rewriteLock writes in place, into the space that the file has.
func rewriteLock(lockFile, holder, failing string) error {
	f, err := os.OpenFile(lockFile, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	text := holder + "\n" + failing
	if _, err := f.WriteAt([]byte(text), 0); err != nil {
		return err
	}
	return f.Truncate(int64(len(text)))
}
