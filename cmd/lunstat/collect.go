package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector"
	"lunstat/collector/dmstats"
	"lunstat/collector/journal"
	"lunstat/collector/series"
)

// collectOptions are the flags of lunstat collect.
type collectOptions struct {
	every       time.Duration
	readingTime string
}

func newCollectCommand(e *env) *cobra.Command {
	var o collectOptions
	cmd := &cobra.Command{
		Use:   "collect",
		Short: "Record what every LUN did since the last run; cron runs it once a minute",
		Long: `collect reads the kernel's counters once. In one transaction, it stores what each
LUN did since the last run. It needs no root, never waits for a LUN that hangs, and
only one collect runs at a time.

    * * * * * root /usr/local/bin/lunstat collect

With --every 1s it reads the counters every second until second 57 of the minute. It
then also stores the peaks, and the second in which IOPS were highest.

If the config sets influx.url, collect then forwards waiting samples to InfluxDB, for
at most 20 seconds. The next run sends what is left.

collect prints nothing while all is well. It reports a problem when it begins, once a
day while it lasts, and when it ends, because cron mails every line. Failing runs are
reported the same way, and so is a lock that another run holds for minutes.

Exit status: 0 done (under cron also if another run is still busy), 1 nothing was
stored, 2 wrong usage.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return runCollect(cmd.Context(), e, o) },
	}
	cmd.Flags().DurationVar(&o.every, "every", 0, "also read the counters this often until second 57 of the minute, to store peaks: 1s")
	cmd.Flags().StringVar(&o.readingTime, "reading-time", "", "the `TIME` at which the counters of a captured host were read (for paths.procfs), as RFC 3339")
	return cmd
}

func runCollect(ctx context.Context, e *env, flags collectOptions) error {
	c, err := e.Config()
	if err != nil {
		return e.failedEarly(err, e.unread())
	}
	o, err := collectorOptions(e, c, flags)
	if err != nil {
		return err
	}
	path, err := e.journalPlace(c)
	if err != nil {
		return e.failedEarly(err, c)
	}
	if !isTerminal(e.Stderr) {
		e.GiveWay() // a person waits; cron does not
	}
	result, err := collectInto(ctx, path, journalOptionsAt(c, path), o)
	if busy, ok := errors.AsType[*collector.BusyError](err); ok && !busy.Hangs && !isTerminal(e.Stderr) {
		return nil // cron's minutes overlap: the other run will do
	}
	if err != nil && result.Known && !isTerminal(e.Stderr) {
		return exitStatus(statusFailed)
	}
	if err != nil {
		return err
	}
	if usual, err := e.journalToWrite(e.unread()); err == nil && usual != path {
		result.News = append(result.News, collector.ForgetFailure(usual+".lock")...)
	}
	sayCollected(e, result, path)
	return nil
}

// collectInto runs the collector with a journal, which it opens and finishes.
func collectInto(ctx context.Context, path string, jo journal.Options, o collector.Options) (collector.Result, error) {
	o.LockFile = path + ".lock"
	disappeared := isThere(o.LockFile) && !isThere(path) && collector.Failing(o.LockFile) == nil
	var j *journal.Journal
	result, err := collector.Run(ctx, o, func() (opened collector.Journal, err error) {
		if j, err = journal.Open(path, jo); err != nil {
			return nil, err
		}
		if disappeared {
			return startedOver{j}, nil
		}
		return j, nil
	})
	if j != nil {
		err = errors.Join(err, j.Finish(context.WithoutCancel(ctx)))
	}
	return result, err
}

// unread is what is known of a configuration whose file is wrong: the journal that the
// flag or the environment names.
func (e *env) unread() *config.Config {
	return &config.Config{Journal: config.Journal{Path: cmp.Or(e.journalPath, e.Getenv("LUNSTAT_JOURNAL_PATH"))}}
}

// failedEarly is for a run that fails before there is a journal. Like other failures, an
// error in the config is mailed once a day. A wrong config can't say where the journal
// is, so the failure is remembered next to the usual journal.
func (e *env) failedEarly(err error, c *config.Config) error {
	path, noPlace := e.journalToWrite(c)
	if noPlace != nil || isTerminal(e.Stderr) || !collector.NoteFailure(path+".lock", err, time.Now()) {
		return err
	}
	return exitStatus(explain(io.Discard, err))
}

// startedOver is a new journal in place of one that disappeared: its lock file is still
// there.
type startedOver struct{ *journal.Journal }

// Warnings says first that the journal is new.
func (j startedOver) Warnings() []series.Warning {
	return append([]series.Warning{{
		What: fmt.Sprintf("the journal %s had disappeared, so a new one was started", j.Path()),
		Hint: "if somebody moved it, put it back while no collector runs; InfluxDB still has what was forwarded",
	}}, j.Journal.Warnings()...)
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func collectorOptions(e *env, c *config.Config, flags collectOptions) (collector.Options, error) {
	o := collector.Options{
		Paths:      pathsOf(c),
		Host:       c.Host,
		Rules:      closingRules(c),
		LUNs:       rulesOf(c),
		SpaceEvery: time.Duration(c.SpaceEvery),
		Version:    version(),
		Forward:    e.forwarder(c),
		AskApart:   askApart,
		Every:      flags.every,
	}
	if o.Forward != nil && isTerminal(e.Stderr) {
		o.Forward.Spread = 0 // a person waits for the answer
	}
	if dm := e.DeviceMapper(o.Paths); c.Histograms && dm != nil {
		o.Histograms = dmstats.NewKeeper(dm)
	}
	if o.Every != 0 && (o.Every < 100*time.Millisecond || o.Every > 20*time.Second) {
		return o, usagef("--every %v: must be 100ms to 20s", o.Every)
	}
	if flags.readingTime == "" {
		return o, nil
	}
	if filepath.Clean(c.Paths.Procfs) == "/proc" {
		return o, usagef("--reading-time needs paths.procfs: without it, lunstat uses this host's clock")
	}
	var err error
	o.ReadingTime, err = time.Parse(time.RFC3339Nano, flags.readingTime)
	if err != nil {
		return o, usagef("--reading-time %q: must be RFC 3339, like 2026-11-25T03:00:00Z", flags.readingTime)
	}
	return o, nil
}

// sayCollected tells cron the news, and a person at a terminal all there is.
func sayCollected(e *env, r collector.Result, journal string) {
	if !isTerminal(e.Stderr) {
		for _, n := range r.News {
			sayNews(e, n)
		}
		return
	}
	for _, w := range r.Run.Warnings {
		sayWarning(e.Stderr, "warning", w)
	}
	fmt.Fprintf(e.Stdout, "%s: %s in %d ms\n", clean(r.Run.Host), english.Plural(int(r.Run.LUNs), "interval", ""), r.Run.TookMS)
	sayForwarded(e, r.Forwarded, r.ForwardError)
	if r.Run.LUNs == 0 {
		fmt.Fprint(e.Stdout, firstRun(journal))
	}
}

// firstRun tells a person what there is after the first reading, and what comes next.
func firstRun(journal string) string {
	return "this was the first reading; the next run stores the first intervals\n" +
		"the journal is " + clean(journal) + "\n" +
		"next: have collect run once a minute, by `systemctl enable --now lunstat-collect.timer` or by cron (see `lunstat help collect`);\n" +
		"then `lunstat status --all` says what is wrong or missing, and what to type\n"
}

// sayForwarded tells a person at once what cron is told by the next run.
func sayForwarded(e *env, f collector.Forwarded, err error) {
	switch {
	case err != nil:
		sayWarning(e.Stderr, "warning", series.Warning{What: err.Error()})
	case f.NotSent.Trouble.What != "":
		sayWarning(e.Stderr, "warning", f.NotSent.Trouble)
	}
	if f.Runs > 0 {
		fmt.Fprintf(e.Stdout, "%d runs forwarded, %d left\n", f.Runs, f.Waiting)
	}
	if f.Refused > 0 {
		fmt.Fprintf(e.Stdout, "%d points were refused: `lunstat forward --refused` lists them\n", f.Refused)
	}
}

func sayNews(e *env, n collector.News) {
	since := n.Since.In(e.Zone).Format("2006-01-02 15:04")
	switch {
	case n.Ended:
		fmt.Fprintf(e.Stderr, "lunstat: ended (began %s): %s\n", since, clean(n.What))
	case n.Since.Equal(n.Said):
		sayWarning(e.Stderr, "warning", n.Warning)
	default:
		sayWarning(e.Stderr, "still (began "+since+")", n.Warning)
	}
}

func sayWarning(w io.Writer, kind string, warning series.Warning) {
	fmt.Fprintf(w, "lunstat: %s: %s\n", kind, clean(warning.What))
	if warning.Hint != "" {
		fmt.Fprintf(w, "lunstat: hint: %s\n", clean(warning.Hint))
	}
}
