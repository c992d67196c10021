package main

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"lunstat/cmd/lunstat/when"
	"lunstat/collector/series"
)

// exportOptions are the flags of lunstat export.
type exportOptions struct {
	period period
	source sourceOptions
	luns   []string
	format string
	out    string
	every  time.Duration
	space  bool
	runs   bool
}

func newExportCommand(e *env) *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write intervals, space or runs as CSV, JSON or line protocol, or the last interval for Prometheus",
		Long: `export writes one line for each LUN and interval: the sums, the marks, and the
figures computed from them. A value that is not known is left out (json) or empty
(csv), but never 0. Without a range, export writes the last day.

    lunstat export --last 7d --lun mysql --format csv > mysql.csv
    lunstat export --week 2026-W47 --every 15m
    lunstat export --space --last 90d --every 1h --format csv > space.csv
    lunstat export --runs --format csv > runs.csv
    lunstat export --format prom --out /var/lib/prometheus/node-exporter/lunstat.prom

With --space, export writes how full each filesystem was: one line for each time that
the collector asked, or with --every only the last one of each bin.

With --runs, export writes one line for each run of the collector: how long it took,
what was wrong, and how long the host waited for I/O since the run before.

Where the kernel keeps latency histograms, json has "latency" with bounds_us, counts (one
more than bounds), and the buckets in which the 50th, 95th and 99th percentile are
(p99_from_us, p99_below_us). csv has a column for each bucket, le_50us to le_10s and
le_inf. Each count is of its own bucket, without those of the faster ones.
With "from": "means" the counts are those of collect --every, by the mean await of each
window and not of each I/O. csv leaves them out.

prom is the last interval of each LUN, for node_exporter's textfile collector: of the
last 15 minutes, or of the range that the flags name. The counters that go on, latency
and pressure, are left out of a range that is over. export replaces the file of --out in one step, so a reader never sees half of it. --out may
also be a device or a pipe.

Exit status: 0 done, 1 failed, 2 wrong usage.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return runExport(cmd.Context(), e, o) },
	}
	o.period.AddFlags(cmd)
	o.source.AddFlags(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&o.luns, "lun", nil, "only this `LUN`, by any name that lookup takes; may be repeated")
	f.StringVar(&o.format, "format", "json", "the `FORMAT`: json (one object a line), csv, lp (InfluxDB's line protocol), or prom")
	f.StringVar(&o.out, "out", "", "write to `FILE`; without it, or with -, to standard output")
	f.BoolVar(&o.space, "space", false, "write the space of filesystems instead of intervals")
	f.BoolVar(&o.runs, "runs", false, "write the runs of the collector instead of intervals, with the host's I/O pressure")
	f.DurationVar(&o.every, "every", 0, "write bins of 15m or 1h instead of each interval")
	return cmd
}

// recordWriter writes one record a line.
type recordWriter interface {
	Write(*series.Record) error
	Close() error
}

func runExport(ctx context.Context, e *env, o exportOptions) error {
	c, err := e.Config()
	if err != nil {
		return err
	}
	from, to, err := o.period.parse(e.Now(), o.period.zone(e), when.Duration(24*time.Hour))
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"json", "csv", "lp", "prom"}, o.format) {
		return usagef("--format %q: must be json, csv, lp or prom", o.format)
	}
	if o.every != 0 && o.every != 15*time.Minute && o.every != time.Hour {
		return usagef("--every %v: must be 15m or 1h, or leave it out for each interval", o.every)
	}
	if o.space && o.format == "prom" {
		return usagef("--space does not go with --format prom, which already has each filesystem's last space")
	}
	if o.every != 0 && o.format == "prom" {
		return usagef("--every does not go with --format prom, which has each LUN's last interval")
	}
	if err := o.checkRuns(); err != nil {
		return err
	}
	src, err := o.source.open(ctx, e)
	if err != nil {
		return err
	}
	defer src.close()
	x := exporter{exportOptions: o, src: src, query: series.Query{From: from, To: to, Width: o.every}, now: e.Now()}
	if err := x.narrow(ctx, pathsOf(c)); err != nil {
		return err
	}
	if o.out == "" || isStdout(e.Stdout, o.out) {
		return x.write(ctx, e.Stdout)
	}
	return writeOut(ctx, o.out, func(w io.Writer) error { return x.write(ctx, w) })
}

// checkRuns refuses what does not go with --runs: a run is of a host and no LUN.
func (o *exportOptions) checkRuns() error {
	switch {
	case !o.runs:
		return nil
	case o.space:
		return usagef("--runs does not go with --space: export writes one of them")
	case o.format == "prom":
		return usagef("--runs does not go with --format prom")
	case o.every != 0:
		return usagef("--runs does not go with --every: runs are not put into bins")
	case len(o.luns) > 0:
		return usagef("--runs does not go with --lun: a run is of a whole host")
	}
	return nil
}
