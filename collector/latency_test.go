package collector

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

const sqldb = "zimbra1_sqldb-data"

// counting is a kernel's histograms: one region a device, by its name.
type counting struct {
	regions map[string]*series.LatencyReading
	asked   map[string]int
	mayMake map[string]bool
	last    map[string]*series.LatencyReading
	fail    func(name string) error
	up      func() time.Duration
}

func newCounting(h *hosttest.Host) *counting {
	return &counting{
		regions: map[string]*series.LatencyReading{}, asked: map[string]int{}, mayMake: map[string]bool{},
		last: map[string]*series.LatencyReading{}, up: h.Up,
	}
}

func (c *counting) Latency(lun *mapper.LUN, last *series.LatencyReading, mayMake bool) (*series.LatencyReading, error) {
	name := lun.Name()
	c.asked[name]++
	c.mayMake[name], c.last[name] = mayMake, last
	if c.fail != nil {
		if err := c.fail(name); err != nil {
			return nil, err
		}
	}
	if c.regions[name] == nil && mayMake {
		c.regions[name] = &series.LatencyReading{Version: series.BoundsVersion, Made: uint64(c.up())}
	}
	if c.regions[name] == nil {
		return nil, nil
	}
	r := *c.regions[name]
	return &r, nil
}

// do lets a device do I/O that takes a while.
func (c *counting) do(name string, n uint64, took time.Duration) {
	c.regions[name].Counts[series.BucketOf(took)] += n
}

func TestLatencyOfMinutes(t *testing.T) {
	c := newCrond(t, hosttest.Mail()...)
	kernel := newCounting(c.host)
	c.kept = kernel
	wall := time.Duration(0)
	minute := func() series.Interval {
		t.Helper()
		c.host.Pass(time.Minute)
		wall += time.Minute
		c.run(wall)
		i, ok := c.last(sqldb)
		if !ok {
			t.Fatal("no interval")
		}
		return i
	}
	c.run(wall)
	kernel.do(sqldb, 19, 4*time.Millisecond)
	kernel.do(sqldb, 1, 220*time.Millisecond)
	i := minute()
	if i.Latency == nil || i.Latency.Counts[6] != 19 || i.Latency.Counts[12] != 1 || i.Latency.Total() != 20 || i.Quality != 0 {
		t.Fatalf("%+v %s", i.Latency, i.Quality)
	}
	if b, _ := i.Latency.Quantile(0.99); b.Upper != 500*time.Millisecond {
		t.Errorf("p99 %s", b)
	}
	if i = minute(); i.Latency == nil || i.Latency.Total() != 0 || i.Quality != 0 {
		t.Errorf("an idle minute: %+v %s", i.Latency, i.Quality)
	}
	if asked := kernel.asked[sqldb]; asked != 3 {
		t.Errorf("asked %d times in 3 runs", asked)
	}
	if len(kernel.asked) != 14 {
		t.Errorf("asked of %v", slices.Collect(maps.Keys(kernel.asked)))
	}

	// The device was made again, and with it the region.
	c.host.Recreate(sqldb)
	delete(kernel.regions, sqldb)
	if i = minute(); kernel.last[sqldb] != nil || i.Latency == nil || i.Latency.Total() != 0 || i.Quality != series.Reset {
		t.Errorf("made again while idle: last %+v, %+v %s", kernel.last[sqldb], i.Latency, i.Quality)
	}
	kernel.do(sqldb, 3, time.Millisecond)
	if i = minute(); i.Latency == nil || i.Latency.Total() != 3 || i.Quality != 0 {
		t.Errorf("after it: %+v %s", i.Latency, i.Quality)
	}
	// A run that was lost costs nothing.
	kernel.do(sqldb, 2, time.Millisecond)
	state := c.state
	minute()
	kernel.do(sqldb, 4, time.Millisecond)
	c.state = state
	if i = minute(); i.Latency.Total() != 6 || i.Quality != 0 {
		t.Errorf("over a lost run: %+v %s", i.Latency, i.Quality)
	}
	// Nobody knows what happened in a boot that ended.
	c.host.Reboot(30 * time.Second)
	delete(kernel.regions, sqldb)
	c.host.Do(sqldb, hosttest.IO{Reads: 5})
	if i = minute(); kernel.last[sqldb] != nil || i.Latency != nil || !i.Quality.Has(series.Reset|series.LatencyPartial) {
		t.Errorf("rebooted: %+v %s", i.Latency, i.Quality)
	}
}

