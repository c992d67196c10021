package main

import (
	"context"
	"maps"
	"slices"
	"time"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// lunFacts are a LUN with what the journal knows of its load.
type lunFacts struct {
	*mapper.LUN
	above []*mapper.LUN // of a layer: the LUNs that are on it
	host  string        // "" of a list of dmsetup's
	last  *series.Interval
	space *series.Space
	now   time.Time // of the question
	past  bool      // it is about a time in the past

	chain   []mapper.Level       // above and below it
	levels  map[string]*lunFacts // of the devices in the chain, by the kernel's name
	reasons []mapper.Reason      // with --explain

	hardware    mapper.Hardware // of a disk
	noHistogram string          // why the kernel keeps no latency histogram of it, where the config wants them
}

// facts are what is known of the LUNs that were found, with their load. With chain that
// of each device above and below them, too.
func (o *lookupOptions) facts(ctx context.Context, e *env, c *config.Config, devices, found []mapper.LUN, asOf time.Time, chain bool) ([]lunFacts, error) {
	host, err := lookupHost(c, *o)
	if err != nil {
		return nil, err
	}
	var files map[string]string
	if chain && !o.elsewhere() {
		files = mapper.LoopFiles(devices, pathsOf(c))
	}
	facts := make([]lunFacts, len(found))
	all := make(map[string]*lunFacts)
	for i := range found {
		facts[i] = lunFacts{LUN: &found[i], host: host, now: asOf, past: o.at != ""}
		all[found[i].Kernel] = &facts[i]
		if found[i].Layer != mapper.LayerLUN && !found[i].Ignored {
			facts[i].above = standingOn(devices, &found[i])
		}
		if c.Histograms && !o.elsewhere() {
			facts[i].noHistogram = collector.NoHistogram(pathsOf(c), &found[i])
		}
		if chain {
			facts[i].chain = chainOf(devices, &found[i], files)
		}
		if o.explain {
			facts[i].reasons = mapper.Explain(devices, placeOf(devices, &found[i]), rulesOf(c))
		}
	}
	for i := range facts {
		facts[i].levels = all
		for _, l := range levels(facts[i].chain) {
			if all[l.Kernel] == nil {
				all[l.Kernel] = &lunFacts{LUN: l, host: host, now: asOf, past: o.at != ""}
			}
		}
	}
	if chain { // only a chain shows it, and for each disk it is four files to read
		o.addHardware(c, all)
	}
	if !o.fromText() {
		addLoad(ctx, e, c, slices.Collect(maps.Values(all)))
	}
	return facts, nil
}

// addHardware says what the disks of chains are: as the text has it, or this host now.
func (o *lookupOptions) addHardware(c *config.Config, levels map[string]*lunFacts) {
	for _, f := range levels {
		if f.hardware = o.hardware[f.Kernel]; !o.elsewhere() {
			f.hardware = mapper.HardwareOf(pathsOf(c), f.Kernel)
		}
	}
}

// chainOf is the chain of a device that was found.
func chainOf(devices []mapper.LUN, l *mapper.LUN, files map[string]string) []mapper.Level {
	return mapper.Chain(devices, placeOf(devices, l), files)
}

func placeOf(devices []mapper.LUN, l *mapper.LUN) int {
	return slices.IndexFunc(devices, func(d mapper.LUN) bool { return d.Kernel == l.Kernel && d.ID == l.ID })
}
