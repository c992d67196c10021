package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// headline is the first line of an answer.
func (f *lunFacts) headline() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s = %s", f.Kernel, f.title())
	if f.DMName != "" && f.DMName != f.title() {
		fmt.Fprintf(&b, " (%s)", f.DMName)
	}
	if m := f.Mounted(); m != "" {
		b.WriteString(" " + m)
	}
	for _, part := range []string{f.load(), f.full(), f.pathCount()} {
		if part != "" {
			b.WriteString(" | " + part)
		}
	}
	return b.String()
}

// title is the LUN's title, or for a layer, what is on it.
func (f *lunFacts) title() string {
	switch {
	case f.Ignored:
		return "ignored by the config"
	case f.Layer == mapper.LayerLUN:
		return f.Title()
	case len(f.above) == 1:
		return fmt.Sprintf("%s below %s (%s)", f.Layer, f.above[0].Title(), f.above[0].Kernel)
	case len(f.above) > 1:
		return fmt.Sprintf("%s below %d LUNs", f.Layer, len(f.above))
	}
	return fmt.Sprintf("%s, with no LUN on it", f.Layer)
}

// standingOn are the LUNs at the top of the stack over a layer. A path that was
// thrown out of its map is still a path of it.
func standingOn(devices []mapper.LUN, l *mapper.LUN) []*mapper.LUN {
	var top []*mapper.LUN
	seen := map[string]bool{}
	var climb func(l *mapper.LUN)
	climb = func(l *mapper.LUN) {
		for i := range devices {
			d := &devices[i]
			isPath := slices.ContainsFunc(d.Paths, func(p mapper.Path) bool { return p.Kernel == l.Kernel })
			if seen[d.Kernel] || !isPath && !slices.Contains(l.Holders, d.Kernel) {
				continue
			}
			seen[d.Kernel] = true
			if d.Layer == mapper.LayerLUN {
				top = append(top, d)
			}
			climb(d)
		}
	}
	climb(l)
	return top
}

func (f *lunFacts) load() string {
	if f.last == nil {
		return ""
	}
	i := f.last
	iops, _ := i.IOPS()
	s := fmt.Sprintf("%.0f IOPS", iops)
	if iops > 0 && iops < 10 {
		s = fmt.Sprintf("%.1f IOPS", iops)
	}
	if util, ok := i.Util(); ok {
		s += fmt.Sprintf(", %.0f %% busy", util)
	}
	var awaits []string
	if await, ok := i.ReadAwait(); ok {
		awaits = append(awaits, "r "+millis(await)+" ms")
	}
	if await, ok := i.WriteAwait(); ok {
		awaits = append(awaits, "w "+millis(await)+" ms")
	}
	if awaits != nil {
		s += ", " + strings.Join(awaits, " ")
	}
	if i.Latency != nil {
		if p99, ok := i.Latency.Quantile(0.99); ok {
			s += ", p99 " + p99.String()
		}
	}
	if i.Quality.Has(series.Stalled) {
		s += ", STALLED"
	}
	if f.past {
		return s + " (" + i.Start().In(f.now.Location()).Format("15:04:05") + " to " + i.End.In(f.now.Location()).Format("15:04:05") + ")"
	}
	return s + " (" + age(f.now.Sub(i.End)) + ")"
}

// millis keeps two digits: 0.4, 9.1, 31.
func millis(ms float64) string {
	if ms < 10 {
		return fmt.Sprintf("%.1f", ms)
	}
	return fmt.Sprintf("%.0f", ms)
}

// size is "" where it isn't known, as in a list of dmsetup.
func (f *lunFacts) size() string {
	if f.SizeBytes == 0 {
		return ""
	}
	return size(f.SizeBytes)
}

func (f *lunFacts) full() string {
	if f.space == nil {
		return ""
	}
	p, ok := f.space.UsedPercent()
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d %% full", p)
}

// pathCount counts the paths that run. A state that can't be read is called unknown,
// because nobody knows that the path is lost.
func (f *lunFacts) pathCount() string {
	if len(f.Paths) == 0 {
		return ""
	}
	running, unknown := 0, 0
	for _, p := range f.Paths {
		switch p.State {
		case "running", "live":
			running++
		case "":
			unknown++
		}
	}
	switch {
	case unknown == len(f.Paths):
		return english.Plural(unknown, "path", "") + ", their state unknown"
	case unknown > 0:
		return fmt.Sprintf("%d/%d paths, %d unknown", running, len(f.Paths), unknown)
	}
	return fmt.Sprintf("%d/%d paths", running, len(f.Paths))
}

