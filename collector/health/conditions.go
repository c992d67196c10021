package health

import (
	"slices"

	"lunstat/collector"
	"lunstat/collector/series"
	"lunstat/mapper"
)

func (c *Checkup) damage() (f []Finding) {
	for _, w := range c.Damage {
		f = append(f, Finding{Severity: Warning, What: w.What, Hint: w.Hint})
	}
	return f
}

func (c *Checkup) conditions() []Finding {
	var f []Finding
	for _, w := range c.State.Conditions {
		if c.isForwarding(w.What) || !w.Gone.IsZero() {
			continue
		}
		sev, what := Warning, w.What
		if collector.IsLost(what) {
			sev, what = Critical, what+" since "+w.Since.Local().Format("2006-01-02 15:04")
		}
		f = append(f, Finding{sev, what, w.Since, w.Hint})
	}
	return f
}

// noLUN: a host on which nothing is measured is not well, whatever the reason.
func (c *Checkup) noLUN() []Finding {
	if slices.ContainsFunc(c.State.Conditions, func(w series.Condition) bool { return w.What == collector.NothingMeasured && w.Gone.IsZero() }) {
		return nil // said
	}
	for i := range c.LUNs {
		if c.LUNs[i].Layer == mapper.LayerLUN {
			return nil
		}
	}
	return []Finding{{Severity: Warning, What: "no LUN is measured", Hint: "`lsblk` shows all devices; luns: in the config may ignore all of them; loop, ram and CD devices are LUNs only if luns: names them"}}
}

// noLatency: histograms could be kept here. That isn't an error, but worth a hint.
func (c *Checkup) noLatency() []Finding {
	if !c.NoLatency {
		return nil
	}
	for i := range c.LUNs {
		if l := &c.LUNs[i]; l.Layer == mapper.LayerLUN && l.DMName != "" && len(l.Paths) == 0 {
			return []Finding{{Severity: OK, What: "the latency of single I/Os is not kept, only means are", Hint: "device-mapper could count it: `lunstat setup histograms`"}}
		}
	}
	return nil
}
