package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// Store is what a store has to do: take minutes, and give what a report reads.
type Store interface {
	Commit(ctx context.Context, m *series.Minute) error
	LUNs(ctx context.Context, from, to time.Time) ([]mapper.Entry, error)
	Intervals(ctx context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error
	Spaces(ctx context.Context, q series.Query, fn func(series.Key, *series.Space) error) error
	Runs(ctx context.Context, q series.Query) ([]series.Run, error)
	Pressures(ctx context.Context, q series.Query) ([]series.HostPressure, error)
	Extent(ctx context.Context) (first, last time.Time, ok bool, err error)
}

// Run runs the suite. open gives an empty store, which ends with its test.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, test := range []struct {
		name string
		do   func(*testing.T, Store)
	}{
		{"empty", empty},
		{"first reading", firstReading},
		{"plain", plain},
		{"quality", quality},
		{"absent fields", absentFields},
		{"peaks", peaks},
		{"extremes", extremes},
		{"histograms", histograms},
		{"largest histograms", largestHistograms},
		{"histograms of means", means},
		{"bins", bins},
		{"long stays apart", longApart},
		{"range", ranges},
		{"keys", keys},
		{"two hosts", twoHosts},
		{"same second", sameSecond},
		{"clock set back", clockBack},
		{"many series", manySeries},
		{"ledger", ledger},
		{"one identity twice", oneIdentityTwice},
		{"colours", colours},
		{"spaces", spaces},
		{"runs", runs},
		{"turns", turns},
		{"runs after a step back", steppedBack},
		{"pressure", pressure},
		{"callback ends the call", callbackEnds},
	} {
		t.Run(test.name, func(t *testing.T) { test.do(t, open(t)) })
	}
}

func empty(t *testing.T, s Store) {
	if _, _, ok, err := s.Extent(t.Context()); ok || err != nil {
		t.Errorf("the extent of nothing: ok %v, %v", ok, err)
	}
	for _, w := range Widths() {
		if got := Read(t, s, All(w)); len(got) > 0 {
			t.Errorf("width %s: %d series in an empty store", w, len(got))
		}
	}
	if luns, err := s.LUNs(t.Context(), Start, Start.AddDate(1, 0, 0)); len(luns) > 0 || err != nil {
		t.Errorf("%d LUNs, %v", len(luns), err)
	}
	if runs, err := s.Runs(t.Context(), All(0)); len(runs) > 0 || err != nil {
		t.Errorf("%d runs, %v", len(runs), err)
	}
}

func firstReading(t *testing.T, s Store) {
	m := Minute("mail1", Start)
	m.Mapped = []mapper.LUN{LUN(0)}
	Commit(t, s, m)
	if _, _, ok, err := s.Extent(t.Context()); ok || err != nil {
		t.Errorf("a first reading has no interval, but the extent is ok %v, %v", ok, err)
	}
	luns, err := s.LUNs(t.Context(), Start.Add(-time.Hour), Start.Add(time.Hour))
	if err != nil || len(luns) != 1 || !luns[0].From.Equal(Start) {
		t.Errorf("ledger after the first reading: %+v, %v", luns, err)
	}
}

func plain(t *testing.T, s Store) {
	want := map[series.Key][]series.Interval{}
	for n := range 90 {
		at := Start.Add(time.Duration(n) * time.Minute)
		m := Minute("mail1", at, Interval(Key("mail1", 0), at, n), Interval(Key("mail1", 1), at, n+7))
		for _, i := range m.Intervals {
			want[i.Key] = append(want[i.Key], i.Interval)
		}
		Commit(t, s, m)
	}
	Equal(t, Read(t, s, All(0)), want)
	first, last, ok, err := s.Extent(t.Context())
	if err != nil || !ok || !first.Equal(Start) || !last.Equal(Start.Add(89*time.Minute)) {
		t.Errorf("extent %s to %s, ok %v, %v", first, last, ok, err)
	}
}

func quality(t *testing.T, s Store) {
	k := Key("mail1", 0)
	want := map[series.Key][]series.Interval{}
	for n := range 10 {
		at := Start.Add(time.Duration(n) * time.Minute)
		i := Interval(k, at, n+1)
		if n > 0 {
			i.Quality = 1 << (n - 1)
		}
		want[k] = append(want[k], i.Interval)
		Commit(t, s, Minute("mail1", at, i))
	}
	Equal(t, Read(t, s, All(0)), want)
}

