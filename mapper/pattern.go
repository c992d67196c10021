package mapper

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled when it is used first. Each start
// of the program would pay for it, and few read such text: cron starts it every minute.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
