package series

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"lunstat/mapper"
)

// Record is one line of an export: an interval or a space with what the ledger says about
// its LUN, or a run.
type Record struct {
	Key Key
	LUN *mapper.LUN // as of the interval's end; nil: only the key is known
	*Interval
	Space *Space // in an export of spaces, in place of the interval
	Run   *Run   // in an export of runs, in place of all of it
}

// column is one column of an export: its name, and its value as JSON text; an
// absent value is nil.
type column struct {
	name  string
	value func(*Record) any
}

// lunColumns say which LUN a line is of.
func lunColumns() []column {
	return []column{
		{"host", func(r *Record) any { return r.Key.Host }},
		{"lun", func(r *Record) any { return r.lun().Name() }},
		{"uuid", func(r *Record) any { return string(r.Key.ID) }},
		{"kernel", func(r *Record) any { return text(r.lun().Kernel) }},
		{"dev", func(r *Record) any {
			if r.LUN == nil || r.LUN.Dev == (mapper.DevNo{}) {
				return nil
			}
			return r.LUN.Dev.String()
		}},
		{"label", func(r *Record) any { return text(r.lun().Label) }},
		{"role", func(r *Record) any { return text(r.lun().Role) }},
		{"group", func(r *Record) any { return text(r.lun().Group) }},
		{"layer", func(r *Record) any { return text(string(r.lun().Layer)) }},
		{"source", func(r *Record) any { return r.Key.Source }},
	}
}

func intervalColumns() []column {
	cols := append(lunColumns(), []column{
		{"start", func(r *Record) any { return stamp(r.Start()) }},
		{"end", func(r *Record) any { return stamp(r.End) }},
		{"elapsed_ms", func(r *Record) any { return r.ElapsedMS }},
	}...)
	for f := range NumFields {
		cols = append(cols, column{f.String(), func(r *Record) any {
			if v, ok := r.Get(f); ok {
				return v
			}
			return nil
		}})
	}
	cols = append(cols,
		column{"quality", func(r *Record) any {
			if l := r.Quality.List(); l != nil {
				return l
			}
			return []string{}
		}},
		column{"inflight", func(r *Record) any {
			if !r.InflightKnown {
				return nil
			}
			return r.Inflight
		}},
		rate("iops", (*Interval).IOPS),
		rate("read_iops", (*Interval).ReadIOPS),
		rate("write_iops", (*Interval).WriteIOPS),
		rate("util_percent", (*Interval).Util),
		rate("read_await_ms", (*Interval).ReadAwait),
		rate("write_await_ms", (*Interval).WriteAwait),
		rate("queue_size", (*Interval).Queue),
		peak("peak_window_ms", func(m *Maxima) any { return m.WindowMS }),
		peak("iops_max", func(m *Maxima) any { return m.IOPS }),
		peak("iops_max_at", func(m *Maxima) any {
			if m.IOPSAt == 0 {
				return nil
			}
			return stamp(time.Unix(m.IOPSAt, 0))
		}),
		peak("bytes_per_s_max", func(m *Maxima) any { return m.BytesPerS }),
		peak("util_percent_max", func(m *Maxima) any { return m.UtilPercent }),
		peak("queue_size_max", func(m *Maxima) any { return m.Queue }),
		peak("read_await_ms_max", func(m *Maxima) any { return positive(m.ReadAwait) }),
		peak("write_await_ms_max", func(m *Maxima) any { return positive(m.WriteAwait) }),
	)
	return cols
}

// spaceColumns are those of a filesystem. One without a fixed number of inodes has
// none.
func spaceColumns() []column {
	space := func(name string, value func(*Space) any) column {
		return column{name, func(r *Record) any { return value(r.Space) }}
	}
	inodes := func(name string, value func(*Space) uint64) column {
		return space(name, func(s *Space) any {
			if s.Inodes == 0 {
				return nil
			}
			return value(s)
		})
	}
	return append(lunColumns(),
		column{"mount", func(r *Record) any { return text(r.lun().Reached()) }},
		space("at", func(s *Space) any { return stamp(s.At) }),
		space("size_bytes", func(s *Space) any { return s.SizeBytes }),
		space("used_bytes", func(s *Space) any { return s.UsedBytes }),
		space("avail_bytes", func(s *Space) any { return s.AvailBytes }),
		space("used_percent", func(s *Space) any {
			if p, ok := s.UsedPercent(); ok {
				return uint64(p)
			}
			return nil
		}),
		inodes("inodes", func(s *Space) uint64 { return s.Inodes }),
		inodes("inodes_used", func(s *Space) uint64 { return s.InodesUsed }),
	)
}

