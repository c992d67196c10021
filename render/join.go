package render

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/render/facts"
)

// joiner says which series are one LUN's: those of one identity, as far as that
// reaches. Clones of one machine share theirs, and stay apart.
type joiner struct {
	src     Source
	extent  facts.Span // all there is up to the report's end
	entries []mapper.Entry
	reaches mapper.Reaches
	of      map[*mapper.LUN]*mapper.Entry
	at      map[place][]*mapper.Entry
	whole   map[series.Key][]*mapper.Entry // of the whole ledger; read when it is needed
	used    map[usedIn][]use
}

// place is a kernel name on a host.
type place struct{ host, kernel string }

// host is what one host's ledger says about an identity, in order of time.
type host struct {
	name    string
	keys    []series.Key // the identity, and those that it had before
	entries []*mapper.Entry
}

func (h *host) last() *mapper.Entry { return h.entries[len(h.entries)-1] }

// newJoiner is for the ledger's entries of a range within all that there is.
func newJoiner(src Source, entries []mapper.Entry, extent facts.Span) *joiner {
	j := &joiner{
		src: src, extent: extent, entries: entries,
		of: map[*mapper.LUN]*mapper.Entry{}, at: map[place][]*mapper.Entry{}, used: map[usedIn][]use{},
	}
	j.reaches.Below = j.below
	for i := range entries {
		e := &entries[i]
		j.of[&e.LUN] = e
		j.at[place{e.Host, e.LUN.Kernel}] = append(j.at[place{e.Host, e.LUN.Kernel}], e)
	}
	return j
}

// below finds what a LUN was on, for a ledger that is older than reaches.
func (j *joiner) below(l *mapper.LUN, kernel string) *mapper.LUN {
	e := j.of[l]
	for _, b := range j.at[place{e.Host, kernel}] {
		if overlap(e, b).Long() > 0 || b.From.Equal(e.From) {
			return &b.LUN
		}
	}
	return nil
}

// join gives each LUN its series, in the order of their first sight.
func (j *joiner) join(ctx context.Context) ([][]series.Key, error) {
	renamed := j.renamed()
	byID := map[series.Key][]*host{} // without its host
	var order []series.Key
	for i := range j.entries {
		e := &j.entries[i]
		own := entryKey(e)
		k := own
		for renamed[k] != (series.Key{}) {
			k = renamed[k]
		}
		k.Host = ""
		if byID[k] == nil {
			order = append(order, k)
		}
		at := slices.IndexFunc(byID[k], func(h *host) bool { return h.name == e.Host })
		if at < 0 {
			at = len(byID[k])
			byID[k] = append(byID[k], &host{name: e.Host})
		}
		h := byID[k][at]
		h.entries = append(h.entries, e)
		if !slices.Contains(h.keys, own) {
			h.keys = append(h.keys, own)
		}
	}
	var luns [][]series.Key
	for _, k := range order {
		groups, err := j.group(ctx, byID[k])
		if err != nil {
			return nil, err
		}
		for _, hosts := range groups {
			var keys []series.Key
			for _, h := range hosts {
				keys = append(keys, h.keys...)
			}
			luns = append(luns, keys)
		}
	}
	return luns, nil
}

func entryKey(e *mapper.Entry) series.Key {
	return series.Key{ID: e.LUN.ID, Host: e.Host, Source: e.Source}
}

// renamed leads from the series of a device that got a better identity to those
// under which it goes on; not where the former identity was seen again, which is
// then another device's.
func (j *joiner) renamed() map[series.Key]series.Key {
	to := map[series.Key]*mapper.Entry{}
	for i := range j.entries {
		e := &j.entries[i]
		was := series.Key{ID: e.LUN.Was, Host: e.Host, Source: e.Source}
		if e.LUN.Was != "" && e.LUN.Was != e.LUN.ID && (to[was] == nil || e.From.Before(to[was].From)) {
			to[was] = e
		}
	}
	for i := range j.entries {
		e := &j.entries[i]
		if next := to[entryKey(e)]; next != nil && !e.From.Before(next.From) {
			delete(to, entryKey(e))
		}
	}
	keys := map[series.Key]series.Key{}
	for was, e := range to {
		keys[was] = entryKey(e)
	}
	return keys
}

