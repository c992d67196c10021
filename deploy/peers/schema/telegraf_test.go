package schema

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/influxdata/telegraf/config"
	_ "github.com/influxdata/telegraf/plugins/inputs/exec"
	_ "github.com/influxdata/telegraf/plugins/parsers/nagios"
	"github.com/influxdata/telegraf/testutil"
)

// TestTelegraf: Telegraf takes the config, runs the check, and makes of the line that
// docs/monitoring.md shows the measurements which it names.
func TestTelegraf(t *testing.T) {
	text, err := os.ReadFile("../../telegraf/lunstat.conf")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../../docs/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^LUNSTAT OK .*$`).Find(doc)
	if line == nil {
		t.Fatal("docs/monitoring.md shows no line of the plugin")
	}
	plugin := filepath.Join(t.TempDir(), "lunstat")
	script := "#!/bin/sh\necho '" + strings.Replace(string(line), " OK ", " WARNING ", 1) + "'\nexit 1\n"
	if err := os.WriteFile(plugin, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	c := config.NewConfig()
	if err := c.LoadConfigData([]byte(strings.ReplaceAll(string(text), "/usr/local/bin/lunstat", plugin)), "lunstat.conf"); err != nil {
		t.Fatal(err)
	}
	if len(c.Inputs) != 1 {
		t.Fatalf("%d inputs", len(c.Inputs))
	}
	in := c.Inputs[0]
	if err := in.Init(); err != nil {
		t.Fatal(err)
	}
	var acc testutil.Accumulator
	if err := in.Input.Gather(&acc); err != nil {
		t.Fatal(err)
	}
	if len(acc.Errors) > 0 {
		t.Error(acc.Errors)
	}
	figures := map[string]bool{}
	for _, m := range acc.GetTelegrafMetrics() {
		m = in.MakeMetric(m)
		if figure, ok := m.GetTag("perfdata"); ok && m.Name() == "nagios_lunstat" {
			figures[figure] = m.HasField("value")
		}
		if state, ok := m.GetField("state"); ok && (m.Name() != "nagios_state_lunstat" || state != int64(1)) {
			t.Errorf("%s: state %v, want 1 in nagios_state_lunstat", m.Name(), state)
		}
	}
	_, perfdata, _ := strings.Cut(string(line), "| ")
	for figure := range strings.FieldsSeq(perfdata) {
		if name, _, _ := strings.Cut(figure, "="); !figures[name] {
			t.Errorf("Telegraf read no figure %s: %v", name, figures)
		}
	}
}
