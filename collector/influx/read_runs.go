package influx

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"lunstat/collector/series"
)

// Runs gives the records of the runs of the hosts of q.Keys, oldest first. With a width
// above 0 it gives only runs at which a boot, a clock or a gap changed something, and
// the runs before those. For times before the oldest raw intervals, they are exact to
// fifteen minutes.
func (s *Source) Runs(ctx context.Context, q series.Query) ([]series.Run, error) {
	if nothing(q) {
		return nil, nil
	}
	var all []series.Run
	if q.Width == 0 {
		left := allowance(mostText)
		err := s.runs(ctx, s.raw, q, func(r *series.Run) error {
			all = append(all, *r)
			return left.take(textOfRun(r))
		})
		return sortRuns(all), err
	}
	turns := hostTurns{}
	if err := s.runs(ctx, s.raw, q, turns.fine); err != nil {
		return nil, err
	}
	err := s.runs(ctx, s.rollup, q, turns.coarse)
	return sortRuns(turns.runs()), err
}

// hostTurns are the turns of each host: of all its runs, as far back as those are kept,
// and before that of one run in fifteen minutes, which is kept as long as the roll-ups.
type hostTurns map[string]*turnsOf

type turnsOf struct {
	begin  time.Time // of the first of all runs; zero: there is none
	fine   series.Turns
	coarse series.Turns
}

func (h hostTurns) of(host string) *turnsOf {
	if h[host] == nil {
		h[host] = &turnsOf{}
	}
	return h[host]
}

func (h hostTurns) fine(r *series.Run) error {
	t := h.of(r.Host)
	if t.begin.IsZero() {
		t.begin = r.At.Wall
	}
	t.fine.Add(r)
	return nil
}

// coarse comes after fine, and leaves out what that has.
func (h hostTurns) coarse(r *series.Run) error {
	if t := h.of(r.Host); t.begin.IsZero() || r.At.Wall.Before(t.begin) {
		t.coarse.Add(r)
	}
	return nil
}

func (h hostTurns) runs() (all []series.Run) {
	for _, t := range h {
		all = append(append(all, t.coarse.Runs()...), t.fine.Runs()...)
	}
	return all
}

func sortRuns(all []series.Run) []series.Run {
	slices.SortStableFunc(all, func(a, b series.Run) int { return a.At.Wall.Compare(b.At.Wall) })
	return all
}

// hostsOfQuery are the hosts of a query's keys, and those that a statement names; nil is
// all.
func hostsOfQuery(q series.Query) (hosts map[string]bool, named []string) {
	hosts = map[string]bool{}
	for _, k := range q.Keys {
		hosts[k.Host] = true
	}
	if len(hosts) > 0 && len(hosts) <= maxNamed {
		named = slices.Sorted(maps.Keys(hosts))
	}
	return hosts, named
}

func (s *Source) runs(ctx context.Context, bucket string, q series.Query, fn func(*series.Run) error) error {
	hosts, named := hostsOfQuery(q)
	return s.selectFrom(ctx, bucket, question{
		measurement: runs, by: []string{"host"}, hosts: named,
		columns: []string{"wall_ns", "monotonic_ns", "boottime_ns", "boot_id", "kernel", "version", "took_ms", "luns", "warning", pressureElapsed, pressureSome, pressureFull},
		from:    stampAfter(q.From), to: stampAfter(q.To), texts: true,
	}, func(tags map[string]string, c []cell) error {
		if q.Keys != nil && !hosts[tags["host"]] {
			return nil
		}
		r, err := decodeRun(tags["host"], c)
		if err != nil {
			return err
		}
		return fn(&r)
	})
}

// textOfRun is about how many bytes a run holds.
func textOfRun(r *series.Run) int {
	const fixed = 200
	n := fixed + len(r.At.BootID) + len(r.Kernel) + len(r.Version)
	for _, w := range r.Warnings {
		n += len(w.What) + len(w.Hint)
	}
	return n
}

func decodeRun(host string, c []cell) (r series.Run, err error) {
	r.Host = host
	wall, _ := c[1].int()
	mono, _ := c[2].int()
	boot, _ := c[3].int()
	r.At = series.Instant{Wall: time.Unix(0, wall), Mono: time.Duration(mono), Boot: time.Duration(boot), BootID: textOf(c[4].text())}
	r.Kernel, r.Version = textOf(c[5].text()), textOf(c[6].text())
	took, _ := c[7].uint()
	luns, _ := c[8].uint()
	r.TookMS, r.LUNs = uint32(took), uint32(luns)
	r.Pressure = decodePressure(c[10:])
	if text := c[9].text(); text != "" {
		if r.Warnings, err = decodeWarnings([]byte(text)); err != nil {
			return r, fmt.Errorf("the warnings of the run of %s at %s: %w", host, r.At.Wall.UTC().Format(time.RFC3339), err)
		}
	}
	return r, nil
}
