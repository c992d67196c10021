package main

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector"
	"lunstat/collector/health"
	"lunstat/collector/journal"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// checkup gathers what status looks at, and says what is wrong.
func checkup(ctx context.Context, e *env, c *config.Config) (_ *health.Checkup, _ []health.Finding, err error) {
	check := &health.Checkup{
		Now: e.Now(), Bounds: boundsOf(c.Limits), Slow: c.AwaitLimit, NoLatency: !c.Histograms,
		Intervals: make(map[series.Key]series.Interval), Spaces: make(map[series.Key]series.KeySpace),
	}
	if check.Host, err = hostOf(c); err != nil {
		return nil, nil, err
	}
	path, err := e.journalToRead(c)
	if none, ok := errors.AsType[noJournalError](err); ok {
		check.NoJournal = none.Error()
		if path, err = e.journalToWrite(c); err != nil { // as NRPE runs it, without HOME
			path, err = e.SystemJournal, nil
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
	j, err := openToRead(c, path)
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
func readCheckup(ctx context.Context, j *journal.Journal, check *health.Checkup, c *config.Config) (err error) {
	if check.State, err = j.State(ctx, check.Host); err != nil {
		return err
	}
	if forwards(c) {
		is, err := j.Forwarding(ctx, sinkName(c))
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

// lastRuns are this host's runs of the last hours, or of the hours before its last run. A
// run whose clock was ahead, and no longer is, says nothing about now, unless there is no
// other run.
func lastRuns(ctx context.Context, j *journal.Journal, check *health.Checkup) ([]series.Run, error) {
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

// journalOn is the LUN that the journal's folder is on. On a captured host there is none.
func journalOn(folder string, luns []mapper.LUN, c *config.Config) *mapper.LUN {
	if filepath.Clean(c.Paths.Procfs) != "/proc" {
		return nil
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil
	}
	found, err := mapper.Find(luns, folder, pathsOf(c))
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
func currentLUNs(state series.State, c *config.Config) []mapper.LUN {
	state.UeventSeq = 0 // read all of it
	now, err := collector.ReadSample(collector.Options{Paths: pathsOf(c), LUNs: rulesOf(c)}, state)
	if err != nil {
		return mapper.Stored(state.Mapping, c.Layers)
	}
	return collector.Kept(state, now, c.Layers)
}

// mostPaths is how many paths each multipath LUN had at its best in the last month.
func mostPaths(ctx context.Context, j *journal.Journal, check *health.Checkup) (map[mapper.ID]int, error) {
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

// boundsOf gives the limits of the config as status judges by them.
func boundsOf(l config.Limits) health.Bounds {
	return health.Bounds{
		LastRunS:       health.Bound{Warning: time.Duration(l.LastRun.Warning).Seconds(), Critical: time.Duration(l.LastRun.Critical).Seconds()},
		UtilPercent:    health.Bound{Warning: l.UtilWarning, Critical: l.UtilCritical},
		AwaitFactor:    health.Bound{Warning: l.AwaitWarning, Critical: l.AwaitCritical},
		P99Factor:      health.Bound{Warning: l.P99Warning, Critical: l.P99Critical},
		SpacePercent:   health.Bound{Warning: l.SpaceWarning, Critical: l.SpaceCritical},
		InodesPercent:  health.Bound{Warning: l.InodesWarning, Critical: l.InodesCritical},
		JournalPercent: health.Bound{Warning: l.JournalWarning, Critical: l.JournalCritical},
		Backlog:        health.Bound{Warning: l.BacklogWarning, Critical: l.BacklogCritical},
	}
}
