package influx_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"lunstat/collector/influx"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/series"
	"lunstat/collector/storetest"
	"lunstat/mapper"
)

// store does for a minute what the journal does before it is forwarded: numbers,
// ledger, bins that close.
type store struct {
	*influx.Source
	sink *influx.Sink

	seq     uint64
	lastEnd time.Time
	ends    map[int64]uint32 // runs by second
	open    map[time.Duration][]series.OutInterval
	rows    map[time.Duration]map[int64]uint32 // how often a bin was closed

	luns    map[series.Key]*mapper.LUN
	ledger  map[series.Key]*mapper.Entry
	seen    map[series.Key]uint64
	colours map[string]map[series.Key]int
}

func newStore(source *influx.Source, sink *influx.Sink) *store {
	return &store{Source: source, sink: sink, ends: map[int64]uint32{}, open: map[time.Duration][]series.OutInterval{},
		rows: map[time.Duration]map[int64]uint32{}, luns: map[series.Key]*mapper.LUN{}, ledger: map[series.Key]*mapper.Entry{}, seen: map[series.Key]uint64{},
		colours: map[string]map[series.Key]int{}}
}

func (s *store) Commit(ctx context.Context, m *series.Minute) error {
	o := s.outbound(m)
	refused, err := s.sink.Write(ctx, []series.Outbound{o})
	if err == nil && len(refused) > 0 {
		err = fmt.Errorf("refused: %+v", refused)
	}
	return err
}

func (s *store) outbound(m *series.Minute) series.Outbound {
	s.seq++
	end := m.Run.At.Wall.Unix()
	o := series.Outbound{Seq: s.seq, SameSecond: s.ends[end], Run: m.Run}
	s.ends[end]++
	if m.Mapped != nil {
		o.Ledger = s.changes(m)
	}
	for _, w := range storetest.Widths()[1:] {
		if s.seq > 1 && series.ClosesBins(s.lastEnd, m.Run.At.Wall, w) {
			o.Bins = append(o.Bins, s.close(w)...)
		}
	}
	s.lastEnd = m.Run.At.Wall
	for _, i := range m.Intervals {
		out := series.OutInterval{Key: i.Key, LUN: s.luns[i.Key], Interval: i.Interval}
		o.Intervals = append(o.Intervals, out)
		for _, w := range storetest.Widths()[1:] {
			s.open[w] = append(s.open[w], out)
		}
	}
	for _, sp := range m.Spaces {
		o.Spaces = append(o.Spaces, series.OutSpace{KeySpace: sp, LUN: s.luns[sp.Key]})
	}
	return o
}

// close rolls up what is in no bin yet.
func (s *store) close(w time.Duration) (out []series.OutBin) {
	bins := map[int64]map[series.Key][]series.Interval{}
	for _, i := range s.open[w] {
		n := series.BinOf(i.End, w)
		if bins[n] == nil {
			bins[n] = map[series.Key][]series.Interval{}
		}
		bins[n][i.Key] = append(bins[n][i.Key], i.Interval)
	}
	s.open[w] = nil
	if s.rows[w] == nil {
		s.rows[w] = map[int64]uint32{}
	}
	for n, byKey := range bins {
		for k, in := range byKey {
			for _, i := range series.Roll(in, w) {
				out = append(out, series.OutBin{Width: w, RowsBefore: s.rows[w][n], OutInterval: series.OutInterval{Key: k, LUN: s.luns[k], Interval: i}})
			}
		}
		s.rows[w][n]++
	}
	return out
}

func (s *store) changes(m *series.Minute) (out []series.OutEntry) {
	now := m.Run.At.Wall.Truncate(time.Second)
	held := map[series.Key]bool{}
	put := func(k series.Key, e *mapper.Entry) {
		out = append(out, series.OutEntry{Order: s.seen[k], Entry: *e})
	}
	keys, _ := series.Keys(m.Mapped, m.Run.Host, series.SourceHost, series.Earlier{})
	for i, lun := range m.Mapped {
		k := keys[i]
		lun.ID = k.ID
		held[k] = true
		if _, ok := s.seen[k]; !ok {
			s.seen[k] = uint64(len(s.seen))
		}
		was := s.ledger[k]
		if was != nil && !mapper.Changed(&was.LUN, &lun) {
			continue
		}
		if was != nil {
			was.To = now
			put(k, was)
		}
		s.luns[k] = &lun
		s.ledger[k] = &mapper.Entry{Host: k.Host, BootID: m.Run.At.BootID, Source: k.Source, From: now, LUN: lun, Colour: s.colour(k, lun.Role)}
		put(k, s.ledger[k])
	}
	for k, e := range s.ledger {
		if k.Host == m.Run.Host && !held[k] {
			e.To = now
			put(k, e)
			delete(s.ledger, k)
		}
	}
	return out
}

func (s *store) colour(k series.Key, role string) int {
	of := s.colours[k.Host+"\x00"+role]
	if of == nil {
		of = map[series.Key]int{}
		s.colours[k.Host+"\x00"+role] = of
	}
	if _, ok := of[k]; !ok {
		of[k] = len(of)
	}
	return of[k]
}

// TestStore runs the suite that the journal runs, on each server.
func TestStore(t *testing.T) {
	for _, v := range influxtest.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			server := influxtest.Start(t, v)
			storetest.Run(t, func(t *testing.T) storetest.Store {
				server.Empty()
				url := through(t, server)
				return newStore(newSource(t, server, func(o *influx.Options) { o.URL = url }), newSink(t, server, nil))
			})
		})
	}
}
