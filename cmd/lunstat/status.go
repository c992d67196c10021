package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"lunstat/collector"
	"lunstat/collector/journal"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// statusUnknown is Nagios' status for what can't be told.
const statusUnknown = 3

// statusOptions are the flags of lunstat status.
type statusOptions struct {
	all, json bool
	source    sourceOptions
}

func newStatusCommand(e *env) *cobra.Command {
	var o statusOptions
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what is wrong, as Nagios plugins do",
		Long: `status looks at what the collector last saw and says on one line what is wrong,
with performance data behind it. --all has each finding on lines of its own: since
when, and what to do. The limits stand under limits: in the config.

With --source influx it is about hosts elsewhere, by what InfluxDB has of them:

    lunstat status --source influx --all-hosts --all

Exit status: 0 all is well, 1 warning, 2 critical (so is a collector that never
ran), 3 it can't be told (wrong usage, a journal that can't be read).`,
		Args:        noArguments,
		Annotations: map[string]string{usageStatus: fmt.Sprint(statusUnknown)},
		RunE:        func(cmd *cobra.Command, _ []string) error { return runStatus(cmd.Context(), e, o) },
	}
	f := cmd.Flags()
	f.BoolVar(&o.all, "all", false, "each finding, since when, and what to do")
	f.BoolVar(&o.json, "json", false, "one JSON object instead of text, or an array of them for several hosts")
	o.source.AddFlags(cmd)
	return cmd
}

func runStatus(ctx context.Context, e *env, o statusOptions) error {
	worst, err := status(ctx, e, o)
	if err != nil {
		// Nagios shows standard output; the hint goes to standard error as usual.
		sayUnknown(e.Stdout, o.json, o.source.several(), err)
		return withStatus(err, statusUnknown)
	}
	if worst != collector.OK {
		return exitStatus(worst)
	}
	return nil
}

// status says what is wrong, and how bad the worst of it is.
func status(ctx context.Context, e *env, o statusOptions) (collector.Severity, error) {
	c, err := e.Config()
	if err == nil {
		err = o.source.check()
	}
	if err != nil {
		return collector.Unknown, err
	}
	if o.source.source == "influx" { // never of itself: a host without a journal is a finding
		return fleetStatus(ctx, e, c, o)
	}
	if o.source.narrows() || o.source.allHosts {
		return collector.Unknown, usagef("--host, --group, --all-hosts: the journal knows this host alone; want --source influx with them")
	}
	check, findings, err := checkup(ctx, e, c)
	if err != nil {
		return collector.Unknown, err
	}
	worst := collector.Worst(findings)
	if o.json {
		return worst, printStatus(e.Stdout, false, statusOf(check, findings))
	}
	fmt.Fprintf(e.Stdout, "LUNSTAT %s - %s | %s\n", worst, pluginText(summary(check, findings)), perfdata(check))
	if o.all {
		statusAll(e, findings)
	}
	return worst, nil
}

// checkup gathers what status looks at, and says what is wrong.
func checkup(ctx context.Context, e *env, c *Config) (_ *collector.Checkup, _ []collector.Finding, err error) {
	check := &collector.Checkup{
		Now: e.Now(), Host: c.Host, Bounds: c.bounds(), Slow: c.AwaitLimit,
		Intervals: make(map[series.Key]series.Interval), Spaces: make(map[series.Key]series.KeySpace),
	}
	if check.Host == "" {
		if check.Host, err = collector.HostName(c.Paths.Procfs); err != nil {
			return nil, nil, err
		}
	}
	path, err := e.journalToRead(c)
	if none, ok := errors.AsType[noJournalError](err); ok {
		check.NoJournal = none.Error()
		if path, err = e.journalToWrite(c); err != nil { // as NRPE runs it, without HOME
			path, err = systemJournal, nil
		}
	}
	if err != nil {
		return nil, nil, err
	}
	if check.Holder, err = collector.Holder(path + ".lock"); err != nil {
		return nil, nil, err
	}
	check.Failing = collector.Failing(path + ".lock")
	if check.NoJournal != "" {
		return check, check.Findings(), nil
	}
	j, err := c.openToRead(path)
	if err != nil {
		return nil, nil, err
	}
	defer j.Close()
	if err := readCheckup(ctx, j, check, c); err != nil {
		return nil, nil, err
	}
	check.Damage = j.Warnings()
	var s unix.Statfs_t
	if err := unix.Statfs(filepath.Dir(path), &s); err == nil {
		space := collector.SpaceOf(&s, check.Now)
		check.Journal = &space
	}
	check.JournalOn = journalOn(filepath.Dir(path), check.LUNs, c)
	if last := check.LastRun(); last != nil {
		check.Began = began{ctx, j, last.At.Wall}
	}
	return check, check.Findings(), nil
}