// A request-based map is never asked, a disk neither.
func TestLatencyOfBiosOnly(t *testing.T) {
	c := newCrond(t, append(hosttest.Mail(), hosttest.LUN{Name: "mpatha", WWID: "3600508b400105e210000900000490000", On: []string{"sdx", "sdy"}})...)
	kernel := newCounting(c.host)
	c.kept = kernel
	var mpatha string
	luns, _, err := Names(Options{Paths: c.host.Paths})
	for i := range luns {
		if luns[i].Name() == "mpatha" {
			mpatha = luns[i].Kernel
		}
	}
	if mpatha == "" {
		t.Fatal(err)
	}
	c.host.Write("sys/block/"+mpatha+"/queue/scheduler", "[mq-deadline] none\n")
	c.run(0)
	c.host.Pass(time.Minute)
	c.run(time.Minute)
	if kernel.asked["mpatha"] != 0 || kernel.asked[sqldb] != 2 || len(kernel.asked) != 14 {
		t.Errorf("asked %v", kernel.asked)
	}
	if i, ok := c.last("mpatha"); !ok || i.Latency != nil {
		t.Errorf("%v %+v", ok, i.Latency)
	}
}

// No region is made while I/O hangs: the kernel would wait for it.
func TestLatencyNeverWaits(t *testing.T) {
	c := newCrond(t, hosttest.Mail()...)
	kernel := newCounting(c.host)
	c.kept = kernel
	expect := func(wall time.Duration, want bool, when string) {
		t.Helper()
		c.host.Pass(time.Minute)
		c.run(wall)
		if kernel.mayMake[sqldb] != want {
			t.Errorf("%s: may make a region: %v, want %v", when, !want, want)
		}
	}
	c.host.Do(sqldb, hosttest.IO{Inflight: 3})
	expect(0, false, "I/O in flight, and nothing known of before")
	expect(time.Minute, false, "none of it completed")
	c.host.Do(sqldb, hosttest.IO{Inflight: 3, Reads: 5, ReadMS: 9})
	expect(2*time.Minute, true, "some completed")
	c.host.Do(sqldb, hosttest.IO{})
	expect(3*time.Minute, true, "none in flight")
}

func TestLatencyFails(t *testing.T) {
	node := &os.PathError{Op: "open", Path: "/dev/mapper/control", Err: unix.EACCES}
	for name, c := range map[string]struct {
		fail func(name string) error
		want []string
	}{
		"no right to open": {func(string) error { return node }, []string{"latency histograms are not read (needs root)"}},
		"no right to ask":  {func(string) error { return unix.EACCES }, []string{"latency histograms are not read (needs root)"}},
		"all fail alike":   {func(string) error { return errors.New("no kernel") }, []string{"latency histograms: no kernel"}},
		"one fails": {func(name string) error {
			if name == sqldb {
				return errors.New("no memory")
			}
			return nil
		}, []string{"latency histogram of zimbra1_sqldb-data: no memory"}},
		"each in its way": {func(name string) error { return fmt.Errorf("%s fails", name) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			cron := newCrond(t, hosttest.Mail()...)
			kernel := newCounting(cron.host)
			kernel.fail = c.fail
			cron.kept = kernel
			r := cron.run(0)
			var said []string
			for _, w := range r.Run.Warnings {
				if strings.Contains(w.What, "atency") {
					said = append(said, w.What)
				}
			}
			if c.want == nil && len(said) > mostAlike+1 || c.want != nil && !slices.Equal(said, c.want) {
				t.Errorf("said %q", said)
			}
			if len(cron.minutes) != 1 || len(cron.state.Last) < 14 {
				t.Error("the minute failed")
			}
		})
	}
}

