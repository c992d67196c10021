package health

import (
	"testing"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// One missed send isn't a finding: how many runs wait decides.
func TestOneMissedSend(t *testing.T) {
	check := Checkup{Now: boot, Host: "h", LUNs: []mapper.LUN{{Layer: mapper.LayerLUN, Role: "mysql", ID: "x"}}, Runs: []series.Run{{Host: "h", At: series.Instant{Wall: boot}}},
		Forward: &series.Forwarding{Pending: 1, Trouble: series.Warning{What: "no answer"}}, Bounds: Bounds{Backlog: Bound{60, 0}}}
	if got := Worst(check.Findings()); got != OK {
		t.Errorf("status says %v: %+v", got, check.Findings())
	}
}
