package main

import (
	"bufio"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/render"
)

// exportOptions are the flags of lunstat export.
type exportOptions struct {
	period period
	luns   []string
	format string
	every  time.Duration
}

func newExportCommand(e *env) *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write intervals as CSV or JSON",
		Long: `export writes one line for each LUN and interval: its sums, their marks, and the
figures derived from them. What is absent is left out (json) or empty (csv); it is
never 0. Without a range it gives the last day.

    lunstat export --last 7d --lun sqldb --format csv > sqldb.csv
    lunstat export --week 2026-W47 --every 15m

Exit status: 0 done, 1 it could not be done, 2 wrong usage.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runExport(cmd.Context(), e, o) },
	}
	o.period.AddFlags(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&o.luns, "lun", nil, "only this `LUN`, as lookup takes it; may be repeated")
	f.StringVar(&o.format, "format", "json", "`FORMAT`: json (an object a line) or csv")
	f.DurationVar(&o.every, "every", 0, "bins of 15m or 1h instead of each interval")
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
	from, to, err := o.period.parse(e.Now(), e.Zone, Duration(24*time.Hour))
	if err != nil {
		return err
	}
	out := bufio.NewWriter(e.Stdout)
	var w recordWriter
	switch o.format {
	case "json":
		w = series.NewJSONWriter(out)
	case "csv":
		w = series.NewCSVWriter(out)
	default:
		return usagef("--format %q: want json or csv", o.format)
	}
	if o.every != 0 && o.every != 15*time.Minute && o.every != time.Hour {
		return usagef("--every %v: want 15m or 1h, or leave it out for each interval", o.every)
	}
	j, err := e.readJournal(ctx)
	if err != nil {
		return err
	}
	defer j.Close()
	if err := export(ctx, j, w, series.Query{From: from, To: to, Width: o.every}, o.luns, c.paths()); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	return nil
}

// export writes what the query gives, each interval with what its LUN was then.
func export(ctx context.Context, src render.Source, w recordWriter, q series.Query, luns []string, p mapper.Paths) error {
	entries, err := src.LUNs(ctx, q.From, q.To)
	if err != nil {
		return err
	}
	if len(luns) > 0 {
		if q.Keys, err = keysOf(entries, luns, p); err != nil {
			return err
		}
	}
	then := newHistory(entries)
	return src.Intervals(ctx, q, func(k series.Key, i *series.Interval) error {
		if err := w.Write(&series.Record{Key: k, LUN: then.at(k, i.End), Interval: i}); err != nil {
			return fmt.Errorf("writing the export: %w", err)
		}
		return nil
	})
}
