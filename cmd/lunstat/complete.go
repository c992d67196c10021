package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"lunstat/cmd/lunstat/config"
	"lunstat/mapper"
)

// completer gives the ways to complete what has been typed.
type completer = cobra.CompletionFunc

// completeWords has shells complete what the flags and arguments of all commands
// take. A flag is known by its name, which means the same wherever it is.
func completeWords(e *env, cmd *cobra.Command) {
	byName := map[string]completer{
		"lun":    e.completed(lunNames),
		"group":  e.completed(func(l *mapper.LUN) []string { return []string{l.Group} }),
		"host":   byCommas(e.completeHosts),
		"week":   e.completeWeeks,
		"last":   fixed("1d", "7d", "5w"),
		"every":  fixed("15m", "1h"),
		"source": fixed("journal", "influx"),
		"format": fixed("json", "csv", "lp", "prom"),
		"from":   fixed("yesterday", "today", "-1d", "-7d"),
		"to":     fixed("now", "today", "yesterday"),
		"at":     fixed("now", "yesterday", "-1h"),
		"width":  fixed("1600", "800"),
		"delete": cobra.NoFileCompletions,
	}
	switch cmd.Name() {
	case "report":
		byName["format"] = byCommas(fixed("png", "svg", "pdf"))
	case "collect":
		byName["every"] = fixed("1s")
	case "lookup":
		cmd.ValidArgsFunction = e.completed(lunNames)
		byName["from"] = files // not a time here
	case "names":
		cmd.ValidArgsFunction = files
	case "watch":
		byName["every"], byName["layers"] = fixed("1s", "5s"), fixed("luns", "maps", "all")
		byName["sort"] = fixed(strings.Split(columnNames(), ", ")...)
	}
	if cmd.ValidArgsFunction == nil && cmd.RunE != nil {
		cmd.ValidArgsFunction = cobra.NoFileCompletions // all others take no files
	}
	for name, complete := range byName {
		if cmd.Flags().Lookup(name) != nil {
			cmd.RegisterFlagCompletionFunc(name, complete) //nolint:errcheck // the flag is there
		}
	}
	for _, c := range cmd.Commands() {
		completeWords(e, c)
	}
}

func fixed(words ...string) completer {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
}

// files leaves it to the shell.
func files(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// byCommas completes the last of several words.
func byCommas(one completer) completer {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		begun := typed[:strings.LastIndexByte(typed, ',')+1]
		words, directive := one(cmd, args, typed[len(begun):])
		for i := range words {
			words[i] = begun + words[i]
		}
		return words, directive | cobra.ShellCompDirectiveNoSpace
	}
}

// lunNames is what lookup takes for a LUN: its names, what it is for, and where it
// is mounted.
func lunNames(l *mapper.LUN) []string {
	names := []string{l.Name(), l.Kernel, l.Role, l.Label}
	for _, m := range l.Mounts {
		names = append(names, m.Point)
	}
	return names
}

// completed completes with the names of the host's LUNs and of the journal's. If they
// can't be read, nothing is completed: nobody wants an error message while typing.
func (e *env) completed(names func(*mapper.LUN) []string) completer {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		var words []string
		for _, l := range e.knownLUNs(cmd.Context()) {
			for _, name := range names(&l) {
				if name != "" && clean(name) == name && strings.HasPrefix(name, typed) && !slices.Contains(args, name) {
					words = append(words, name)
				}
			}
		}
		slices.Sort(words)
		return slices.Compact(words), cobra.ShellCompDirectiveNoFileComp
	}
}

// knownLUNs are the LUNs of the host at this moment, and those of the ledger.
func (e *env) knownLUNs(ctx context.Context) []mapper.LUN {
	c, err := e.Config()
	if err != nil {
		return nil
	}
	var luns []mapper.LUN
	if devices, _, err := hostDevices(c); err == nil {
		luns = mapper.Stored(devices, "luns")
	}
	for _, en := range e.ledger(ctx, c) {
		luns = append(luns, en.LUN)
	}
	return luns
}

// ledger is everything that the journal knows about LUNs; nothing if there is no journal.
func (e *env) ledger(ctx context.Context, c *config.Config) []mapper.Entry {
	path, err := e.journalToRead(c)
	if err != nil {
		return nil
	}
	j, err := openToRead(c, path)
	if err != nil {
		return nil
	}
	defer j.Close()
	now := e.Now()
	entries, err := j.LUNs(ctx, now.AddDate(0, -13, 0), now)
	if err != nil {
		return nil
	}
	return entries
}

func (e *env) completeHosts(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	c, err := e.Config()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var hosts []string
	for _, en := range e.ledger(cmd.Context(), c) {
		if strings.HasPrefix(en.Host, typed) {
			hosts = append(hosts, en.Host)
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts), cobra.ShellCompDirectiveNoFileComp
}

// completeWeeks offers the last ten weeks, the present one first.
func (e *env) completeWeeks(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var weeks []string
	for n := range 10 {
		year, number := e.Now().In(e.Zone).AddDate(0, 0, -7*n).ISOWeek()
		if w := fmt.Sprintf("%d-W%02d", year, number); strings.HasPrefix(w, strings.ToUpper(typed)) {
			weeks = append(weeks, w)
		}
	}
	return weeks, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}
