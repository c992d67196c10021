package collector

import (
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// device is one block device of a made reading.
type device struct {
	kernel  string
	id      mapper.ID
	reads   uint64
	diskSeq uint64
}

// lookAt makes a sample, up minutes after the boot.
func lookAt(up int, devs ...device) series.Sample {
	d := time.Duration(up) * time.Minute
	s := series.Sample{Host: "h", Source: series.SourceHost, At: series.Instant{Wall: time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC).Add(d), Mono: d, Boot: d, BootID: "b"}}
	for n, x := range devs {
		dev := mapper.DevNo{Major: 253, Minor: uint32(n)}
		s.LUNs = append(s.LUNs, mapper.LUN{Kernel: x.kernel, Dev: dev, ID: x.id, Layer: mapper.LayerLUN, DiskSeq: x.diskSeq})
		s.Readings = append(s.Readings, series.Reading{Kernel: x.kernel, Dev: dev, Counters: series.Counters{ReadIOs: x.reads}})
	}
	return s
}

// Whoever of two LUNs with one identity comes or goes, the counters of one are
// never the base of the other, and no I/O is lost.
func TestTwins(t *testing.T) {
	const few, many = 10, 1_000_000_000
	a := func(reads uint64) device { return device{"dm-3", "LVM-x", reads, 30} }
	b := func(reads uint64) device { return device{"dm-5", "LVM-x", reads, 50} }
	tests := []struct {
		name string
		runs [][]device
	}{
		{"the first goes", [][]device{{a(few), b(many)}, {b(many + 1)}, {b(many + 2)}, {b(many + 3)}}},
		{"the second goes", [][]device{{a(few), b(many)}, {a(few + 1)}, {a(few + 2)}, {a(few + 3)}}},
		{"one comes before", [][]device{{b(many)}, {a(few), b(many + 1)}, {a(few + 1), b(many + 2)}}},
		{"one comes behind", [][]device{{a(many)}, {a(many + 1), b(few)}, {a(many + 2), b(few + 1)}}},
		{"one goes and comes back", [][]device{{a(few), b(many)}, {b(many + 1)}, {a(few + 1), b(many + 2)}, {a(few + 2), b(many + 3)}}},
	}
	for _, tt := range tests {
		for _, layers := range []string{"luns", "all"} {
			t.Run(tt.name+" "+layers, func(t *testing.T) {
				var state series.State
				var got, want uint64
				before := map[string]uint64{}
				for n, devs := range tt.runs {
					m, _ := Close(state, lookAt(n+1, devs...), Rules{Layers: layers})
					for _, i := range m.Intervals {
						got += i.Value(series.ReadIOs)
						if i.Quality != 0 {
							t.Errorf("run %d: %s is marked %q", n, i.Key.ID, i.Quality)
						}
					}
					for _, d := range devs {
						if was, ok := before[d.kernel]; ok {
							want += d.reads - was
						}
						before[d.kernel] = d.reads
					}
					if warns := len(m.Run.Warnings) > 0; warns != (len(devs) == 2) {
						t.Errorf("run %d: warnings %v", n, m.Run.Warnings)
					}
					state = m.State
				}
				if got != want {
					t.Errorf("%d reads, want %d", got, want)
				}
			})
		}
	}
}

// A LUN that was seen to be gone comes back with counters that began at zero and
// are higher than before. A kernel without diskseq does not say so.
func TestGoneWithoutDiskseq(t *testing.T) {
	redo, other := device{"dm-11", "LVM-redo", 57, 0}, device{"dm-13", "LVM-sqldb", 57, 0}
	back := redo
	back.reads = 812
	tests := []struct {
		name   string
		middle func() series.Sample
		want   uint64
		marks  series.Quality
	}{
		{"gone", func() series.Sample { return lookAt(2, other) }, 812, series.Reset},
		{"its line was bad", func() series.Sample {
			s := lookAt(2, other)
			s.Partial = true
			return s
		}, 755, 0},
		{"it was no LUN for a minute", func() series.Sample {
			s := lookAt(2, redo, other)
			s.LUNs[0].Layer = mapper.LayerPart
			return s
		}, 755, 0},
	}
	for _, tt := range tests {
		rules := Rules{Layers: "luns"}
		m, _ := Close(series.State{}, lookAt(1, redo, other), rules)
		m, _ = Close(m.State, tt.middle(), rules)
		m, _ = Close(m.State, lookAt(3, back, other), rules)
		for _, i := range m.Intervals {
			if i.Key.ID == redo.id && (i.Value(series.ReadIOs) != tt.want || i.Quality != tt.marks) {
				t.Errorf("%s: %d reads, marked %q; want %d, %q", tt.name, i.Value(series.ReadIOs), i.Quality, tt.want, tt.marks)
			}
		}
		if len(m.Intervals) != 2 {
			t.Errorf("%s: %d intervals", tt.name, len(m.Intervals))
		}
	}
}
