package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// lookupJSON is one object of lookup --json.
type lookupJSON struct {
	Host     string `json:"host,omitempty"` // not of a list of dmsetup's
	Kernel   string `json:"kernel"`
	Dev      string `json:"dev"`
	LUN      string `json:"lun"`
	UUID     string `json:"uuid"`
	Label    string `json:"label,omitempty"`
	Role     string `json:"role,omitempty"`
	RoleFrom string `json:"role_from,omitempty"`
	Group    string `json:"group,omitempty"`
	Layer    string `json:"layer"`
	Ignored  bool   `json:"ignored,omitempty"` // by the config
	Source   string `json:"source"`
	VG       string `json:"vg,omitempty"`
	LV       string `json:"lv,omitempty"`
	WWID     string `json:"wwid,omitempty"`
	Serial   string `json:"serial,omitempty"`
	HCTL     string `json:"hctl,omitempty"` // of a SCSI disk that isn't a path

	Reach     mapper.Reach `json:"reach,omitempty"`      // how far uuid is unique
	ReachFrom string       `json:"reach_from,omitempty"` // why

	Pool    mapper.Pool    `json:"pool,omitzero"`
	Size    uint64         `json:"size_bytes,omitempty"` // 0 is unknown
	Mounts  []mapper.Mount `json:"mounts"`
	Swap    bool           `json:"swap,omitempty"`
	Holders []string       `json:"holders"`
	Slaves  []string       `json:"slaves"`
	Paths   []jsonPath     `json:"paths"`
	Load    any            `json:"load,omitempty"`
	Space   any            `json:"space,omitempty"`

	Chain   []jsonLevel     `json:"chain,omitempty"`   // the devices above and below it, from the top down
	Explain []mapper.Reason `json:"explain,omitempty"` // with --explain
}

// jsonLevel is one device of a chain.
type jsonLevel struct {
	Kernel string      `json:"kernel"`
	Dev    string      `json:"dev"`
	LUN    string      `json:"lun"`
	UUID   string      `json:"uuid"`
	Layer  string      `json:"layer"`
	Size   uint64      `json:"size_bytes,omitempty"`
	Vendor string      `json:"vendor,omitempty"`
	Model  string      `json:"model,omitempty"`
	Rev    string      `json:"rev,omitempty"`
	Load   any         `json:"load,omitempty"`
	Below  []jsonLevel `json:"below,omitempty"`
}

func jsonLevels(list []mapper.Level, facts map[string]*lunFacts) (out []jsonLevel) {
	for i := range list {
		l := list[i].LUN
		level := jsonLevel{
			Kernel: l.Kernel, Dev: l.Dev.String(), LUN: l.Name(), UUID: string(l.ID), Layer: string(l.Layer), Size: l.SizeBytes,
			Below: jsonLevels(list[i].Below, facts),
		}
		if f := facts[l.Kernel]; f != nil {
			level.Vendor, level.Model, level.Rev = f.hardware.Vendor, f.hardware.Model, f.hardware.Rev
			if f.last != nil {
				level.Load = f.loadObject()
			}
		}
		out = append(out, level)
	}
	return out
}

type jsonPath struct {
	Kernel string `json:"kernel"`
	Dev    string `json:"dev"`
	HCTL   string `json:"hctl,omitempty"`
	State  string `json:"state,omitempty"`
}

func printJSON(w io.Writer, facts []lunFacts) error {
	enc := json.NewEncoder(series.PlainJSON(w))
	enc.SetEscapeHTML(false)
	for i := range facts {
		if err := enc.Encode(facts[i].object()); err != nil {
			return fmt.Errorf("writing JSON: %w", err)
		}
	}
	return nil
}

func (f *lunFacts) object() lookupJSON {
	o := lookupJSON{
		Host: f.host, Source: series.SourceHost,
		Kernel: f.Kernel, Dev: f.Dev.String(), LUN: f.Name(), UUID: string(f.ID),
		Label: f.Label, Role: f.Role, RoleFrom: f.RoleFrom, Group: f.Group, Layer: string(f.Layer), Ignored: f.Ignored, Pool: f.Pool,
		Reach: f.Reach, ReachFrom: f.ReachFrom,
		VG: f.VG, LV: f.LV, WWID: f.WWID, Serial: f.Serial, HCTL: f.HCTL, Size: f.SizeBytes, Swap: f.Swap,
		Mounts:  append([]mapper.Mount{}, f.Mounts...),
		Holders: append([]string{}, f.Holders...),
		Slaves:  append([]string{}, f.Slaves...),
		Paths:   []jsonPath{},
	}
	for _, p := range f.Paths {
		o.Paths = append(o.Paths, jsonPath{p.Kernel, p.Dev.String(), p.HCTL, p.State})
	}
	if f.last != nil {
		o.Load = f.loadObject()
	}
	if f.space != nil {
		o.Space = f.spaceObject()
	}
	o.Chain, o.Explain = jsonLevels(f.chain, f.levels), f.reasons
	return o
}

func (f *lunFacts) loadObject() map[string]any {
	m := map[string]any{"end": f.last.End.UTC().Format(time.RFC3339), "elapsed_ms": f.last.ElapsedMS, "quality": append([]string{}, f.last.Quality.List()...)}
	set := func(name string, v float64, ok bool) {
		if ok {
			m[name] = v
		}
	}
	v, ok := f.last.IOPS()
	set("iops", v, ok)
	v, ok = f.last.Util()
	set("util_percent", v, ok)
	v, ok = f.last.ReadAwait()
	set("read_await_ms", v, ok)
	v, ok = f.last.WriteAwait()
	set("write_await_ms", v, ok)
	v, ok = f.last.Queue()
	set("queue_size", v, ok)
	if f.last.Latency != nil && !f.last.Latency.FromMeans() {
		m["latency"] = latencyObject(f.last.Latency)
	}
	return m
}

// latencyObject is a histogram with its percentiles as bounds. A percentile without an
// upper bound is above the last one, and without I/O there is none.
func latencyObject(h *series.Histogram) map[string]any {
	m := map[string]any{"bounds_version": h.Version, "counts": h.Counts}
	if h.Version != series.BoundsVersion {
		return m
	}
	var bounds []int64
	for _, b := range series.Bounds() {
		bounds = append(bounds, b.Microseconds())
	}
	m["bounds_us"] = bounds
	inMS := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	for name, p := range map[string]float64{"p50": 0.50, "p95": 0.95, "p99": 0.99} {
		b, ok := h.Quantile(p)
		if !ok {
			continue
		}
		is := map[string]float64{"from_ms": inMS(b.Lower)}
		if !b.Above() {
			is["within_ms"] = inMS(b.Upper)
		}
		m[name] = is
	}
	return m
}

func (f *lunFacts) spaceObject() map[string]any {
	m := map[string]any{
		"at": f.space.At.UTC().Format(time.RFC3339), "size_bytes": f.space.SizeBytes,
		"used_bytes": f.space.UsedBytes, "avail_bytes": f.space.AvailBytes,
		"inodes": f.space.Inodes, "inodes_used": f.space.InodesUsed,
	}
	if p, ok := f.space.UsedPercent(); ok {
		m["used_percent"] = p
	}
	return m
}
