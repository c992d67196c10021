package collector

import (
	"fmt"
	"slices"
	"strings"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// The texts about LUNs that should be measured and are not. status knows the two
// critical ones by their texts.
const (
	NothingMeasured = "nothing is measured: diskstats shows no device"
	deviceGone      = ", but its device is gone"
)

// IsLost reports whether the condition says that a LUN, or all of them, was lost.
func IsLost(what string) bool { return what == NothingMeasured || strings.HasSuffix(what, deviceGone) }

// unmeasured says what is in use and has no counters: a filesystem whose device is
// gone, a LUN without a line in diskstats. known is what the last run of this boot
// saw; unread are devices that are left out of this run anyway.
func unmeasured(s *series.Sample, use *mapper.Use, known []mapper.LUN, was []series.Condition, unread map[string]bool) []series.Warning {
	if len(s.Readings) == 0 && len(unread) == 0 {
		return []series.Warning{{What: NothingMeasured, Hint: "in a container, run lunstat on its host: only that counts I/O"}}
	}
	counted := make(map[string]bool, len(s.Readings))
	for i := range s.Readings {
		counted[s.Readings[i].Kernel] = true
	}
	var found []series.Warning
	placed := make(map[mapper.Mount]bool, len(use.Mounts))
	for i := range s.LUNs {
		l := &s.LUNs[i]
		for _, m := range l.Mounts {
			placed[m] = true
		}
		if l.Layer == mapper.LayerLUN && l.Mounted() != "" && !counted[l.Kernel] && !unread[l.Kernel] && !s.Partial {
			found = append(found, series.Warning{
				What: fmt.Sprintf("%s, mounted on %s, is not measured: it has no line in diskstats", l.Kernel, l.Mounted()),
				Hint: "grep -w " + l.Kernel + " /proc/diskstats",
			})
		}
	}
	all := !slices.ContainsFunc(use.Mounts, func(m mapper.MountedDev) bool { return !placed[m.Mount] })
	if !all && len(unread) == 0 {
		found = append(found, orphans(use.Orphans(s.LUNs), known, was)...)
	}
	return bounded(found, mostAlike, "LUNs that are in use and not measured")
}

// orphans says each device once that is mounted and not there. One that was there before is
// gone; of another it is only known that nothing counts its I/O.
func orphans(mounts []mapper.MountedDev, known []mapper.LUN, was []series.Condition) (found []series.Warning) {
	had := make(map[string]bool)
	for i := range known {
		for _, m := range known[i].Mounts {
			had[m.Point] = true
		}
	}
	for i := range was {
		if point, ok := strings.CutSuffix(was[i].What, deviceGone); ok {
			had[strings.TrimPrefix(point, "mounted on ")] = true
		}
	}
	said := make(map[string]bool)
	for _, m := range mounts {
		device := m.Dev.String()
		if m.Dev.Major == 0 {
			device = m.Source
		}
		switch {
		case m.Hidden || said[device]:
			continue
		case had[m.Point]:
			found = append(found, series.Warning{
				What: "mounted on " + m.Point + deviceGone,
				Hint: fmt.Sprintf("%s (%s) was taken away under its filesystem: see the kernel's log; umount -l lets go of it", m.Source, device),
			})
		case m.Root == "/": // a part of a filesystem is bound into a container
			found = append(found, series.Warning{
				What: fmt.Sprintf("mounted on %s, but not measured: no device is seen that is %s", m.Point, device),
				Hint: "its source is " + m.Source,
			})
		default:
			continue
		}
		said[device] = true
	}
	return found
}
