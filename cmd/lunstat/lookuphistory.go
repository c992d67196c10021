package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// lookupHistory prints what the ledger knows of LUNs: a table for each. If a name was
// given to a new volume, it means two LUNs and has two tables.
func lookupHistory(ctx context.Context, e *env, c *config.Config, o lookupOptions, args []string) error {
	entries, err := ledgerOf(ctx, e, c, o)
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		host, err := lookupHost(c, o)
		return errors.Join(err, unknownTime(ctx, e, c, nil, host, e.Now()))
	}
	past := pastOfLUNs(entries)
	if len(args) == 0 {
		return printHistories(e, o, past)
	}
	var found []lunPast
	var missed error
	for _, what := range args {
		matches := slices.DeleteFunc(slices.Clone(past), func(p lunPast) bool { return !p.named(what) })
		if len(matches) == 0 {
			_, err := mapper.FindRecorded(latestOf(past), what, mapper.Paths{})
			missed = errors.Join(missed, err)
		}
		for _, p := range matches {
			if !slices.ContainsFunc(found, func(f lunPast) bool { return f.key == p.key }) {
				found = append(found, p)
			}
		}
	}
	return errors.Join(printHistories(e, o, found), missed)
}

// lunPast is one LUN's part of the ledger, the oldest entry first.
type lunPast struct {
	key     series.Key
	entries []mapper.Entry
}

// pastOfLUNs parts a ledger by LUN. Those that are still there come first.
func pastOfLUNs(entries []mapper.Entry) (past []lunPast) {
	at := map[series.Key]int{}
	for _, en := range entries {
		k := keyOf(en)
		i, known := at[k]
		if !known {
			i = len(past)
			at[k] = i
			past = append(past, lunPast{key: k})
		}
		past[i].entries = append(past[i].entries, en)
	}
	slices.SortStableFunc(past, func(a, b lunPast) int {
		x, y := a.last(), b.last()
		if x.To.IsZero() != y.To.IsZero() {
			if x.To.IsZero() {
				return -1
			}
			return 1
		}
		return byNumber(x.LUN, y.LUN)
	})
	return past
}

// last is the entry that holds still, or the latest. A clock that was ahead may leave
// later ones that have ended.
func (p *lunPast) last() *mapper.Entry {
	for i := range p.entries {
		if p.entries[i].To.IsZero() {
			return &p.entries[i]
		}
	}
	return &p.entries[len(p.entries)-1]
}

func latestOf(past []lunPast) (luns []mapper.LUN) {
	for i := range past {
		luns = append(luns, past[i].last().LUN)
	}
	return luns
}

// named reports whether the LUN had a name at any time.
func (p *lunPast) named(what string) bool {
	for i := range p.entries {
		if recordedAs(&p.entries[i].LUN, what) {
			return true
		}
	}
	return false
}

func printHistories(e *env, o lookupOptions, past []lunPast) error {
	if o.json {
		return historyJSON(e.Stdout, past)
	}
	for i := range past {
		if i > 0 {
			fmt.Fprintln(e.Stdout)
		}
		if err := past[i].print(e.Stdout, e.times()); err != nil {
			return err
		}
	}
	return nil
}

func (p *lunPast) print(w io.Writer, zone *time.Location) error {
	l := &p.last().LUN
	title := l.Title()
	if l.DMName != "" && l.DMName != title {
		title += " (" + l.DMName + ")"
	}
	fmt.Fprintf(w, "%s, identity %s%s\n", clean(title), clean(string(p.key.ID)), clean(cloned(l)))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  from\tto\tboot\tdevice\tsize\tmounted\tpaths\twhat changed")
	for i := range p.entries {
		en := &p.entries[i]
		to := "now"
		if !en.To.IsZero() {
			to = en.To.In(zone).Format(minuteForm)
		}
		var was *mapper.Entry
		if i > 0 {
			was = &p.entries[i-1]
		}
		cells := []string{
			en.From.In(zone).Format(minuteForm), to, shortBoot(en.BootID), en.LUN.Kernel + " " + en.LUN.Dev.String(),
			(&lunFacts{LUN: &en.LUN}).size(), strings.Join(points(&en.LUN), " "), pathNames(&en.LUN), strings.Join(changes(was, en), "; "),
		}
		for i := range cells {
			if cells[i] = clean(cells[i]); cells[i] == "" {
				cells[i] = "-"
			}
		}
		fmt.Fprintln(t, "  "+strings.Join(cells, "\t"))
	}
	return t.Flush()
}

