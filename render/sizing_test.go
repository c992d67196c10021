package render

import (
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
)

// TestSizing: a group whose mailboxes are known is sized on the page and in the mail's
// numbers; what has not all of the group, or no such group, is not.
func TestSizing(t *testing.T) {
	m := made{luns: madeLUNs(3), start: monday, every: time.Minute, n: 120}
	for i := range m.luns {
		m.luns[i].Group = "post"
	}
	m.luns[2].Group = "other"
	src := m.source()
	o := Options{From: monday, To: monday.Add(2 * time.Hour), Mailboxes: map[string]int{"post": 90, "gone": 5}}
	d := gathered(t, src, o)
	// LUN 0 reads once and LUN 1 twice a second; each writes half as often: 4.5 IOPS.
	want := "post: 0.050 IOPS per mailbox in the busy hour (Monday, 0 to 1 h: 4.5 IOPS for 90 mailboxes), reads to writes 67:33"
	if len(d.sizing) != 1 || d.sizing[0].Text() != want {
		t.Fatalf("%+v, want %s", d.sizing, want)
	}
	if len(d.warnings) != 1 || !strings.Contains(d.warnings[0].What, `"gone"`) {
		t.Errorf("warnings: %v", d.warnings)
	}
	page := files(t, src, o)
	if !strings.Contains(string(page[pageFile]), want) || !strings.Contains(string(page[numbersFile]), `"iops_per_mailbox":0.05,"read_percent":66.6667,`) {
		t.Error("the page or report.json lacks it")
	}
	o.Keys = []series.Key{{ID: m.luns[0].ID, Host: "box", Source: series.SourceHost}}
	if d := gathered(t, src, o); d.sizing != nil || d.warnings != nil {
		t.Errorf("a report of one LUN: %+v, %v", d.sizing, d.warnings)
	}
	o.Keys, o.Group = nil, "other"
	if d := gathered(t, src, o); d.sizing != nil || d.warnings != nil {
		t.Errorf("a report of another group: %+v, %v", d.sizing, d.warnings)
	}
}
