package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"lunstat/mapper"
)

// printTrees prints the chain of a LUN: its mounts, and each device below, with sizes and
// load. facts has the load of the devices in it.
func printTrees(w io.Writer, trees []mapper.Level, facts map[string]*lunFacts, indent string) error {
	var text bytes.Buffer
	t := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for i := range trees {
		l := trees[i].LUN
		for _, m := range l.Mounts {
			fmt.Fprintf(t, "%s%s %s%s\t\t\t\n", indent, clean(m.Point), clean(m.FSType), clean(hiddenMount(m)))
		}
		if l.Swap {
			fmt.Fprintf(t, "%sswap\t\t\t\n", indent)
		}
		printLevel(t, &trees[i], nil, facts, indent, "", "")
	}
	t.Flush() // into memory
	for line := range strings.Lines(text.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// stacked reports that something is above or below the LUN: else its chain says nothing
// that the lines before it don't.
func (f *lunFacts) stacked() bool {
	return len(f.chain) > 1 || len(f.chain) == 1 && len(f.chain[0].Below) > 0
}

// printLevel prints a device after its branch, and those below it.
func printLevel(w io.Writer, level, parent *mapper.Level, facts map[string]*lunFacts, indent, branch, under string) {
	f := facts[level.LUN.Kernel]
	cells := []string{levelName(level, parent), f.size(), f.hardware.String(), f.load()}
	for i := range cells {
		cells[i] = clean(cells[i])
	}
	fmt.Fprintln(w, indent+branch+strings.Join(cells, "\t"))
	for i := range level.Below {
		branch, further := "├─ ", "│  "
		if i == len(level.Below)-1 {
			branch, further = "└─ ", "   "
		}
		printLevel(w, &level.Below[i], level, facts, indent, under+branch, under+further)
	}
}

// levelName says what a device of a chain is: "dm-14 mpatha, map", "sdc 0:0:1:7 running, path".
func levelName(level, parent *mapper.Level) string {
	l := level.LUN
	s := l.Kernel
	if l.DMName != "" {
		s += " " + l.DMName
	}
	kind := string(l.Layer)
	if l.Layer == mapper.LayerLUN {
		kind = "LUN"
		if title := l.Title(); title != l.Name() {
			kind += " " + title
		}
	}
	if parent != nil {
		for _, p := range parent.LUN.Paths {
			if p.Kernel == l.Kernel {
				kind = "path " + strings.TrimSpace(p.HCTL+" "+orUnknown(p.State))
				if parent.LUN.DMName != "" && !slices.Contains(parent.LUN.Slaves, l.Kernel) {
					kind += ", not in the map's table"
				}
			}
		}
	}
	s += ", " + kind
	if l.Suspended {
		s += ", SUSPENDED"
	}
	if level.Asked {
		s += "  <"
	}
	return s
}

func orUnknown(state string) string {
	if state == "" {
		return "state unknown"
	}
	return state
}

// levels are the devices of trees, each once.
func levels(trees []mapper.Level) (devices []*mapper.LUN) {
	for i := range trees {
		for _, l := range append([]*mapper.LUN{trees[i].LUN}, levels(trees[i].Below)...) {
			if !slices.Contains(devices, l) {
				devices = append(devices, l)
			}
		}
	}
	return devices
}

// printReasons says which rule gave a LUN its role, label, group and identity.
func printReasons(w io.Writer, reasons []mapper.Reason) {
	for _, r := range reasons {
		value := r.Value
		if value == "" {
			value = "none"
		}
		fmt.Fprintf(w, "  %-9s %s: %s\n", r.What, clean(value), clean(r.Why))
	}
}