// cloned says that other hosts may have a LUN with the same identity.
func cloned(l *mapper.LUN) string {
	if l.Reach == mapper.ReachGlobal || l.ReachFrom == "" {
		return ""
	}
	return " (" + l.ReachFrom + ")"
}

// shortBoot is enough of a boot id to tell two boots apart.
func shortBoot(id string) string {
	id, _, _ = strings.Cut(id, "-")
	return id
}

func points(l *mapper.LUN) (points []string) {
	for _, m := range l.Mounts {
		points = append(points, m.Point)
	}
	slices.Sort(points)
	return slices.Compact(points)
}

func pathNames(l *mapper.LUN) string {
	var names []string
	for _, p := range l.Paths {
		name := p.Kernel
		if p.Down() {
			name += " (" + p.State + ")"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// changes says how an entry differs from the one before. It only names what has a column
// of its own.
func changes(was, is *mapper.Entry) (list []string) {
	if was == nil {
		return []string{"first seen"}
	}
	say := func(what, from, to string) {
		if from != to {
			list = append(list, what+" "+orNone(from)+" -> "+orNone(to))
		}
	}
	if !was.To.IsZero() && was.To.Before(is.From) {
		list = append(list, "was gone for "+span(is.From.Sub(was.To)))
	}
	if was.BootID != is.BootID {
		list = append(list, "reboot")
	}
	a, b := &was.LUN, &is.LUN
	for _, c := range []struct {
		name    string
		changed bool
	}{
		{"device", a.Kernel != b.Kernel || a.Dev != b.Dev},
		{"size", a.SizeBytes != b.SizeBytes},
		{"mounted", !slices.Equal(points(a), points(b))},
		{"paths", pathNames(a) != pathNames(b)},
	} {
		if c.changed {
			list = append(list, c.name)
		}
	}
	say("name", a.DMName, b.DMName)
	say("address", a.HCTL, b.HCTL)
	say("role", a.Role, b.Role)
	say("label", a.Label, b.Label)
	say("group", a.Group, b.Group)
	say("limits", a.Limits.String(), b.Limits.String())
	say("colour", a.Colour, b.Colour)
	say("layer", string(a.Layer), string(b.Layer))
	return list
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// historyEntry is one object of lookup --history --json.
type historyEntry struct {
	From    time.Time  `json:"from"`
	To      *time.Time `json:"to,omitempty"` // absent while it lasts
	BootID  string     `json:"boot_id"`
	Changed []string   `json:"changed"`
	lookupJSON
}

func historyJSON(w io.Writer, past []lunPast) error {
	enc := json.NewEncoder(series.PlainJSON(w))
	enc.SetEscapeHTML(false)
	for i := range past {
		for k := range past[i].entries {
			en := &past[i].entries[k]
			var was *mapper.Entry
			if k > 0 {
				was = &past[i].entries[k-1]
			}
			h := historyEntry{From: en.From.UTC(), BootID: en.BootID, Changed: changes(was, en), lookupJSON: (&lunFacts{LUN: &en.LUN, host: en.Host}).object()}
			h.Changed = append([]string{}, h.Changed...)
			if !en.To.IsZero() {
				to := en.To.UTC()
				h.To = &to
			}
			if err := enc.Encode(h); err != nil {
				return fmt.Errorf("writing JSON: %w", err)
			}
		}
	}
	return nil
}
