package storetest_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lunstat/collector"
	"lunstat/collector/influx"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/journal"
	"lunstat/collector/series"
	"lunstat/collector/storetest"
	"lunstat/mapper"
)

// sinkName is the sink's name in the journal.
const sinkName = "influx"

// TestMain draws fewer histories than rapid would: each costs a second.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// TestHistories draws what can happen to a host, plays it into the journal, and
// compares what the journal says of it with all that was committed, and with what
// a real server says to which it was forwarded. rapid prints the seed of a history
// on which they differ, and shortens it.
func TestHistories(t *testing.T) {
	t.Run("journal", func(t *testing.T) {
		rapid.Check(t, func(r *rapid.T) {
			p := newPlayer(r, t)
			defer p.close()
			p.play()
			p.compareCommitted()
		})
	})
	for _, v := range influxtest.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			server := influxtest.Start(t, v)
			histories := 0
			rapid.Check(t, func(r *rapid.T) {
				p := newPlayer(r, t)
				defer p.close()
				histories++
				p.host = fmt.Sprintf("mail%d", histories)
				p.connect(server)
				defer p.disconnect()
				p.play()
				p.forward(0)
				p.compare()
			})
		})
	}
}

// act is one thing that can happen.
type act struct {
	name string
	do   func(*player)
}

// GoString is what rapid prints.
func (a act) GoString() string { return a.name }

// acts are all that can happen; minutes most often.
func acts() []act {
	few := act{"minutes", func(p *player) { p.minutes(rapid.IntRange(1, 20).Draw(p.r, "minutes")) }}
	return []act{
		few, few, few,
		{"hours of minutes", func(p *player) { p.minutes(rapid.IntRange(60, 150).Draw(p.r, "minutes")) }},
		{"clock step", func(p *player) {
			p.wall = p.wall.Add(time.Duration(rapid.IntRange(-5400, 5400).Draw(p.r, "step")) * time.Second)
		}},
		{"far clock step", func(p *player) {
			p.wall = p.wall.Add(time.Duration(rapid.IntRange(-72, 72).Draw(p.r, "step")) * time.Hour)
		}},
		{"wild clock", func(p *player) {
			if p.sink != nil {
				return // its coarse reads still differ around such a clock
			}
			p.minutes(1) // whose journal began in a wrong year can't be told from a later one
			right := p.wall
			p.wild = true
			p.wall = time.Date(rapid.SampledFrom([]int{1000, 1969, 1970, 2000, 2038, 2260, 9999}).Draw(p.r, "year"), 12, 31, 23, 50, 0, 0, time.UTC)
			n := rapid.IntRange(1, 40).Draw(p.r, "minutes")
			p.minutes(n)
			p.wall, p.wild = right.Add(time.Duration(n)*time.Minute), false
		}},
		{"suspend", func(p *player) { p.suspend(rapid.IntRange(1, 1800).Draw(p.r, "asleep")) }},
		{"gap", func(p *player) { p.pass(rapid.IntRange(61, 20_000).Draw(p.r, "gap")) }},
		{"boot", func(p *player) { p.reboot(rapid.IntRange(20, 7200).Draw(p.r, "down")) }},
		{"LUN changes", func(p *player) { p.changeLUN() }},
		{"histograms", func(p *player) { p.changeRegion() }},
		{"journal opened again", func(p *player) { p.reopen() }},
		{"forward some", func(p *player) { p.forward(rapid.IntRange(1, 40).Draw(p.r, "runs")) }},
		{"forward all", func(p *player) { p.forward(0) }},
		{"journal lost", func(p *player) { p.renew() }},
	}
}

// The player's retention is short, so that a history of a few days reaches it.
const (
	keepRaw = 6 * time.Hour
	keep15m = 30 * time.Hour
)

// lun is a made LUN with its counters.
type lun struct {
	mapper.LUN
	series.Counters
	absent bool
	region *series.LatencyReading // nil: the kernel keeps no histogram of it
}

