package journal

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
)

// load is a plausible host: busy by day, a few LUNs heavy, some idle, merges and
// discards rare, I/O of a few sizes, space every five minutes.
type load struct {
	r     *rand.Rand
	host  string
	luns  int
	peaks bool
	timed bool // it has histograms
	means bool // those of one-second means
	last  []series.Last
	used  []uint64
	at    time.Time
	n     int
}

func newLoad(luns int, peaks bool) *load {
	l := &load{r: rand.New(rand.NewPCG(7, 7)), host: "mail1", luns: luns, peaks: peaks, at: storetest.Start,
		last: make([]series.Last, luns), used: make([]uint64, luns)}
	for i := range l.last {
		l.last[i].Key = storetest.Key(l.host, i)
		l.used[i] = uint64(i+1) * 40e9 &^ 4095
	}
	return l
}

// minute is the next one.
func (l *load) minute() *series.Minute {
	l.at = l.at.Add(time.Minute)
	l.n++
	at := series.Instant{Wall: l.at.Add(time.Duration(l.r.IntN(900)) * time.Millisecond), BootID: "3f0c6d2e-6a5f-4a0e-9b0e-2f1a8f0f5a11"}
	at.Mono = at.Wall.Sub(storetest.Start) + 77*time.Hour
	at.Boot = at.Mono
	m := &series.Minute{Run: series.Run{Host: l.host, At: at, Kernel: "6.1.0-18-amd64", Version: "v0.1.0", TookMS: 6, LUNs: uint32(l.luns)}}
	hour := float64(l.at.Hour()) + float64(l.at.Minute())/60
	day := 0.15 + 0.85*math.Exp(-math.Pow((hour-14)/4, 2))
	for i := range l.luns {
		iv := l.interval(i, at, day)
		m.Intervals = append(m.Intervals, iv)
		if l.n%5 == 0 {
			m.Spaces = append(m.Spaces, l.space(i, at.Wall))
		}
	}
	m.State = series.State{Last: l.last, BootID: at.BootID, UeventSeq: 4711, SpaceAt: l.at}
	if l.n == 1 {
		for i := range l.luns {
			m.Mapped = append(m.Mapped, storetest.LUN(i))
		}
	}
	return m
}

func (l *load) interval(i int, at series.Instant, day float64) series.KeyInterval {
	k := series.KeyInterval{Key: l.last[i].Key}
	k.End, k.ElapsedMS = at.Wall.Truncate(time.Second), uint64(60_000+l.r.IntN(20)-10)
	k.SpanMS, k.InflightKnown = k.ElapsedMS, true
	weight := math.Pow(0.75, float64(i%14)) * day * (0.5 + l.r.Float64())
	reads, writes := uint64(20_000*weight), uint64(12_000*weight)
	readKB, writeKB := uint64(4+l.r.IntN(28)), uint64(4+l.r.IntN(12))
	readMS, writeMS := uint64(float64(reads)*(1+8*l.r.Float64())), uint64(float64(writes)*(0.5+4*l.r.Float64()))
	for f, v := range map[series.Field]uint64{
		series.ReadIOs: reads, series.ReadBytes: reads * readKB * 1024, series.ReadMS: readMS,
		series.WriteIOs: writes, series.WriteBytes: writes * writeKB * 1024, series.WriteMS: writeMS,
		series.BusyMS: min(60_000, readMS/3+writeMS/4), series.QueueMS: readMS + writeMS,
	} {
		k.Set(f, v)
	}
	for _, f := range []series.Field{series.ReadMerges, series.WriteMerges, series.DiscardIOs, series.DiscardMerges,
		series.DiscardBytes, series.DiscardMS, series.FlushIOs, series.FlushMS, series.SlowMS} {
		k.Set(f, 0)
	}
	if l.peaks {
		k.Peak = series.Maxima{WindowMS: 1000, IOPS: float32(reads+writes) / 20, IOPSAt: k.End.Unix() - int64(l.r.IntN(57)),
			BytesPerS: float32(reads * readKB * 50), UtilPercent: float32(l.r.Float64() * 100), Queue: float32(l.r.Float64() * 8),
			ReadAwait: float32(l.r.Float64() * 30), WriteAwait: float32(l.r.Float64() * 20)}
	}
	if l.timed {
		l.time(&k.Interval, &l.last[i])
	}
	if l.means {
		ios := reads + writes
		k.Latency = storetest.Means(l.r, float64(ios)/60, time.Duration(readMS+writeMS+1)*time.Millisecond/time.Duration(ios+1))
	}
	c := &l.last[i]
	c.At, c.Given = at, series.GivenDiscards|series.GivenFlushes
	c.ReadIOs, c.WriteIOs = c.ReadIOs+reads, c.WriteIOs+writes
	c.ReadSectors, c.WriteSectors = c.ReadSectors+reads*readKB*2, c.WriteSectors+writes*writeKB*2
	c.ReadMS, c.WriteMS, c.BusyMS, c.QueueMS = c.ReadMS+uint32(readMS), c.WriteMS+uint32(writeMS), c.BusyMS+uint32(readMS/3), c.QueueMS+uint32(readMS+writeMS)
	return k
}

