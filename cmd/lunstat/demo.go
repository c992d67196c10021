package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector"
	"lunstat/collector/journal"
	"lunstat/collector/mailstore"
	"lunstat/collector/series"
	"lunstat/render"
)

// demoOptions are the flags of lunstat demo.
type demoOptions struct {
	out   string
	watch time.Duration
	every time.Duration
}

func newDemoCommand(e *env) *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Measure this machine for a minute and simulate a mailstore, and draw both",
		Long: `demo shows what lunstat does. For a minute it reads this machine's counters every few
seconds, while it writes and reads a small file in the current folder so that there is
some I/O. Then it draws the report. After that it draws five weeks of a simulated
mailstore: fourteen LUNs, POP3 by day, HSM every Friday night, and a reboot that
renumbers the minors. A sixth week is a bad one: an array is slow, a LUN stalls, HSM
does not run, and one read in twenty of a LUN waits although its mean is within the limit.
The demo needs no root, no server and no device-mapper, and leaves only its pictures
behind.

Exit status: 0 drawn, 1 failed, 2 wrong usage.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), e, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "lunstat-demo", "write the pictures into `FOLDER`")
	f.DurationVar(&o.watch, "for", time.Minute, "how long to measure this machine; 0 leaves it out")
	f.DurationVar(&o.every, "every", 3*time.Second, "how often to read the counters")
	return cmd
}

func runDemo(ctx context.Context, e *env, o demoOptions) error {
	c, err := e.Config()
	if err != nil {
		return err
	}
	if o.every < time.Second {
		return usagef("--every %v: must be 1s or more", o.every)
	}
	// A reader that goes away (demo | head) ends it as a signal does: what is in the
	// temporary folder has to go.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGPIPE)
	defer stop()
	// Before the minute, not after it.
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return fmt.Errorf("making the folder for the pictures: %w", err)
	}
	defer os.Remove(o.out) // only where nothing came into it
	dir, err := os.MkdirTemp("", "lunstat-demo-")
	if err != nil {
		return fmt.Errorf("making a temporary folder: %w", err)
	}
	defer os.RemoveAll(dir)

	var made error
	simulated := make(chan struct{})
	var five *journal.Journal
	go func() {
		defer close(simulated)
		five, made = simulate(ctx, e, c, filepath.Join(dir, "simulated.db"))
	}()
	err = demoThisMachine(ctx, e, c, o, dir)
	<-simulated
	if five != nil {
		defer five.Close()
	}
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("the demo: %w", ctx.Err()) // both halves were, and once is enough
	case made != nil:
		return errors.Join(err, made)
	}
	if err != nil {
		// A sandbox may not show its disks; the other half doesn't need any.
		sayWarning(e.Stderr, "warning", series.Warning{What: err.Error(), Hint: "the simulated mailstore follows anyway"})
	}
	return demoSimulated(ctx, e, c, o, five)
}

// demoThisMachine looks at this machine and draws what it saw.
func demoThisMachine(ctx context.Context, e *env, c *config.Config, o demoOptions, dir string) error {
	if o.watch <= 0 {
		return nil
	}
	path := filepath.Join(dir, "machine.db")
	j, err := journal.Open(path, journal.Options{Sync: "normal"})
	if err != nil {
		return err
	}
	defer j.Close()
	fmt.Fprintf(e.Stdout, "Measuring this machine for %v, every %v, while reading and writing a small file.\n", o.watch, o.every)
	stop := startLoad(e)
	from, to, err := sampleMachine(ctx, e, c, o, path, j)
	stop()
	if err != nil {
		return fmt.Errorf("measuring this machine: %w", err)
	}
	r := renderOptions(e, c, from, to)
	r.Out, r.Title = filepath.Join(o.out, "this-machine"), "This machine"
	err = showReport(ctx, e, j, r)
	if _, empty := errors.AsType[*render.EmptyRangeError](err); empty {
		fmt.Fprintln(e.Stdout, "This machine shows no LUN (a sandbox?); the simulated mailstore follows.")
		return nil
	}
	return err
}

// sampleMachine calls the collector as cron would, only more often.
func sampleMachine(ctx context.Context, e *env, c *config.Config, o demoOptions, path string, j *journal.Journal) (from, to time.Time, err error) {
	co := collector.Options{Paths: pathsOf(c), Host: c.Host, LockFile: path + ".lock", Rules: closingRules(c), LUNs: rulesOf(c), Version: version()}
	open := func() (collector.Journal, error) { return j, nil }
	steps := int(o.watch / o.every)
	progress := newBar(e.Stderr, "sampling", steps)
	defer progress.Done()
	tick := time.NewTicker(o.every)
	defer tick.Stop()
	from = e.Now()
	for n := 0; ; n++ {
		if _, err := collector.Run(ctx, co, open); err != nil {
			return from, to, err
		}
		to = e.Now()
		if n >= max(steps, 1) {
			return from, to, nil
		}
		select {
		case <-ctx.Done():
			return from, to, ctx.Err()
		case <-tick.C:
			progress.Step()
		}
	}
}

// simulate fills a journal with six weeks of a mailstore that a small model makes.
// The samples go in by the same door as real ones.
func simulate(ctx context.Context, e *env, c *config.Config, path string) (*journal.Journal, error) {
	j, err := journal.Open(path, journal.Options{Sync: "normal"})
	if err != nil {
		return nil, err
	}
	model := mailstore.New(mailstore.Options{Zone: e.Zone, BadWeek: true, Histograms: true})
	var state series.State
	var day []series.Minute
	for s, more := model.Next(); more; s, more = model.Next() {
		s.Version = version()
		m, _ := collector.Close(state, s, closingRules(c))
		state = m.State
		if day = append(day, m); len(day) == 24*60 {
			if err := j.CommitAll(ctx, day); err != nil {
				return j, fmt.Errorf("storing the simulated mailstore: %w", err)
			}
			day = day[:0]
		}
	}
	if err := j.CommitAll(ctx, day); err != nil {
		return j, fmt.Errorf("storing the simulated mailstore: %w", err)
	}
	for _, n := range model.Notes() {
		if err := j.AddNote(ctx, n); err != nil {
			return j, err
		}
	}
	return j, nil
}

// demoSimulated draws five simulated weeks, and as the weekly report would the last of them
// and the sixth, which is a bad one.
func demoSimulated(ctx context.Context, e *env, c *config.Config, o demoOptions, j *journal.Journal) error {
	fmt.Fprintln(e.Stdout, "Drawing a simulated mailstore: five weeks, the last of them, and a bad one after it.")
	first, last, ok, err := j.Extent(ctx)
	if err != nil || !ok {
		return errors.Join(errors.New("the simulated mailstore has no intervals"), err)
	}
	last = last.In(e.Zone)
	five := last.AddDate(0, 0, -7)
	for _, r := range []struct {
		name, title string
		from, to    time.Time
	}{
		{"simulated-five-weeks", "Simulated mailstore, five weeks", first.Add(-time.Minute), five},
		{"simulated-week", "Simulated mailstore, one week", five.AddDate(0, 0, -7), five},
		{"simulated-bad-week", "Simulated mailstore, a bad week", five, last},
	} {
		ro := renderOptions(e, c, r.from, r.to)
		ro.Out, ro.Title, ro.Simulated = filepath.Join(o.out, r.name), r.title, true
		if err := showReport(ctx, e, j, ro); err != nil {
			return err
		}
	}
	return nil
}
