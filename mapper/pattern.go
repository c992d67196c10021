package mapper

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled when it is used first. Each start
// of the program would pay for it, and few read such text: cron starts it every minute.
// A variable of this type costs the start nothing.
type pattern struct {
	expr string
	once sync.Once
	re   *regexp.Regexp
}

func (p *pattern) compiled() *regexp.Regexp {
	p.once.Do(func() { p.re = regexp.MustCompile(p.expr) })
	return p.re
}
