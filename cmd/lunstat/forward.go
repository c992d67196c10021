package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"lunstat/cmd/lunstat/config"
	"lunstat/cmd/lunstat/when"
	"lunstat/collector"
	"lunstat/collector/influx"
	"lunstat/collector/journal"
)

// forwardOptions are the flags of lunstat forward.
type forwardOptions struct {
	again, refused, retry, discard bool
}

func newForwardCommand(e *env) *cobra.Command {
	var o forwardOptions
	cmd := &cobra.Command{
		Use:   "forward",
		Short: "Send waiting samples to InfluxDB now, or list what it refused",
		Long: `forward sends everything to InfluxDB that the journal has and InfluxDB lacks, oldest
first. The collector does the same after each run, but only for 20 seconds; use forward
if you don't want to wait. Both can run at the same time.

InfluxDB refuses some points for good, for example a point older than the bucket's
retention. lunstat sets such points aside with the reason, and sends the others:

    lunstat forward --refused      # list the refused points
    lunstat forward --retry        # send them again, after you repaired the bucket
    lunstat forward --discard      # forget them

Exit status: 0 nothing is left to send, 1 something is left, 2 wrong usage.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return runForward(cmd.Context(), e, o) },
	}
	f := cmd.Flags()
	f.BoolVar(&o.again, "again", false, "send everything in the journal once more, for example after the bucket was deleted")
	f.BoolVar(&o.refused, "refused", false, "list the refused points, with the reasons")
	f.BoolVar(&o.retry, "retry", false, "send the refused points again")
	f.BoolVar(&o.discard, "discard", false, "forget the refused points")
	cmd.MarkFlagsMutuallyExclusive("again", "refused", "retry", "discard")
	return cmd
}

func runForward(ctx context.Context, e *env, o forwardOptions) error {
	c, err := e.Config()
	if err != nil {
		return err
	}
	f := e.forwarder(c)
	if f == nil && c.Influx.URL != "" {
		return withHint(errors.New("influx.schema is "+c.Influx.Schema+", so nothing is forwarded"), "Telegraf writes there, and lunstat only reads")
	}
	if f == nil {
		return errNoURL()
	}
	path, err := e.journalToRead(c)
	if err != nil {
		return err
	}
	open := openBeside
	if o.refused {
		open = openToRead
	}
	j, err := open(c, path)
	if err != nil {
		return err
	}
	switch {
	case o.refused:
		err = errors.Join(listRefused(ctx, e, j, f.Name), j.Close())
	case o.discard:
		err = errors.Join(discardRefused(ctx, e, j, f.Name), j.Finish(ctx))
	case o.retry:
		err = errors.Join(retryRefused(ctx, e, c, j), j.Finish(ctx))
	default:
		if o.again {
			err = j.ForgetSent(ctx, f.Name)
		}
		if err == nil {
			err = forwardAll(ctx, e, j, f)
		}
		err = errors.Join(err, j.Finish(context.WithoutCancel(ctx)))
	}
	for _, w := range j.Warnings() {
		sayWarning(e.Stderr, "warning", w)
	}
	return err
}

// forwardAll sends until nothing is left.
func forwardAll(ctx context.Context, e *env, j *journal.Journal, f *collector.Forwarder) error {
	f.For, f.Eager = 365*when.Day, true
	var progress *bar
	f.Progress = func(runs, total int) {
		if progress == nil {
			progress = newBar(e.Stderr, "forwarding", total)
		}
		progress.To(runs)
	}
	done, err := f.Forward(ctx, j)
	if progress != nil {
		progress.Done()
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(e.Stdout, "%d runs forwarded, %d left\n", done.Runs, done.Waiting)
	if done.Refused > 0 {
		fmt.Fprintf(e.Stdout, "%d points were refused: `lunstat forward --refused` lists them\n", done.Refused)
	}
	switch {
	case done.NotSent.Trouble.What != "":
		return withHint(errors.New(done.NotSent.Trouble.What), done.NotSent.Trouble.Hint)
	case done.Waiting > 0 && ctx.Err() != nil:
		return ctx.Err()
	}
	return nil
}

// eachRefused calls do for what was set aside, oldest first.
func eachRefused(ctx context.Context, j *journal.Journal, sink string, do func(journal.RefusedSet) error) error {
	ids, err := j.RefusedSets(ctx, sink)
	if err != nil {
		return err
	}
	for _, id := range ids {
		set, err := j.Refused(ctx, id)
		if err != nil {
			return err
		}
		if len(set.Points) == 0 {
			continue // it can't be read, or somebody has dealt with it
		}
		if err := do(set); err != nil {
			return err
		}
	}
	return nil
}

func listRefused(ctx context.Context, e *env, j *journal.Journal, sink string) error {
	is, err := j.Forwarding(ctx, sink)
	if err != nil {
		return err
	}
	if is.Lost > 0 {
		fmt.Fprintf(e.Stdout, "# %d older points were refused too, and are no longer kept\n", is.Lost)
	}
	return eachRefused(ctx, j, sink, func(set journal.RefusedSet) error {
		fmt.Fprintf(e.Stdout, "# %s\n", clean(set.Reason))
		for _, p := range set.Points {
			if _, err := fmt.Fprintln(e.Stdout, p.Point); err != nil {
				return fmt.Errorf("listing what was refused: %w", err)
			}
		}
		return nil
	})
}

func discardRefused(ctx context.Context, e *env, j *journal.Journal, sink string) error {
	n, err := j.Discard(ctx, sink)
	if err == nil {
		fmt.Fprintf(e.Stdout, "%d refused points forgotten\n", n)
	}
	return err
}

func retryRefused(ctx context.Context, e *env, c *config.Config, j *journal.Journal) error {
	o, err := e.influxOptions(c)
	if err != nil {
		return err
	}
	to, err := influx.NewSink(o)
	if err != nil {
		return err
	}
	defer to.Close()
	taken, left := 0, 0
	err = eachRefused(ctx, j, sinkName(c), func(set journal.RefusedSet) error {
		still, err := to.Retry(ctx, set.Points)
		if err != nil {
			return fmt.Errorf("sending refused points again: %w", err)
		}
		taken, left = taken+len(set.Points)-len(still), left+len(still)
		return j.Retried(ctx, sinkName(c), set.ID, still)
	})
	fmt.Fprintf(e.Stdout, "InfluxDB took %d points and refused %d again\n", taken, left)
	if err == nil && left > 0 {
		err = withHint(fmt.Errorf("%d points are still refused", left), "`lunstat forward --refused` lists them with the reasons")
	}
	return err
}
