package influx

import (
	"fmt"
	"io"
	"time"

	"lunstat/collector/series"
)

// LineWriter writes intervals as the points that a [Sink] would write of them, but
// for the number of their run.
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

// Write writes one interval. Those of a key are to come in order of time.
func (l *LineWriter) Write(r *series.Record) error {
	m, err := measurementOf(l.width)
	if err != nil {
		return err
	}
	now := lastLine{end: r.Interval.End.Unix()}
	if was, ok := l.last[r.Key]; ok && was.end == now.end {
		now.nth = was.nth + 1
	}
	l.last[r.Key] = now
	step := int64(1)
	if l.width != 0 {
		step = binStep
	}
	out := series.OutInterval{Key: r.Key, LUN: r.LUN, Interval: *r.Interval}
	l.b = append(appendInterval(l.b[:0], m, &out, nil, stampOf(r.Interval.End, now.nth*step)), '\n')
	if _, err := l.w.Write(l.b); err != nil {
		return fmt.Errorf("writing line protocol: %w", err)
	}
	return nil
}

// Close has nothing left to write.
func (l *LineWriter) Close() error { return nil }