// player is one host, its journal, and the server that it forwards to.
type player struct {
	r      *rapid.T
	t      *testing.T
	host   string
	path   string
	j      *journal.Journal
	sink   *influx.Sink
	source *influx.Source

	wall       time.Time
	mono, boot time.Duration
	boots      int
	luns       []lun
	waited     uint64 // µs in which the host waited for I/O since its boot

	committed map[series.Key][]series.Interval // since the journal was last lost
	latest    time.Time                        // the latest wall clock of any run
	earliest  time.Time                        // the earliest, of the newest journal
	// Both stores are complete from here on: what lies before was deleted from one
	// of them, or was lost with a journal.
	whole map[time.Duration]time.Time
	// The ledger of a new journal begins with its first run.
	ledgerWhole time.Time
	wild        bool               // the clock shows another year
	otherYears  bool               // it did, at some time
	setBack     bool               // the clock was, at some time
	lost        bool               // no run since the journal was lost
	renewed     bool               // the journal was lost at some time
	gone        map[mapper.ID]bool // LUNs that were gone when the newest journal began
}

func newPlayer(r *rapid.T, t *testing.T) *player {
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	p := &player{r: r, t: t, host: "mail1", path: filepath.Join(dir, "journal.db"), wall: storetest.Start.Add(7 * time.Hour),
		mono: time.Hour, boot: time.Hour, committed: map[series.Key][]series.Interval{}}
	p.whole = map[time.Duration]time.Time{}
	for _, w := range storetest.Widths() {
		p.whole[w] = storetest.Start.AddDate(0, -1, 0) // what was committed in another year aside
	}
	for n := range 3 {
		p.luns = append(p.luns, lun{LUN: storetest.LUN(n), Counters: series.Counters{Given: series.GivenDiscards | series.GivenFlushes}})
	}
	p.luns[0].region = &series.LatencyReading{Version: series.BoundsVersion, Made: uint64(p.mono)}
	p.open()
	return p
}

func (p *player) connect(server *influxtest.Server) {
	var err error
	if p.sink, err = influx.NewSink(influx.Options{URL: server.URL, Token: server.Writer, Org: server.Org}); err != nil {
		p.r.Fatal(err)
	}
	if p.source, err = influx.NewSource(influx.Options{URL: server.URL, Token: server.Reader, Org: server.Org, Hosts: []string{p.host}}); err != nil {
		p.r.Fatal(err)
	}
}

func (p *player) disconnect() {
	p.sink.Close()
	p.source.Close()
}

// play draws a history. It ends with a few runs, so that a journal that was just
// lost has something again.
func (p *player) play() {
	for range rapid.IntRange(1, 40).Draw(p.r, "length") {
		rapid.SampledFrom(acts()).Draw(p.r, "act").do(p)
	}
	p.minutes(3)
}

func (p *player) open() {
	j, err := journal.Open(p.path, journal.Options{Sync: "normal", Now: func() time.Time { return p.wall }, KeepRaw: keepRaw, Keep15m: keep15m, Sink: sinkName})
	if err != nil {
		p.r.Fatal(err)
	}
	p.j = j
}

func (p *player) reopen() {
	if err := p.j.Close(); err != nil {
		p.r.Fatal(err)
	}
	p.open()
}

func (p *player) close() {
	if err := p.j.Close(); err != nil {
		p.r.Fatal(err)
	}
}

// pass lets time go by on all clocks.
func (p *player) pass(seconds int) {
	d := time.Duration(seconds) * time.Second
	p.wall, p.mono, p.boot = p.wall.Add(d), p.mono+d, p.boot+d
}

func (p *player) suspend(seconds int) {
	d := time.Duration(seconds) * time.Second
	p.wall, p.boot = p.wall.Add(d), p.boot+d
}

func (p *player) reboot(down int) {
	p.boots++
	p.wall = p.wall.Add(time.Duration(down) * time.Second)
	p.mono = time.Duration(rapid.IntRange(5, down).Draw(p.r, "up")) * time.Second
	p.boot = p.mono
	p.waited = 0
	for n := range p.luns {
		p.luns[n].Counters, p.luns[n].region = series.Counters{Given: p.luns[n].Given}, nil
	}
}

// changeRegion makes a LUN's region, whether it has one or not, clears it, or removes it.
func (p *player) changeRegion() {
	l := &p.luns[rapid.IntRange(0, len(p.luns)-1).Draw(p.r, "LUN")]
	change := rapid.SampledFrom([]string{"make", "make", "make", "clear", "grow", "remove"}).Draw(p.r, "region")
	switch {
	case change == "make":
		ago := time.Duration(rapid.IntRange(0, 90).Draw(p.r, "ago")) * time.Second
		l.region = &series.LatencyReading{Version: series.BoundsVersion, Made: uint64(max(p.mono-ago, 1))}
	case change == "remove" || l.region == nil:
		l.region = nil
	case change == "clear":
		l.region.Counts, l.region.ReadNS, l.region.WriteNS = [series.NumBuckets]uint64{}, 0, 0
	case change == "grow":
		l.region.Short = true
	}
}

