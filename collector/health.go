package collector

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// Severity is how bad a finding is, in Nagios' numbers.
type Severity int

// The severities. Unknown is what can't be read.
const (
	OK Severity = iota
	Warning
	Critical
	Unknown
)

// String is Nagios' word.
func (s Severity) String() string {
	return [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}[s]
}

// Finding is one thing that is wrong.
type Finding struct {
	Severity Severity
	What     string    // one line
	Since    time.Time // zero: unknown
	Hint     string    // what to do
}

// Bound is from what on a figure is a warning, and critical; 0 is never.
type Bound struct {
	Warning, Critical float64
}

// judge gives the severity of a value at or above a bound.
func (b Bound) judge(v float64) Severity {
	switch {
	case b.Critical > 0 && v >= b.Critical:
		return Critical
	case b.Warning > 0 && v >= b.Warning:
		return Warning
	}
	return OK
}

// Bounds are what status judges by.
type Bounds struct {
	LastRunS       Bound // age of the last run, seconds
	UtilPercent    Bound
	AwaitFactor    Bound // multiples of the role's await limit
	SpacePercent   Bound // df's Use%
	InodesPercent  Bound
	JournalPercent Bound // df's Use% of the journal's own filesystem
	Backlog        Bound // runs that wait to be forwarded
}

// Checkup is what status looks at.
type Checkup struct {
	Now       time.Time
	Runs      []series.Run // of the last hours, oldest first; none: it never ran
	State     series.State
	LUNs      []mapper.LUN                   // as they are now
	Intervals map[series.Key]series.Interval // the last of each LUN
	Spaces    map[series.Key]series.KeySpace
	Host      string
	Paths     map[mapper.ID]int  // the most paths that the ledger knew of a LUN
	Holder    *BusyError         // who holds the lock; nil: nobody
	Failing   *series.Condition  // what makes the runs fail; nil: they don't
	Journal   *series.Space      // of the filesystem that the journal lies on
	JournalOn *mapper.LUN        // the LUN below it; nil: none that is known
	Forward   *series.Forwarding // nil: nothing is forwarded
	Damage    []series.Warning   // what could not be read in the journal
	Bounds    Bounds
	Slow      func(role string) time.Duration
	Began     Began  // nil: nothing is known of the past
	NoJournal string // why there is nothing to look at; "" if there is
}

// Findings are everything that is wrong, worst first.
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
	}
	f = append(f, c.journal()...)
	slices.SortStableFunc(f, func(a, b Finding) int { return Compare(b.Severity, a.Severity) })
	return f
}

// Compare orders severities, the worse above.
func Compare(a, b Severity) int { return cmp.Compare(rank(a), rank(b)) }

// rank orders as Nagios' worst-of does: critical before unknown before warning.
func rank(s Severity) int {
	return map[Severity]int{OK: 0, Warning: 1, Unknown: 2, Critical: 3}[s]
}