func absentFields(t *testing.T, s Store) {
	want := map[series.Key][]series.Interval{}
	at := Start
	for f := range series.NumFields {
		at = at.Add(time.Minute)
		without, only := Interval(Key("mail1", 0), at, 5), Interval(Key("mail1", 1), at, 5)
		without.Drop(f)
		only.Sums = series.Sums{}
		only.Set(f, 0) // 0 is not absent
		none := Interval(Key("mail1", 2), at, 5)
		none.Sums, none.Inflight, none.InflightKnown = series.Sums{}, 0, false
		none.Set(series.IOs, uint64(f))
		m := Minute("mail1", at, without, only, none)
		for _, i := range m.Intervals {
			want[i.Key] = append(want[i.Key], i.Interval)
		}
		Commit(t, s, m)
	}
	Equal(t, Read(t, s, All(0)), want)
	wantBins := map[series.Key][]series.Interval{}
	for k, in := range want {
		wantBins[k] = series.Roll(in, 15*time.Minute)
	}
	Equal(t, Read(t, s, All(15*time.Minute)), wantBins)
}

func peaks(t *testing.T, s Store) {
	want := map[series.Key][]series.Interval{}
	for n := range 200 {
		at := Start.Add(time.Duration(n) * time.Minute)
		with, without := Interval(Key("mail1", 0), at, n), Interval(Key("mail1", 1), at, n)
		with.Peak = series.Maxima{WindowMS: 1000, IOPS: float32(n) * 1.25, IOPSAt: at.Unix() - int64(n%60),
			BytesPerS: 1e6 / float32(n+1), UtilPercent: 100.5, Queue: float32(n) / 3}
		if n%2 == 0 {
			with.Peak.ReadAwait, with.Peak.WriteAwait = 0.1, 12345.678
		}
		m := Minute("mail1", at, with, without)
		for _, i := range m.Intervals {
			want[i.Key] = append(want[i.Key], i.Interval)
		}
		Commit(t, s, m)
	}
	Equal(t, Read(t, s, All(0)), want)
	checkBins(t, s, want)
}

func extremes(t *testing.T, s Store) {
	k := Key("mail1", 0)
	i := Interval(k, Start, 1)
	for f := range series.NumFields {
		i.Set(f, 1<<62-1) // the largest that an InfluxDB integer and a doubling leave room for
	}
	i.Inflight = 1<<32 - 1
	i.ElapsedMS, i.SpanMS = 40*24*3600*1000, 40*24*3600*1000
	i.Quality = series.Long | series.Reset
	Commit(t, s, Minute("mail1", Start, i))
	Equal(t, Read(t, s, All(0)), map[series.Key][]series.Interval{k: {i.Interval}})
}

func callbackEnds(t *testing.T, s Store) {
	for n := range 3 {
		at := Start.Add(time.Duration(n) * time.Minute)
		Commit(t, s, Minute("mail1", at, Interval(Key("mail1", 0), at, n)))
	}
	enough := errors.New("enough")
	for _, w := range Widths() {
		calls := 0
		err := s.Intervals(t.Context(), All(w), func(series.Key, *series.Interval) error { calls++; return enough })
		if !errors.Is(err, enough) || calls != 1 {
			t.Errorf("width %s: %d calls, then %v", w, calls, err)
		}
	}
	if _, _, ok, err := s.Extent(t.Context()); !ok || err != nil {
		t.Errorf("after that, extent is ok %v, %v", ok, err)
	}
}

func runs(t *testing.T, s Store) {
	var want []series.Run
	boots := []string{"b1", "b1", "b1", "b2", "b2"}
	for n, boot := range boots {
		at := Start.Add(time.Duration(n)*time.Minute + 123*time.Millisecond)
		m := Minute("mail1", at)
		m.Run.At = series.Instant{Wall: at, Mono: time.Duration(n+1) * time.Minute, Boot: time.Duration(n+2) * time.Minute, BootID: boot}
		m.Run.Kernel, m.Run.Version, m.Run.TookMS, m.Run.LUNs = "6.1.0", "v1", uint32(n), 14
		if n == 2 {
			m.Run.Warnings = []series.Warning{{What: "diskstats:17: 12 fields, want 14 or more", Hint: "a \"hint\"\nof two lines"}, {What: "ü"}}
		}
		want = append(want, m.Run)
		Commit(t, s, m)
	}
	got, err := s.Runs(t.Context(), All(0))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d runs, want %d", len(got), len(want))
	}
	for i := range want {
		if !sameRun(got[i], want[i]) {
			t.Errorf("run %d:\n got %+v\nwant %+v", i, got[i], want[i])
		}
	}
	coarse, err := s.Runs(t.Context(), All(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 2, 3} { // the first, the last of its boot, the first of the next
		if !slices.ContainsFunc(coarse, func(r series.Run) bool { return sameRun(r, want[i]) }) {
			t.Errorf("run %d, at a boot, is not among the coarse ones", i)
		}
	}
}

