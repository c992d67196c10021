package collector

import (
	"fmt"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// Judgement is what an interval or an answer says of a LUN that is in trouble now.
type Judgement int

// Unclear is what was too little, or not known.
const (
	Unclear Judgement = iota
	Well
	Wrong
)

// Began says since when something is wrong with a LUN: the start of the stretch that
// goes on to the last run. The zero time is unknown.
type Began interface {
	Load(k series.Key, judge func(*series.Interval) Judgement) time.Time
	Space(k series.Key, judge func(*series.Space) Judgement) time.Time
}

func (c *Checkup) load(l *mapper.LUN, name string, k series.Key, i *series.Interval) []Finding {
	var f []Finding
	if i.Quality.Has(series.Stalled) {
		since := i.Start()
		for _, last := range c.State.Last {
			if last.Key == k && !last.StallSince.IsZero() {
				since = last.StallSince
			}
		}
		f = append(f, Finding{Critical, fmt.Sprintf("%s is stalled: %d I/Os in flight, none completes", name, i.Inflight), since,
			"look at its paths and the array: `lunstat lookup " + l.Kernel + "`, dmesg"})
	}
	if l.Layer != mapper.LayerLUN {
		return f
	}
	if util, ok := i.Util(); ok {
		if s := c.Bounds.UtilPercent.judge(util); s != OK {
			f = append(f, Finding{s, fmt.Sprintf("%s is %.0f %% busy", name, util), c.loadSince(k, i, func(i *series.Interval) (Severity, bool) {
				util, ok := i.Util()
				return c.Bounds.UtilPercent.judge(util), ok
			}), "busy is not full: look at its await, and at who does the I/O (iotop, pidstat -d)"})
		}
	}
	for _, a := range []struct {
		what string
		get  func(*series.Interval) (float64, bool)
		ios  series.Field
	}{{"reads", (*series.Interval).ReadAwait, series.ReadIOs}, {"writes", (*series.Interval).WriteAwait, series.WriteIOs}} {
		limit := float64(c.Slow(l.Role)) / float64(time.Millisecond)
		judge := func(i *series.Interval) (Severity, bool) {
			await, ok := a.get(i)
			return c.Bounds.AwaitFactor.judge(await / limit), ok && limit > 0 && i.Value(a.ios) >= 10
		}
		if s, ok := judge(i); ok && s != OK {
			await, _ := a.get(i)
			f = append(f, Finding{s, fmt.Sprintf("%s: %s take %.0f ms, its limit is %.0f ms", name, a.what, await, limit), c.loadSince(k, i, judge), "`lunstat report --last 6h --lun " + l.Kernel + "` shows since when"})
		}
	}
	return f
}

// loadSince is when what judge says of a LUN's last interval began.
func (c *Checkup) loadSince(k series.Key, i *series.Interval, judge func(*series.Interval) (Severity, bool)) time.Time {
	if c.Began != nil {
		if at := c.Began.Load(k, func(i *series.Interval) Judgement { return judgement(judge(i)) }); !at.IsZero() {
			return at
		}
	}
	return i.Start()
}

// spaceSince is when what judge says of a filesystem's last answer began.
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

// full and inodes judge a filesystem.
func (c *Checkup) full(s *series.Space) (Severity, bool) {
	p, ok := s.UsedPercent()
	return c.Bounds.SpacePercent.judge(float64(p)), ok
}

func (c *Checkup) inodes(s *series.Space) (Severity, bool) {
	return c.Bounds.InodesPercent.judge(100 * float64(s.InodesUsed) / float64(max(s.Inodes, 1))), s.Inodes > 0
}

func (c *Checkup) space(name string, s *series.KeySpace) []Finding {
	var f []Finding
	if sev, ok := c.full(&s.Space); ok && sev != OK {
		p, _ := s.UsedPercent()
		f = append(f, Finding{sev, fmt.Sprintf("%s is %d %% full (%s)", name, p, s.Mount), c.spaceSince(s, c.full), "what grew: du -x --max-depth=2 " + s.Mount})
	}
	if sev, ok := c.inodes(&s.Space); ok && sev != OK {
		p := 100 * float64(s.InodesUsed) / float64(s.Inodes)
		f = append(f, Finding{sev, fmt.Sprintf("%s has used %.0f %% of its inodes (%s)", name, p, s.Mount), c.spaceSince(s, c.inodes), "what has so many files: du -x --inodes --max-depth=2 " + s.Mount})
	}
	return f
}
