package main

import (
	"strings"
	"testing"
)

// A monitoring agent runs status without HOME: that the collector never ran is the
// answer then, too.
func TestStatusWithoutHome(t *testing.T) {
	e, stdout, stderr := world(t, nil)
	status := run(t.Context(), []string{"status"}, e)
	if status != 2 || !strings.HasPrefix(stdout.String(), "LUNSTAT CRITICAL - no journal at "+e.SystemJournal) {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
}
