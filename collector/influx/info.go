package influx

import (
	"encoding/json"
	"strings"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// maxText is the longest string that a field takes on every server.
const maxText = 60_000

// entry is a ledger entry as it is stored: its host and source are tags.
type entry struct {
	BootID string     `json:"boot_id,omitempty"`
	From   time.Time  `json:"from"`
	To     *time.Time `json:"to,omitempty"`
	Colour int        `json:"colour"`
	Opened uint64     `json:"opened,omitempty"`
	mapper.LUN
}

func encodeEntry(e *series.OutEntry) (string, error) {
	s := entry{BootID: e.BootID, From: e.From, Colour: e.Colour, Opened: e.Opened, LUN: e.LUN}
	if !e.To.IsZero() {
		s.To = &e.To
	}
	text, err := json.Marshal(&s)
	return string(text), err
}

func decodeEntry(text []byte) (e series.OutEntry, err error) {
	var s entry
	if err := json.Unmarshal(text, &s); err != nil {
		return e, err
	}
	e.Opened = s.Opened
	e.Entry = mapper.Entry{BootID: s.BootID, From: s.From, Colour: s.Colour, LUN: s.LUN}
	if s.To != nil {
		e.To = *s.To
	}
	return e, nil
}

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
	l.uint("seen", e.Seen)
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

// encodeWarnings keeps as many as a field takes: [["what","hint"],["what"]].
func encodeWarnings(all []series.Warning) (string, error) {
	text := []byte("[")
	for i, w := range all {
		words := []string{w.What, w.Hint}
		if w.Hint == "" {
			words = words[:1]
		}
		one, err := json.Marshal(words)
		if err != nil {
			return "", err
		}
		if len(text)+len(one)+2 > maxText {
			break
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, one...)
	}
	return string(append(text, ']')), nil
}

func decodeWarnings(text []byte) ([]series.Warning, error) {
	var all [][]string
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	var out []series.Warning
	for _, words := range all {
		var w series.Warning
		if len(words) > 0 {
			w.What = words[0]
		}
		if len(words) > 1 {
			w.Hint = words[1]
		}
		out = append(out, w)
	}
	return out, nil
}
