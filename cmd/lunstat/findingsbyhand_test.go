package main

import (
	"encoding/json"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/collector"
	"lunstat/collector/journal"
	"lunstat/collector/mailstore"
	"lunstat/collector/series"
)

// badDays fills a journal with a day and a half of the simulated bad week: the array is
// slow on Tuesday afternoon and on Wednesday, and a LUN stalls on Thursday before dawn.
func badDays(t *testing.T, path string) (from, to time.Time) {
	t.Helper()
	e, _, _ := world(t, nil)
	c, err := e.Config()
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(path, journal.Options{Sync: "normal"})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 10, 12, 0, 0, 0, 0, time.UTC) // a Monday
	from, to = start.AddDate(0, 0, 36).Add(15*time.Hour+7*time.Minute), start.AddDate(0, 0, 38).Add(4*time.Hour+30*time.Minute)
	model := mailstore.New(mailstore.Options{Start: start, BadWeek: true})
	var state series.State
	var all []series.Minute
	for s, more := model.Next(); more && !s.At.Wall.After(to); s, more = model.Next() {
		if s.At.Wall.Before(from) {
			continue
		}
		m, _ := collector.Close(state, s, closingRules(c))
		state = m.State
		all = append(all, m)
	}
	if err := j.CommitAll(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return from, to
}

// byHand is what the exported intervals of one LUN say.
type byHand struct {
	slow, watched, stalled float64 // ms
	stalls                 [2]string
	worst                  float64 // ms
	worstAt                string
	minutes                []exported // with slow time
}

func (h *byHand) add(x exported) {
	marks, _ := x["quality"].([]any)
	if slices.Contains(marks, any("long")) {
		return
	}
	elapsed, _ := x.number("elapsed_ms")
	if slices.Contains(marks, any("stalled")) {
		if h.stalled += elapsed; h.stalls[0] == "" {
			h.stalls[0] = x["start"].(string)
		}
		h.stalls[1] = x["end"].(string)
	}
	slow, known := x.number("slow_ms")
	if !known {
		return
	}
	if h.watched += elapsed; slow == 0 {
		return
	}
	h.slow += slow
	h.minutes = append(h.minutes, x)
	for _, way := range []string{"read", "write"} {
		ios, _ := x.number(way + "_ios")
		ms, _ := x.number(way + "_ms")
		if ios >= 10 && ms/ios > h.worst {
			h.worst, h.worstAt = ms/ios, x["end"].(string)
		}
	}
}

// ends are the beginning of the first slow minute and the end of the last one, of the runs
// of hours with five minutes of slow time or more.
func (h *byHand) ends(t *testing.T) (since, until string) {
	t.Helper()
	last := int64(-9)
	var run []exported
	end := func() {
		ms := 0.0
		for _, x := range run {
			slow, _ := x.number("slow_ms")
			ms += slow
		}
		if ms >= 5*60_000 {
			if since == "" {
				since = run[0]["start"].(string)
			}
			until = run[len(run)-1]["end"].(string)
		}
		run = nil
	}
	for _, x := range h.minutes {
		at, err := time.Parse(time.RFC3339Nano, x["start"].(string))
		if err != nil {
			t.Fatal(err)
		}
		hour := at.Add(30*time.Second).Unix() / 3600
		if hour > last+1 {
			end()
		}
		last = hour
		run = append(run, x)
	}
	end()
	return since, until
}

// The findings of the simulated bad week are those that the exported intervals give by
// hand, whichever resolution the report reads: its bins are of 15 minutes.
func TestFindingsByHand(t *testing.T) {
	t.Parallel()
	c := newCaptured(t)
	c.vars["LUNSTAT_JOURNAL_PATH"] = filepath.Join(t.TempDir(), "bad.db")
	delete(c.vars, "LUNSTAT_LAYERS")
	from, to := badDays(t, c.vars["LUNSTAT_JOURNAL_PATH"])
	over := []string{"--from", from.Format(time.RFC3339), "--to", to.Format(time.RFC3339)}
	hand, roles := map[string]*byHand{}, map[string]string{}
	for line := range strings.Lines(c.run(append([]string{"export"}, over...)...)) {
		var x exported
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatal(err)
		}
		lun, _ := x["lun"].(string)
		if hand[lun] == nil {
			hand[lun] = &byHand{}
		}
		hand[lun].add(x)
		roles[lun], _ = x["role"].(string)
	}
	limits := map[string]float64{"mysql": 20, "primary": 30, "secondary": 50, "index": 30, "redo": 10, "log": 50, "base": 50, "system": 50, "swap": 50}
	var report struct{ Findings []exported }
	if err := json.Unmarshal([]byte(c.run(append([]string{"report", "--json"}, over...)...)), &report); err != nil {
		t.Fatal(err)
	}
	of := func(lun, kind string) exported {
		i := slices.IndexFunc(report.Findings, func(f exported) bool { return f["lun"] == lun && f["kind"] == kind })
		if i < 0 {
			return nil
		}
		return report.Findings[i]
	}
	slow, stalled := 0, 0
	for lun, h := range hand {
		f := of(lun, "slow")
		if worth := h.slow > 0 && (h.slow >= 15*60_000 || h.slow >= 0.01*h.watched); worth != (f != nil) {
			t.Errorf("%s was slow for %v ms, and the finding is %v", lun, h.slow, f)
		}
		if f != nil {
			slow++
			h.checkSlow(t, lun, limits[roles[lun]], f)
		}
		f = of(lun, "stalled")
		if (h.stalled > 0) != (f != nil) {
			t.Errorf("%s stalled for %v ms, and the finding is %v", lun, h.stalled, f)
		}
		if f != nil {
			stalled++
			if s, _ := f.number("duration_s"); s != h.stalled/1000 || f["since"] != h.stalls[0] || f["until"] != h.stalls[1] {
				t.Errorf("%s stalled for %v ms from %v: %v", lun, h.stalled, h.stalls, f)
			}
		}
	}
	if len(hand) != 14 || slow < 6 || stalled != 1 {
		t.Errorf("%d LUNs, %d slow, %d stalled", len(hand), slow, stalled)
	}
}

func (h *byHand) checkSlow(t *testing.T, lun string, limit float64, f exported) {
	t.Helper()
	near := func(name string, want float64) {
		if got, _ := f.number(name); math.Abs(got-want) > 1e-5*want {
			t.Errorf("%s: %s is %v, by hand %v", lun, name, got, want)
		}
	}
	near("duration_s", h.slow/1000)
	near("worst", h.worst)
	near("limit", limit)
	near("times_limit", h.worst/limit)
	since, until := h.ends(t)
	for name, want := range map[string]string{"worst_at": h.worstAt, "since": since, "until": until} {
		if f[name] != want {
			t.Errorf("%s: %s is %v, by hand %s", lun, name, f[name], want)
		}
	}
}
