package main

import (
	"strings"
	"testing"
)

// Somebody who runs collect by hand for the first time reads where the journal is and
// what to type next.
func TestFirstRun(t *testing.T) {
	text := firstRun("/var/lib/lunstat/journal.db")
	for _, want := range []string{"the journal is /var/lib/lunstat/journal.db\n", "systemctl enable --now lunstat-collect.timer", "`lunstat status --all`"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