func (r *Record) lun() *mapper.LUN {
	if r.LUN == nil {
		return &mapper.LUN{Kernel: string(r.Key.ID)}
	}
	return r.LUN
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func positive(v float32) any {
	if v <= 0 {
		return nil
	}
	return v
}

func stamp(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.999Z07:00")
}

func rate(name string, f func(*Interval) (float64, bool)) column {
	return column{name, func(r *Record) any {
		if v, ok := f(r.Interval); ok {
			return v
		}
		return nil
	}}
}

func peak(name string, f func(*Maxima) any) column {
	return column{name, func(r *Record) any {
		if r.Peak.WindowMS == 0 {
			return nil
		}
		return f(&r.Peak)
	}}
}

// JSONWriter writes records as JSON, one object a line; what is absent is left
// out.
type JSONWriter struct {
	w    io.Writer
	cols []column
	buf  bytes.Buffer
}

// NewJSONWriter writes intervals to w.
func NewJSONWriter(w io.Writer) *JSONWriter {
	return &JSONWriter{w: w, cols: append(intervalColumns(), latencyColumn())}
}

// NewSpaceJSONWriter writes spaces to w.
func NewSpaceJSONWriter(w io.Writer) *JSONWriter { return &JSONWriter{w: w, cols: spaceColumns()} }

// NewRunJSONWriter writes runs to w.
func NewRunJSONWriter(w io.Writer) *JSONWriter { return &JSONWriter{w: w, cols: runColumns()} }

// Write writes one record.
func (j *JSONWriter) Write(r *Record) error {
	j.buf.Reset()
	sep := byte('{')
	for _, c := range j.cols {
		v := c.value(r)
		if v == nil {
			continue
		}
		if s, ok := v.(string); ok {
			v = plainUTF8(s)
		}
		b, err := json.Marshal(v)
		if err != nil {
			return err
		}
		j.buf.WriteByte(sep)
		sep = ','
		j.buf.WriteString(strconv.Quote(c.name))
		j.buf.WriteByte(':')
		j.buf.Write(escapeJSON(b))
	}
	j.buf.WriteString("}\n")
	_, err := j.w.Write(j.buf.Bytes())
	return err
}

// Close does nothing: each line was written.
func (j *JSONWriter) Close() error { return nil }

// CSVWriter writes records as CSV with a heading; what is absent is empty.
type CSVWriter struct {
	w    *csv.Writer
	cols []column
	row  []string
}

// NewCSVWriter writes intervals to w; the heading comes with the first record or
// Close.
func NewCSVWriter(w io.Writer) *CSVWriter {
	return &CSVWriter{w: csv.NewWriter(w), cols: append(intervalColumns(), bucketColumns()...)}
}

// NewSpaceCSVWriter writes spaces to w, with a heading alike.
func NewSpaceCSVWriter(w io.Writer) *CSVWriter {
	return &CSVWriter{w: csv.NewWriter(w), cols: spaceColumns()}
}

// NewRunCSVWriter writes runs to w, with a heading alike.
func NewRunCSVWriter(w io.Writer) *CSVWriter {
	return &CSVWriter{w: csv.NewWriter(w), cols: runColumns()}
}

func (c *CSVWriter) heading() error {
	if c.row != nil {
		return nil
	}
	c.row = make([]string, len(c.cols))
	for i, col := range c.cols {
		c.row[i] = col.name
	}
	return c.w.Write(c.row)
}

// Write writes one record.
func (c *CSVWriter) Write(r *Record) error {
	if err := c.heading(); err != nil {
		return err
	}
	for i, col := range c.cols {
		c.row[i] = cell(col.value(r))
	}
	return c.w.Write(c.row)
}

// Close writes what is buffered.
func (c *CSVWriter) Close() error {
	if err := c.heading(); err != nil {
		return err
	}
	c.w.Flush()
	return c.w.Error()
}

func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return PlainCell(v)
	case []string:
		return PlainCell(strings.Join(v, ","))
	case uint64:
		return strconv.FormatUint(v, 10)
	case uint32:
		return strconv.FormatUint(uint64(v), 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case float32:
		return strconv.FormatFloat(float64(v), 'f', -1, 32)
	}
	return ""
}
