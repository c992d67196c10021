package main

import "testing"

func TestJournalFlagWins(t *testing.T) {
	e, _, _ := world(t, map[string]string{"LUNSTAT_JOURNAL_PATH": "/a"})
	e.journalPath = "/b"
	if c, err := e.Config(); err != nil || c.Journal.Path != "/b" {
		t.Errorf("journal.path is %v (%v), want /b", c, err)
	}
}
