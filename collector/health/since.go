package health

import (
	"time"

	"lunstat/collector/series"
)

// Judgement is what an interval says about a LUN that is in trouble now.
type Judgement int

// The judgements. Unclear means that there was too little I/O, or that it is not known.
const (
	Unclear Judgement = iota
	Well
	Wrong
)

// Began says since when something is wrong with a LUN: the start of the stretch that
// lasts to the last run. The zero time means unknown.
type Began interface {
	Load(k series.Key, judge func(*series.Interval) Judgement) time.Time
	Space(k series.Key, judge func(*series.Space) Judgement) time.Time
}

// loadSince is when the state began that judge finds in a LUN's last interval.
func (c *Checkup) loadSince(k series.Key, i *series.Interval, judge func(*series.Interval) (Severity, bool)) time.Time {
	if c.Began != nil {
		if at := c.Began.Load(k, func(i *series.Interval) Judgement { return judgement(judge(i)) }); !at.IsZero() {
			return at
		}
	}
	return i.Start()
}

// spaceSince is when the state began that judge finds in a filesystem's last answer.
func (c *Checkup) spaceSince(s *series.KeySpace, judge func(*series.Space) (Severity, bool)) time.Time {
	if c.Began != nil {
		if at := c.Began.Space(s.Key, func(s *series.Space) Judgement { return judgement(judge(s)) }); !at.IsZero() {
			return at
		}
	}
	return s.At
}

func judgement(s Severity, known bool) Judgement {
	switch {
	case !known:
		return Unclear
	case s == OK:
		return Well
	}
	return Wrong
}
