package health

import (
	"slices"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// What a host lacks, and no fault of it, is said with something to type.
func TestWhatIsMissing(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	check := Checkup{
		Now: now, Host: "h", NoLatency: true,
		Runs:   []series.Run{{At: series.Instant{Wall: now.Add(-10 * time.Second)}}},
		Bounds: Bounds{LastRunS: Bound{Warning: 300, Critical: 900}},
		Slow:   func(string) time.Duration { return time.Second },
		LUNs: []mapper.LUN{{
			ID: "LVM-x", Kernel: "dm-0", DMName: "vg-lv", Layer: mapper.LayerLUN,
			Mounts: []mapper.Mount{{Point: "/srv/a b"}},
		}},
	}
	hints := func() (all []string) {
		for _, f := range check.Findings() {
			if f.Severity != OK {
				t.Errorf("%s: %s", f.Severity, f.What)
			}
			all = append(all, f.Hint)
		}
		return all
	}
	role := `say what it is for, in the config: luns: [{match: "/srv/a b", role: backup}], or another of the roles there`
	latency := "device-mapper could count it: `lunstat setup histograms`"
	if got := hints(); !slices.Contains(got, role) || !slices.Contains(got, latency) {
		t.Errorf("hints %q", got)
	}
	check.NoLatency, check.LUNs[0].Role = false, "backup"
	if got := hints(); len(got) > 0 {
		t.Errorf("hints %q where nothing is missing", got)
	}
	check.NoLatency = true
	check.LUNs[0].DMName = ""
	if got := hints(); len(got) > 0 {
		t.Errorf("hints %q where no device-mapper is", got)
	}
}
