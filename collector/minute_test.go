package collector

import (
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// The counters of a LUN that is gone stay a base for 35 days, and no longer.
func TestGoneForLong(t *testing.T) {
	rules := Rules{Layers: "luns"}
	lun := []mapper.LUN{{Kernel: "sda", ID: "x", Layer: mapper.LayerLUN}}
	for _, tt := range []struct {
		away time.Duration
		kept bool
	}{{35*24*time.Hour - time.Second, true}, {35 * 24 * time.Hour, false}} {
		at := series.Instant{Wall: boot, Mono: time.Hour, Boot: time.Hour, BootID: "b"}
		first, _ := Close(series.State{}, series.Sample{Host: "h", Source: "host", At: at, LUNs: lun, Readings: []series.Reading{{Kernel: "sda"}}}, rules)
		at.Wall, at.Mono, at.Boot = at.Wall.Add(tt.away), at.Mono+tt.away, at.Boot+tt.away
		if then, _ := Close(first.State, series.Sample{Host: "h", Source: "host", At: at}, rules); (len(then.State.Last) == 1) != tt.kept {
			t.Errorf("away for %v: %d bases", tt.away, len(then.State.Last))
		}
	}
}
