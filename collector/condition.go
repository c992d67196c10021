package collector

import (
	"time"

	"lunstat/collector/series"
)

// sayAgain is how often a condition that lasts is said: cron mails every line.
const sayAgain = 24 * time.Hour

// News is something to say about a condition: it begins, it lasts, it ended.
type News struct {
	series.Condition
	Ended bool
}

// follow compares what was wrong with what is: news are the conditions that
// begin, those that were last said a day ago, and those that ended.
func follow(was []series.Condition, warnings []series.Warning, now time.Time) (is []series.Condition, news []News) {
	known := make(map[string]series.Condition, len(was))
	for _, c := range was {
		known[c.What] = c
	}
	here := make(map[string]bool, len(warnings))
	for _, w := range warnings {
		if here[w.What] {
			continue
		}
		here[w.What] = true
		c, old := known[w.What]
		if !old {
			c = series.Condition{Since: now}
		}
		c.Warning = w
		if quiet := now.Sub(c.Said); !old || quiet >= sayAgain || quiet < 0 {
			c.Said = now
			news = append(news, News{Condition: c})
		}
		is = append(is, c)
	}
	for _, c := range was {
		if !here[c.What] {
			news = append(news, News{Condition: c, Ended: true})
		}
	}
	return is, news
}
