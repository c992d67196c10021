package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// OnHost gives the runs of one host to the nth of a fleet, whose LUNs and groups are
// its own.
func OnHost(out []series.Outbound, n int) []series.Outbound {
	host, mailstore := fmt.Sprintf("mail%d", n), fmt.Sprintf("zimbra%d", n)
	own := map[*mapper.LUN]*mapper.LUN{}
	ownID := func(id mapper.ID) mapper.ID { return mapper.ID(fmt.Sprintf("%s-%d", id, n)) }
	ownLUN := func(l *mapper.LUN) *mapper.LUN {
		if l == nil || own[l] != nil {
			return own[l]
		}
		c := *l
		c.ID = ownID(c.ID)
		for _, s := range []*string{&c.DMName, &c.VG, &c.Group} {
			*s = strings.Replace(*s, "zimbra1", mailstore, 1)
		}
		own[l] = &c
		return &c
	}
	take := func(k *series.Key, l **mapper.LUN) {
		k.ID, k.Host = ownID(k.ID), host
		*l = ownLUN(*l)
	}
	moved := make([]series.Outbound, len(out))
	for n, o := range out {
		o.Run.Host = host
		o.Intervals = slices.Clone(o.Intervals)
		for i := range o.Intervals {
			take(&o.Intervals[i].Key, &o.Intervals[i].LUN)
		}
		o.Bins = slices.Clone(o.Bins)
		for i := range o.Bins {
			take(&o.Bins[i].Key, &o.Bins[i].LUN)
		}
		o.Spaces = slices.Clone(o.Spaces)
		for i := range o.Spaces {
			take(&o.Spaces[i].Key, &o.Spaces[i].LUN)
		}
		o.Ledger = slices.Clone(o.Ledger)
		for i := range o.Ledger {
			o.Ledger[i].Host = host
			o.Ledger[i].LUN = *ownLUN(&o.Ledger[i].LUN)
		}
		moved[n] = o
	}
	return moved
}

// Earlier are the roll-ups of runs so many weeks before, from a width on.
func Earlier(runs []series.Outbound, weeks int, from time.Duration) (out []series.Outbound) {
	back := time.Duration(weeks) * 7 * 24 * time.Hour
	for _, o := range runs {
		var bins []series.OutBin
		for _, bin := range o.Bins {
			if bin.Width >= from {
				bin.End = bin.End.Add(-back)
				bins = append(bins, bin)
			}
		}
		if len(bins) > 0 {
			o.Seq, o.Run.At.Wall = 0, o.Run.At.Wall.Add(-back)
			o.Intervals, o.Spaces, o.Ledger, o.Bins = nil, nil, nil, bins
			out = append(out, o)
		}
	}
	return out
}
