package main

import (
	"context"
	"fmt"
	"time"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector/journal"
	"lunstat/collector/series"
)

// addLoad adds the last interval and space. No journal, no load: the mapping is
// what was asked for.
func addLoad(ctx context.Context, e *env, c *config.Config, facts []*lunFacts) {
	err := func() error {
		path, err := e.journalToRead(c)
		if err != nil {
			return err
		}
		j, err := openToRead(c, path)
		if err != nil {
			return err
		}
		defer e.closeRead(j)
		return readLoad(ctx, j, facts)
	}()
	if err != nil && !as[noJournalError](err) {
		sayWarning(e.Stderr, "warning", series.Warning{What: fmt.Sprintf("the load is unknown: %v", err), Hint: hintFor(err)})
	}
}

// readLoad reads the load as of the facts' time.
func readLoad(ctx context.Context, j *journal.Journal, facts []*lunFacts) error {
	if len(facts) == 0 {
		return nil
	}
	now := facts[0].now
	at := make(map[series.Key]*lunFacts)
	q := series.Query{To: now.Add(time.Minute)}
	for i := range facts {
		if facts[i].Ignored {
			continue
		}
		k := series.Key{ID: facts[i].ID, Host: facts[i].host, Source: series.SourceHost}
		at[k] = facts[i]
		q.Keys = append(q.Keys, k)
	}
	if len(q.Keys) == 0 { // a query without keys is for all series
		return nil
	}
	q.From = now.Add(-2 * time.Hour)
	err := j.Intervals(ctx, q, func(k series.Key, i *series.Interval) error {
		last := *i
		at[k].last = &last
		return nil
	})
	if err != nil {
		return err
	}
	q.From = now.Add(-24 * time.Hour)
	return j.Spaces(ctx, q, func(k series.Key, s *series.Space) error {
		last := *s
		at[k].space = &last
		return nil
	})
}
