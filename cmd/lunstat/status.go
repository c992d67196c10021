package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"lunstat/collector/health"
	"lunstat/mapper"
)

// statusUnknown is Nagios' status for what can't be told.
const statusUnknown = 3

// statusOptions are the flags of lunstat status.
type statusOptions struct {
	all, json bool
	source    sourceOptions
}

func newStatusCommand(e *env) *cobra.Command {
	var o statusOptions
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what is wrong, as a Nagios plugin",
		Long: `status judges what the collector last saw. It prints one line that says what is wrong,
followed by performance data. With --all it also prints each finding, its start, and
what to do about it, and then what a report of the last 24 hours would say, with the
commands that show more. Set the limits under limits: in the config.

With --source influx, status judges other hosts by what they sent to InfluxDB:

    lunstat status --source influx --all-hosts --all

Exit status: 0 all is well, 1 warning, 2 critical (also if the collector never ran),
3 unknown (wrong usage, or the journal can't be read).`,
		Args:        noArguments,
		Annotations: map[string]string{usageStatus: fmt.Sprint(statusUnknown)},
		RunE:        func(cmd *cobra.Command, _ []string) error { return runStatus(cmd.Context(), e, o) },
	}
	f := cmd.Flags()
	f.BoolVar(&o.all, "all", false, "also print each finding, its start, what to do about it, and what happened in the last 24 hours")
	f.BoolVar(&o.json, "json", false, "print one JSON object instead of text, or an array of them for several hosts")
	o.source.AddFlags(cmd)
	return cmd
}

func runStatus(ctx context.Context, e *env, o statusOptions) error {
	worst, err := status(ctx, e, o)
	if err != nil {
		// Nagios shows standard output; the hint goes to standard error as usual.
		sayUnknown(e.Stdout, o.json, o.source.several(), err)
		return withStatus(err, statusUnknown)
	}
	if worst != health.OK {
		return exitStatus(worst)
	}
	return nil
}

// status says what is wrong, and how bad the worst of it is.
func status(ctx context.Context, e *env, o statusOptions) (health.Severity, error) {
	c, err := e.Config()
	if err == nil {
		err = o.source.check()
	}
	if err != nil {
		return health.Unknown, err
	}
	if o.source.source == "influx" { // never by default: a host without a journal is a finding
		return fleetStatus(ctx, e, c, o)
	}
	if o.source.narrows() || o.source.allHosts {
		return health.Unknown, usagef("--host, --group and --all-hosts need --source influx: the journal holds only this host")
	}
	check, findings, err := checkup(ctx, e, c)
	if err != nil {
		return health.Unknown, err
	}
	worst := health.Worst(findings)
	if o.json {
		return worst, printStatus(e.Stdout, false, statusOf(check, findings))
	}
	fmt.Fprintf(e.Stdout, "LUNSTAT %s - %s | %s\n", worst, pluginText(summary(check, findings)), perfdata(check))
	if o.all {
		statusAll(e, findings)
		statusPressure(e, check)
		found, err := journalDay(ctx, e, c, check.Host)
		statusDay(e, found, err)
	}
	return worst, nil
}

// summary is the text of the one line: the worst finding and how many more.
func summary(check *health.Checkup, findings []health.Finding) string {
	well := ""
	if last := check.LastRun(); last != nil {
		well = english.Plural(lunCount(check), "LUN", "") + ", last run " + age(check.Age())
	}
	return worstOf(findings, well)
}

// worstOf is the worst finding and how many more there are, or that all is well.
func worstOf(findings []health.Finding, well string) string {
	wrong := slices.DeleteFunc(slices.Clone(findings), func(f health.Finding) bool { return f.Severity == health.OK })
	if len(wrong) == 0 {
		return well
	}
	s := wrong[0].What
	if more := len(wrong) - 1; more > 0 {
		s += fmt.Sprintf(" (and %d more: lunstat status --all)", more)
	}
	return s
}

// lunCount is how many LUNs there are, without the layers below them.
func lunCount(check *health.Checkup) int {
	return len(mapper.Stored(check.LUNs, "luns"))
}

// statusAll prints each finding with its start and what to do.
func statusAll(e *env, findings []health.Finding) {
	for _, f := range findings {
		fmt.Fprintf(e.Stdout, "%s: %s\n", f.Severity, pluginText(f.What))
		if !f.Since.IsZero() {
			fmt.Fprintf(e.Stdout, "    since %s\n", f.Since.In(e.times()).Format("2006-01-02 15:04:05"))
		}
		if f.Hint != "" {
			fmt.Fprintf(e.Stdout, "    %s\n", pluginText(f.Hint))
		}
	}
}

// statusPressure prints how long the host waited for I/O before its last run, where that
// is known.
func statusPressure(e *env, check *health.Checkup) {
	p, ok := check.Pressure()
	if !ok {
		return
	}
	var shares []string
	if v, ok := p.SomePercent(); ok {
		shares = append(shares, fmt.Sprintf("at least one task %.1f %% of the time", v))
	}
	if v, ok := p.FullPercent(); ok {
		shares = append(shares, fmt.Sprintf("every task that was not idle %.1f %%", v))
	}
	fmt.Fprintf(e.Stdout, "Waiting for I/O in the %.0f s before the last run: %s\n", float64(p.ElapsedMS)/1000, strings.Join(shares, ", "))
}