// readCheckup reads the last run of this host, and what it saw.
func readCheckup(ctx context.Context, j *journal.Journal, check *collector.Checkup, c *Config) (err error) {
	if check.State, err = j.State(ctx, check.Host); err != nil {
		return err
	}
	if c.forwards() {
		is, err := j.Forwarding(ctx, c.sinkName())
		if err != nil {
			return err
		}
		check.Forward = &is
	}
	if check.Runs, err = lastRuns(ctx, j, check); err != nil || len(check.Runs) == 0 {
		return err
	}
	at := check.LastRun().At.Wall
	recent := series.Query{From: at.Add(-statusLooksBack), To: at.Add(time.Second)}
	check.LUNs = currentLUNs(check.State, c)
	if check.Paths, err = mostPaths(ctx, j, check); err != nil {
		return err
	}
	for i := range check.LUNs {
		recent.Keys = append(recent.Keys, series.Key{ID: check.LUNs[i].ID, Host: check.Host, Source: series.SourceHost})
	}
	err = j.Intervals(ctx, recent, func(k series.Key, i *series.Interval) error {
		check.Intervals[k] = *i
		return nil
	})
	if err != nil {
		return err
	}
	return j.Spaces(ctx, recent, func(k series.Key, s *series.Space) error {
		check.Spaces[k] = series.KeySpace{Key: k, Space: *s}
		return nil
	})
}

// statusLooksBack is how far status reads.
const statusLooksBack = 2 * time.Hour

// lastRuns are this host's runs of the last hours, or of the hours before its last
// run. One whose clock was ahead, and is no more, says nothing of now, unless
// there is no other.
func lastRuns(ctx context.Context, j *journal.Journal, check *collector.Checkup) ([]series.Run, error) {
	own := func(from, to time.Time, width time.Duration) ([]series.Run, error) {
		q := series.Query{From: from, To: to, Width: width, Keys: []series.Key{{Host: check.Host}}}
		return j.Runs(ctx, q)
	}
	now := check.Now.Add(time.Minute)
	runs, err := own(now.Add(-statusLooksBack), now, 0)
	for _, to := range []time.Time{now, check.Now.AddDate(100, 0, 0)} {
		if err != nil || len(runs) > 0 {
			return runs, err
		}
		if runs, err = own(time.Unix(0, 0), to, time.Hour); err == nil && len(runs) > 0 {
			at := runs[len(runs)-1].At.Wall
			runs, err = own(at.Add(-statusLooksBack), at.Add(time.Second), 0)
		}
	}
	return runs, err
}

// journalOn is the LUN on which the journal's folder lies. On a captured host it
// lies on none.
func journalOn(folder string, luns []mapper.LUN, c *Config) *mapper.LUN {
	if filepath.Clean(c.Paths.Procfs) != "/proc" {
		return nil
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil
	}
	found, err := mapper.Find(luns, folder, c.paths())
	if err != nil {
		return nil
	}
	for i := range found {
		if found[i].Layer == mapper.LayerLUN {
			return &found[i]
		}
	}
	return nil
}

// currentLUNs are the LUNs as they are at this moment, or as the last run saw them
// where that can't be read: paths and suspended maps change between two runs.
func currentLUNs(state series.State, c *Config) []mapper.LUN {
	state.UeventSeq = 0 // read all of it
	now, _, err := collector.Look(collector.Options{Paths: c.paths(), LUNs: c.rules()}, state)
	if err != nil {
		return mapper.Stored(state.Mapping, c.Layers)
	}
	return collector.Kept(state, now, c.Layers)
}

