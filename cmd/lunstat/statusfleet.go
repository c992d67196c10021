package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dustin/go-humanize/english"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector/health"
	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/render"
)

// How far back status looks for a host's runs and, further, its spaces: what is
// older says nothing about now.
const (
	fleetRuns  = 2 * time.Hour
	fleetSpace = time.Hour
)

// fleetPatience is how long status waits for InfluxDB in all: a monitoring system
// wants an answer, and a thousand hosts take seconds.
const fleetPatience = time.Minute

// hostFindings are what is wrong with one host of a fleet.
type hostFindings struct {
	check    *health.Checkup
	findings []health.Finding
}

// fleetStatus is status of the hosts that InfluxDB has, each by its own last runs.
// What only the host itself knows (its journal, its lock, a suspended map) is not
// in it.
func fleetStatus(ctx context.Context, e *env, c *config.Config, o statusOptions) (worst health.Severity, err error) {
	if c.Influx.Schema == "telegraf" && c.Influx.URL != "" {
		return health.Unknown, withHint(errors.New("influx.schema is telegraf: Telegraf stores no runs, so status has nothing to judge"), "run `lunstat status` on the host itself: it reads the journal")
	}
	src, err := o.source.openInflux(e, c)
	if err != nil {
		return health.Unknown, err
	}
	defer src.close()
	ctx, cancel := context.WithTimeoutCause(ctx, fleetPatience, fmt.Errorf("the answers took more than %s in all", fleetPatience))
	defer cancel()
	hosts, err := fleet(ctx, src, e, c, &o.source)
	if err != nil {
		return health.Unknown, err
	}
	var all []health.Finding
	var objects []statusObject
	for _, h := range hosts {
		for _, f := range h.findings {
			f.What = h.check.Host + ": " + f.What
			all = append(all, f)
		}
		objects = append(objects, statusOf(h.check, h.findings))
	}
	worst = health.Worst(all)
	if o.json {
		return worst, printStatus(e.Stdout, o.source.several(), objects...)
	}
	slices.SortStableFunc(all, func(a, b health.Finding) int { return health.Compare(b.Severity, a.Severity) })
	fmt.Fprintf(e.Stdout, "LUNSTAT %s - %s | %s\n", worst, pluginText(fleetSummary(hosts, all)), fleetPerfdata(hosts))
	if o.all {
		statusAll(e, all)
	}
	if o.all && len(hosts) == 1 { // of a fleet it would take minutes
		statusPressure(e, hosts[0].check)
		found, err := dayOf(ctx, e, c, src, hosts[0].check.Host)
		statusDay(e, found, err)
	}
	return worst, nil
}

// fleet checks each host that has a ledger in InfluxDB or ran of late.
func fleet(ctx context.Context, src render.Source, e *env, c *config.Config, o *sourceOptions) ([]hostFindings, error) {
	now := e.Now()
	entries, err := src.LUNs(ctx, now, now)
	if err != nil {
		return nil, err
	}
	if entries, err = o.narrow(entries); err != nil {
		return nil, err
	}
	checks := map[string]*health.Checkup{}
	for _, en := range entries {
		check := checks[en.Host]
		if check == nil {
			check = &health.Checkup{Now: now, Host: en.Host, Bounds: boundsOf(c.Limits), Slow: c.AwaitLimit, Paths: map[mapper.ID]int{},
				Intervals: map[series.Key]series.Interval{}, Spaces: map[series.Key]series.KeySpace{}}
			checks[en.Host] = check
		}
		check.LUNs = append(check.LUNs, asOfNow(en.LUN))
	}
	if len(checks) == 0 {
		return nil, withHint(errors.New("InfluxDB has no LUN of these hosts"), "--all-hosts shows which there are")
	}
	if err := readFleet(ctx, src, now, checks); err != nil {
		return nil, err
	}
	var hosts []hostFindings
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		hosts = append(hosts, hostFindings{checks[name], fleetFindings(checks[name])})
	}
	return hosts, nil
}

// asOfNow drops from a ledger's entry what comes and goes without a new entry.
func asOfNow(l mapper.LUN) mapper.LUN {
	l.Suspended, l.StatsOff = false, false
	l.Paths = slices.Clone(l.Paths)
	for i := range l.Paths {
		l.Paths[i].State = ""
	}
	return l
}

// readFleet reads the last runs, intervals and spaces of all hosts at once.
func readFleet(ctx context.Context, src render.Source, now time.Time, checks map[string]*health.Checkup) error {
	ahead := now.Add(time.Minute) // clocks differ
	runs, err := src.Runs(ctx, series.Query{From: now.Add(-fleetRuns), To: ahead})
	if err != nil {
		return err
	}
	for _, r := range runs {
		if check := checks[r.Host]; check != nil {
			check.Runs = append(check.Runs, r)
		}
	}
	for _, check := range checks {
		if last := check.LastRun(); last != nil {
			for _, w := range last.Warnings {
				check.State.Conditions = append(check.State.Conditions, series.Condition{Warning: w, Since: saidSince(check.Runs, w.What)})
			}
			check.Began = began{ctx, src, last.At.Wall}
		}
	}
	err = src.Intervals(ctx, series.Query{From: now.Add(-10 * time.Minute), To: ahead}, func(k series.Key, i *series.Interval) error {
		if check := checks[k.Host]; check != nil {
			check.Intervals[k] = *i
		}
		return nil
	})
	if err != nil {
		return err
	}
	return src.Spaces(ctx, series.Query{From: now.Add(-fleetSpace), To: ahead}, func(k series.Key, s *series.Space) error {
		if check := checks[k.Host]; check != nil {
			check.Spaces[k] = series.KeySpace{Key: k, Space: *s}
		}
		return nil
	})
}

// saidSince is the first of the runs, up to the last, that all say the same is wrong.
func saidSince(runs []series.Run, what string) (since time.Time) {
	for i := len(runs) - 1; i >= 0; i-- {
		if !slices.ContainsFunc(runs[i].Warnings, func(w series.Warning) bool { return w.What == what }) {
			break
		}
		since = runs[i].At.Wall
	}
	return since
}

// fleetFindings are a host's own, or that it is not heard of.
func fleetFindings(check *health.Checkup) []health.Finding {
	if check.LastRun() != nil {
		return check.Findings()
	}
	return []health.Finding{{Severity: health.Critical, What: fmt.Sprintf("InfluxDB has no run from the last %d hours", fleetRuns/time.Hour),
		Hint: "is the host up? run `lunstat status --all` on it to see what is wrong"}}
}

func fleetSummary(hosts []hostFindings, all []health.Finding) string {
	if len(hosts) == 1 && hosts[0].check.LastRun() != nil {
		return summary(hosts[0].check, hosts[0].findings)
	}
	luns := 0
	for _, h := range hosts {
		luns += lunCount(h.check)
	}
	return worstOf(all, english.Plural(len(hosts), "host", "")+", "+english.Plural(luns, "LUN", ""))
}

func fleetPerfdata(hosts []hostFindings) string {
	if len(hosts) == 1 && hosts[0].check.LastRun() != nil {
		return perfdata(hosts[0].check)
	}
	luns, silent := 0, 0
	for _, h := range hosts {
		luns += lunCount(h.check)
		if h.check.LastRun() == nil {
			silent++
		}
	}
	return fmt.Sprintf("hosts=%d silent=%d;;1 luns=%d", len(hosts), silent, luns)
}
