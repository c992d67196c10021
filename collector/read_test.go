package collector

import (
	"fmt"
	"strings"
	"testing"

	"lunstat/collector/series"
	"lunstat/mapper"
)

func TestParseLine(t *testing.T) {
	tests := []struct {
		name, line string
		want       series.Reading
	}{
		{"14 fields", " 253      13 dm-13 1 2 3 4 5 6 7 8 9 10 11", series.Reading{Kernel: "dm-13", Dev: mapper.DevNo{Major: 253, Minor: 13},
			Counters: series.Counters{ReadIOs: 1, ReadMerges: 2, ReadSectors: 3, ReadMS: 4, WriteIOs: 5, WriteMerges: 6, WriteSectors: 7, WriteMS: 8, Inflight: 9, BusyMS: 10, QueueMS: 11}}},
		{"17 fields are 14", "8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14", series.Reading{Kernel: "sda", Dev: mapper.DevNo{Major: 8},
			Counters: series.Counters{ReadIOs: 1, ReadMerges: 2, ReadSectors: 3, ReadMS: 4, WriteIOs: 5, WriteMerges: 6, WriteSectors: 7, WriteMS: 8, Inflight: 9, BusyMS: 10, QueueMS: 11}}},
		{"18 fields", "8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", series.Reading{Kernel: "sda", Dev: mapper.DevNo{Major: 8},
			Counters: series.Counters{ReadIOs: 1, ReadMerges: 2, ReadSectors: 3, ReadMS: 4, WriteIOs: 5, WriteMerges: 6, WriteSectors: 7, WriteMS: 8, Inflight: 9, BusyMS: 10, QueueMS: 11,
				DiscardIOs: 12, DiscardMerges: 13, DiscardSectors: 14, DiscardMS: 15, Given: series.GivenDiscards}}},
		{"20 fields and more", "259 1048575 nvme0n1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19", series.Reading{Kernel: "nvme0n1", Dev: mapper.DevNo{Major: 259, Minor: 1048575},
			Counters: series.Counters{ReadIOs: 1, ReadMerges: 2, ReadSectors: 3, ReadMS: 4, WriteIOs: 5, WriteMerges: 6, WriteSectors: 7, WriteMS: 8, Inflight: 9, BusyMS: 10, QueueMS: 11,
				DiscardIOs: 12, DiscardMerges: 13, DiscardSectors: 14, DiscardMS: 15, FlushIOs: 16, FlushMS: 17, Given: series.GivenDiscards | series.GivenFlushes}}},
		{"7 fields", "   8    1 sda1 11 22 33 44", series.Reading{Kernel: "sda1", Dev: mapper.DevNo{Major: 8, Minor: 1},
			Counters: series.Counters{ReadIOs: 11, ReadSectors: 22, WriteIOs: 33, WriteSectors: 44, Given: series.OnlyCounts}}},
		{"a slash in the name", "104 0 cciss/c0d0 1 0 8 0 0 0 0 0 0 0 0", series.Reading{Kernel: "cciss/c0d0", Dev: mapper.DevNo{Major: 104}, Counters: series.Counters{ReadIOs: 1, ReadSectors: 8}}},
		{"in flight below 0", "8 0 sda 0 0 0 0 0 0 0 0 -1 0 0", series.Reading{Kernel: "sda", Dev: mapper.DevNo{Major: 8}}},
		{"in flight below 0, unsigned", "8 0 sda 0 0 0 0 0 0 0 0 4294967295 0 0", series.Reading{Kernel: "sda", Dev: mapper.DevNo{Major: 8}}},
		{"in flight below 0, unsigned, 64 bits", "8 0 sda 0 0 0 0 0 0 0 0 18446744073709551615 0 0", series.Reading{Kernel: "sda", Dev: mapper.DevNo{Major: 8}}},
		{"times of 64 bits", "8 0 sda 0 0 0 4294967297 0 0 0 0 0 0 0", series.Reading{Kernel: "sda", Dev: mapper.DevNo{Major: 8}, Counters: series.Counters{ReadMS: 1}}},
		{"largest count", "8 0 sda 9223372036854775807 0 0 0 0 0 0 0 0 0 0", series.Reading{Kernel: "sda", Dev: mapper.DevNo{Major: 8}, Counters: series.Counters{ReadIOs: 1<<63 - 1}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseLine([]byte(tt.line))
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestParseDiskstatsNamesBadLines(t *testing.T) {
	const good = "   8       0 sda 1 0 8 0 0 0 0 0 0 0 0\n"
	tests := []struct{ bad, want string }{
		{"8 16 sdb 1 2 3 4 5 6 7 8 9\n", "diskstats:2: 12 fields, want 14 or more"},
		{"8 16 sdb 1 2 x 4 5 6 7 8 9 10 11\n", `diskstats:2: field 6 is not a count`},
		{"8 16 sdb 1 2 18446744073709551616 4 5 6 7 8 9 10 11\n", `diskstats:2: field 6 is not a count`},
		{"8 16 sdb 18446744073709551615 2 3 4 5 6 7 8 9 10 11\n", `diskstats:2: field 4 is not a count`}, // -1, unsigned
		{"8 16 sdb 1 2 -3 4 5 6 7 8 9 10 11\n", `diskstats:2: field 6 is not a count`},
		{"8 16 sdb 1 2 3 4 5 6 7 8 x 10 11\n", `diskstats:2: field 12 is not a count`},
		{"a 16 sdb 1 2 3 4 5 6 7 8 9 10 11\n", `diskstats:2: field 1 is not a count`},
		{"4294967296 16 sdb 1 2 3 4 5 6 7 8 9 10 11\n", "diskstats:2: device number 4294967296:16 is out of range"},
		{good, `diskstats:2: "sda" is here a second time`},
		{"garbage\n", `diskstats:2: field 1 is not a count`},
	}
	for _, tt := range tests {
		readings, warnings := parseDiskstats([]byte(good + tt.bad + "\n" + strings.ReplaceAll(good, "sda", "sdc")))
		if len(warnings) != 1 || warnings[0].What != tt.want {
			t.Errorf("%q: warnings %v, want %q", tt.bad, warnings, tt.want)
		}
		if len(readings) != 2 || readings[0].Kernel != "sda" || readings[1].Kernel != "sdc" {
			t.Errorf("%q: the other lines came out as %+v", tt.bad, readings)
		}
	}
}

func FuzzParseDiskstats(f *testing.F) {
	f.Add("   8       0 sda 49601 2822 3195498 623970 12180 9784 821088 117109 0 32862 714408 0 0 0 0\n")
	f.Add(" 253      13 dm-13 1756 0 56390 980 33 0 131248 312 0 1180 1292 0 0 0 0 0 0\n8 1 sda1 1 2 3 4\n")
	f.Fuzz(func(t *testing.T, text string) {
		readings, warnings := parseDiskstats([]byte(text))
		lines := 0
		for l := range strings.Lines(text) {
			if strings.TrimSpace(l) != "" {
				lines++
			}
		}
		if len(readings)+len(warnings) > lines {
			t.Errorf("%d readings and %d warnings out of %d lines", len(readings), len(warnings), lines)
		}
		// What was read, printed as the kernel prints it, reads the same.
		for _, r := range readings {
			if r.Given != series.GivenDiscards|series.GivenFlushes {
				continue
			}
			again, err := parseLine(fmt.Appendf(nil, "%4d %7d %s %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d", r.Dev.Major, r.Dev.Minor, r.Kernel,
				r.ReadIOs, r.ReadMerges, r.ReadSectors, r.ReadMS, r.WriteIOs, r.WriteMerges, r.WriteSectors, r.WriteMS, r.Inflight, r.BusyMS, r.QueueMS,
				r.DiscardIOs, r.DiscardMerges, r.DiscardSectors, r.DiscardMS, r.FlushIOs, r.FlushMS))
			if err != nil || again != r {
				t.Errorf("%+v read again: %+v, %v", r, again, err)
			}
		}
	})
}

func BenchmarkParseDiskstats(b *testing.B) {
	for _, n := range []int{14, 1000, 10_000} {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, " 253 %7d dm-%d 1756222 0 563901231 980123 33123 0 131248111 312111 0 1180111 1292222 0 0 0 0 0 0\n", i, i)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if r, _ := parseDiskstats([]byte(text.String())); len(r) != n {
					b.Fatal(len(r))
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "LUNs/s")
		})
	}
}
