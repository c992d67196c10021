package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"lunstat/cmd/lunstat/config"
	"lunstat/mapper"
)

// check refuses flags that don't go together.
func (o *lookupOptions) check() error {
	switch {
	case o.from != "" && o.dmsetup != "":
		return usagef("--from takes what --dmsetup takes: give one of them")
	case o.from != "" && (o.at != "" || o.history || o.host != ""):
		return usagef("--from has no ledger: --at, --history and --host need the journal")
	case o.dmsetup != "" && (o.at != "" || o.history):
		return usagef("--dmsetup has no ledger: --at and --history need the journal")
	case o.history && o.at != "":
		return usagef("--history lists all times, --at asks about one: give one of them")
	case o.host != "" && o.at == "" && !o.history:
		return usagef("--host needs --at or --history: only the journal knows other hosts (--at now is its last word)")
	}
	return nil
}

// elsewhere reports that the question is not about this host as it is now.
func (o *lookupOptions) elsewhere() bool { return o.fromText() || o.at != "" }

// fromText reports that the answer is in a text.
func (o *lookupOptions) fromText() bool { return o.dmsetup != "" || o.from != "" }

// time is when the question is about.
func (o *lookupOptions) time(e *env) (time.Time, error) {
	if o.at == "" {
		return e.Now(), nil
	}
	return parseMoment(e.Now(), e.times(), o.at)
}

// pastDevices are the LUNs of a time by the ledger.
func pastDevices(ctx context.Context, e *env, c *config.Config, o lookupOptions, at time.Time) ([]mapper.LUN, error) {
	entries, err := ledgerOf(ctx, e, c, o)
	if err != nil {
		return nil, err
	}
	host, err := lookupHost(c, o)
	if err != nil {
		return nil, err
	}
	devices := mapper.HeldAt(entries, host, at)
	if len(devices) == 0 {
		return nil, unknownTime(ctx, e, c, entries, host, at)
	}
	return devices, nil
}

// unknownTime says since when the ledger knows a host, or else which hosts it knows.
// entries are the host's, the oldest first.
func unknownTime(ctx context.Context, e *env, c *config.Config, entries []mapper.Entry, host string, at time.Time) error {
	err := fmt.Errorf("the ledger knows no LUN of %s at %s", clean(host), at.In(e.times()).Format(minuteForm))
	for i := range entries {
		return withHint(err, "it begins at "+entries[i].From.In(e.times()).Format(minuteForm))
	}
	var hosts []string
	all, _ := e.wholeLedger(ctx, c) // it was read before
	for i := range all {
		if !slices.Contains(hosts, all[i].Host) {
			hosts = append(hosts, all[i].Host)
		}
	}
	if len(hosts) == 0 {
		return withHint(err, "the ledger is empty; each run of `lunstat collect` writes into it")
	}
	return withHint(err, "the journal has no run of that host; it has those of "+clean(strings.Join(hosts, ", "))+": --host names one")
}

// minuteForm is how a moment of the past is shown.
const minuteForm = "2006-01-02 15:04"