// time gives an interval a histogram whose mean is that of its reads and of its writes.
func (l *load) time(i *series.Interval, last *series.Last) {
	reads, writes := i.Value(series.ReadIOs), i.Value(series.WriteIOs)
	mean := func(ms, ios uint64) time.Duration {
		return time.Duration(ms+1) * time.Millisecond / time.Duration(ios+1)
	}
	slow := storetest.Latencies(l.r, reads, mean(i.Value(series.ReadMS), reads))
	both, _ := slow.Add(storetest.Latencies(l.r, writes, mean(i.Value(series.WriteMS), writes)))
	i.Latency = &both
	now := series.LatencyReading{Version: series.BoundsVersion, Region: 0, Made: uint64(time.Hour)}
	if last.Latency != nil {
		now = *last.Latency
	}
	for b, n := range both.Counts {
		now.Counts[b] += n
	}
	now.ReadNS, now.WriteNS = now.ReadNS+i.Value(series.ReadMS)*1e6, now.WriteNS+i.Value(series.WriteMS)*1e6
	last.Latency = &now
}

func (l *load) space(i int, at time.Time) series.KeySpace {
	l.used[i] += uint64(l.r.IntN(50_000)) * 4096 * uint64(l.r.IntN(2))
	s := series.Space{At: at.Add(time.Duration(i) * 100 * time.Microsecond), SizeBytes: 1 << 40, UsedBytes: l.used[i], Inodes: 1 << 26, InodesUsed: l.used[i] / 60_000}
	s.FreeBytes = s.SizeBytes - s.UsedBytes
	s.AvailBytes = s.FreeBytes - s.SizeBytes/20
	return series.KeySpace{Key: l.last[i].Key, Mount: fmt.Sprintf("/opt/zimbra/%d", i), Space: s}
}