// changeLUN lets one go or come back, or gives it other names.
func (p *player) changeLUN() {
	l := &p.luns[rapid.IntRange(0, len(p.luns)-1).Draw(p.r, "LUN")]
	switch rapid.SampledFrom([]string{"go or come", "rename", "renumber", "grow"}).Draw(p.r, "change") {
	case "go or come":
		l.absent = !l.absent
	case "rename":
		l.DMName += "x"
	case "renumber":
		l.Dev.Minor += 10
		l.Kernel = fmt.Sprintf("dm-%d", l.Dev.Minor)
	case "grow":
		l.SizeBytes += 1 << 30
	}
}

func (p *player) minutes(n int) {
	for n := range n {
		p.pass(59 + n%3) // cron jitters
		p.run()
	}
}

// run is one run of the collector.
func (p *player) run() {
	s := series.Sample{Host: p.host, Source: series.SourceHost, Kernel: "6.1.0", SpacesDue: true,
		At: series.Instant{Wall: p.wall, Mono: p.mono, Boot: p.boot, BootID: fmt.Sprintf("boot-%d", p.boots)}}
	for n := range p.luns {
		l := &p.luns[n]
		if l.absent {
			continue
		}
		l.work(uint64(n + 1))
		s.LUNs = append(s.LUNs, l.LUN)
		s.Readings = append(s.Readings, series.Reading{Kernel: l.Kernel, Dev: l.Dev, Counters: l.Counters, Latency: l.reading()})
		used := l.WriteSectors * 512 % (1 << 39)
		s.Spaces = append(s.Spaces, series.KeySpace{Key: series.Key{ID: l.ID}, Mount: l.Mounts[0].Point,
			Space: series.Space{At: p.wall.Truncate(time.Second), SizeBytes: 1 << 40, UsedBytes: used, FreeBytes: 1<<40 - used, AvailBytes: 1<<40 - used}})
	}
	waited, all := p.waited, p.waited/3
	p.waited += uint64(1e6 * (p.boots + 1))
	s.Pressure = series.PressureReading{At: s.At, SomeUS: &waited, FullUS: &all}
	state, err := p.j.State(p.t.Context(), s.Host)
	if err != nil {
		p.r.Fatal(err)
	}
	m, _ := collector.Close(state, s, collector.Rules{Gap: 5 * time.Minute, Layers: "maps"})
	if err := p.j.Commit(p.t.Context(), &m); err != nil {
		p.r.Fatal(err)
	}
	for _, i := range m.Intervals {
		p.committed[i.Key] = append(p.committed[i.Key], i.Interval)
	}
	p.deleted()
}

// work counts what a LUN did since the last run.
func (l *lun) work(n uint64) {
	l.ReadIOs += 7 * n
	l.ReadSectors += 56 * n
	l.ReadMS += uint32(30 * n)
	l.WriteIOs += 11 * n
	l.WriteSectors += 176 * n
	l.WriteMS += uint32(50 * n)
	l.BusyMS += uint32(60 * n)
	l.QueueMS += uint32(80 * n)
	if l.region == nil {
		return
	}
	for i := range 7 * n {
		l.region.Counts[(l.ReadIOs+i*i)%series.NumBuckets]++
	}
	l.region.Counts[7] += 11 * n
	l.region.ReadNS += 30e6 * n
	l.region.WriteNS += 50e6 * n
}

// reading is what the kernel says about the LUN's region now.
func (l *lun) reading() *series.LatencyReading {
	if l.region == nil {
		return nil
	}
	r := *l.region
	return &r
}

