package collector

import (
	"fmt"
	"regexp"
	"time"

	"lunstat/collector/series"
)

const (
	// sayAgain is how often a condition that lasts is said: cron mails every line.
	sayAgain = 24 * time.Hour
	// settle is how long a condition that was there for one run only has to be away
	// until it is over: it may be one that comes and goes.
	settle = 10 * time.Minute
	// settleAgain is the same for one that came back, and within what time it does.
	settleAgain = time.Hour
	// mostAlike bounds the warnings of one kind, mostWarnings those of a run: 500,000
	// bad lines are one fault.
	mostAlike    = 20
	mostWarnings = 5 * mostAlike
)

// News is something to report about a condition: it begins, it lasts, or it ended.
type News struct {
	series.Condition
	Ended bool
}

// follow compares what was wrong with what is: news are the conditions that
// begin, those that were last said a day ago, and those that ended.
func follow(was []series.Condition, warnings []series.Warning, now time.Time) (is []series.Condition, news []News) {
	known := match(was, warnings)
	here := make(map[int]bool, len(known))
	for i, w := range warnings {
		n, old := known[i]
		if old && here[n] || !old && isBefore(warnings[:i], w.What) {
			continue // the same twice is one
		}
		c, tell := series.Condition{Since: now, Lasts: w.Once}, true
		if old {
			here[n] = true
			c, tell = lasting(was[n], now)
		}
		c.Warning = w
		if tell {
			c.Said = now
			news = append(news, News{Condition: c})
		}
		is = append(is, c)
	}
	for n, c := range was {
		if here[n] {
			continue
		}
		c, keep, ended := absentNow(c, now)
		if ended {
			news = append(news, News{Condition: c, Ended: true})
		}
		if keep {
			is = append(is, c)
		}
	}
	return is, news
}

func isBefore(warnings []series.Warning, what string) bool {
	for _, w := range warnings {
		if w.What == what {
			return true
		}
	}
	return false
}

// match finds the condition that each warning goes on with: the one of its text,
// else one of the last run in which only a number or a time differs.
func match(was []series.Condition, warnings []series.Warning) map[int]int {
	byText, taken := make(map[string]int, len(was)), make(map[int]bool, len(was))
	for n := range was {
		byText[was[n].What] = n
	}
	known := make(map[int]int, len(warnings))
	var fresh []int
	for i, w := range warnings {
		if n, ok := byText[w.What]; ok {
			known[i], taken[n] = n, true
		} else {
			fresh = append(fresh, i)
		}
	}
	if len(fresh) == 0 || len(taken) == len(was) {
		return known
	}
	alike := make(map[string]int, len(was))
	for n := range was {
		if !taken[n] && was[n].Gone.IsZero() {
			alike[withoutNumbers(was[n].What)] = n
		}
	}
	for _, i := range fresh {
		if n, ok := alike[withoutNumbers(warnings[i].What)]; ok && !taken[n] {
			known[i], taken[n] = n, true
		}
	}
	return known
}

// withoutNumbers leaves numbers and times out of a text, but not those in names: dm-5
// is another LUN than dm-6.
func withoutNumbers(text string) string {
	return regexp.MustCompile(`(^|[ :=(\[])[0-9][0-9.:TZ+-]*(ns|µs|ms|m|s|h)?\b`).ReplaceAllString(text, "$1#")
}

// lasting is a condition that was known and lasts; tell: it has to be said.
func lasting(c series.Condition, now time.Time) (_ series.Condition, tell bool) {
	away, over := c.Gone, c.Over
	c.Gone, c.Over = time.Time{}, false
	switch {
	case away.IsZero():
		c.Lasts = true
	case over && now.Sub(away) >= settleAgain:
		return series.Condition{Since: now}, true
	case over:
		c.Flaps, tell = true, true // it was said to be over
	default:
		c.Flaps = true
	}
	quiet := now.Sub(c.Said)
	return c, tell || quiet >= sayAgain || quiet < 0
}

// absentNow is a condition that was known and isn't there now; keep: it may come back.
func absentNow(c series.Condition, now time.Time) (_ series.Condition, keep, ended bool) {
	if c.Gone.IsZero() || now.Before(c.Gone) {
		c.Gone = now
	}
	away := now.Sub(c.Gone)
	if c.Over {
		return c, away < settleAgain, false
	}
	wait := settle
	switch {
	case c.Flaps:
		wait = settleAgain
	case c.Lasts:
		wait = 0
	}
	c.Over = away >= wait
	return c, !c.Over || away < settleAgain, c.Over
}

// bounded keeps the first warnings, and says how many more there are of what.
func bounded(warnings []series.Warning, most int, what string) []series.Warning {
	if len(warnings) <= most {
		return warnings
	}
	more := len(warnings) - most
	return append(warnings[:most:most], series.Warning{What: fmt.Sprintf("and %d more %s", more, what)})
}
