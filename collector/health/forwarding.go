package health

import (
	"fmt"
	"time"

	"lunstat/collector"
)

// isForwarding: the condition is about forwarding. status knows more about that.
func (c *Checkup) isForwarding(what string) bool {
	return c.Forward != nil && (what == collector.PointsRefused || what == c.Forward.Trouble.What)
}

// forwarding is what status says of it: why it fails, what waits, what was lost.
func (c *Checkup) forwarding() []Finding {
	is := c.Forward
	if is == nil {
		return nil
	}
	since := map[string]time.Time{}
	for _, w := range c.State.Conditions {
		if w.Gone.IsZero() {
			since[w.What] = w.Since
		}
	}
	var f []Finding
	if t := is.Trouble; t.What != "" {
		s := OK // one missed send is made up for by the next: how many runs wait decides
		if _, said := since[t.What]; said {
			s = Warning
		}
		if is.Critical {
			s = Critical
		}
		f = append(f, Finding{s, t.What, since[t.What], t.Hint})
	}
	if s := c.Bounds.Backlog.judge(float64(is.Pending)); s != OK {
		f = append(f, Finding{s, fmt.Sprintf("%d runs wait to be forwarded", is.Pending), is.Since, "`lunstat forward` sends them now, and says what is wrong"})
	}
	if n := is.Refused + is.Lost; n > 0 {
		f = append(f, Finding{Warning, fmt.Sprintf("%d points were refused where they are forwarded to", n), since[collector.PointsRefused],
			"`lunstat forward --refused` lists them with the reasons; --retry or --discard ends this"})
	}
	if is.Dropped > 0 {
		f = append(f, Finding{Severity: OK, What: fmt.Sprintf("%d runs waited too long: only their roll-ups are forwarded", is.Dropped), Hint: "influx.backlog_max in the config says how many may wait"})
	}
	return f
}
