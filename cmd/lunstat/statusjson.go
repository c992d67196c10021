package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"lunstat/collector/health"
	"lunstat/collector/series"
)

// statusObject is what status --json says about one host. If nothing can be told, it is
// the same object with the reason as its finding, so that a program never has to read
// anything else.
type statusObject struct {
	Status  string `json:"status"`
	Code    int    `json:"code"`
	Host    string `json:"host,omitempty"`
	LastRun string `json:"last_run,omitempty"`
	LUNs    *int   `json:"luns,omitempty"` // absent where it isn't known
	pressureObject
	Findings []findingObject `json:"findings"`
}

// pressureObject is how long the host waited for I/O before its last run; what is not
// known is absent.
type pressureObject struct {
	ElapsedMS uint64  `json:"pressure_elapsed_ms,omitempty"`
	SomeUS    *uint64 `json:"pressure_some_us,omitempty"`
	FullUS    *uint64 `json:"pressure_full_us,omitempty"`
}

type findingObject struct {
	Severity string `json:"severity"`
	What     string `json:"what"`
	Since    string `json:"since,omitempty"`
	Hint     string `json:"hint,omitempty"`
}

// statusOf is the object of a host that could be looked at.
func statusOf(check *health.Checkup, findings []health.Finding) statusObject {
	worst, luns := health.Worst(findings), lunCount(check)
	o := statusObject{Status: worst.String(), Code: int(worst), Host: clean(check.Host), LUNs: &luns, Findings: []findingObject{}}
	if last := check.LastRun(); last != nil {
		o.LastRun = last.At.Wall.UTC().Format(time.RFC3339)
	}
	if p, ok := check.Pressure(); ok {
		o.pressureObject = pressureObject{p.ElapsedMS, p.SomeUS, p.FullUS}
	}
	for _, f := range findings {
		found := findingObject{Severity: f.Severity.String(), What: clean(f.What), Hint: clean(f.Hint)}
		if !f.Since.IsZero() {
			found.Since = f.Since.UTC().Format(time.RFC3339)
		}
		o.Findings = append(o.Findings, found)
	}
	return o
}

// unknownStatus is the object of what can't be told.
func unknownStatus(err error) statusObject {
	o := statusObject{Status: health.Unknown.String(), Code: int(health.Unknown)}
	for _, e := range parts(err) {
		_, hint := diagnose(e)
		o.Findings = append(o.Findings, findingObject{Severity: o.Status, What: clean(e.Error()), Hint: clean(hint)})
	}
	return o
}

// printStatus writes one object, or an array where several hosts were asked for.
func printStatus(w io.Writer, several bool, hosts ...statusObject) error {
	enc := json.NewEncoder(series.PlainJSON(w))
	enc.SetEscapeHTML(false)
	var all any = hosts
	if !several {
		all = hosts[0]
	}
	if err := enc.Encode(all); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}

// sayUnknown prints what status prints where it can tell nothing: a plugin's one
// line, which is all that a monitoring system shows, or its JSON.
func sayUnknown(w io.Writer, asJSON, several bool, err error) {
	if asJSON {
		printStatus(w, several, unknownStatus(err)) //nolint:errcheck // standard output remembers it
		return
	}
	var texts []string
	for _, e := range parts(err) {
		texts = append(texts, pluginText(e.Error()))
	}
	fmt.Fprintf(w, "LUNSTAT %s - %s\n", health.Unknown, strings.Join(texts, "; "))
}

// sayWrongUsage is sayUnknown before the flags could be read: they are looked for in
// the command line itself.
func sayWrongUsage(w io.Writer, args []string, err error) {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	has := func(flag string) bool { return slices.Contains(args, flag) || slices.Contains(args, flag+"=true") }
	sayUnknown(w, has("--json"), has("--all-hosts"), err)
}

// pluginText is a text on a plugin's line, where everything after a | is figures.
func pluginText(s string) string { return strings.ReplaceAll(clean(s), "|", "¦") }
