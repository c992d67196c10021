package health

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"lunstat/collector/series"
)

func (c *Checkup) lastRun() []Finding {
	if c.NoJournal != "" {
		return []Finding{{Severity: Critical, What: c.NoJournal + ": the collector has never run on " + c.Host, Hint: "let cron run `lunstat collect` every minute; --journal and journal.path set where it writes"}}
	}
	if len(c.Runs) == 0 {
		return []Finding{{Severity: Critical, What: "the collector has never run on " + c.Host, Hint: "let cron run `lunstat collect` every minute"}}
	}
	if c.Age() < -time.Minute {
		return []Finding{{Warning, fmt.Sprintf("the last run was %s ahead of the clock", -c.Age()), c.LastRun().At.Wall,
			"was the clock set back? lunstat can't tell whether the collector still runs: run it by hand"}}
	}
	s := c.Bounds.LastRunS.judge(c.Age().Seconds())
	if s == OK {
		return nil
	}
	return []Finding{{s, fmt.Sprintf("the last run was %s ago", c.Age()), c.LastRun().At.Wall,
		"is cron running, and does it have the line for `lunstat collect`? run it by hand to see what it says"}}
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
			f = append(f, Finding{Warning, fmt.Sprintf("the clock was stepped by %v", step.Round(time.Second)), was.Wall, "check the time service: chronyc tracking, or ntpq -p; a clock that it slews never steps"})
		}
		if d := is.Mono - was.Mono; d > holeAfter {
			// If a stretch began before the hour, the part within the hour counts.
			missed += max(0, min(d, time.Hour-c.Now.Sub(is.Wall))-time.Minute)
			if since.IsZero() {
				since = was.Wall
			}
		}
	}
	if minutes := int(missed.Round(time.Minute).Minutes()); minutes > 0 {
		f = append(f, Finding{Warning, fmt.Sprintf("the collector missed %s of the last hour", english.Plural(minutes, "minute", "")), since,
			"did cron stop, or did a run take too long? see cron's log: journalctl -t CRON"})
	}
	return f
}

// inOrder puts the runs of each boot in the order in which they were: by the wall
// clock, those after a step back would be among those before.
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
	do := "run `lunstat collect` by hand to see what to do"
	if strings.Contains(c.Failing.What, "made by a later lunstat") {
		// This lunstat has read the journal, so it isn't the one that failed.
		do = "an older lunstat runs on this host, too, perhaps /usr/local/bin/lunstat, by cron or by a unit in /etc/systemd/system: remove it"
	}
	return []Finding{{Warning, "the collector's runs fail: " + c.Failing.What, c.Failing.Since, do}}
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
		"it hangs: see where with `cat /proc/" + c.Holder.PID + "/stack`; nothing is measured until it ends"}}
}
