package influx

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// SourceTelegraf is the source of series that a Telegraf wrote.
const SourceTelegraf = "telegraf"

// Telegraf reads diskio and disk as the plugins of an existing Telegraf wrote them.
// diskio has the kernel's raw counters, so the same code as for our own readings makes
// intervals from them. It has no discards, flushes, boots or peaks.
//
// A series is a host and diskio's tag name, which is the kernel's name or, with
// name_templates, device-mapper's.
type Telegraf struct {
	*server
	bucket string
	hosts  []string
	rules  []mapper.Rule
}

// NewTelegraf reads the options' Bucket, "telegraf" by default. The rules are the
// configuration's, for labels and roles that names and mounts don't give.
func NewTelegraf(o Options, rules []mapper.Rule) (*Telegraf, error) {
	if o.Bucket == "" {
		o.Bucket = "telegraf"
	}
	if err := o.defaults(); err != nil {
		return nil, err
	}
	s, err := newServer(&o)
	if err != nil {
		return nil, err
	}
	return &Telegraf{server: s, bucket: o.Bucket, hosts: o.Hosts, rules: rules}, nil
}

// Close releases the connections.
func (t *Telegraf) Close() { t.client.CloseIdleConnections() }

// selectFrom is the server's, of the bucket and the hosts of the options.
func (t *Telegraf) selectFrom(ctx context.Context, q question, row func(tags map[string]string, c []cell) error) error {
	q.hosts, q.verbatim = t.hosts, true
	return t.server.selectFrom(ctx, t.bucket, q, row)
}

// The bounds of reading raw counters: a gap as with our own readings, and the range above
// which one reading in a quarter of an hour has to do.
const (
	telegrafGap = 5 * time.Minute
	exactFor    = 40 * 24 * time.Hour
	coarseStep  = 15 * time.Minute
)

func diskioColumns() []string {
	return []string{"reads", "merged_reads", "read_bytes", "read_time", "writes", "merged_writes", "write_bytes", "write_time",
		"io_time", "weighted_io_time", "iops_in_progress"}
}

// telegrafKey is the series of a diskio name. It holds on its host only.
func telegrafKey(host, name string) series.Key {
	id := "name:" + name
	if isKernelName(name) {
		id = "kernel:" + name
	}
	return series.Key{ID: mapper.ID(id), Host: host, Source: SourceTelegraf}
}

func isKernelName(name string) bool {
	for _, p := range []string{"dm-", "sd", "vd", "xvd", "hd", "nvme", "md", "loop", "ram", "zram", "sr", "mmcblk", "fd"} {
		if rest, ok := strings.CutPrefix(name, p); ok && rest != "" && !strings.ContainsAny(rest, "_/ ") {
			return true
		}
	}
	return false
}

