package influx

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// told makes an entry as a row tells it.
func told(t *testing.T, found *entries, stamp int64, e mapper.Entry, opened uint64) {
	t.Helper()
	text, err := encodeEntry(&series.OutEntry{Entry: e, Opened: opened})
	if err != nil {
		t.Fatal(err)
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	tags := map[string]string{"host": e.Host, "uuid": string(e.LUN.ID), "source": e.Source}
	if err := found.add(tags, []cell{cell(fmt.Sprint(stamp)), quoted, cell("1")}); err != nil {
		t.Fatal(err)
	}
}

// TestEndedEntryStaysEnded: after a step back of the clock an entry's end has the
// earlier time stamp, and its day's word the later one.
func TestEndedEntryStaysEnded(t *testing.T) {
	at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	open := mapper.Entry{Host: "h", Source: "host", From: at, LUN: mapper.LUN{ID: "a", Kernel: "dm-1"}}
	ended := open
	ended.To = at.Add(time.Hour)
	for name, order := range map[string][2]mapper.Entry{"the end first": {ended, open}, "the end last": {open, ended}} {
		found := &entries{by: map[entryKey]placed{}, left: mostText}
		told(t, found, 100, order[0], 1)
		told(t, found, 200, order[1], 1)
		all := found.overlapping(at, at.Add(24*time.Hour))
		if len(all) != 1 || !all[0].To.Equal(ended.To) {
			t.Errorf("%s: %+v", name, all)
		}
	}
}

// TestSupersededEntryEnds: an entry of a journal that was lost ends where the next
// journal's begins.
func TestSupersededEntryEnds(t *testing.T) {
	at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	found := &entries{by: map[entryKey]placed{}, left: mostText}
	told(t, found, 100, mapper.Entry{Host: "h", Source: "host", From: at, LUN: mapper.LUN{ID: "a", Kernel: "dm-1"}}, 1<<28|7)
	told(t, found, 200, mapper.Entry{Host: "h", Source: "host", From: at.Add(time.Hour), LUN: mapper.LUN{ID: "a", Kernel: "dm-4"}}, 2<<28|1)
	all := found.overlapping(at, at.Add(24*time.Hour))
	if len(all) != 2 || !all[0].To.Equal(at.Add(time.Hour)) || !all[1].To.IsZero() {
		t.Errorf("%+v", all)
	}
}

// TestCoarseRunsEndWhereFineBegin: a run that is in both buckets is given once.
func TestCoarseRunsEndWhereFineBegin(t *testing.T) {
	turns := hostTurns{}
	run := func(minute int) *series.Run {
		d := time.Duration(minute) * time.Minute
		return &series.Run{Host: "h", At: series.Instant{Wall: time.Unix(1e9, 0).Add(d), Mono: d, Boot: d, BootID: "a"}}
	}
	for _, n := range []int{30, 31, 32, 45} {
		if err := turns.fine(run(n)); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []int{0, 15, 30, 45} {
		if err := turns.coarse(run(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := turns.coarse(&series.Run{Host: "old"}); err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for _, r := range turns.runs() {
		times[r.Host+r.At.Mono.String()]++
	}
	for _, at := range []string{"h0s", "h15m0s", "h30m0s", "h32m0s", "h45m0s", "old0s"} {
		if times[at] != 1 {
			t.Errorf("the run %s is given %d times", at, times[at])
		}
	}
}

// TestRunBesideRollups: the roll-ups' bucket gets the record of a run that closes bins,
// and of no other.
func TestRunBesideRollups(t *testing.T) {
	for bins, want := range map[int]int{0: 0, 1: 1} {
		raw, rollup := &batch{}, &batch{}
		o := series.Outbound{Seq: 1, Run: series.Run{Host: "h", At: series.Instant{Wall: time.Unix(1e9, 0)}}}
		for range bins {
			o.Bins = append(o.Bins, series.OutBin{Width: time.Hour, OutInterval: series.OutInterval{Key: series.Key{ID: "a"}, Interval: series.Interval{End: time.Unix(1e9, 0), ElapsedMS: 1}}})
		}
		if refused := addRun(raw, rollup, &o); len(refused) > 0 {
			t.Fatal(refused)
		}
		got := 0
		for _, p := range rollup.points {
			if strings.HasPrefix(string(p.text), runs+",") {
				got++
			}
		}
		if got != want || len(raw.points) != 1 {
			t.Errorf("%d bins: %d records of the run beside the roll-ups, want %d; %d points in the raw bucket", bins, got, want, len(raw.points))
		}
	}
}

// TestLongEntryIsLeftOut: a text that is longer than a server's field takes is not
// written, and the fields for people are.
func TestLongEntryIsLeftOut(t *testing.T) {
	for long, want := range map[int]bool{100: true, maxText: false} {
		e := series.OutEntry{Entry: mapper.Entry{Host: "h", LUN: mapper.LUN{ID: "a", Kernel: "dm-1", SAN: []string{strings.Repeat("x", long)}}}}
		line, err := appendInfo(nil, &e, 1)
		if err != nil || strings.Contains(string(line), "entry=") != want || !strings.Contains(string(line), `kernel="dm-1"`) {
			t.Errorf("%d bytes: %.100s, %v", long, line, err)
		}
	}
}

// TestLongerOfTwoStands: two points with one time stamp, which differ in a tag only, are
// one interval: the longer.
func TestLongerOfTwoStands(t *testing.T) {
	for _, ms := range [][2]int{{60_000, 30_000}, {30_000, 60_000}} {
		url := endless(t, http.StatusOK, false, func(w io.Writer, statement string, _ int) error {
			text := `{"results":[{"series":[{"columns":["fieldKey","fieldType"],"values":[["elapsed_ms","integer"]]}]}]}`
			switch {
			case strings.Contains(statement, `FROM "lun_latency`):
				text = strings.ReplaceAll(latencyPiece("a", 2_000_000_000, 3), `,"partial":true`, "")
			case !strings.HasPrefix(statement, "SHOW"):
				text = fmt.Sprintf(`{"results":[{"series":[{"tags":{"host":"h","uuid":"a","source":"host"},"columns":["time","elapsed_ms"],"values":[[1000000000,%d],[1000000000,%d],[2000000000,7]]}]}]}`, ms[0], ms[1])
			}
			if _, err := io.WriteString(w, text+"\n"); err != nil {
				return err
			}
			return io.EOF
		})
		s, err := NewSource(Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var got []uint64
		err = s.Intervals(context.Background(), series.Query{From: time.Unix(0, 0), To: time.Unix(10, 0)}, func(_ series.Key, i *series.Interval) error {
			got = append(got, i.ElapsedMS)
			if timed := i.Latency != nil; timed != (i.ElapsedMS == 7) {
				t.Errorf("of %d ms: histogram %v", i.ElapsedMS, timed)
			}
			return nil
		})
		if err != nil || len(got) != 2 || got[0] != 60_000 || got[1] != 7 {
			t.Errorf("of %d ms: %d, %v", ms, got, err)
		}
	}
}
