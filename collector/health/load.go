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
	return f
}
