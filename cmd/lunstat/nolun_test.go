package main

import (
	"strings"
	"testing"
	"time"

	"lunstat/mapper/hosttest"
)

// TestNothingToCount: in a container diskstats is empty. That is mailed once, and is
// critical until there is something to count.
func TestNothingToCount(t *testing.T) {
	h := hosttest.New(t)
	c := newCaptured(t)
	c.on(h.Paths)
	mails := 0
	for minute := range 4 {
		h.Write("proc/diskstats", "")
		_, _, stderr := c.try("collect", "--reading-time", time.Date(2026, 11, 16, 11, 55+minute, 0, 0, time.UTC).Format(time.RFC3339))
		if stderr != "" {
			mails++
		}
		h.Pass(time.Minute)
	}
	status, out, _ := c.try("status")
	if mails != 1 || status != 2 || !strings.HasPrefix(out, "LUNSTAT CRITICAL - nothing is measured: diskstats shows no device since ") {
		t.Errorf("%d mails, status %d: %s", mails, status, out)
	}
}
