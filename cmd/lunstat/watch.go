package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"lunstat/collector"
	"lunstat/collector/dmstats"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// watchOptions are the flags of lunstat watch.
type watchOptions struct {
	every  time.Duration
	count  int
	sort   string
	filter string
	layers string
}

func newWatchCommand(e *env) *cobra.Command {
	var o watchOptions
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Show live what each LUN does, like iostat -x but with the LUNs' names",
		Long: `watch reads the counters every second or more and shows a table of the LUNs: their I/O
per second, their throughput, how long an I/O takes, how many are in flight, and how busy
they are, each over the last interval. The peak is the most I/O per second since watch
began; the small graph is the I/O per second of the last minutes. For LUNs with latency
histograms (see setup histograms), p99 is in ms: <50 says that 99 of 100 I/Os took less
than 50 ms, and >10000 that more than 1 in 100 took more than 10 s.

    lunstat watch
    lunstat watch --sort util --filter zimbra1
    lunstat watch --every 5s --count 12 >load.txt

On a terminal it redraws the table. The keys are: left and right choose the column to
sort by, r turns the order round, / filters by name, up and down scroll, l shows the
layers below the LUNs too, the space bar stops and goes on, q ends. Elsewhere it prints
the busy LUNs' lines for each interval. It needs no journal and stores nothing.

Exit status: 0 ended by q, by a signal or after --count intervals, 1 the counters can't
be read, 2 wrong usage.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return runWatch(cmd.Context(), e, o) },
	}
	f := cmd.Flags()
	f.DurationVar(&o.every, "every", time.Second, "how long an interval lasts; at least 1s")
	f.IntVar(&o.count, "count", 0, "end after `N` intervals; 0 goes on until q or a signal")
	f.StringVar(&o.sort, "sort", "iops", "sort by this `COLUMN`: lun, name, iops, r/s, w/s, rMB/s, wMB/s, r_await, w_await, p99, queue, util or peak")
	f.StringVar(&o.filter, "filter", "", "show only LUNs whose name, label, group or mount point has this `TEXT` in it")
	f.StringVar(&o.layers, "layers", "luns", "luns, maps (also multipath maps and disks) or all")
	return cmd
}

func (o *watchOptions) check() error {
	switch {
	case o.every < time.Second:
		return usagef("--every %v: must be 1s or more", o.every)
	case o.count < 0:
		return usagef("--count %d: must be 0 or more", o.count)
	case o.layers != "luns" && o.layers != "maps" && o.layers != "all":
		return usagef("--layers %q: must be luns, maps or all", o.layers)
	}
	if columnNamed(o.sort) < 0 {
		return usagef("--sort %q: must be one of %s", o.sort, columnNames())
	}
	return nil
}

func runWatch(ctx context.Context, e *env, o watchOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	c, err := e.Config()
	if err != nil {
		return err
	}
	host, err := hostOf(c)
	if err != nil {
		return err
	}
	w := &watcher{
		options: collector.Options{Paths: pathsOf(c), LUNs: rulesOf(c), Host: host},
		rules:   closingRules(c),
		table:   watchTable{host: host, sort: columnNamed(o.sort), filter: o.filter, layers: o.layers, zone: e.times()},
	}
	if dm := e.DeviceMapper(w.options.Paths); c.Histograms && dm != nil {
		w.options.Histograms = &onlyThere{of: dmstats.NewKeeper(dm)}
	}
	w.rules.Layers = "all" // which of them are shown is the table's to say
	if _, err := w.read(ctx); err != nil {
		return err
	}
	if isTerminal(e.Stdout) {
		return w.onScreen(ctx, e, o)
	}
	return w.asLines(ctx, e, o)
}

// watcher reads the counters again and again. Each reading closes the intervals as a
// minute of the collector does.
type watcher struct {
	options collector.Options
	rules   collector.Rules
	state   series.State
	table   watchTable
}

// read closes an interval; false: less than a second has passed since the last reading.
func (w *watcher) read(ctx context.Context) (closed bool, err error) {
	sample, err := collector.ReadSample(w.options, w.state)
	if err != nil {
		return false, err
	}
	if w.options.Histograms != nil {
		collector.ReadLatency(ctx, w.options, &sample, w.state)
	}
	m, _ := collector.Close(w.state, sample, w.rules)
	w.state = m.State
	if len(m.Intervals) == 0 {
		return false, nil
	}
	w.table.take(&m)
	return true, nil
}

// onlyThere reads the histograms that the collector has made the kernel keep, and makes it
// keep none. A device that has not answered yet is not asked again: each question that hangs
// would keep a thread.
type onlyThere struct {
	of      collector.Histograms
	waiting sync.Map // by mapper.DevNo
}

func (o *onlyThere) Latency(lun *mapper.LUN, last *series.LatencyReading, _ bool) (*series.LatencyReading, error) {
	if _, asked := o.waiting.LoadOrStore(lun.Dev, true); asked {
		return nil, fmt.Errorf("%s has not answered yet", lun.Kernel)
	}
	defer o.waiting.Delete(lun.Dev)
	return o.of.Latency(lun, last, false)
}

// slack is added to an interval, so that one of a second never falls short of it.
const slack = 5 * time.Millisecond

// asLines prints each interval as lines, for a file or a pipe.
func (w *watcher) asLines(ctx context.Context, e *env, o watchOptions) error {
	tick := time.NewTicker(o.every + slack)
	defer tick.Stop()
	for n := 0; o.count == 0 || n < o.count; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		closed, err := w.read(ctx)
		if err != nil {
			return err
		}
		if !closed {
			continue
		}
		n++
		if _, err := fmt.Fprint(e.Stdout, w.table.lines()); err != nil {
			return nil // the reader has enough
		}
	}
	return nil
}