// A LUN that did not answer is asked again, but makes no region: each attempt that hangs
// keeps a process.
func TestLatencyDoesNotHangTwice(t *testing.T) {
	c := newCrond(t, hosttest.Mail()...)
	kernel := newCounting(c.host)
	c.kept = kernel
	c.run(0)
	delete(kernel.regions, sqldb)
	for i := range c.state.Last {
		c.state.Last[i].Latency = nil
	}
	for _, w := range latencyWarnings([]latencyFailure{{&mapper.LUN{DMName: sqldb, Kernel: "dm-13"}, errNoAnswer}}) {
		c.state.Conditions = append(c.state.Conditions, series.Condition{Warning: w, Since: boot, Said: boot, Lasts: true})
	}
	wall := time.Duration(0)
	for _, at := range []struct {
		wall    time.Duration
		mayMake bool
	}{{time.Minute, false}, {2 * time.Minute, false}, {40 * time.Minute, false}, {62 * time.Minute, false}, {63 * time.Minute, true}} {
		c.host.Pass(at.wall - wall)
		wall = at.wall
		c.run(wall)
		if kernel.mayMake[sqldb] != at.mayMake || !kernel.mayMake["sysvg-root"] {
			t.Errorf("after %v: may make a region: %v; another's: %v", wall, kernel.mayMake[sqldb], kernel.mayMake["sysvg-root"])
		}
	}
}

// hanging answers all but one device.
type hanging struct {
	*counting
	forever chan struct{}
}

func (h hanging) Latency(lun *mapper.LUN, last *series.LatencyReading, mayMake bool) (*series.LatencyReading, error) {
	if lun.Name() == sqldb {
		<-h.forever
	}
	return h.counting.Latency(lun, last, mayMake)
}

func TestLatencyOfAHungDevice(t *testing.T) {
	c := newCrond(t, hosttest.Mail()...)
	kernel := newCounting(c.host)
	s, err := ReadSample(Options{Paths: c.host.Paths, Rules: c.rules}, series.State{})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		h := hanging{kernel, make(chan struct{})}
		o := Options{Paths: c.host.Paths, Rules: c.rules, Histograms: h}
		began := time.Now()
		failed := o.addLatency(t.Context(), &s, series.State{})
		if took := time.Since(began); took > answerWait+2*answerPatience {
			t.Errorf("it took %v", took)
		}
		if w := latencyWarnings(failed); len(w) != 1 || w[0].What != "latency histogram of zimbra1_sqldb-data: no answer within 2s" {
			t.Errorf("said %v", w)
		}
		close(h.forever)
		synctest.Wait()
	})
	got := 0
	for i := range s.Readings {
		if s.Readings[i].Latency != nil {
			got++
		}
	}
	if got != 13 {
		t.Errorf("%d histograms, want all others'", got)
	}
}

// With sub-samples each LUN is asked once, at the reading that ends the minute.
func TestLatencyWithSubsamples(t *testing.T) {
	c := newCrond(t, hosttest.Mail()...)
	kernel := newCounting(c.host)
	c.kept = kernel
	c.run(0)
	kernel.do(sqldb, 7, time.Millisecond)
	c.host.Pass(time.Minute)
	_, err := Run(t.Context(), Options{
		Paths: c.host.Paths, Host: "mailstore", LockFile: c.lockFile, Rules: c.rules, Histograms: kernel,
		Every: time.Second, ReadingTime: boot.Add(time.Minute + 58*time.Second), // past second 57: it does not wait
	}, func() (Journal, error) { return &c.memory, nil })
	if err != nil {
		t.Fatal(err)
	}
	i, ok := c.last(sqldb)
	if !ok || i.Latency == nil || i.Latency.Total() != 7 || i.Quality.Has(series.LatencyPartial) || kernel.asked[sqldb] != 2 {
		t.Errorf("%v, %+v %s, asked %d times in two runs", ok, i.Latency, i.Quality, kernel.asked[sqldb])
	}
}
