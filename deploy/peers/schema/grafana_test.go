// Package schema has the code of other projects read the files that lunstat gives them.
// Its modules stay out of the program's go.mod.
package schema

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// TestDashboard: Grafana's own schema knows each field of the dashboard, and each has
// the type that it wants.
func TestDashboard(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	text, err := os.ReadFile("../../grafana/lunstat.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard.Dashboard
	// The error is never nil; only what it holds counts.
	if found, ok := errors.AsType[cog.BuildErrors](d.UnmarshalJSONStrict(text)); !ok || len(found) > 0 {
		t.Error(found)
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if err := d.Validate(); err != nil {
		t.Error(err)
	}
	if len(d.Panels) < 3 {
		t.Errorf("%d panels", len(d.Panels))
	}
}