// printFacts prints the first line and the facts below it.
func printFacts(e *env, f *lunFacts) {
	w := e.Stdout
	fmt.Fprintln(w, clean(f.headline()))
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "  %-9s %s\n", name, clean(value))
		}
	}
	row("device", f.deviceRow())
	if f.Role != "" && f.reasons == nil {
		row("role", f.Role+f.guessed())
	}
	if f.reasons == nil {
		row("group", f.Group)
	}
	row("pool", f.Pool.String())
	if f.VG != "" {
		row("LVM", "volume group "+f.VG+", logical volume "+f.LV)
	}
	for _, m := range f.Mounts {
		row("mounted", m.Point+" "+m.FSType+hiddenMount(m))
	}
	if f.Swap {
		row("used as", "swap")
	}
	if f.space != nil {
		row("space", fmt.Sprintf("%s used, %s available (%s)", size(f.space.UsedBytes), size(f.space.AvailBytes), age(f.now.Sub(f.space.At))))
	}
	switch {
	case f.reasons != nil: // they have it
	case f.ID.Local():
		row("identity", string(f.ID)+", only a name: after a reboot another device may have it")
	default:
		row("identity", string(f.ID))
	}
	row("wwid", f.WWID)
	row("serial", f.Serial)
	row("address", f.HCTL)
	for _, p := range f.Paths {
		row("path", strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s", p.Kernel, p.Dev, p.HCTL, cmp.Or(p.State, "unknown"))), " "))
	}
	if f.noHistogram != "" {
		row("latency", "no histogram: "+f.noHistogram)
	}
	if f.Suspended {
		row("state", "SUSPENDED: I/O is held back (dmsetup resume "+f.DMName+")")
	}
}

// deviceRow is "dm-13 253:13, 60 GiB", without what a text doesn't have.
func (f *lunFacts) deviceRow() string {
	s := f.Kernel
	if f.Dev != (mapper.DevNo{}) {
		s += " " + f.Dev.String()
	}
	if size := f.size(); size != "" {
		s += ", " + size
	}
	return s
}

func (f *lunFacts) guessed() string {
	if f.RoleFrom == "zmvolume" {
		return " (zmvolume says so)"
	}
	if f.RoleFrom == "config" || f.RoleFrom == "" {
		return ""
	}
	return " (guessed from the " + f.RoleFrom + ")"
}

func hiddenMount(m mapper.Mount) string {
	s := ""
	if m.RO {
		s += ", read-only"
	}
	if m.Root != "" && m.Root != "/" {
		s += ", of " + m.Root
	}
	if m.Hidden {
		s += ", hidden under another mount"
	}
	return s
}

// widestName is how much of a name the list of all LUNs shows where the terminal
// is too narrow for the whole. Elsewhere nothing is cut: a program may read it.
const widestName = 40

// printList is a table of all LUNs, without empty columns.
func printList(e *env, facts []lunFacts) {
	if len(facts) == 0 {
		sayWarning(e.Stderr, "warning", series.Warning{
			What: "there is no LUN", Hint: "loop, ram and CD devices are LUNs only if luns: in the config names them",
		})
		return
	}
	head := []string{"LUN", "name", "what", "size", "full", "load"}
	rows := make([][]string, len(facts))
	used := make([]bool, len(head))
	for i := range facts {
		f := &facts[i]
		what := f.title()
		if what == f.Name() {
			what = "" // nothing is known but its name
		}
		rows[i] = []string{f.Kernel, clean(f.Name()), clean(what), f.size(), f.full(), f.load()}
		for c, cell := range rows[i] {
			used[c] = used[c] || cell != ""
		}
	}
	if screen := width(e.Stdout); screen > 0 && widthOf(rows) > screen {
		for _, r := range rows {
			r[1], r[2] = short(r[1]), short(r[2])
		}
	}
	only := func(cells []string) (row []string) {
		for c, cell := range cells {
			if used[c] {
				row = append(row, cell)
			}
		}
		return row
	}
	for i, r := range rows {
		rows[i] = only(r)
	}
	printTable(e.Stdout, only(head), rows) // what a full disk swallows is told at the end
}

// widthOf is how many columns of a terminal a table takes.
func widthOf(rows [][]string) (sum int) {
	for _, w := range columnWidths(rows) {
		if w > 0 {
			sum += w + len("  ")
		}
	}
	return sum
}

// short cuts a name that would push everything else off the screen.
func short(s string) string {
	if r := []rune(s); len(r) > widestName {
		return string(r[:widestName-1]) + "…"
	}
	return s
}
