package facts

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// compared is a day compared with the same day of an earlier week: how many times as much
// was done, and how many times as long it took.
type compared struct{ ios, await float64 }

// mostTimes is from how many times on it doesn't matter how many.
const mostTimes = 1000

// How much of a day both have to know, and how much of a LUN's work makes its await
// worth comparing.
const (
	commonHours = 6
	leastIOs    = 2000 // a day
	leastAwait  = 1.0  // ms more than usual
)

// daySum is the hours of a day that are compared.
type daySum struct{ ios, ms, timed float64 } // I/O/s by hours, and as in an hour

func (d *daySum) add(s *hourSum) {
	d.ios += float64(s.figure(IOPS))
	d.ms += float64(s.ms)
	d.timed += float64(s.timed)
}

// compare compares a day with the same day so many weeks before, by the hours that are
// known of both. ok is false if those are too few.
func (h *Hours) compare(day int64, weeks int) (c compared, awaitMS float64, ok bool) {
	var now, then daySum
	common := 0
	for hour := day; hour < day+24; hour++ {
		a, okA := h.get(hour)
		b, okB := h.get(hour - int64(weeks*weekHours))
		if !okA || !okB {
			continue
		}
		common++
		now.add(&a)
		then.add(&b)
	}
	// A few I/Os a minute more or less are nothing that somebody did.
	if common < commonHours || max(now.ios, then.ios) < float64(common) {
		return c, 0, false
	}
	c.ios = min(now.ios/then.ios, mostTimes) // of one that did nothing, no figure says how many times
	if now.timed >= leastIOs && then.timed >= leastIOs && then.ms > 0 {
		a, b := now.ms/now.timed, then.ms/then.timed
		c.await, awaitMS = a/b, a-b
	}
	return c, awaitMS, true
}

// A day is unusual if it differs from each of the weeks before by the first factor, and
// from their median by the second.
const (
	eachMore, midMore     = 1.12, 1.2
	eachLess, midLess     = 0.7, 0.5
	eachSlower, midSlower = 1.25, 1.5
)

// unusual is what a day had.
type unusual struct {
	day   int64
	ios   float64 // times the usual; 0: as usual
	await float64
	weeks int // that it was compared with
}

// day judges one.
func (h *Hours) day(day int64) (u unusual, ok bool) {
	u.day = day
	var ios, awaits []float64
	more := math.Inf(1)
	for week := 1; week <= UsualWeeks; week++ {
		c, ms, ok := h.compare(day, week)
		if !ok {
			continue
		}
		ios = append(ios, c.ios)
		if c.await > 0 {
			awaits = append(awaits, c.await)
			more = min(more, ms)
		}
	}
	if u.weeks = len(ios); u.weeks < LeastUsual {
		return u, false
	}
	u.ios = differs(ios, eachMore, midMore, eachLess, midLess)
	if len(awaits) >= LeastUsual && more >= leastAwait {
		u.await = differs(awaits, eachSlower, midSlower, 0, 0)
	}
	return u, true
}

// beyond: an unusual day is this many times as far from the median of the weeks before as
// those are from each other, measured as factors.
const beyond = 1.5

// differs is the median of some ratios if all of them are far enough from 1; else 0.
func differs(ratios []float64, each, mid, eachLess, midLess float64) float64 {
	slices.Sort(ratios)
	n := len(ratios)
	middle := (ratios[(n-1)/2] + ratios[n/2]) / 2
	if ratios[0] <= 0 {
		middle = max(middle, 1e-3) // nothing was done any more
	} else if math.Abs(math.Log(middle)) < beyond*math.Log(ratios[n-1]/ratios[0]) {
		return 0
	}
	if ratios[0] >= each && middle >= mid || ratios[n-1] <= eachLess && middle <= midLess {
		return middle
	}
	return 0
}

// leastUnusual is how many days in a row make a change: one is an exception.
const leastUnusual = 2

// changed is a LUN that, since some day of the range, does more or less, or takes longer,
// than in the weeks before.
func (f *finder) changed() {
	h := f.lun.Hours
	if h == nil {
		return
	}
	var best, row []unusual
	first, last := hourOf(f.From, h.Zone), hourOf(noLater(f.Now, f.To), h.Zone)
	first -= first % 24
	for day := first; day < last; day += 24 {
		u, ok := h.day(day)
		switch {
		case !ok || u.ios == 0 && u.await == 0:
			row = nil
			continue
		case len(row) > 0 && !sameWay(row[len(row)-1], u):
			row = nil
		}
		if row = append(row, u); len(row) >= len(best) {
			best = slices.Clone(row)
		}
	}
	if len(best) < leastUnusual {
		return
	}
	begun := best[0]
	if begun.day == first {
		begun = h.unusualSince(begun)
	}
	f.addChanged(best, begun, last)
}

