package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"lunstat/collector/influx"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// exporter writes one export.
type exporter struct {
	exportOptions
	src     store
	query   series.Query
	entries []mapper.Entry // of the ledger, for the query's range
	now     time.Time
}

// narrow reads the ledger, and restricts the query to the series that the flags name.
func (x *exporter) narrow(ctx context.Context, p mapper.Paths) error {
	entries, err := x.src.LUNs(ctx, x.query.From, x.query.To)
	if err != nil {
		return err
	}
	if x.entries, err = x.source.narrow(entries); err != nil {
		return err
	}
	if x.source.narrows() {
		x.query.Keys = allKeys(x.entries)
	}
	if len(x.luns) > 0 {
		x.query.Keys, err = keysOf(x.entries, x.luns, p)
	}
	return err
}

// write writes the export in its format.
func (x *exporter) write(ctx context.Context, w io.Writer) (err error) {
	out := bufio.NewWriter(w)
	if x.format == "prom" {
		err = x.writeProm(ctx, out)
	} else {
		err = x.writeRecords(ctx, x.writer(out))
	}
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	return nil
}

// writeRecords writes the records that are asked for, and what comes after the last one.
func (x *exporter) writeRecords(ctx context.Context, w recordWriter) (err error) {
	switch {
	case x.runs:
		err = x.writeRuns(ctx, w)
	case x.space:
		err = x.writeSpaces(ctx, w)
	default:
		err = x.writeIntervals(ctx, w)
	}
	if err != nil {
		return err
	}
	return w.Close()
}

// put writes one record.
func put(w recordWriter, r *series.Record) error {
	if err := w.Write(r); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	return nil
}

// writeIntervals writes what the query gives, each interval with what its LUN was then.
func (x *exporter) writeIntervals(ctx context.Context, w recordWriter) error {
	then := newHistory(x.entries)
	return x.src.Intervals(ctx, x.query, func(k series.Key, i *series.Interval) error {
		return put(w, &series.Record{Key: k, LUN: then.at(k, i.End), Interval: i})
	})
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

// writeSpaces writes the spaces that the query gives, each with what its LUN was then.
func (x *exporter) writeSpaces(ctx context.Context, w recordWriter) error {
	then := newHistory(x.entries)
	return x.src.Spaces(ctx, x.query, func(k series.Key, s *series.Space) error {
		return put(w, &series.Record{Key: k, LUN: then.at(k, s.At), Space: s})
	})
}

// writeRuns writes the records of the runs that the query gives.
func (x *exporter) writeRuns(ctx context.Context, w recordWriter) error {
	runs, err := x.src.Runs(ctx, x.query)
	if err != nil {
		return err
	}
	for i := range runs {
		if err := put(w, &series.Record{Key: series.Key{Host: runs[i].Host}, Run: &runs[i]}); err != nil {
			return err
		}
	}
	return nil
}
