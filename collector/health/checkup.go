// Package health decides what `lunstat status` says. A [Checkup] holds what the
// collector last saw of one host. [Checkup.Findings] says what is wrong with the host,
// and gives each finding a [Severity] as Nagios defines them. The package reads nothing
// itself: the caller fills the Checkup from the journal or from InfluxDB.
package health

import (
	"slices"
	"time"

	"lunstat/collector"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// Checkup is everything that status judges.
type Checkup struct {
	Now       time.Time
	Runs      []series.Run // of the last hours, oldest first; none: it never ran
	State     series.State
	LUNs      []mapper.LUN                   // as they are now
	Intervals map[series.Key]series.Interval // the last of each LUN
	Spaces    map[series.Key]series.KeySpace
	Host      string
	Paths     map[mapper.ID]int    // the most paths that the ledger knew of a LUN
	Holder    *collector.BusyError // who holds the lock; nil: nobody
	Failing   *series.Condition    // what makes the runs fail; nil: they don't
	Journal   *series.Space        // of the filesystem that the journal is on
	JournalOn *mapper.LUN          // the LUN below it; nil: none that is known
	Forward   *series.Forwarding   // nil: nothing is forwarded
	Damage    []series.Warning     // what could not be read in the journal
	Bounds    Bounds
	Slow      func(role string) time.Duration // the await limit of a role, for LUNs without their own
	Began     Began                           // nil: nothing is known of the past
	NoJournal string                          // why there is nothing to look at; "" if there is
	NoLatency bool                            // the config has the collector read no histograms
}

// Findings are all findings, the worst first.
func (c *Checkup) Findings() []Finding {
	var f []Finding
	f = append(f, c.lastRun()...)
	f = append(f, c.holes()...)
	f = append(f, c.failing()...)
	f = append(f, c.lock()...)
	f = append(f, c.conditions()...)
	f = append(f, c.forwarding()...)
	f = append(f, c.damage()...)
	if c.fresh() {
		for i := range c.LUNs {
			f = append(f, c.lun(&c.LUNs[i])...)
		}
		f = append(f, c.noLUN()...)
		f = append(f, c.noLatency()...)
	}
	f = append(f, c.journal()...)
	slices.SortStableFunc(f, func(a, b Finding) int { return Compare(b.Severity, a.Severity) })
	return f
}

// fresh: what the last run saw says something about now.
func (c *Checkup) fresh() bool {
	return len(c.Runs) > 0 && c.Bounds.LastRunS.judge(c.Age().Seconds()) != Critical
}

// LastRun is the newest run; nil if there was none.
func (c *Checkup) LastRun() *series.Run {
	if len(c.Runs) == 0 {
		return nil
	}
	return &c.Runs[len(c.Runs)-1]
}

// Age is how long ago the last run was, in whole seconds. Every text and figure uses
// this value.
func (c *Checkup) Age() time.Duration { return c.Now.Sub(c.LastRun().At.Wall).Truncate(time.Second) }

// Pressure is how long the host waited for I/O before the last run; false where the
// kernel doesn't say, and where that run is too old to say something about now.
func (c *Checkup) Pressure() (series.Pressure, bool) {
	if !c.fresh() {
		return series.Pressure{}, false
	}
	p := c.LastRun().Pressure
	return p, p.ElapsedMS > 0
}
