package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"lunstat/cmd/lunstat/config"
	"lunstat/render"
	"lunstat/render/facts"
)

// aDay is how far back status --all tells what was found: what began at night is still
// told in the morning.
const aDay = 24 * time.Hour

// mostOfTheDay bounds how much of a day is printed: NRPE passes on some kilobytes.
const mostOfTheDay = 20

// journalDay is what a report of the last day would say of this host, the heaviest first.
// If there was no run in that day, there is none.
func journalDay(ctx context.Context, e *env, c *config.Config, host string) ([]facts.Finding, error) {
	path, err := e.journalToRead(c)
	if _, none := errors.AsType[noJournalError](err); none {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	j, err := openToRead(c, path)
	if err != nil {
		return nil, err
	}
	defer j.Close()
	return dayOf(ctx, e, c, withRules(journalStore{j, e}, rulesOf(c), ""), host)
}

// dayOf is the same from any store.
func dayOf(ctx context.Context, e *env, c *config.Config, src render.Source, host string) ([]facts.Finding, error) {
	now := e.Now()
	o := renderOptions(e, c, now.Add(-aDay), now)
	o.Zone, o.Hosts = e.times(), []string{host}
	found, err := render.Findings(ctx, src, o)
	if _, empty := errors.AsType[*render.EmptyRangeError](err); empty || errors.Is(err, render.ErrNoLUN) {
		return nil, nil // what is wrong with the runs is said anyway
	}
	return facts.Leading(found), err
}

// statusDay prints what was found in the last day, each with what to type next. If it
// can't be told, the status stays the same.
func statusDay(e *env, found []facts.Finding, err error) {
	if err != nil {
		fmt.Fprintf(e.Stdout, "What happened in the last 24 hours is unknown: %s\n", pluginText(err.Error()))
		return
	}
	if len(found) == 0 {
		return
	}
	fmt.Fprintln(e.Stdout, "In the last 24 hours:")
	for i := range found {
		if i == mostOfTheDay {
			fmt.Fprintf(e.Stdout, "    and %s: lunstat report --last 24h\n", english.Plural(len(found)-i, "more finding", ""))
			return
		}
		fmt.Fprintf(e.Stdout, "    %s\n", pluginText(found[i].Text))
		for _, next := range found[i].Next {
			if next == "lunstat status" {
				continue // here it is
			}
			fmt.Fprintf(e.Stdout, "        %s\n", pluginText(unpiped(next)))
		}
	}
}

// unpiped is a command without what filters its output: in what a plugin prints, | is
// the beginning of figures.
func unpiped(command string) string {
	command, _, _ = strings.Cut(command, " | ")
	return command
}
