package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector/journal"
	"lunstat/collector/series"
)

// noteOptions are the flags of lunstat note.
type noteOptions struct {
	at           string
	future, list bool
	deleted      []int64
}

func newNoteCommand(e *env) *cobra.Command {
	var o noteOptions
	cmd := &cobra.Command{
		Use:   "note TEXT",
		Short: "Mark a moment in every picture",
		Long: `note records what you did to the host, and when. Every picture of that time shows it.

    lunstat note "moved 2,000 users to web"
    lunstat note --at "2026-11-20 22:00" "new controller firmware"
    lunstat note --list            # list all notes with their numbers
    lunstat note --delete 3

If the time is in the future, note asks whether you mean it, or refuses it if nobody can
answer. With --future it does not ask.

Exit status: 0 done, 1 the journal can't be read or written, 2 wrong usage.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if o.list || len(o.deleted) > 0 {
				return noArguments(cmd, args)
			}
			return cobra.MinimumNArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runNote(cmd.Context(), e, o, strings.Join(args, " "))
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.at, "at", "now", "the `TIME` of the mark, written as for report --from")
	f.BoolVar(&o.future, "future", false, "accept a time in the future")
	f.BoolVar(&o.list, "list", false, "list all notes with their numbers")
	f.Int64SliceVar(&o.deleted, "delete", nil, "delete the notes with these `NUMBERS`, separated by commas")
	cmd.MarkFlagsMutuallyExclusive("list", "delete", "at")
	cmd.MarkFlagsMutuallyExclusive("list", "delete", "future")
	return cmd
}

func runNote(ctx context.Context, e *env, o noteOptions, text string) error {
	c, err := e.Config()
	switch {
	case err != nil:
		return err
	case o.list:
		return listNotes(ctx, e)
	case len(o.deleted) > 0:
		return deleteNotes(ctx, e, c, o.deleted)
	}
	return addNote(ctx, e, c, o, text)
}

const (
	longestNote = 200         // what a picture can show, generously
	noteAhead   = time.Minute // how far another host's clock may be ahead
	noteTime    = "Mon 2006-01-02 15:04"
)

func addNote(ctx context.Context, e *env, c *config.Config, o noteOptions, text string) error {
	if text = strings.TrimSpace(text); text == "" || len([]rune(text)) > longestNote {
		return usagef("a note must have 1 to %d characters", longestNote)
	}
	now := e.Now()
	when, err := parseMoment(now, e.times(), o.at)
	if err != nil {
		return err
	}
	if when.After(now.Add(noteAhead)) && !o.future {
		if err := askFuture(ctx, e, when, now); err != nil {
			return err
		}
	}
	path, err := e.journalPlace(c)
	if err != nil {
		return err
	}
	j, err := openBeside(c, path)
	if err != nil {
		return err
	}
	defer j.Close()
	if err := j.AddNote(ctx, series.Note{At: when, Text: text}); err != nil {
		return err
	}
	if isTerminal(e.Stdout) {
		fmt.Fprintf(e.Stdout, "%s  %s\n", when.In(e.Zone).Format(noteTime), clean(text))
	}
	return nil
}

// askFuture asks a person to confirm a time in the future; if nobody can answer, the time
// is refused.
func askFuture(ctx context.Context, e *env, when, now time.Time) error {
	const meant = "use --future if you mean it"
	ahead := fmt.Sprintf("%s is in the future (%s)", when.In(e.Zone).Format(noteTime), age(now.Sub(when)))
	if !isTerminal(e.Stdin) || !isTerminal(e.Stderr) {
		return withHint(usageError{errors.New(ahead)}, meant)
	}
	fmt.Fprintf(e.Stderr, "%s. Put the note there? [y/N] ", ahead)
	yes, err := answer(ctx, e.Stdin)
	if err == nil && !yes {
		err = withHint(errors.New("no note was made"), meant)
	}
	return err
}

// answer reads a line, and reports whether it says yes. A signal ends the wait.
func answer(ctx context.Context, from io.Reader) (yes bool, err error) {
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(from).ReadString('\n')
		line <- strings.ToLower(strings.TrimSpace(text))
	}()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case text := <-line:
		return text == "y" || text == "yes", nil
	}
}

func listNotes(ctx context.Context, e *env) error {
	j, err := e.readJournal(ctx)
	if err != nil {
		return err
	}
	defer j.Close()
	notes, err := j.AllNotes(ctx)
	if err != nil {
		return err
	}
	for _, n := range notes {
		fmt.Fprintf(e.Stdout, "%4d  %s  %s\n", n.ID, n.At.In(e.Zone).Format(noteTime), clean(n.Text))
	}
	return nil
}

func deleteNotes(ctx context.Context, e *env, c *config.Config, ids []int64) error {
	path, err := e.journalToRead(c)
	if err != nil {
		return err
	}
	j, err := openBeside(c, path)
	if err != nil {
		return err
	}
	defer j.Close()
	err = j.DeleteNotes(ctx, ids)
	if as[journal.NoNoteError](err) {
		err = withHint(err, "`lunstat note --list` has the numbers; nothing was deleted")
	}
	return err
}