// group puts those hosts together that all see one LUN.
func (j *joiner) group(ctx context.Context, hosts []*host) ([][]*host, error) {
	var groups [][]*host
	for _, h := range hosts {
		slices.SortStableFunc(h.entries, func(a, b *mapper.Entry) int { return a.From.Compare(b.From) })
		at := -1
		for n := 0; n < len(groups) && at < 0; n++ {
			fits := true
			for _, other := range groups[n] {
				one, err := j.one(ctx, other, h)
				if err != nil {
					return nil, err
				}
				if fits = one; !fits {
					break
				}
			}
			if fits {
				at = n
			}
		}
		if at < 0 {
			groups = append(groups, []*host{h})
		} else {
			groups[at] = append(groups[at], h)
		}
	}
	return groups, nil
}

// one reports that two hosts see one LUN under one identity: by what is unique, or
// because one handed it over to the other.
func (j *joiner) one(ctx context.Context, a, b *host) (bool, error) {
	reachA, sanA := j.reach(a.last())
	reachB, sanB := j.reach(b.last())
	switch {
	case reachA == mapper.ReachHost || reachB == mapper.ReachHost:
		return false, nil
	case reachA == mapper.ReachGlobal && reachB == mapper.ReachGlobal && alike(sanA, sanB):
		if !differInSize(a, b) {
			return true, nil
		}
	case !handedOver(a, b):
		return false, nil
	}
	both, err := j.atOnce(ctx, a, b)
	return !both, err
}

func (j *joiner) reach(e *mapper.Entry) (reach mapper.Reach, san []string) {
	if e.LUN.Reach != "" {
		return e.LUN.Reach, e.LUN.SAN
	}
	reach, _, san = j.reaches.Of(&e.LUN)
	return reach, san
}

// alike reports that two LUNs rest on the same of a SAN: a volume may have been
// extended between two looks at it. An array's own clone of a volume has the
// volume's uuid and other WWIDs. What the config calls shared has no list.
func alike(a, b []string) bool {
	return len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(w string) bool { return slices.Contains(b, w) })
}

// differInSize reports sizes that differ at one time by the ledger, and are at no time
// the same: after a LUN has grown, one host may see it later than the other.
func differInSize(a, b *host) bool {
	differ := false
	for _, x := range a.entries {
		for _, y := range b.entries {
			if overlap(x, y).Long() == 0 || x.LUN.SizeBytes == 0 || y.LUN.SizeBytes == 0 {
				continue
			}
			if x.LUN.SizeBytes == y.LUN.SizeBytes {
				return false
			}
			differ = true
		}
	}
	return differ
}

// handedOver reports that name and size are the same wherever one host follows the
// other.
func handedOver(a, b *host) bool {
	all := append(slices.Clone(a.entries), b.entries...)
	slices.SortStableFunc(all, func(x, y *mapper.Entry) int { return x.From.Compare(y.From) })
	for i := 1; i < len(all); i++ {
		x, y := &all[i-1].LUN, &all[i].LUN
		if all[i-1].Host == all[i].Host {
			continue
		}
		if x.Name() != y.Name() || x.SizeBytes != y.SizeBytes && x.SizeBytes != 0 && y.SizeBytes != 0 {
			return false
		}
	}
	return true
}

// forever is later than any entry ends that is still open.
var forever = time.Unix(1<<40, 0)

// overlap is when two entries of the ledger held both.
func overlap(a, b *mapper.Entry) facts.Span {
	s := lasts(a)
	o := lasts(b)
	if !s.Overlaps(o) {
		return facts.Span{}
	}
	return s.Clip(o)
}

func lasts(e *mapper.Entry) facts.Span {
	if e.To.IsZero() {
		return facts.Span{From: e.From, To: forever}
	}
	return facts.Span{From: e.From, To: e.To}
}

// errAtOnce ends a search that has found what it looked for.
var errAtOnce = errors.New("at once")