// size is what a closed journal takes on disk, by table.
func size(t testing.TB, j *Journal) int64 {
	t.Helper()
	if _, err := j.db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(j.path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestBytesPerLUNMinute holds the journal to its size: a day and a half of 14 LUNs, with
// their runs, bins, spaces and indexes. The peaks here are six numbers without a
// pattern, the worst case.
func TestBytesPerLUNMinute(t *testing.T) {
	if testing.Short() {
		t.Skip("many minutes")
	}
	t.Parallel()
	plain := bytesPerLUNMinute(t, "plain", func(*load) {})
	peaks := bytesPerLUNMinute(t, "peaks", func(l *load) { l.peaks = true })
	timed := bytesPerLUNMinute(t, "histograms", func(l *load) { l.timed = true })
	means := bytesPerLUNMinute(t, "means", func(l *load) { l.means = true })
	for _, test := range []struct {
		name      string
		per, most float64
	}{{"plain", plain, 40}, {"peaks", peaks, 72}, {"histograms, beside the rest", timed - plain, 12}, {"means, beside the rest", means - plain, 9}} {
		if test.per > test.most {
			t.Errorf("%s: %.1f bytes a LUN-minute, want %v at most", test.name, test.per, test.most)
		}
	}
}

func bytesPerLUNMinute(t *testing.T, name string, with func(*load)) float64 {
	const minutes = 36 * 60
	j, l := open(t, Options{Sync: "normal"}), newLoad(14, false)
	with(l)
	fill(t, j, l, minutes)
	per := float64(size(t, j)) / (14 * minutes)
	t.Logf("%s: %.1f bytes a LUN-minute", name, per)
	for _, table := range []string{"run", "run_end", "sums", "rollup", "space", "state", "ledger"} {
		var n int64
		if err := j.db.QueryRow(`SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name = ?`, table).Scan(&n); err != nil {
			t.Log(err)
			break
		}
		t.Logf("  %-8s %.2f", table, float64(n)/(14*minutes))
	}
	return per
}

// fill commits minutes in batches of a day.
func fill(t testing.TB, j *Journal, l *load, minutes int) {
	t.Helper()
	var batch []series.Minute
	for n := range minutes {
		m := l.minute()
		m.State.Last = append([]series.Last(nil), m.State.Last...)
		batch = append(batch, *m)
		if len(batch) == 1440 || n == minutes-1 {
			if err := j.CommitAll(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
			batch = batch[:0]
		}
	}
}

func BenchmarkCommit(b *testing.B) {
	for _, luns := range []int{14, 1000, 10_000} {
		b.Run(fmt.Sprintf("luns=%d", luns), func(b *testing.B) {
			j := open(b, Options{Sync: "normal"})
			l := newLoad(luns, false)
			for range 20 {
				storetest.Commit(b, j, l.minute())
			}
			for b.Loop() {
				b.StopTimer()
				m := l.minute()
				b.StartTimer()
				storetest.Commit(b, j, m)
			}
			b.ReportMetric(float64(luns)*float64(b.N)/b.Elapsed().Seconds(), "LUNs/s")
		})
	}
}

// BenchmarkMinute is what a process does with the journal in one cron minute:
// open, state, commit, leave.
func BenchmarkMinute(b *testing.B) {
	for _, luns := range []int{14, 1000, 10_000} {
		b.Run(fmt.Sprintf("luns=%d", luns), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "journal.db")
			l := newLoad(luns, false)
			for b.Loop() {
				b.StopTimer()
				m := l.minute()
				for i := range luns {
					m.State.Mapping = append(m.State.Mapping, storetest.LUN(i))
				}
				b.StartTimer()
				j, err := Open(path, Options{})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := j.State(b.Context(), l.host); err != nil {
					b.Fatal(err)
				}
				storetest.Commit(b, j, m)
				if err := j.Finish(b.Context()); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				j.Close()
				b.StartTimer()
			}
		})
	}
}

func BenchmarkState(b *testing.B) {
	for _, luns := range []int{14, 10_000} {
		b.Run(fmt.Sprintf("luns=%d", luns), func(b *testing.B) {
			j := open(b, Options{Sync: "normal"})
			m := newLoad(luns, false).minute()
			for i := range luns {
				m.State.Mapping = append(m.State.Mapping, storetest.LUN(i))
			}
			storetest.Commit(b, j, m)
			for b.Loop() {
				if _, err := j.State(b.Context(), "mail1"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkWeek reads a week of 14 LUNs.
func BenchmarkWeek(b *testing.B) {
	j := open(b, Options{Sync: "normal"})
	l := newLoad(14, false)
	fill(b, j, l, 7*1440)
	for _, w := range storetest.Widths() {
		b.Run("width="+w.String(), func(b *testing.B) {
			n := 0
			for b.Loop() {
				n = 0
				if err := j.Intervals(b.Context(), storetest.All(w), func(series.Key, *series.Interval) error { n++; return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n), "intervals")
		})
	}
}

// BenchmarkFill is history and simulation: many minutes in one transaction.
func BenchmarkFill(b *testing.B) {
	for b.Loop() {
		j := open(b, Options{Sync: "normal"})
		fill(b, j, newLoad(14, false), 10*1440)
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/(10*1440)*1e6, "µs/minute")
}
