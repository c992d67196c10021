package influx

import (
	"cmp"
	"context"
	"slices"

	"lunstat/collector/series"
)

// decodePressure takes what was measured in how long, or the sums of it.
func decodePressure(c []cell) (p series.Pressure) {
	known := func(c cell) *uint64 {
		v, ok := c.uint()
		if !ok {
			return nil
		}
		return &v
	}
	elapsed, _ := c[0].uint()
	some, full := known(c[1]), known(c[2])
	if elapsed == 0 || some == nil && full == nil {
		return p
	}
	return series.Pressure{ElapsedMS: elapsed, SomeUS: some, FullUS: full}
}

// Pressures gives how long the hosts of q.Keys waited for I/O, oldest first: of each run
// in (From, To], or with q.Width of each bin, as the sums of its runs. A run at which
// that is unknown is left out; a sum that some of a bin's runs lack is unknown. Only runs
// that the bucket of raw intervals keeps are there.
func (s *Source) Pressures(ctx context.Context, q series.Query) ([]series.HostPressure, error) {
	if nothing(q) {
		return nil, nil
	}
	hosts, named := hostsOfQuery(q)
	ask := question{
		measurement: runs, by: []string{"host"}, hosts: named,
		columns: []string{pressureElapsed, pressureSome, pressureFull},
		from:    stampAfter(q.From), to: stampAfter(q.To),
	}
	if q.Width != 0 {
		ask.every = q.Width
		ask.columns = []string{"sum(" + quote(pressureElapsed) + ")", "sum(" + quote(pressureSome) + ")", "sum(" + quote(pressureFull) + ")",
			"count(" + quote(pressureElapsed) + ")", "count(" + quote(pressureSome) + ")", "count(" + quote(pressureFull) + ")"}
	}
	var all []series.HostPressure
	err := s.selectFrom(ctx, s.raw, ask, func(tags map[string]string, c []cell) error {
		if q.Keys != nil && !hosts[tags["host"]] {
			return nil
		}
		stamp, ok := c[0].int()
		if !ok {
			return errForm
		}
		p := series.HostPressure{Host: tags["host"], End: secondOf(stamp + int64(q.Width)).UTC()}
		if q.Width != 0 {
			dropPartial(c[1:])
		}
		if p.Pressure = decodePressure(c[1:]); p.ElapsedMS > 0 {
			all = append(all, p)
		}
		return nil
	})
	slices.SortStableFunc(all, func(a, b series.HostPressure) int {
		return cmp.Or(a.End.Compare(b.End), cmp.Compare(a.Host, b.Host))
	})
	return all, err
}

// dropPartial makes unknown what fewer runs of a bin have than have a pressure: three
// sums, and how many runs each is of.
func dropPartial(c []cell) {
	all, _ := c[3].uint()
	for i := 1; i <= 2; i++ {
		if n, _ := c[3+i].uint(); n != all {
			c[i] = nil
		}
	}
}