// atOnce reports that two hosts ever used an identity at the same time. A host that
// died leaves its entry open until it is up again, so where the ledger says so, the
// intervals have to say it too.
func (j *joiner) atOnce(ctx context.Context, a, b *host) (bool, error) {
	if j.whole == nil {
		if err := j.readWhole(ctx); err != nil {
			return false, err
		}
	}
	var both []facts.Span
	for _, ka := range a.keys {
		for _, kb := range b.keys {
			for _, x := range j.whole[ka] {
				for _, y := range j.whole[kb] {
					if o := overlap(x, y); o.Overlaps(j.extent) {
						both = append(both, o.Clip(j.extent))
					}
				}
			}
		}
	}
	for _, s := range slices.Backward(union(both)) {
		err := j.search(ctx, a, b, s)
		if errors.Is(err, errAtOnce) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

func (j *joiner) readWhole(ctx context.Context) error {
	all, err := j.src.LUNs(ctx, j.extent.From, j.extent.To)
	if err != nil {
		return fmt.Errorf("reading the whole ledger: %w", err)
	}
	j.whole = map[series.Key][]*mapper.Entry{}
	for i := range all {
		k := entryKey(&all[i])
		j.whole[k] = append(j.whole[k], &all[i])
	}
	return nil
}

// search looks for I/O of both hosts at once, the latest day first: clones are
// found in it. Each step back is twice as long, and read more coarsely.
func (j *joiner) search(ctx context.Context, a, b *host, s facts.Span) error {
	for to, step := s.To, rawBelow-time.Minute; to.After(s.From); step *= 2 {
		part := facts.Span{From: to.Add(-step), To: to}.Clip(s)
		usedA, err := j.uses(ctx, a.keys, part)
		if err != nil {
			return err
		}
		if len(usedA) > 0 {
			usedB, err := j.uses(ctx, b.keys, part)
			if err != nil {
				return err
			}
			if together := useTogether(usedA, usedB); together {
				return errAtOnce
			}
		}
		to = part.From
	}
	return nil
}

// use is a stretch in which a host used a LUN, and how much of it the host was
// there: a bin may have a hole.
type use struct {
	facts.Span
	was time.Duration
}

type usedIn struct {
	key series.Key
	facts.Span
}

func (j *joiner) uses(ctx context.Context, keys []series.Key, in facts.Span) ([]use, error) {
	var all []use
	for _, k := range keys {
		of := usedIn{k, in}
		if _, known := j.used[of]; !known {
			list := []use{}
			q := series.Query{From: in.From, To: in.To, Width: binWidth(in.From, in.To, 1), Keys: []series.Key{k}}
			err := j.src.Intervals(ctx, q, func(_ series.Key, i *series.Interval) error {
				list = extendUse(list, use{facts.Span{From: i.Start(), To: i.End}, time.Duration(i.ElapsedMS) * time.Millisecond})
				return nil
			})
			if err != nil {
				return nil, fmt.Errorf("reading when %s was used: %w", k.Host, err)
			}
			j.used[of] = list
		}
		all = append(all, j.used[of]...)
	}
	return all, nil
}

// extendUse puts u at the end, as part of the last one where both are without holes.
func extendUse(list []use, u use) []use {
	whole := func(u use) bool { return u.Long()-u.was <= slack }
	if n := len(list); n > 0 && whole(u) && whole(list[n-1]) && u.From.Sub(list[n-1].To).Abs() <= slack {
		list[n-1].To = u.To
		list[n-1].was += u.was
		return list
	}
	return append(list, u)
}

// leastTogether is more than the clocks of two nodes differ, and less than a minute,
// for which a LUN that moves is on neither.
const leastTogether = 30 * time.Second

// useTogether reports that two hosts were there at once: their stretches overlap,
// and have no holes into which the other's would fit.
func useTogether(a, b []use) bool {
	for _, x := range a {
		for _, y := range b {
			if !x.Overlaps(y.Span) || x.Clip(y.Span).Long() <= leastTogether {
				continue
			}
			from, to := x.From, x.To
			if y.From.Before(from) {
				from = y.From
			}
			if y.To.After(to) {
				to = y.To
			}
			if x.was+y.was > to.Sub(from)+leastTogether {
				return true
			}
		}
	}
	return false
}