// step is the time between two runs, by each clock, and whether that makes a turn.
type step struct {
	wall, mono, boot time.Duration // since the run before
	version, bootID  string
	turn             bool
}

// stepWith is a plain minute, except for what f changes, which makes a turn.
func stepWith(f func(*step)) step {
	s := plainStep()
	s.turn = true
	f(&s)
	return s
}

func plainStep() step {
	return step{wall: time.Minute, mono: time.Minute, boot: time.Minute, version: "v1", bootID: "b1"}
}

// turnSteps are steps of one boot.
func turnSteps() []step {
	minute := plainStep()
	steps := []step{minute, minute,
		stepWith(func(s *step) { s.wall, s.mono, s.boot = 3*time.Minute, time.Minute, 3*time.Minute }), // suspended, no gap
		minute, minute,
		stepWith(func(s *step) { s.boot = time.Minute + 2*time.Second }), // suspended for a moment
		minute, minute,
		stepWith(func(s *step) { s.wall = time.Minute + 3*time.Second }), // the clock was stepped
		minute, minute,
		stepWith(func(s *step) { s.wall, s.mono, s.boot = 6*time.Minute, 6*time.Minute, 6*time.Minute }),
		minute, minute,
	}
	steps[len(steps)-1].wall += time.Second // NTP slewing is not a step
	return steps
}

// turns: of a day's runs, a coarse question gets those at which something happened,
// those before, the first and the last, from every store alike.
func turns(t *testing.T, s Store) {
	steps := turnSteps()
	at := series.Instant{Wall: Start, Mono: time.Hour, Boot: time.Hour}
	var all []series.Run
	want := map[int]bool{0: true, len(steps) + 2: true}
	commit := func(st step) {
		at.Wall, at.Mono, at.Boot, at.BootID = at.Wall.Add(st.wall), at.Mono+st.mono, at.Boot+st.boot, st.bootID
		m := Minute("mail1", at.Wall)
		m.Run.At, m.Run.Version = at, st.version
		if st.turn {
			want[len(all)-1], want[len(all)] = true, true
		}
		all = append(all, m.Run)
		Commit(t, s, m)
	}
	for _, st := range steps {
		commit(st)
	}
	commit(stepWith(func(s *step) { s.version = "v2" }))
	commit(step{wall: time.Minute, mono: time.Minute - at.Mono, boot: time.Minute - at.Boot, version: "v2", bootID: "b2", turn: true})
	commit(step{wall: time.Minute, mono: time.Minute, boot: time.Minute, version: "v2", bootID: "b2"})
	got, err := s.Runs(t.Context(), All(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if has := slices.ContainsFunc(got, func(r series.Run) bool { return r.At.Wall.Equal(all[i].At.Wall) }); has != want[i] {
			t.Errorf("run %d, %v after the first: given %v, want %v", i, all[i].At.Wall.Sub(all[0].At.Wall), has, want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d runs, want %d", len(got), len(want))
	}
}

// steppedBack: after a step back of the clock the runs interleave, and no run is a
// turn for that.
func steppedBack(t *testing.T, s Store) {
	at := series.Instant{Wall: Start, Mono: time.Hour, Boot: time.Hour, BootID: "b1"}
	for n := range 40 {
		at.Wall, at.Mono, at.Boot = at.Wall.Add(time.Minute), at.Mono+time.Minute, at.Boot+time.Minute
		if n == 20 {
			at.Wall = at.Wall.Add(-10*time.Minute - 30*time.Second)
		}
		m := Minute("mail1", at.Wall)
		m.Run.At = at
		Commit(t, s, m)
	}
	got, err := s.Runs(t.Context(), All(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	var monos []int
	for _, r := range got {
		monos = append(monos, int((r.At.Mono - time.Hour).Minutes()))
	}
	slices.Sort(monos)
	if want := []int{1, 20, 21, 40}; !slices.Equal(monos, want) {
		t.Errorf("runs %v, want %v: the first, the last, and those around the step", monos, want)
	}
}

func sameRun(a, b series.Run) bool {
	return a.Host == b.Host && a.At.Wall.Equal(b.At.Wall) && a.At.Mono == b.At.Mono && a.At.Boot == b.At.Boot && a.At.BootID == b.At.BootID &&
		a.Kernel == b.Kernel && a.Version == b.Version && a.TookMS == b.TookMS && a.LUNs == b.LUNs && samePressure(a.Pressure, b.Pressure) && slices.Equal(a.Warnings, b.Warnings)
}