// Intervals calls fn for each interval between two readings; with a width for
// each bin, of readings a minute apart or, over more than 40 days, a quarter of an
// hour, which are as exact as Telegraf's own interval.
func (t *Telegraf) Intervals(ctx context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error {
	if nothing(q) {
		return nil
	}
	emit := func(k series.Key, i *series.Interval) error {
		if !q.Has(i.End) {
			return nil
		}
		return fn(k, i)
	}
	r := &counterReader{gap: telegrafGap, emit: emit}
	question := question{measurement: "diskio", columns: diskioColumns(), by: []string{"host", "name"},
		from: stampAfter(q.From.Add(-telegrafGap)), to: stampAfter(q.To)}
	if q.Width > 0 {
		b := &binner{width: q.Width, tails: map[series.Key][]series.Interval{}, emit: emit}
		r.emit, r.step = func(k series.Key, i *series.Interval) error { return b.add(k, i) }, time.Minute
		question.from, question.to = binRange(q)
		question.from = max(question.from, math.MinInt64+2+int64(telegrafGap)) - int64(telegrafGap)
		if q.To.Sub(q.From) > exactFor {
			r.step, r.gap = coarseStep, 2*coarseStep
			question.columns = each(question.columns, func(c string) string { return "last(" + quote(c) + ")" })
			question.every = coarseStep
		}
		if err := t.counters(ctx, q, question, r); err != nil {
			return err
		}
		return b.end()
	}
	return t.counters(ctx, q, question, r)
}

func (t *Telegraf) counters(ctx context.Context, q series.Query, question question, r *counterReader) error {
	wanted := map[series.Key]bool{}
	for _, k := range q.Keys {
		wanted[k] = true
	}
	err := t.selectFrom(ctx, question, func(tags map[string]string, c []cell) error {
		k := telegrafKey(tags["host"], tags["name"])
		if q.Keys != nil && !wanted[k] {
			return nil
		}
		return r.add(k, c)
	})
	if err != nil {
		return err
	}
	return r.flush()
}

// counterReader closes intervals between the readings of a series. With a step it
// takes the last reading of each.
type counterReader struct {
	gap, step time.Duration
	emit      func(series.Key, *series.Interval) error
	last      series.Last
	lastHas   uint32
	next      series.Last // waits for a later one of its step
	nextHas   uint32
}

func (r *counterReader) add(k series.Key, c []cell) error {
	stamp, ok := c[0].int()
	if !ok {
		return errForm
	}
	now, has := decodeCounters(stamp, c[1:])
	if has == 0 {
		return nil
	}
	now.Key = k
	first := r.last.Key != r.next.Key // of its series: what follows is counted from it
	if !r.next.At.Wall.IsZero() && (k != r.next.Key || r.step == 0 || first ||
		series.BinOf(now.At.Wall, r.step) != series.BinOf(r.next.At.Wall, r.step)) {
		if err := r.flush(); err != nil {
			return err
		}
	}
	r.next, r.nextHas = now, has
	return nil
}

// flush closes the interval that ends with the reading that waits.
func (r *counterReader) flush() error {
	now := r.next
	if now.At.Wall.IsZero() {
		return nil
	}
	r.next = series.Last{}
	if now.Key != r.last.Key {
		r.last = series.Last{}
	}
	i, base, ok := series.Close(r.last, now, series.Limits{Gap: r.gap})
	has := r.nextHas & r.lastHas
	r.last, r.lastHas = base, r.nextHas
	if !ok {
		return nil
	}
	for f := range series.NumFields {
		if has&(1<<f) == 0 {
			i.Drop(f)
		}
	}
	return r.emit(now.Key, &i)
}

// decodeCounters makes a reading of a row; has says which sums it serves.
func decodeCounters(stamp int64, c []cell) (l series.Last, has uint32) {
	// Telegraf has one clock. Where a counter restarted, the counters say so.
	wall := time.Unix(0, stamp)
	l.At = series.Instant{Wall: wall, Mono: time.Duration(stamp), Boot: time.Duration(stamp)}
	take := func(n int, f series.Field, to *uint64, scale uint64) {
		if v, ok := c[n].uint(); ok {
			*to = v / scale
			has |= 1 << f
		}
	}
	ms := func(n int, f series.Field, to *uint32) {
		if v, ok := c[n].uint(); ok {
			*to = uint32(v) // 32 bits in the kernel
			has |= 1 << f
		}
	}
	const sector = 512
	take(0, series.ReadIOs, &l.ReadIOs, 1)
	take(1, series.ReadMerges, &l.ReadMerges, 1)
	take(2, series.ReadBytes, &l.ReadSectors, sector)
	ms(3, series.ReadMS, &l.ReadMS)
	take(4, series.WriteIOs, &l.WriteIOs, 1)
	take(5, series.WriteMerges, &l.WriteMerges, 1)
	take(6, series.WriteBytes, &l.WriteSectors, sector)
	ms(7, series.WriteMS, &l.WriteMS)
	ms(8, series.BusyMS, &l.BusyMS)
	ms(9, series.QueueMS, &l.QueueMS)
	inflight, _ := c[10].uint()
	l.Inflight = uint32(inflight)
	return l, has
}

// Spaces calls fn for each space of the filesystems that are on a diskio series.
func (t *Telegraf) Spaces(ctx context.Context, q series.Query, fn func(series.Key, *series.Space) error) error {
	if nothing(q) {
		return nil
	}
	devs, err := t.devices(ctx, q.From, q.To)
	if err != nil {
		return err
	}
	for host, d := range devs {
		for i := range d.luns {
			k := telegrafKey(host, d.luns[i].Kernel)
			point := cmp.Or(d.luns[i].Mounted(), d.last[d.luns[i].Kernel])
			if point == "" || q.Keys != nil && !slices.Contains(q.Keys, k) {
				continue
			}
			thin := series.Thinner{Width: q.Width, Give: fn}
			one := *t
			one.hosts = []string{host}
			err := one.selectFrom(ctx, question{measurement: "disk", path: point,
				columns: []string{"total", "used", "free", "inodes_total", "inodes_used"}, from: stampAfter(q.From), to: stampAfter(q.To),
			}, func(_ map[string]string, c []cell) error {
				s := decodeDisk(c)
				return thin.Add(k, &s)
			})
			if err == nil {
				err = thin.Flush()
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// decodeDisk: Telegraf's free is what others than root have.
func decodeDisk(c []cell) (s series.Space) {
	stamp, _ := c[0].int()
	s.At = secondOf(stamp)
	s.SizeBytes, _ = c[1].uint()
	s.UsedBytes, _ = c[2].uint()
	s.AvailBytes, _ = c[3].uint()
	s.FreeBytes = s.SizeBytes - s.UsedBytes
	s.Inodes, _ = c[4].uint()
	s.InodesUsed, _ = c[5].uint()
	return s
}

// Runs are none: Telegraf stores no record of its runs.
func (t *Telegraf) Runs(context.Context, series.Query) ([]series.Run, error) { return nil, nil }

// Notes are none.
func (t *Telegraf) Notes(context.Context, time.Time, time.Time) ([]series.Note, error) {
	return nil, nil
}

// Pressures gives none: Telegraf has no I/O pressure of the host among what is read.
func (t *Telegraf) Pressures(context.Context, series.Query) ([]series.HostPressure, error) {
	return nil, nil
}

// Extent is the first and the last reading.
func (t *Telegraf) Extent(ctx context.Context) (first, last time.Time, ok bool, err error) {
	return t.extent(ctx, t.hosts, []place{{t.bucket, "diskio", "reads"}})
}