// unusualSince is the first of the days in a row, up to the one that is given, that differ
// alike: a range may begin amid a change. Those before the range are compared with fewer
// weeks, and at least with two.
func (h *Hours) unusualSince(is unusual) unusual {
	for {
		u, ok := h.day(is.day - 24)
		if !ok || !sameWay(u, is) {
			return is
		}
		is = u
	}
}

// sameWay reports that two days differ from the usual alike.
func sameWay(a, b unusual) bool {
	return a.ios > 1 && b.ios > 1 || a.ios < 1 && b.ios < 1 && a.ios > 0 && b.ios > 0 || a.await > 0 && b.await > 0
}

// changeSeverity makes a change less than trouble of the same size.
const changeSeverity = 0.02

// addChanged adds a change by the days of the range in which it is seen, and the day on
// which it began.
func (f *finder) addChanged(days []unusual, begun unusual, last int64) {
	h := f.lun.Hours
	n := Finding{Kind: KindChanged, Since: h.begun(begun), Duration: time.Duration(days[len(days)-1].day+24-begun.day) * time.Hour}
	var ios, await []float64
	weeks := UsualWeeks
	for _, d := range days {
		weeks = min(weeks, d.weeks)
		if d.ios > 0 {
			ios = append(ios, d.ios)
		}
		if d.await > 0 {
			await = append(await, d.await)
		}
	}
	if end := days[len(days)-1].day + 24; end < last {
		n.Until = hourBegins(end, h.Zone)
	}
	var said []string
	if r := middle(ios); len(ios) >= leastUnusual {
		said = append(said, percentMore(r)+" IOPS")
		n.Worst, n.Weight = r, math.Abs(math.Log2(r))
	}
	if r := middle(await); len(await) >= leastUnusual {
		said = append(said, multiple(r)+" the await")
		n.Worst, n.Weight = max(n.Worst, r), max(n.Weight, math.Log2(r))
	}
	if len(said) == 0 {
		return
	}
	n.Unit, n.WorstAt = "times", noLater(hourBegins(farthest(days).day+24, h.Zone), f.Now)
	n.Weight *= float64(24*len(days)) * changeSeverity // as with all findings, of the range
	f.add(n, fmt.Sprintf("%s, compared with the %s before, since %s", strings.Join(said, " and "), weekWords(weeks), f.at(n.Since)))
}

// farthest is the day that differs most from the usual.
func farthest(days []unusual) unusual {
	far := func(u unusual) float64 {
		most := 0.0
		for _, r := range []float64{u.ios, u.await} {
			if r > 0 {
				most = max(most, math.Abs(math.Log(r)))
			}
		}
		return most
	}
	return slices.MaxFunc(days, func(a, b unusual) int { return cmp.Compare(far(a), far(b)) })
}

func weekWords(n int) string {
	return [...]string{2: "two weeks", 3: "three weeks", 4: "four weeks"}[n]
}

func middle(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// percentMore is a ratio as people say it: "45 % more", "3.2 × the", "60 % fewer".
func percentMore(r float64) string {
	switch {
	case r >= mostTimes:
		return "more than " + multiple(r) + " the"
	case r >= 3:
		return multiple(r) + " the"
	case r >= 1:
		return fmt.Sprintf("%.0f %% more", (r-1)*100)
	}
	if r < 0.005 {
		return "hardly any"
	}
	return fmt.Sprintf("%.0f %% fewer", (1-r)*100)
}

// begun is the first hour of a day that was beyond all of the weeks before, by as much as
// a day has to be.
func (h *Hours) begun(d unusual) time.Time {
	for hour := d.day; hour < d.day+24; hour++ {
		at := hourBegins(hour, h.Zone)
		s, ok := h.get(hour)
		if !ok {
			continue
		}
		if u, ok := h.Usual(IOPS, at.Add(30*time.Minute)); ok && d.ios > 0 {
			if v := float64(s.figure(IOPS)); d.ios > 1 && v >= u.Largest*eachMore || d.ios < 1 && v <= u.Least*eachLess {
				return at
			}
		}
		if u, ok := h.Usual(Await, at.Add(30*time.Minute)); ok && d.await > 0 && s.timed > 0 && float64(s.figure(Await)) >= u.Largest*eachSlower {
			return at
		}
	}
	return hourBegins(d.day, h.Zone)
}

// Highest is the mean of the hour in which the most I/Os were done, in I/O/s, and when it
// began; ok is false where no hour is known.
func (h *Hours) Highest() (iops float64, at time.Time, ok bool) {
	for _, hour := range h.list {
		s, known := h.mostly(hour)
		if !known {
			continue
		}
		if v := float64(s.figure(IOPS)); !ok || v > iops {
			iops, at, ok = v, hourBegins(int64(s.at), h.Zone), true
		}
	}
	return iops, at, ok
}