// mostPaths is how many paths each multipath LUN had at its best in the last month.
func mostPaths(ctx context.Context, j *journal.Journal, check *collector.Checkup) (map[mapper.ID]int, error) {
	entries, err := j.LUNs(ctx, check.Now.AddDate(0, -1, 0), check.Now)
	if err != nil {
		return nil, err
	}
	most := make(map[mapper.ID]int)
	for _, en := range entries {
		if en.Host == check.Host {
			most[en.LUN.ID] = max(most[en.LUN.ID], len(en.LUN.Paths))
		}
	}
	return most, nil
}

// summary is the text of the one line: the worst finding and how many more.
func summary(check *collector.Checkup, findings []collector.Finding) string {
	well := ""
	if last := check.LastRun(); last != nil {
		well = english.Plural(lunCount(check), "LUN", "") + ", last run " + age(check.Age())
	}
	return worstOf(findings, well)
}

// worstOf is the worst finding and how many more there are, or that all is well.
func worstOf(findings []collector.Finding, well string) string {
	wrong := slices.DeleteFunc(slices.Clone(findings), func(f collector.Finding) bool { return f.Severity == collector.OK })
	if len(wrong) == 0 {
		return well
	}
	s := wrong[0].What
	if more := len(wrong) - 1; more > 0 {
		s += fmt.Sprintf(" (and %d more: lunstat status --all)", more)
	}
	return s
}

// lunCount is how many LUNs there are, the layers beneath them not counted.
func lunCount(check *collector.Checkup) int {
	return len(mapper.Stored(check.LUNs, "luns"))
}

// perfdata is the figures, in the form of the Nagios plugin guidelines:
// label=value[unit];warning;critical;min;max.
func perfdata(check *collector.Checkup) string {
	b := check.Bounds
	var p []string
	add := func(label, format string, v any, bound collector.Bound) {
		p = append(p, fmt.Sprintf("%s="+format+";%s;%s", label, v, bounds(bound.Warning), bounds(bound.Critical)))
	}
	if check.LastRun() != nil {
		add("last_run", "%.0fs", check.Age().Seconds(), b.LastRunS)
	}
	// U is the plugins' own word for unknown: 0 would be an idle LUN, an empty disk.
	iops, busiest, fullest, stalled := "U", "U", "U", 0
	var ios, util float64
	full := 0
	for _, l := range check.LUNs {
		if l.Layer != mapper.LayerLUN {
			continue
		}
		k := series.Key{ID: l.ID, Host: check.Host, Source: series.SourceHost}
		i := check.Intervals[k]
		if v, ok := i.IOPS(); ok {
			ios += v
			iops = fmt.Sprintf("%.1f", ios)
		}
		if v, ok := i.Util(); ok {
			util = max(util, v)
			busiest = fmt.Sprintf("%.1f%%", util)
		}
		if i.Quality.Has(series.Stalled) {
			stalled++
		}
		s := check.Spaces[k]
		if v, ok := s.UsedPercent(); ok {
			full = max(full, v)
			fullest = fmt.Sprintf("%d%%", full)
		}
	}
	p = append(p, fmt.Sprintf("luns=%d", lunCount(check)), "iops="+iops)
	add("busiest", "%s", busiest, b.UtilPercent)
	add("fullest", "%s", fullest, b.SpacePercent)
	p = append(p, fmt.Sprintf("stalled=%d;;0", stalled))
	if check.Forward != nil {
		add("backlog", "%d", check.Forward.Pending, b.Backlog)
		p = append(p, fmt.Sprintf("refused=%d;0", check.Forward.Refused+check.Forward.Lost))
	}
	return strings.Join(p, " ")
}

func bounds(v float64) string {
	if v <= 0 {
		return ""
	}
	return fmt.Sprintf("%g", v)
}

// statusAll prints each finding with its start and what to do.
func statusAll(e *env, findings []collector.Finding) {
	for _, f := range findings {
		fmt.Fprintf(e.Stdout, "%s: %s\n", f.Severity, pluginText(f.What))
		if !f.Since.IsZero() {
			fmt.Fprintf(e.Stdout, "    since %s\n", f.Since.In(e.times()).Format("2006-01-02 15:04:05"))
		}
		if f.Hint != "" {
			fmt.Fprintf(e.Stdout, "    %s\n", pluginText(f.Hint))
		}
	}
}
