package mapper_test

import (
	"fmt"
	"testing"

	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// Each LUN is a volume on a disk of its own, so that there are two devices for
// each. Devices is what a minute costs in which something changed, Classify what
// every minute does, Find a lookup.
func BenchmarkMapper(b *testing.B) {
	for _, n := range []int{14, 1000, 10000} {
		b.Run(fmt.Sprintf("LUNs=%d", n), func(b *testing.B) {
			h := hosttest.New(b, hosttest.Many(n)...)
			devs, _ := mapper.Devices(h.Paths, h.Counted())
			b.Run("Devices", func(b *testing.B) { benchDevices(b, h, 2*n) })
			b.Run("Refresh", func(b *testing.B) {
				for b.Loop() {
					mapper.Refresh(h.Paths, devs, all(devs))
				}
			})
			b.Run("Classify", func(b *testing.B) { benchClassify(b, h, devs) })
			b.Run("Find", func(b *testing.B) { benchFind(b, devs) })
		})
	}
}

func benchDevices(b *testing.B, h *hosttest.Host, n int) {
	seen := h.Counted()
	b.ReportAllocs()
	for b.Loop() {
		if devs, _ := mapper.Devices(h.Paths, seen); len(devs) != n {
			b.Fatalf("%d devices", len(devs))
		}
	}
	perDevice(b, n)
}

func benchClassify(b *testing.B, h *hosttest.Host, devs []mapper.LUN) {
	rules := []mapper.Rule{{Match: "vg1-*", Role: "mysql"}, {Match: "dm-2", Label: "x"}}
	b.ReportAllocs()
	for b.Loop() {
		use, _ := mapper.ReadUse(h.Paths)
		if problems := mapper.Classify(devs, use, rules); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
	perDevice(b, len(devs))
}

func benchFind(b *testing.B, devs []mapper.LUN) {
	for b.Loop() {
		if found, err := mapper.Find(devs, "/srv/7/x", mapper.Paths{}); err != nil || len(found) != 1 {
			b.Fatal(found, err)
		}
	}
}

func perDevice(b *testing.B, devices int) {
	us := float64(b.Elapsed().Microseconds()) / float64(b.N) / float64(devices)
	b.ReportMetric(us, "µs/device")
}
