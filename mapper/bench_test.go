package mapper_test

import (
	"fmt"
	"testing"

	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

var sizes = []int{14, 1000, 10000}

// BenchmarkDevices is what a minute costs in which something changed. Each LUN
// is a volume on a disk of its own, so that there are two devices for each.
func BenchmarkDevices(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("LUNs=%d", n), func(b *testing.B) {
			h := hosttest.New(b, hosttest.Many(n)...)
			seen := h.Seen()
			b.ReportAllocs()
			for b.Loop() {
				if devs, _ := mapper.Devices(h.Paths, seen); len(devs) != 2*n {
					b.Fatalf("%d devices", len(devs))
				}
			}
			perDevice(b, 2*n)
		})
	}
}

// BenchmarkClassify is what every minute costs: mounts and layers, roles, groups.
func BenchmarkClassify(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("LUNs=%d", n), func(b *testing.B) {
			h := hosttest.New(b, hosttest.Many(n)...)
			devs, _ := mapper.Devices(h.Paths, h.Seen())
			rules := []mapper.Rule{{Match: "vg1-*", Role: "mysql"}, {Match: "dm-2", Label: "x"}}
			b.ReportAllocs()
			for b.Loop() {
				use, _ := mapper.ReadUse(h.Paths)
				if problems := mapper.Classify(devs, use, rules); len(problems) > 0 {
					b.Fatal(problems)
				}
			}
			perDevice(b, 2*n)
		})
	}
}

func BenchmarkFind(b *testing.B) {
	h := hosttest.New(b, hosttest.Many(10000)...)
	devs, _ := mapper.Host(h.Paths, h.Seen(), nil)
	for _, what := range []string{"dm-13", "vg9999-lv9999", "/srv/77/x", "vg99-lv9x"} {
		b.Run(what, func(b *testing.B) {
			for b.Loop() {
				mapper.Find(devs, what, mapper.Paths{})
			}
		})
	}
}

func perDevice(b *testing.B, devices int) {
	us := float64(b.Elapsed().Microseconds()) / float64(b.N) / float64(devices)
	b.ReportMetric(us, "µs/device")
}
