package main

import (
	"fmt"
	"strings"

	"lunstat/collector/health"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// perfdata is the figures, in the form of the Nagios plugin guidelines:
// label=value[unit];warning;critical;min;max.
func perfdata(check *health.Checkup) string {
	b := check.Bounds
	var p []string
	add := func(label, format string, v any, bound health.Bound) {
		p = append(p, fmt.Sprintf("%s="+format+";%s;%s", label, v, bounds(bound.Warning), bounds(bound.Critical)))
	}
	if check.LastRun() != nil {
		add("last_run", "%.0fs", check.Age().Seconds(), b.LastRunS)
	}
	// U is the plugins' own word for unknown: 0 would be an idle LUN, an empty disk.
	iops, busiest, fullest, stalled := "U", "U", "U", 0
	var ios, util float64
	full := 0
	for _, l := range check.LUNs {
		if l.Layer != mapper.LayerLUN {
			continue
		}
		k := series.Key{ID: l.ID, Host: check.Host, Source: series.SourceHost}
		i := check.Intervals[k]
		if v, ok := i.IOPS(); ok {
			ios += v
			iops = fmt.Sprintf("%.1f", ios)
		}
		if v, ok := i.Util(); ok {
			util = max(util, v)
			busiest = fmt.Sprintf("%.1f%%", util)
		}
		if i.Quality.Has(series.Stalled) {
			stalled++
		}
		s := check.Spaces[k]
		if v, ok := s.UsedPercent(); ok {
			full = max(full, v)
			fullest = fmt.Sprintf("%d%%", full)
		}
	}
	p = append(p, fmt.Sprintf("luns=%d", lunCount(check)), "iops="+iops)
	add("busiest", "%s", busiest, b.UtilPercent)
	add("fullest", "%s", fullest, b.SpacePercent)
	if times, ok := worstP99(check); ok {
		add("p99_times", "%.3g", times, b.P99Factor)
	}
	p = append(p, fmt.Sprintf("stalled=%d;;0", stalled))
	p = append(p, pressureFigures(check)...)
	if check.Forward != nil {
		add("backlog", "%d", check.Forward.Pending, b.Backlog)
		p = append(p, fmt.Sprintf("refused=%d;0", check.Forward.Refused+check.Forward.Lost))
	}
	return strings.Join(p, " ")
}

// worstP99 is the largest multiple of a LUN's await limit that 1 in 100 of its I/Os took
// at least; ok is false where no LUN has a histogram of enough I/Os.
func worstP99(check *health.Checkup) (worst float64, ok bool) {
	for i := range check.LUNs {
		l := &check.LUNs[i]
		if l.Layer != mapper.LayerLUN {
			continue
		}
		last := check.Intervals[series.Key{ID: l.ID, Host: check.Host, Source: series.SourceHost}]
		if times, is := check.P99Factor(l, &last); is {
			worst, ok = max(worst, times), true
		}
	}
	return worst, ok
}

func bounds(v float64) string {
	if v <= 0 {
		return ""
	}
	return fmt.Sprintf("%g", v)
}

// pressureFigures are what the host waited for I/O. They are left out where the kernel
// doesn't say it: not every kernel does.
func pressureFigures(check *health.Checkup) (figures []string) {
	pressure, ok := check.Pressure()
	if !ok {
		return nil
	}
	if v, ok := pressure.SomePercent(); ok {
		figures = append(figures, fmt.Sprintf("pressure_some=%.2f%%", v))
	}
	if v, ok := pressure.FullPercent(); ok {
		figures = append(figures, fmt.Sprintf("pressure_full=%.2f%%", v))
	}
	return figures
}
