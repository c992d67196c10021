package render

import (
	"time"

	"lunstat/render/facts"
)

// busyHour is the hour of a weekday in which all LUNs together had the most to do;
// a range below an hour has none.
func (d *data) busyHour() *facts.Hour {
	if d.Long() < time.Hour {
		return nil
	}
	var loads []facts.Load
	for _, s := range d.taken.all() {
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

// loadOf is the load in a sample; ok is false if its IOPS are not known.
func (d *data) loadOf(s *sample) (l facts.Load, ok bool) {
	middle := time.Unix(s.end, 0).Add(-s.long() / 2)
	if d.width > 0 {
		middle = time.Unix(s.end*int64(d.width/time.Second), 0).Add(d.width / 2)
	}
	return facts.Load{Middle: middle, Long: s.long(), IOPS: float64(s.v[iops])}, s.v[iops] == s.v[iops]
}
