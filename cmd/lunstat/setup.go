package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"lunstat/cmd/lunstat/config"
	"lunstat/cmd/lunstat/when"
	"lunstat/collector/influx"
	"lunstat/mapper"
)

// setupOptions are the flags of lunstat setup influx.
type setupOptions struct {
	dryRun             bool
	tokenFile          string
	retire             string
	retention, rollups when.Duration
}

func newSetupCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Set up what lunstat needs: InfluxDB, the kernel's latency histograms",
		Args:  knownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSetupInfluxCommand(e), newSetupHistogramsCommand(e))
	return cmd
}

func newSetupInfluxCommand(e *env) *cobra.Command {
	o := setupOptions{retention: -1, rollups: -1}
	cmd := &cobra.Command{
		Use:   "influx",
		Short: "Make or check InfluxDB's buckets, and print how to make the tokens",
		Long: `setup influx makes the two buckets that the config's influx section names, and sets
their retention. In 1.8 it makes the database and its retention policies. It keeps what
exists, and never shortens a retention.

Then it prints commands that make two tokens with the fewest rights possible: one that
can only write, for collectors, and one that can only read, for reports. The commands
need a POSIX shell and curl. Run them unchanged; they write each token to a file in the
current folder. With influx.schema: telegraf, setup influx makes nothing, and prints
only how to make the token that can read.

    LUNSTAT_INFLUX_TOKEN=… lunstat setup influx --dry-run
    lunstat setup influx --token-file /etc/lunstat/admin.token

If you removed a host, retire it, or "lunstat status --all-hosts" stays critical. Its
history stays. If the host forwards again, it is back within a day:

    lunstat setup influx --retire mail3

The token must be an administrator's. lunstat does not store it.

Exit status: 0 done, 1 failed, 2 wrong usage.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return runSetupInflux(cmd.Context(), e, o) },
	}
	f := cmd.Flags()
	f.BoolVar(&o.dryRun, "dry-run", false, "only say what would be done")
	f.StringVar(&o.tokenFile, "token-file", "", "read the administrator's token from `FILE` (default influx.token_file of the config)")
	f.StringVar(&o.retire, "retire", "", "retire `HOST`, which no longer exists, and make nothing")
	f.Var(durationFlag{&o.retention}, "retention", "how long to keep minutes; 0 means for ever (default journal.retention.raw and a day)")
	f.Var(durationFlag{&o.rollups}, "rollup-retention", "how long to keep roll-ups; 0 means for ever (default journal.retention.hour and a day)")
	return cmd
}

// durationFlag is a flag with the config's durations: 35d.
type durationFlag struct{ d *when.Duration }

func (f durationFlag) String() string { return "" }

func (f durationFlag) Set(text string) error { return f.d.UnmarshalText([]byte(text)) }

func (f durationFlag) Type() string { return "DURATION" }

// withMargin is for how long a bucket keeps what a journal keeps so long: a day
// more, so that what the journal is about to delete is not refused.
func withMargin(d when.Duration) time.Duration {
	if d == 0 {
		return 0 // for ever
	}
	return time.Duration(d) + when.Day
}

func runSetupInflux(ctx context.Context, e *env, flags setupOptions) error {
	c, err := e.Config()
	if err != nil {
		return err
	}
	if c.Influx.URL == "" {
		return errNoURL()
	}
	if flags.tokenFile != "" {
		c.Influx.TokenFile = flags.tokenFile
	}
	o, err := e.influxOptions(c)
	if err != nil {
		return err
	}
	o.Retention, o.RollupRetention = withMargin(c.Journal.Retention.Raw), withMargin(c.Journal.Retention.Hour)
	if flags.retention >= 0 {
		o.Retention = time.Duration(flags.retention)
	}
	if flags.rollups >= 0 {
		o.RollupRetention = time.Duration(flags.rollups)
	}
	o.ReadOnly = c.Influx.Schema == "telegraf"
	if e.Getenv(config.TokenVariable) == "" && c.Influx.TokenFile != "" {
		o.TokenWord = "$(cat " + mapper.ShellWord(c.Influx.TokenFile) + ")"
	}
	if flags.retire != "" {
		return retire(ctx, e, o, flags)
	}
	plan, err := influx.Setup(ctx, o, flags.dryRun)
	if err != nil {
		return fmt.Errorf("setting up InfluxDB: %w", err)
	}
	for _, step := range plan.Steps {
		fmt.Fprintln(e.Stdout, clean(step))
	}
	if flags.dryRun {
		fmt.Fprintln(e.Stdout, "nothing was done")
	}
	made := "two tokens with the fewest rights possible: one that can only write, for collectors, and one that can only read, for reports"
	if o.ReadOnly {
		made = "a token that can only read, for reports"
	}
	fmt.Fprintf(e.Stdout, "\nThe commands below make %s.\nThey need a POSIX shell, curl and the administrator's token:\n\n%s", made, plan.Tokens)
	return nil
}

// retire ends a host's LUNs in InfluxDB's ledger.
func retire(ctx context.Context, e *env, o influx.Options, flags setupOptions) error {
	if o.ReadOnly {
		return withHint(errors.New("influx.schema is telegraf, so there is no host to retire"), "Telegraf writes there, and lunstat only reads")
	}
	done, err := influx.Retire(ctx, o, flags.retire, e.Now(), flags.dryRun)
	if err != nil {
		return fmt.Errorf("retiring %s: %w", flags.retire, err)
	}
	fmt.Fprintf(e.Stdout, "%s is retired: %s, until %s\n", clean(flags.retire), english.Plural(done.LUNs, "LUN", ""), done.Last.In(e.Zone).Format("Mon 2 Jan 2006 15:04"))
	if flags.dryRun {
		fmt.Fprintln(e.Stdout, "nothing was done")
	}
	return nil
}
