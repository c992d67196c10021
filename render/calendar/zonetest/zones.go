// Package zonetest gives tests all zones of the tz database, and when their clocks
// change.
package zonetest

import (
	"archive/zip"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fewest is how many zones there are at least; fewer are a database that wasn't found.
const fewest = 250

// All are the zones of the tz database that comes with Go, each once though it may
// have several names.
func All(t testing.TB) []*time.Location {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib/time/zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var out []*time.Location
	seen := map[uint32]bool{}
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") || seen[f.CRC32] {
			continue
		}
		seen[f.CRC32] = true
		zone, err := time.LoadLocation(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, zone)
	}
	if len(out) < fewest {
		t.Fatalf("%d zones, want %d or more", len(out), fewest)
	}
	return out
}

// Changes are the instants at which a zone's offset or its name changes, from one
// year to the end of another.
func Changes(z *time.Location, from, to int) []time.Time {
	var out []time.Time
	end := time.Date(to+1, 1, 1, 0, 0, 0, 0, time.UTC)
	at := time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC).In(z)
	for at.Before(end) {
		_, next := at.ZoneBounds()
		switch {
		case next.IsZero():
			return out
		case next.After(at):
			out = append(out, next)
			at = next
		default: // Go's answer on the last day of a leap year
			at = at.Add(time.Hour)
		}
	}
	return out
}

// Seen are changes of clocks that were tried already. Most zones share theirs with others:
// all of a continent change at one instant and by one rule.
type Seen map[string]bool

// Again reports that another zone showed the same time so long before and after a change, and
// remembers it.
func (s Seen) Again(change time.Time, around time.Duration) bool {
	const beyond = 40 * 24 * time.Hour // what a calendar looks at outside of a range
	at, end := change.Add(-around-beyond), change.Add(around+beyond)
	clocks := []byte(change.UTC().Format(time.RFC3339) + around.String())
	for at.Before(end) {
		_, offset := at.Zone()
		_, next := at.ZoneBounds()
		clocks = fmt.Appendf(clocks, " %d", offset)
		if next.IsZero() {
			break
		}
		if next.Before(end) {
			clocks = fmt.Appendf(clocks, " until %d", next.Unix())
		}
		if !next.After(at) { // see Changes
			next = at.Add(time.Hour)
		}
		at = next
	}
	again := s[string(clocks)]
	s[string(clocks)] = true
	return again
}
