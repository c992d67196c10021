package influx

import (
	"strings"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// appendInfo writes a ledger entry, whole as JSON for reports, and in fields of
// its own for people.
func appendInfo(b []byte, e *series.OutEntry, stamp int64) ([]byte, error) {
	text, err := encodeEntry(e)
	if err != nil {
		return b, err
	}
	l := line{b: append(b, info...)}
	l.tag("host", e.Host)
	l.tag("source", e.Source)
	l.tag("uuid", string(e.LUN.ID))
	if len(text) <= maxText {
		l.text("entry", text)
	}
	l.uint("seen", e.Order)
	l.text("boot_id", tagValue(e.BootID))
	l.text("dev", e.LUN.Dev.String())
	l.text("group", tagValue(e.LUN.Group))
	l.text("kernel", tagValue(e.LUN.Kernel))
	l.text("label", tagValue(e.LUN.Label))
	l.text("layer", tagValue(string(e.LUN.Layer)))
	l.text("lun", tagValue(e.LUN.Name()))
	l.text("mounts", mountList(e.LUN.Mounts))
	l.text("role", tagValue(e.LUN.Role))
	l.uint("size_bytes", e.LUN.SizeBytes)
	l.text("wwid", tagValue(e.LUN.WWID))
	return l.end(stamp), nil
}

// mountList is for people: as many mount points as a field takes.
func mountList(mounts []mapper.Mount) string {
	var b strings.Builder
	for _, m := range mounts {
		point := tagValue(m.Point)
		if b.Len()+len(point) > maxText-1 {
			break
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(point)
	}
	return b.String()
}

// appendRun writes the record of a run.
func appendRun(b []byte, r *series.Run, stamp int64) ([]byte, error) {
	l := line{b: append(b, runs...)}
	l.tag("host", r.Host)
	l.int("wall_ns", r.At.Wall.UnixNano())
	l.int("monotonic_ns", int64(r.At.Mono))
	l.int("boottime_ns", int64(r.At.Boot))
	l.text("boot_id", tagValue(r.At.BootID))
	l.text("kernel", tagValue(r.Kernel))
	l.text("version", tagValue(r.Version))
	l.uint("took_ms", uint64(r.TookMS))
	l.uint("luns", uint64(r.LUNs))
	if p := &r.Pressure; p.ElapsedMS != 0 {
		l.uint(pressureElapsed, p.ElapsedMS)
		l.known(pressureSome, p.SomeUS)
		l.known(pressureFull, p.FullUS)
	}
	l.uint("warnings", uint64(len(r.Warnings)))
	if len(r.Warnings) > 0 {
		text, err := encodeWarnings(r.Warnings)
		if err != nil {
			return b, err
		}
		l.text("warning", text)
	}
	return l.end(stamp), nil
}
