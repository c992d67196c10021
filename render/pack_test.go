package render

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
)

// byRuns gives intervals as a journal does, or says that it doesn't.
type byRuns struct {
	*memory
	keyByKey bool
}

func (b byRuns) KeyByKey() bool { return b.keyByKey }

func (b byRuns) Intervals(ctx context.Context, q series.Query, fn func(series.Key, *series.Interval) error) error {
	type one struct {
		key series.Key
		series.Interval
	}
	var all []one
	if err := b.memory.Intervals(ctx, q, func(k series.Key, i *series.Interval) error {
		all = append(all, one{k, *i})
		return nil
	}); err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b one) int { return a.End.Compare(b.End) })
	for i := range all {
		if err := fn(all[i].key, &all[i].Interval); err != nil {
			return err
		}
	}
	return nil
}

// TestPacked: what is packed key by key gives the same numbers as what comes run by run,
// of LUNs that one host has and that two have at once; a source that promises an order
// and doesn't keep it is refused.
func TestPacked(t *testing.T) {
	for name, src := range map[string]*memory{
		"one host":  made{luns: madeLUNs(3), start: monday, every: time.Minute, n: 90, ios: wave(time.Minute)}.source(),
		"two hosts": sharedLUN(3),
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{From: monday, To: monday.Add(90 * time.Minute)}
			var packed, open bytes.Buffer
			if _, err := Numbers(t.Context(), src, o, &packed); err != nil {
				t.Fatal(err)
			}
			if _, err := Numbers(t.Context(), byRuns{memory: src}, o, &open); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(packed.Bytes(), open.Bytes()) {
				t.Error("the numbers differ")
			}
			_, err := Numbers(t.Context(), byRuns{src, true}, o, &open)
			if err == nil || !strings.Contains(err.Error(), "after those of other series") {
				t.Errorf("intervals out of turn: %v", err)
			}
		})
	}
}