// Worst is the severity of the whole.
func Worst(f []Finding) Severity {
	worst := OK
	for _, x := range f {
		if rank(x.Severity) > rank(worst) {
			worst = x.Severity
		}
	}
	return worst
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

// Age is how long ago the last run was, in whole seconds: every text and figure gives
// this one.
func (c *Checkup) Age() time.Duration { return c.Now.Sub(c.LastRun().At.Wall).Truncate(time.Second) }

func (c *Checkup) lastRun() []Finding {
	if c.NoJournal != "" {
		return []Finding{{Critical, c.NoJournal + ": the collector has never run for " + c.Host, time.Time{}, "let cron call `lunstat collect` every minute; --journal and journal.path say where it writes"}}
	}
	if len(c.Runs) == 0 {
		return []Finding{{Critical, "the collector has never run for " + c.Host, time.Time{}, "let cron call `lunstat collect` every minute"}}
	}
	if c.Age() < -time.Minute {
		return []Finding{{Warning, fmt.Sprintf("the last run was %s ahead of the clock", -c.Age()), c.LastRun().At.Wall,
			"was the clock set back? whether the collector still runs can't be told: run it by hand"}}
	}
	s := c.Bounds.LastRunS.judge(c.Age().Seconds())
	if s == OK {
		return nil
	}
	return []Finding{{s, fmt.Sprintf("the last run was %s ago", c.Age()), c.LastRun().At.Wall,
		"is cron running, and its line for `lunstat collect` there? run it by hand to see what it says"}}
}

// holeAfter is the distance of two runs at which a minute was missed.
const holeAfter = 150 * time.Second

// holes are the minutes of the last hour in which the collector did not run though
// the host was up, and the steps of its clock.
func (c *Checkup) holes() []Finding {
	var f []Finding
	missed, since := time.Duration(0), time.Time{}
	runs := inOrder(c.Runs)
	for i := 1; i < len(runs); i++ {
		was, is := runs[i-1].At, runs[i].At
		if c.Now.Sub(is.Wall) > time.Hour || was.BootID != is.BootID {
			continue
		}
		up := is.Boot - was.Boot
		if step := is.Wall.Sub(was.Wall) - up; step > 2*time.Second || step < -2*time.Second {
			f = append(f, Finding{Warning, fmt.Sprintf("the clock was stepped by %v", step.Round(time.Second)), was.Wall, "chronyc tracking, or ntpq -p: a clock that is steered never steps"})
		}
		if d := is.Mono - was.Mono; d > holeAfter {
			if missed += d - time.Minute; since.IsZero() {
				since = was.Wall
			}
		}
	}
	if missed > 0 {
		f = append(f, Finding{Warning, fmt.Sprintf("the collector missed %s of the last hour", english.Plural(int(missed.Round(time.Minute).Minutes()), "minute", "")), since,
			"did cron stop, or did a run take longer? its log says: journalctl -t CRON"})
	}
	return f
}

// inOrder puts the runs of each boot in the order in which they were: by the wall
// clock, those after a step back stand among those before.
func inOrder(runs []series.Run) []series.Run {
	boots := make(map[string]int)
	for i := range runs {
		if _, ok := boots[runs[i].At.BootID]; !ok {
			boots[runs[i].At.BootID] = i
		}
	}
	return slices.SortedStableFunc(slices.Values(runs), func(a, b series.Run) int {
		return cmp.Or(cmp.Compare(boots[a.At.BootID], boots[b.At.BootID]), cmp.Compare(a.At.Mono, b.At.Mono))
	})
}

func (c *Checkup) failing() []Finding {
	if c.Failing == nil {
		return nil
	}
	return []Finding{{Warning, "the collector's runs fail: " + c.Failing.What, c.Failing.Since, "run `lunstat collect` by hand: it says what to do"}}
}

func (c *Checkup) damage() (f []Finding) {
	for _, w := range c.Damage {
		f = append(f, Finding{Severity: Warning, What: w.What, Hint: w.Hint})
	}
	return f
}

func (c *Checkup) lock() []Finding {
	if c.Holder == nil || c.Holder.Since.IsZero() {
		return nil
	}
	held := c.Now.Sub(c.Holder.Since)
	if held < 2*time.Minute {
		return nil // a run that sub-samples takes a minute
	}
	return []Finding{{Critical, fmt.Sprintf("%v, for %s", c.Holder, held.Round(time.Second)), c.Holder.Since,
		"it hangs: see what in with `cat /proc/" + c.Holder.PID + "/stack`; nothing is sampled until it ends"}}
}

func (c *Checkup) conditions() []Finding {
	var f []Finding
	for _, w := range c.State.Conditions {
		if c.isForwarding(w.What) || !w.Gone.IsZero() {
			continue
		}
		sev, what := Warning, w.What
		if isLost(what) {
			sev, what = Critical, what+" since "+w.Since.Local().Format("2006-01-02 15:04")
		}
		f = append(f, Finding{sev, what, w.Since, w.Hint})
	}
	return f
}

// noLUN: a host on which nothing is measured is not well, whatever the reason.
func (c *Checkup) noLUN() []Finding {
	if slices.ContainsFunc(c.State.Conditions, func(w series.Condition) bool { return w.What == nothingSeen && w.Gone.IsZero() }) {
		return nil // said
	}
	for i := range c.LUNs {
		if c.LUNs[i].Layer == mapper.LayerLUN {
			return nil
		}
	}
	return []Finding{{Warning, "no LUN is measured", time.Time{}, "`lunstat lookup` lists what there is; luns: in the config may ignore all of it"}}
}

func (c *Checkup) lun(l *mapper.LUN) []Finding {
	k := series.Key{ID: l.ID, Host: c.Host, Source: series.SourceHost}
	name := l.Title() + " (" + l.Kernel + ")"
	var f []Finding
	if i, ok := c.Intervals[k]; ok && c.Now.Sub(i.End) < time.Duration(c.Bounds.LastRunS.Critical)*time.Second {
		f = append(f, c.load(l, name, k, &i)...)
	}
	if s, ok := c.Spaces[k]; ok {
		if s.Mount == "" {
			s.Mount = l.Reached() // what the journal gives back does not say it
		}
		f = append(f, c.space(name, &s)...)
	}
	if i, ok := c.Intervals[k]; ok && l.StatsOff && !countsAnyway(l) && i.Mask() != 0 && standsStill(&i) {
		f = append(f, uncounted(l, name))
	}
	if l.Layer == mapper.LayerLUN && l.Role == "" {
		f = append(f, Finding{OK, name + " has no role", time.Time{}, "say what it is for: luns: in the config"})
	}
	if l.Suspended {
		f = append(f, Finding{Critical, name + " is suspended: its I/O is held back", time.Time{}, "dmsetup resume " + l.DMName})
	}
	return append(f, c.paths(l, name)...)
}

func (c *Checkup) paths(l *mapper.LUN, name string) []Finding {
	var dead []string
	for _, p := range l.Paths {
		if p.State != "" && p.State != "running" && p.State != "live" {
			dead = append(dead, p.Kernel+" "+p.State)
		}
	}
	switch {
	case len(dead) > 0 && len(dead) == len(l.Paths):
		return []Finding{{Critical, name + " has no path that runs: " + strings.Join(dead, ", "), time.Time{}, "multipath -ll; cabling, zoning, the array"}}
	case len(dead) > 0:
		return []Finding{{Warning, name + " has lost a path: " + strings.Join(dead, ", "), time.Time{}, "multipath -ll; cabling, zoning, the array"}}
	case len(l.Paths) > 0 && len(l.Paths) < c.Paths[l.ID]:
		return []Finding{{Warning, fmt.Sprintf("%s has %s, and had %d", name, english.Plural(len(l.Paths), "path", ""), c.Paths[l.ID]), time.Time{}, "multipath -ll; `rescan-scsi-bus.sh` finds paths that came back"}}
	case len(l.Paths) > 0 && len(l.Paths) < c.siblingPaths():
		return []Finding{{Warning, fmt.Sprintf("%s has %s, its siblings have %d", name, english.Plural(len(l.Paths), "path", ""), c.siblingPaths()), time.Time{}, "multipath -ll; was it presented to all ports?"}}
	case len(l.Paths) == 1:
		return []Finding{{Warning, name + " has one path only", time.Time{}, "multipath -ll: the next fault takes the LUN away"}}
	}
	return nil
}

// siblingPaths is how many paths most multipath LUNs of the host have.
func (c *Checkup) siblingPaths() int {
	count := map[int]int{}
	most := 0
	for i := range c.LUNs {
		n := len(c.LUNs[i].Paths)
		if n == 0 {
			continue
		}
		count[n]++
		if count[n] > count[most] || count[n] == count[most] && n < most {
			most = n
		}
	}
	return most
}

// uncounted is a LUN whose counters stand still by an order. That NVMe's own
// multipath counts on its paths alone is no fault of the host, and no order helps.
func uncounted(l *mapper.LUN, name string) Finding {
	if strings.HasPrefix(l.Kernel, "nvme") && len(l.Paths) > 0 {
		return Finding{OK, name + " is not counted by this kernel, its paths are", time.Time{}, "layers: all in the config keeps the paths, too"}
	}
	return Finding{Warning, name + " is not counted: its iostats are off", time.Time{}, "echo 1 > /sys/block/" + l.Kernel + "/queue/iostats"}
}

// countsAnyway: the kernel counts a map's I/O whatever its iostats say. They say 0
// on every volume of LVM, of which an idle one is no fault.
func countsAnyway(l *mapper.LUN) bool { return strings.HasPrefix(l.Kernel, "dm-") }

// standsStill reports that no counter moved.
func standsStill(i *series.Interval) bool {
	for f := range series.NumFields {
		if i.Value(f) != 0 {
			return false
		}
	}
	return true
}

func (c *Checkup) journal() []Finding {
	var f []Finding
	if l := c.JournalOn; l != nil {
		sev := OK
		if mapper.IsMailstore(l.Role) {
			sev = Warning // what is measured waits for what measures, and the other way round
		}
		f = append(f, Finding{sev, "the journal lies on a LUN that it watches, " + l.Title() + " (" + l.Kernel + ")", time.Time{},
			"where that LUN is full or hangs, nothing is kept of it: journal.path in the config moves the journal"})
	}
	if c.Journal != nil {
		if p, ok := c.Journal.UsedPercent(); ok {
			if s := c.Bounds.JournalPercent.judge(float64(p)); s != OK {
				f = append(f, Finding{s, fmt.Sprintf("the journal's filesystem is %d %% full", p), time.Time{}, "free some space, or move it: journal.path in the config"})
			}
		}
	}
	return f
}
