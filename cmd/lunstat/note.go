package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"lunstat/collector/journal"
	"lunstat/collector/series"
)

func newNoteCommand(e *env) *cobra.Command {
	var at string
	cmd := &cobra.Command{
		Use:   "note TEXT",
		Short: "Put a dated mark on every picture",
		Long: `note remembers what you did to the host, so that every picture of that time
shows it.

    lunstat note "moved 2,000 users to web"
    lunstat note --at "2026-11-20 22:00" "new controller firmware"

Exit status: 0 done, 1 the journal can't be written, 2 wrong usage.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runNote(cmd.Context(), e, at, strings.Join(args, " "))
		},
	}
	cmd.Flags().StringVar(&at, "at", "now", "the `TIME` of the mark, as --from of report takes it")
	return cmd
}

// longestNote is what a picture can show, generously.
const longestNote = 200

func runNote(ctx context.Context, e *env, at, text string) error {
	c, err := e.Config()
	if err != nil {
		return err
	}
	if text = strings.TrimSpace(text); text == "" || len([]rune(text)) > longestNote {
		return usagef("a note wants 1 to %d characters", longestNote)
	}
	when, err := parseMoment(e.Now(), e.times(), at)
	if err != nil {
		return err
	}
	path, err := e.journalPlace(c)
	if err != nil {
		return err
	}
	j, err := journal.Open(path, c.journalOptions())
	if err != nil {
		return err
	}
	defer j.Close()
	if err := j.AddNote(ctx, series.Note{At: when, Text: text}); err != nil {
		return err
	}
	if isTerminal(e.Stdout) {
		fmt.Fprintf(e.Stdout, "%s  %s\n", when.In(e.Zone).Format("Mon 2006-01-02 15:04"), clean(text))
	}
	return nil
}
