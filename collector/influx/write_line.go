package influx

import (
	"math"
	"strconv"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// line builds one point in line protocol. Its fields are never NaN, infinite or
// beyond int64: such a value is left out, as one that is absent.
type line struct {
	b      []byte
	fields int
}

func (l *line) tag(key, value string) { l.b = appendTag(l.b, key, value) }

func (l *line) key(name string) {
	sep := byte(',')
	if l.fields == 0 {
		sep = ' '
	}
	l.fields++
	l.b = append(l.b, sep)
	l.b = append(l.b, name...)
	l.b = append(l.b, '=')
}

func (l *line) uint(name string, v uint64) {
	if v > math.MaxInt64 {
		return
	}
	l.key(name)
	l.b = append(strconv.AppendUint(l.b, v, 10), 'i')
}

// known leaves out what is not known.
func (l *line) known(name string, v *uint64) {
	if v != nil {
		l.uint(name, *v)
	}
}

func (l *line) int(name string, v int64) {
	l.key(name)
	l.b = append(strconv.AppendInt(l.b, v, 10), 'i')
}

// float writes as few digits as give the same value back; bits is 32 or 64.
func (l *line) float(name string, v float64, bits int) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	l.key(name)
	l.b = strconv.AppendFloat(l.b, v, 'g', -1, bits)
}

func (l *line) text(name, v string) {
	if v == "" {
		return
	}
	l.key(name)
	l.b = append(l.b, '"')
	for i := range len(v) {
		if v[i] == '"' || v[i] == '\\' {
			l.b = append(l.b, '\\')
		}
		l.b = append(l.b, v[i])
	}
	l.b = append(l.b, '"')
}

func (l *line) end(stamp int64) []byte {
	l.b = append(l.b, ' ')
	return strconv.AppendInt(l.b, stamp, 10)
}

// Of two points of one run with the same tags and second, each later one is a
// little behind: the ledger's by milliseconds, bins by microseconds, so that
// neither meets a run of the same second.
const (
	infoStep = int64(time.Millisecond)
	binStep  = int64(time.Microsecond)
	binSlots = 16
)

// lunTags are those of all measurements of LUNs, in order, as servers like it.
func (l *line) lunTags(k series.Key, lun *mapper.LUN, mount string) {
	if lun == nil {
		lun = &mapper.LUN{}
	}
	l.tag("group", lun.Group)
	l.tag("host", k.Host)
	if mount == "" {
		l.tag("layer", string(lun.Layer))
	}
	l.tag("lun", lun.Name())
	l.tag("mount", mount)
	l.tag("role", lun.Role)
	l.tag("source", k.Source)
	l.tag("uuid", string(k.ID))
}

// appendInterval writes an interval or a bin. It says whose run it is: what
// came with the run that closed the last bin, or after it, is in no bin yet.
func appendInterval(b []byte, measurement string, i *series.OutInterval, o *series.Outbound, stamp int64) []byte {
	l := line{b: append(b, measurement...)}
	l.lunTags(i.Key, i.LUN, "")
	l.uint("elapsed_ms", i.ElapsedMS)
	switch {
	case o == nil: // an export: nobody knows the run
	case measurement == rawIO:
		l.uint("run", o.Number())
	default:
		l.uint("closed_run", o.Number())
		l.int("closed_at", o.Run.At.Wall.Unix())
	}
	if measurement != rawIO || i.SpanMS != i.ElapsedMS {
		l.uint("span_ms", i.SpanMS)
	}
	for f := range series.NumFields {
		if v, ok := i.Get(f); ok {
			l.uint(f.String(), v)
		}
	}
	if i.InflightKnown {
		l.uint("inflight", uint64(i.Inflight))
	}
	l.uint("quality", uint64(i.Quality))
	if i.LUN != nil && i.LUN.Dev != (mapper.DevNo{}) {
		l.uint("minor", uint64(i.LUN.Dev.Minor))
	}
	l.maxima(&i.Peak, peaks)
	l.maxima(&i.Mean, means)
	l.rate("read_iops", (*series.Interval).ReadIOPS, &i.Interval)
	l.rate("write_iops", (*series.Interval).WriteIOPS, &i.Interval)
	l.rate("util_percent", (*series.Interval).Util, &i.Interval)
	l.rate("read_await_ms", (*series.Interval).ReadAwait, &i.Interval)
	l.rate("write_await_ms", (*series.Interval).WriteAwait, &i.Interval)
	return l.end(stamp)
}

func (l *line) rate(name string, f func(*series.Interval) (float64, bool), i *series.Interval) {
	if v, ok := f(i); ok {
		l.float(name, v, 64)
	}
}

func (l *line) maxima(m *series.Maxima, which int) {
	if m.WindowMS == 0 {
		return
	}
	n := namesOf(which)
	l.uint(n.window, uint64(m.WindowMS))
	l.float(n.iops, float64(m.IOPS), 32)
	if m.IOPSAt != 0 {
		l.int(n.iopsAt, m.IOPSAt)
	}
	l.float(n.bytes, float64(m.BytesPerS), 32)
	l.float(n.util, float64(m.UtilPercent), 32)
	l.float(n.queue, float64(m.Queue), 32)
	if m.ReadAwait != 0 {
		l.float(n.readAwait, float64(m.ReadAwait), 32)
	}
	if m.WriteAwait != 0 {
		l.float(n.writeAwait, float64(m.WriteAwait), 32)
	}
}

func appendSpace(b []byte, s *series.OutSpace, stamp int64) []byte {
	l := line{b: append(b, spaces...)}
	l.lunTags(s.Key, s.LUN, s.Mount)
	l.uint("size_bytes", s.SizeBytes)
	l.uint("used_bytes", s.UsedBytes)
	l.uint("avail_bytes", s.AvailBytes)
	if s.FreeBytes != s.SizeBytes-s.UsedBytes { // never, of a kernel
		l.uint("free_bytes", s.FreeBytes)
	}
	if p, ok := s.UsedPercent(); ok {
		l.float("used_percent", float64(p), 64)
	}
	l.uint("inodes", s.Inodes)
	l.uint("inodes_used", s.InodesUsed)
	return l.end(stamp)
}
