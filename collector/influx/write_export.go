package influx

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"lunstat/collector/series"
)

// LineWriter writes intervals, spaces or runs as the points that a [Sink] would write, but
// without the number of their run.
type LineWriter struct {
	w     io.Writer
	width time.Duration
	b     []byte
	last  map[series.Key]lastLine
}

// lastLine is the second of a key's last line, and how many it had in that second
// before.
type lastLine struct{ end, nth int64 }

// NewLineWriter writes raw intervals or, with a width, bins.
func NewLineWriter(w io.Writer, width time.Duration) *LineWriter {
	return &LineWriter{w: w, width: width, last: map[series.Key]lastLine{}}
}

// Write writes one interval. The intervals of a key must come in order of time.
func (l *LineWriter) Write(r *series.Record) error {
	var at time.Time
	switch {
	case r.Run != nil:
		at = r.Run.At.Wall
	case r.Space != nil:
		at = r.Space.At
	default:
		at = r.Interval.End
	}
	now := lastLine{end: at.Unix()}
	if was, ok := l.last[r.Key]; ok && was.end == now.end {
		now.nth = was.nth + 1
	}
	l.last[r.Key] = now
	if err := storable(at); err != nil { // a comment in line protocol
		_, err := fmt.Fprintf(l.w, "# left out: a point of %q: %v\n", cmp.Or(string(r.Key.ID), r.Key.Host), err)
		return err
	}
	if err := l.build(r, at, now.nth); err != nil {
		return err
	}
	if _, err := l.w.Write(l.b); err != nil {
		return fmt.Errorf("writing line protocol: %w", err)
	}
	return nil
}

// build makes the line of a record, the nth of its key in its second.
func (l *LineWriter) build(r *series.Record, at time.Time, nth int64) error {
	if r.Run != nil {
		b, err := appendRun(l.b[:0], r.Run, stampOf(at, nth))
		l.b = append(b, '\n')
		return err
	}
	if r.Space != nil {
		out := series.OutSpace{LUN: r.LUN, KeySpace: series.KeySpace{Key: r.Key, Space: *r.Space}}
		if r.LUN != nil {
			out.Mount = r.LUN.Reached()
		}
		l.b = append(appendSpace(l.b[:0], &out, stampOf(at, nth)), '\n')
		return nil
	}
	m, err := measurementOf(l.width)
	if err != nil {
		return err
	}
	step := int64(1)
	if l.width != 0 {
		step = binStep
	}
	out := series.OutInterval{Key: r.Key, LUN: r.LUN, Interval: *r.Interval}
	l.b = l.b[:0]
	if h := histogramOf(r.Interval); h != nil {
		l.b = append(appendLatency(l.b, m, &out, h, stampOf(at, nth*step)), '\n')
	}
	l.b = append(appendInterval(l.b, m, &out, nil, stampOf(at, nth*step)), '\n')
	return nil
}

// Close does nothing.
func (l *LineWriter) Close() error { return nil }
