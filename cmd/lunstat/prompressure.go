package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"lunstat/collector/series"
)

// writePromPressure writes how long the tasks of each host waited for I/O since its boot,
// under node_exporter's words for it.
func writePromPressure(w io.Writer, states map[string]series.State) error {
	for _, m := range []struct {
		name, help string
		us         func(series.PressureReading) *uint64
	}{
		{"lunstat_pressure_io_waiting_seconds_total", "time in which at least one task of the host waited for I/O", func(p series.PressureReading) *uint64 { return p.SomeUS }},
		{"lunstat_pressure_io_stalled_seconds_total", "time in which every task that was not idle waited for I/O", func(p series.PressureReading) *uint64 { return p.FullUS }},
	} {
		var b strings.Builder
		for _, host := range slices.Sorted(maps.Keys(states)) {
			if us := m.us(states[host].Pressure); us != nil {
				fmt.Fprintf(&b, "%s{host=\"%s\"} %s\n", m.name, promEscape(host), strconv.FormatFloat(float64(*us)/1e6, 'f', -1, 64))
			}
		}
		if b.Len() == 0 {
			continue
		}
		if _, err := fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s counter\n%s", m.name, m.help, m.name, b.String()); err != nil {
			return err
		}
	}
	return nil
}

// promEscape is a label's value as plain text, escaped as the format wants it.
func promEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(series.Plain(s))
}