// deleted notes what the journal may have deleted at this run.
func (p *player) deleted() {
	if p.earliest.IsZero() || p.lost || p.wall.Before(p.earliest) {
		p.earliest = p.wall
	}
	if p.wild {
		p.otherYears = true
		if p.wall.After(p.latest) {
			// Nothing is deleted within a day of what the last runs had, but raw intervals
			// are kept for less than a day here, and with them goes what they had.
			p.wholeFrom(0, p.latest)
			p.wholeFrom(15*time.Minute, p.latest)
		}
		return
	}
	if p.wall.After(p.latest) {
		p.latest = p.wall
	} else {
		p.setBack = true
	}
	if p.latest.Sub(p.wall) >= 24*time.Hour && p.earliest.Before(p.wall.Add(-keepRaw)) {
		p.wholeFrom(0, p.latest) // runs of a clock that was a day ahead hold up no others
	}
	if p.lost {
		p.ledgerWhole, p.lost = p.latest, false
		p.gone = map[mapper.ID]bool{}
		for n := range p.luns {
			p.gone[p.luns[n].ID] = p.luns[n].absent
		}
	}
	p.wholeFrom(0, p.wall.Add(-keepRaw))
	p.wholeFrom(15*time.Minute, p.wall.Add(-keep15m))
}

func (p *player) wholeFrom(width time.Duration, t time.Time) {
	if t = t.Truncate(time.Hour).Add(time.Hour); t.After(p.whole[width]) {
		p.whole[width] = t
	}
}

// renew loses the journal: a new one begins at run 1. What the old one had not
// sent is nowhere, and its open bins are never closed.
func (p *player) renew() {
	if err := p.j.Close(); err != nil {
		p.r.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(p.path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			p.r.Fatal(err)
		}
	}
	p.open()
	clear(p.committed)
	p.lost, p.renewed = true, true
	if p.wall.Before(p.latest) {
		p.wall = p.latest // whose entry is the later one can't be told otherwise
	}
	for _, w := range storetest.Widths() {
		p.wholeFrom(w, p.latest)
	}
	p.minutes(1)
}

// forward sends what waits: up to so many runs, or all of it.
func (p *player) forward(runs int) {
	if p.sink == nil {
		return
	}
	sink := &limited{to: p.sink, left: runs, all: runs == 0}
	f := collector.Forwarder{Name: sinkName, Open: func() (collector.Sink, error) { return sink, nil }, For: time.Minute, Eager: true}
	done, err := f.Forward(p.t.Context(), p.j)
	if err != nil {
		p.r.Fatal(err)
	}
	if done.Refused > 0 || runs == 0 && done.Waiting > 0 {
		p.r.Fatalf("forwarding: %+v", done)
	}
}

// limited takes so many runs of each batch, and fails then: what it took is sent
// a second time.
type limited struct {
	to   *influx.Sink
	left int
	all  bool
}

func (l *limited) Write(ctx context.Context, out []series.Outbound) ([]series.Refused, error) {
	if l.all {
		return l.to.Write(ctx, out)
	}
	out = out[:min(l.left, len(out))]
	l.left -= len(out)
	if refused, err := l.to.Write(ctx, out); err != nil {
		return refused, err
	}
	return nil, errors.New("enough for now")
}

// compareCommitted compares the journal with everything that was committed to it.
func (p *player) compareCommitted() {
	for _, w := range storetest.Widths() {
		q := series.Query{From: p.whole[w], To: p.latest.Add(time.Hour), Width: w}
		want := map[series.Key][]series.Interval{}
		for k, in := range p.committed {
			if w > 0 {
				in = series.Roll(in, w)
			}
			in = slices.DeleteFunc(slices.Clone(in), func(i series.Interval) bool { return !i.End.After(q.From) || i.End.After(q.To) })
			slices.SortStableFunc(in, func(a, b series.Interval) int { return a.End.Compare(b.End) })
			if len(in) > 0 {
				want[k] = in
			}
		}
		got := p.intervals(p.j, q)
		p.same(fmt.Sprintf("intervals of %s", w), got, want)
		if p.sink == nil && w > 0 && !p.otherYears {
			p.sameIOs(w, got)
		}
	}
}

