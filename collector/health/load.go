package health

import (
	"fmt"
	"strconv"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

func (c *Checkup) load(l *mapper.LUN, name string, k series.Key, i *series.Interval) []Finding {
	var f []Finding
	if i.Quality.Has(series.Stalled) {
		since := i.Start()
		for _, last := range c.State.Last {
			if last.Key == k && !last.StallSince.IsZero() {
				since = last.StallSince
			}
		}
		f = append(f, Finding{Critical, fmt.Sprintf("%s is stalled: %d I/Os in flight, none completes", name, i.Inflight), since,
			"look at its paths and the array: `lunstat lookup " + l.Kernel + "`, dmesg"})
	}
	if l.Layer != mapper.LayerLUN {
		return f
	}
	if util, ok := i.Util(); ok {
		bound := c.Bounds.UtilPercent.orOwn(l.Limits.UtilPercent)
		if s := bound.judge(util); s != OK {
			f = append(f, Finding{s, fmt.Sprintf("%s is %.0f %% busy", name, util), c.loadSince(k, i, func(i *series.Interval) (Severity, bool) {
				util, ok := i.Util()
				return bound.judge(util), ok
			}), "a busy LUN is not a full one: look at its await, and at which process does the I/O (iotop, pidstat -d)"})
		}
	}
	for _, a := range []struct {
		what string
		get  func(*series.Interval) (float64, bool)
		ios  series.Field
	}{{"reads", (*series.Interval).ReadAwait, series.ReadIOs}, {"writes", (*series.Interval).WriteAwait, series.WriteIOs}} {
		limit := float64(l.AwaitLimit(c.Slow)) / float64(time.Millisecond)
		judge := func(i *series.Interval) (Severity, bool) {
			await, ok := a.get(i)
			return c.Bounds.AwaitFactor.judge(await / limit), ok && limit > 0 && i.Value(a.ios) >= 10
		}
		if s, ok := judge(i); ok && s != OK {
			await, _ := a.get(i)
			f = append(f, Finding{s, fmt.Sprintf("%s: %s take %.0f ms, its limit is %s ms", name, a.what, await, strconv.FormatFloat(limit, 'f', -1, 64)), c.loadSince(k, i, judge), "`lunstat report --last 6h --lun " + l.Kernel + "` shows when it began"})
		}
	}
	return append(f, c.tail(l, name, k, i)...)
}

// leastForP99 is how many I/Os an interval needs so that not the longest one decides.
const leastForP99 = 100

// P99Factor is how many times a LUN's await limit one in a hundred of an interval's I/Os
// took at least: a histogram knows no more than bounds. ok is false without a histogram,
// without a limit, and for too few I/Os.
func (c *Checkup) P99Factor(l *mapper.LUN, i *series.Interval) (times float64, ok bool) {
	limit := l.AwaitLimit(c.Slow)
	if i.Latency == nil || i.Latency.Total() < leastForP99 || limit <= 0 {
		return 0, false
	}
	p99, ok := i.Latency.Quantile(0.99)
	return float64(p99.Lower) / float64(limit), ok
}

// tail is what few of a LUN's I/Os took, which no mean shows.
func (c *Checkup) tail(l *mapper.LUN, name string, k series.Key, i *series.Interval) []Finding {
	judge := func(i *series.Interval) (Severity, bool) {
		times, ok := c.P99Factor(l, i)
		return c.Bounds.P99Factor.judge(times), ok
	}
	s, ok := judge(i)
	if !ok || s == OK {
		return nil
	}
	p99, _ := i.Latency.Quantile(0.99)
	return []Finding{{s, fmt.Sprintf("%s: 1 in 100 I/Os takes %v or longer, its limit is %v", name, p99.Lower, l.AwaitLimit(c.Slow)), c.loadSince(k, i, judge),
		"`lunstat report --last 6h --lun " + l.Kernel + "` shows when it began"}}
}
