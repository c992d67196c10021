package render

import (
	"fmt"
	"time"

	"lunstat/render/facts"
)

// trouble is one thing that is worth a look, in words.
type trouble struct {
	lun  *lun
	name string
	text string
}

// A LUN that was slow for less than both is not worth a reader's time: any LUN has
// a bad minute.
const (
	slowWhile = 15 * time.Minute
	slowShare = 0.01
)

// troubles are the LUNs that the reader has to know of: stalled, the three worst
// by slow time, nearly full, gone.
func (d *data) troubles() []trouble {
	var out []trouble
	for _, l := range d.luns {
		if len(l.stalls) > 0 {
			out = append(out, trouble{l, l.title, d.stallWords(l)})
		}
	}
	for _, s := range d.worst() {
		if s.Slow.Slow < slowWhile && s.Share() < slowShare {
			continue
		}
		text := "slow for " + facts.Long(s.Slow.Slow)
		if limit := d.opt.Limits[s.lun.role()]; limit > 0 {
			text = fmt.Sprintf("await above %d ms for %s", limit.Milliseconds(), facts.Long(s.Slow.Slow))
		}
		if percent := number(s.Share()*100, 1); percent != "0.0" { // of a year
			text += " (" + percent + " %)"
		}
		out = append(out, trouble{s.lun, s.name, text})
	}
	for _, l := range d.withSpace() {
		if percent, old := d.fill(l); percent >= facts.FullWarn && !old {
			out = append(out, trouble{l, l.title, fmt.Sprintf("%d %% full", percent)})
		}
	}
	for _, l := range d.luns {
		if since := d.goneSince(l); !since.IsZero() && l.entry.LUN.Mounted() != "" {
			out = append(out, trouble{l, l.title, "gone since " + since.In(d.opt.Zone).Format("Mon 2 Jan 15:04")})
		}
	}
	return out
}

// slowLUN is a LUN that was slow, on one host where two used it at once.
type slowLUN struct {
	facts.Slow
	lun  *lun
	name string
}

// worst are the three LUNs with the most slow time.
func (d *data) worst() []slowLUN {
	var all []slowLUN
	var slows []facts.Slow
	for _, l := range d.luns {
		for _, v := range l.views(slow) {
			s := facts.Slow{Slow: v.slowFor(), Watched: time.Duration(v.upMS) * time.Millisecond}
			slows = append(slows, s)
			all = append(all, slowLUN{s, l, v.of(l.title)})
		}
	}
	var out []slowLUN
	for _, i := range facts.Worst(slows, 3) {
		out = append(out, all[i])
	}
	return out
}

// busyHour is the hour of a weekday in which all LUNs together had the most to do;
// a range below an hour has none.
func (d *data) busyHour() *facts.Hour {
	if d.Long() < time.Hour {
		return nil
	}
	var lists [][]sample
	for _, l := range d.luns {
		lists = append(lists, l.samples)
	}
	var loads []facts.Load
	for _, s := range together(lists) {
		if l, ok := d.loadOf(&s); ok {
			loads = append(loads, l)
		}
	}
	h, ok := facts.BusyHour(loads, d.opt.Zone)
	if !ok {
		return nil
	}
	return &h
}

// loadOf is what a sample says of the load; ok is false where it says nothing.
func (d *data) loadOf(s *sample) (l facts.Load, ok bool) {
	middle := time.Unix(s.end, 0).Add(-s.long() / 2)
	if d.width > 0 {
		middle = time.Unix(s.end*int64(d.width/time.Second), 0).Add(d.width / 2)
	}
	return facts.Load{Middle: middle, Long: s.long(), IOPS: float64(s.v[iops])}, s.v[iops] == s.v[iops]
}