// sameIOs: a bin's histogram has the I/Os of all of its intervals, bucket by bucket.
func (p *player) sameIOs(w time.Duration, bins map[series.Key][]series.Interval) {
	for k, in := range bins {
		want := map[int64][series.NumBuckets]uint64{}
		add := func(to map[int64][series.NumBuckets]uint64, i *series.Interval) {
			if i.Latency == nil || i.Quality.Has(series.Long) || series.BinOf(i.End, w) <= series.BinOf(p.whole[w], w) {
				return // the first bin may be cut
			}
			sum := to[series.BinOf(i.End, w)]
			for b, n := range i.Latency.Counts {
				sum[b] += n
			}
			to[series.BinOf(i.End, w)] = sum
		}
		got := map[int64][series.NumBuckets]uint64{}
		for i := range in {
			add(got, &in[i])
		}
		for i := range p.committed[k] {
			add(want, &p.committed[k][i])
		}
		p.same(fmt.Sprintf("I/Os in histograms of %s", w), got, want)
	}
}

// compare compares the two stores.
func (p *player) compare() {
	to := p.latest.Add(time.Hour)
	for _, w := range storetest.Widths() {
		q := series.Query{From: p.whole[w], To: to, Width: w}
		p.same(fmt.Sprintf("intervals of %s", w), p.intervals(p.j, q), p.intervals(p.source, q))
		q.From = p.whole[0]
		p.same(fmt.Sprintf("pressure of %s", w), p.pressures(p.j, q), p.pressures(p.source, q))
		if w > 0 {
			// Runs that say what a hole was are kept longer. A new journal lacks those of
			// the old one. For a turn in another year, the journal gives the run before
			// it, which a range alone doesn't show.
			if p.renewed || p.otherYears {
				continue
			}
			q.From = storetest.Start.AddDate(0, -1, 0)
		}
		p.same(fmt.Sprintf("runs of %s", w), p.runs(p.j, q), p.runs(p.source, q))
	}
	// InfluxDB is asked by time: what an entry became after a step back is not seen by
	// a question that begins later.
	if !p.setBack || !p.renewed {
		p.same("ledger", p.ledger(p.j, to), p.ledger(p.source, to))
	}
}

func (p *player) same(what string, journal, other any) {
	if !reflect.DeepEqual(journal, other) {
		p.r.Fatalf("%s differ:\n journal %+v\n other   %+v", what, journal, other)
	}
}

// reader is what both stores are read by.
type reader interface {
	LUNs(ctx context.Context, from, to time.Time) ([]mapper.Entry, error)
	Intervals(ctx context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error
	Runs(ctx context.Context, q series.Query) ([]series.Run, error)
	Pressures(ctx context.Context, q series.Query) ([]series.HostPressure, error)
}

func (p *player) pressures(s reader, q series.Query) []series.HostPressure {
	all, err := s.Pressures(p.t.Context(), q)
	if err != nil {
		p.r.Fatal(err)
	}
	return slices.DeleteFunc(all, func(x series.HostPressure) bool { return x.Host != p.host })
}

func (p *player) intervals(s reader, q series.Query) map[series.Key][]series.Interval {
	got := map[series.Key][]series.Interval{}
	err := s.Intervals(p.t.Context(), q, func(k series.Key, i *series.Interval) error {
		c := *i
		c.End = c.End.UTC()
		got[k] = append(got[k], c)
		return nil
	})
	if err != nil {
		p.r.Fatal(err)
	}
	return got
}

func (p *player) runs(s reader, q series.Query) []string {
	runs, err := s.Runs(p.t.Context(), q)
	if err != nil {
		p.r.Fatal(err)
	}
	var got []string
	for _, r := range runs {
		got = append(got, fmt.Sprintf("%s %s %s %s", r.At.Wall.UTC().Format(time.RFC3339), r.At.Mono, r.At.Boot, r.At.BootID))
	}
	return got
}

// ledger reads what the newest journal knows. That a LUN went while there was no
// journal is known to nobody.
func (p *player) ledger(s reader, to time.Time) []string {
	from := p.ledgerWhole
	if !p.renewed {
		from = storetest.Start.AddDate(-100, 0, 0)
	}
	all, err := s.LUNs(p.t.Context(), from, to)
	if err != nil {
		p.r.Fatal(err)
	}
	var got []string
	for _, e := range all {
		if p.gone[e.LUN.ID] {
			continue
		}
		got = append(got, fmt.Sprintf("%s to %s: %s %s, colour %d, %d bytes, %s", e.From.UTC().Format(time.RFC3339), e.To.UTC().Format(time.RFC3339), e.LUN.Kernel, e.LUN.DMName, e.Colour, e.LUN.SizeBytes, e.BootID))
	}
	return got
}
