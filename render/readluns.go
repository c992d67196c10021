package render

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/render/facts"
)

// readLUNs takes the LUNs from the ledger, by identity.
func (d *data) readLUNs(ctx context.Context, src Source) error {
	entries, err := src.LUNs(ctx, d.spaceGrid.from, d.To)
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	joined, err := newJoiner(src, entries, facts.Span{From: d.first.Add(-rawBelow), To: d.until()}).join(ctx)
	if err != nil {
		return err
	}
	of := map[series.Key]*lun{}
	d.layers = newLayers(entries)
	var all []*lun
	for _, keys := range joined {
		l := &lun{}
		for _, k := range keys {
			of[k] = l
		}
		all = append(all, l)
	}
	for i := range entries {
		e := &entries[i]
		of[entryKey(e)].know(e, d.opt.of(e.Host))
		if since, ok := d.since[e.Host]; !ok || e.From.Before(since) {
			d.since[e.Host] = e.From
		}
	}
	for _, l := range all {
		if l.entry.LUN.Layer == mapper.LayerLUN && d.wanted(l) {
			d.luns = append(d.luns, l)
		}
	}
	switch {
	case len(entries) == 0:
		return d.empty(ctx, src)
	case len(d.luns) == 0:
		return fmt.Errorf("report: %w", ErrNoLUN)
	}
	d.layOut()
	return nil
}

// layOut chooses the resolution, and makes room for what will be read.
func (d *data) layOut() {
	d.width = binWidth(d.From, d.To, len(d.keys()))
	d.cropGrid()
	d.cells = newCells(d.grid)
	d.cells.room = &ratioRoom{}
	d.hours = newHourColumns(d.grid.from, d.grid.to, d.width)
	for _, l := range d.luns {
		l.strip = newStripCells(d.hours.n())
		l.usual.Zone = d.opt.Zone
		if d.Long() <= tailsUpTo {
			l.tails = &facts.Tails{Zone: d.opt.Zone}
		}
	}
}

// ErrNoLUN: there is data, but not for any LUN that the options ask for.
var ErrNoLUN = errors.New("no LUN matches")

func (d *data) wanted(l *lun) bool {
	o := &d.opt
	if o.Group != "" && !slices.Contains(l.groups, o.Group) || !l.on(o) {
		return false
	}
	return o.Keys == nil || slices.ContainsFunc(l.keys, func(k series.Key) bool { return slices.Contains(o.Keys, k) })
}

// keys are the series of all LUNs, which leaves out the layers below them.
func (d *data) keys() []series.Key {
	var keys []series.Key
	for _, l := range d.luns {
		for _, k := range l.keys {
			if d.opt.of(k.Host) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// until is when what there is ends, or the report does.
func (d *data) until() time.Time {
	if d.last.Before(d.To) {
		return d.last
	}
	return d.To
}

// oneGroup is the group of all LUNs that have one of a mailstore's roles, or "":
// then each title has to say whose it is.
func (d *data) oneGroup() string {
	group := ""
	for _, l := range d.luns {
		g := l.entry.LUN.Group
		if g == "" || l.role() == "system" || l.role() == "swap" {
			continue
		}
		if group != "" && g != group {
			return ""
		}
		group = g
	}
	return group
}

func (d *data) allHosts() []string {
	var hosts []string
	for _, l := range d.luns {
		for _, k := range l.keys {
			if d.opt.of(k.Host) && !slices.Contains(hosts, k.Host) {
				hosts = append(hosts, k.Host)
			}
		}
	}
	slices.Sort(hosts)
	return hosts
}
