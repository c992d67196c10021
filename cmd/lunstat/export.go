package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"lunstat/cmd/lunstat/config"
	"lunstat/cmd/lunstat/when"
	"lunstat/collector/influx"
	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/render"
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
	if o.out == "" || isStdout(e.Stdout, o.out) {
		err = exportTo(ctx, e, c, src, o, from, to, e.Stdout)
	} else {
		err = writeOut(ctx, o.out, func(w io.Writer) error { return exportTo(ctx, e, c, src, o, from, to, w) })
	}
	return err
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

// exportTo writes the export in its format.
func exportTo(ctx context.Context, e *env, c *config.Config, src store, o exportOptions, from, to time.Time, w io.Writer) error {
	entries, err := src.LUNs(ctx, from, to)
	if err != nil {
		return err
	}
	if entries, err = o.source.narrow(entries); err != nil {
		return err
	}
	q := series.Query{From: from, To: to, Width: o.every}
	if o.source.narrows() {
		q.Keys = allKeys(entries)
	}
	if len(o.luns) > 0 {
		if q.Keys, err = keysOf(entries, o.luns, pathsOf(c)); err != nil {
			return err
		}
	}
	out := bufio.NewWriter(w)
	switch {
	case o.format == "prom":
		err = writeProm(ctx, src, out, o.promQuery(q, e.Now()), e.Now(), entries)
	case o.runs:
		err = exportRuns(ctx, src, o.writer(out), q)
	case o.space:
		err = exportSpace(ctx, src, o.writer(out), q, entries)
	default:
		err = export(ctx, src, o.writer(out), q, entries)
	}
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	return nil
}

// promAge is how old the last interval of a LUN may be in a file for Prometheus, which
// takes what it reads for what is now.
const promAge = 15 * time.Minute

// promQuery is the range in which the last interval of each LUN is looked for.
func (o *exportOptions) promQuery(q series.Query, now time.Time) series.Query {
	if o.period.Range == (when.Range{}) {
		q.From, q.To = now.Add(-promAge), now.Add(time.Minute)
	}
	return q
}

// export writes what the query gives, each interval with what its LUN was then.
func export(ctx context.Context, src render.Source, w recordWriter, q series.Query, entries []mapper.Entry) error {
	then := newHistory(entries)
	err := src.Intervals(ctx, q, func(k series.Key, i *series.Interval) error {
		if err := w.Write(&series.Record{Key: k, LUN: then.at(k, i.End), Interval: i}); err != nil {
			return fmt.Errorf("writing the export: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.Close()
}

// writer writes lines of the format that is asked for.
func (o *exportOptions) writer(w io.Writer) recordWriter {
	switch {
	case o.format == "lp":
		return influx.NewLineWriter(w, o.every)
	case o.format == "csv" && o.runs:
		return series.NewRunCSVWriter(w)
	case o.runs:
		return series.NewRunJSONWriter(w)
	case o.format == "csv" && o.space:
		return series.NewSpaceCSVWriter(w)
	case o.format == "csv":
		return series.NewCSVWriter(w)
	case o.space:
		return series.NewSpaceJSONWriter(w)
	}
	return series.NewJSONWriter(w)
}

// exportSpace writes the spaces that the query gives, each with what its LUN was
// then.
func exportSpace(ctx context.Context, src render.Source, w recordWriter, q series.Query, entries []mapper.Entry) error {
	then := newHistory(entries)
	err := src.Spaces(ctx, q, func(k series.Key, s *series.Space) error {
		if err := w.Write(&series.Record{Key: k, LUN: then.at(k, s.At), Space: s}); err != nil {
			return fmt.Errorf("writing the export: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.Close()
}

// exportRuns writes the records of the runs that the query gives.
func exportRuns(ctx context.Context, src render.Source, w recordWriter, q series.Query) error {
	runs, err := src.Runs(ctx, q)
	if err != nil {
		return err
	}
	for i := range runs {
		if err := w.Write(&series.Record{Key: series.Key{Host: runs[i].Host}, Run: &runs[i]}); err != nil {
			return fmt.Errorf("writing the export: %w", err)
		}
	}
	return w.Close()
}
