package render

import (
	"fmt"
	"math"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// made describes a small host whose figures can be computed by hand.
type made struct {
	luns  []mapper.LUN
	start time.Time
	every time.Duration
	n     int // readings after the first
	host  string

	// ios is how many reads LUN l makes in interval i; nil: 60 × (l+1).
	ios func(l, i int) uint64
	// space is how full LUN l is after interval i, of 1000; below 0: no filesystem.
	space func(l, i int) int
	skip  func(i int) bool // no interval then
}

// source plays it: reads of 4 KiB, half as many writes of 8 KiB, a read takes 5 ms
// and a write 2 ms, one at a time.
func (m made) source() *memory {
	mem := newMemory()
	if m.host == "" {
		m.host = "box"
	}
	count := map[string]int{}
	for l, lun := range m.luns {
		k := series.Key{ID: lun.ID, Host: m.host, Source: series.SourceHost}
		mem.entries = append(mem.entries, mapper.Entry{
			Host: m.host, BootID: "b1", Source: series.SourceHost, From: m.start, Colour: count[lun.Role], LUN: lun,
		})
		count[lun.Role]++
		intervals := make([]series.Interval, 0, m.n)
		for i := range m.n {
			end := m.start.Add(time.Duration(i+1) * m.every)
			if m.skip == nil || !m.skip(i) {
				intervals = append(intervals, m.interval(l, i, end))
			}
			if m.space == nil || m.space(l, i) < 0 {
				continue
			}
			used := uint64(m.space(l, i)) << 30
			mem.spaces[k] = append(mem.spaces[k], series.Space{
				At: end, SizeBytes: 1000 << 30, UsedBytes: used, AvailBytes: 1000<<30 - used, FreeBytes: 1000<<30 - used,
			})
		}
		if len(intervals) > 0 {
			mem.intervals[k] = intervals
		}
	}
	for i := range m.n + 1 {
		up := time.Duration(i) * m.every
		mem.runs = append(mem.runs, series.Run{
			Host: m.host, Kernel: "6.12.1", At: series.Instant{Wall: m.start.Add(up), Mono: time.Hour + up, Boot: time.Hour + up, BootID: "b1"},
		})
	}
	return mem
}

func (m made) interval(l, i int, end time.Time) series.Interval {
	reads := uint64(60 * (l + 1))
	if m.ios != nil {
		reads = m.ios(l, i)
	}
	ms := uint64(m.every.Milliseconds())
	iv := series.Interval{End: end, ElapsedMS: ms, SpanMS: ms}
	for _, one := range [...]struct {
		series.Field
		v uint64
	}{
		{series.ReadIOs, reads}, {series.ReadBytes, reads * 4096}, {series.ReadMS, reads * 5},
		{series.WriteIOs, reads / 2}, {series.WriteBytes, reads / 2 * 8192}, {series.WriteMS, reads / 2 * 2},
		{series.BusyMS, reads*5 + reads/2*2}, {series.QueueMS, reads*5 + reads/2*2}, {series.SlowMS, 0},
	} {
		iv.Set(one.Field, one.v)
	}
	return iv
}

// madeLUNs are n volumes with roles in turn.
func madeLUNs(n int) []mapper.LUN {
	roles := hues()
	var out []mapper.LUN
	for i := range n {
		r := roles[i%len(roles)].role
		out = append(out, mapper.LUN{
			Kernel: fmt.Sprintf("dm-%d", i), Dev: mapper.DevNo{Major: 253, Minor: uint32(i)},
			ID: mapper.ID(fmt.Sprintf("LVM-%04d", i)), DMName: fmt.Sprintf("vg-%s%d", r, i), Layer: mapper.LayerLUN,
			Role: r, RoleFrom: "name", Label: fmt.Sprintf("%s %d", r, i), SizeBytes: 1000 << 30,
			Mounts: []mapper.Mount{{Point: fmt.Sprintf("/srv/%s%d", r, i)}},
		})
	}
	return out
}

// wave is a day's rise and fall of reads, with LUN 0 the largest.
func wave(every time.Duration) func(l, i int) uint64 {
	return func(l, i int) uint64 {
		at := float64(i) * every.Hours() / 24
		v := 1 + math.Sin(2*math.Pi*(at-0.3))
		return uint64((200*v + float64(i*7919%100)) / float64(l+1) * every.Seconds())
	}
}
