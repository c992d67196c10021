package render

import (
	"fmt"
	"math"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// Weeks that are hard to draw. Each begins at monday, and has an interval a minute.

// hard is a week that is hard to draw.
type hard struct {
	*memory
	Options
}

// mailLUNs are a mailstore's volumes in the order of their roles.
func mailLUNs(group string, names ...string) []mapper.LUN {
	labels := map[string]string{
		"mysql": "MySQL data", "redo": "Redo log", "index": "Index", "primary": "Primary store", "secondary": "Secondary store",
		"log": "Log", "base": "Zimbra base", "system": "System",
	}
	var out []mapper.LUN
	for _, n := range names {
		out = append(out, mapper.LUN{
			Kernel: fmt.Sprintf("dm-%d", len(out)), Dev: mapper.DevNo{Major: 253, Minor: uint32(len(out))},
			ID: mapper.ID("LVM-" + group + n), DMName: group + "_" + n + "-vol", Layer: mapper.LayerLUN, Group: group,
			Role: n, RoleFrom: "mount", Label: labels[n], SizeBytes: 100 << 30,
			Mounts: []mapper.Mount{{Point: "/opt/" + group + "/" + n}},
		})
	}
	return out
}

// office is a minute's I/O of LUN l: two humps on a working day, less at weekends.
func office(l, i int) uint64 {
	at := float64(i%1440) / 60
	hump := func(middle, wide float64) float64 { return math.Exp(-(at - middle) * (at - middle) / wide) }
	day := 1.0
	if i/1440%7 >= 5 {
		day = 0.3
	}
	size := 270 / (1 + 0.15*float64(l))
	noise := 1 + 0.1*math.Sin(float64(i*(l+3)))
	return uint64(60 * (12 + day*size*(hump(9.5, 3)+0.75*hump(14.5, 4))*noise))
}

// hardWeek is a plain week of a mailstore.
func hardWeek(luns []mapper.LUN, ios func(l, i int) uint64) hard {
	m := made{luns: luns, start: monday, every: time.Minute, n: 7 * 1440, ios: ios, host: "mailstore1"}
	m.space = func(l, _ int) int {
		if luns[l].Role == "swap" {
			return -1
		}
		return 340 + 137*l%560
	}
	to := monday.AddDate(0, 0, 7)
	limits := map[string]time.Duration{"mysql": 20 * time.Millisecond, "redo": 10 * time.Millisecond, "default": 30 * time.Millisecond}
	return hard{m.source(), Options{From: monday, To: to, Zone: time.UTC, Now: to, Limits: limits}}
}

// minuteOf is a minute of the week.
func minuteOf(day, hour, minute int) int { return (day*24+hour)*60 + minute }

func (h hard) key(id mapper.ID) series.Key {
	return series.Key{ID: id, Host: "mailstore1", Source: series.SourceHost}
}

// each changes the intervals of one LUN in [from, to).
func (h hard) each(id mapper.ID, from, to int, change func(i int, iv *series.Interval)) {
	list := h.intervals[h.key(id)]
	for i := range list {
		if minute := int(list[i].End.Sub(monday)/time.Minute) - 1; minute >= from && minute < to {
			change(minute, &list[i])
		}
	}
}

// without drops what a LUN, or all of "", did in [from, to).
func (h hard) without(id mapper.ID, from, to int) {
	for k := range h.intervals {
		if id == "" || k.ID == id {
			h.intervals[k] = slices.DeleteFunc(h.intervals[k], func(iv series.Interval) bool {
				m := int(iv.End.Sub(monday)/time.Minute) - 1
				return m >= from && m < to
			})
			h.spaces[k] = slices.DeleteFunc(h.spaces[k], func(s series.Space) bool {
				m := int(s.At.Sub(monday)/time.Minute) - 1
				return m >= from && m < to
			})
		}
	}
}

// asOne makes one long interval of what all LUNs did in [from, to).
func (h hard) asOne(from, to int) {
	for k, list := range h.intervals {
		var out []series.Interval
		first := -1
		for _, iv := range list {
			m := int(iv.End.Sub(monday)/time.Minute) - 1
			switch {
			case m < from || m >= to:
				out = append(out, iv)
			case first < 0:
				first = len(out)
				out = append(out, iv)
			default:
				out[first] = series.Merge(out[first], iv)
			}
		}
		if first >= 0 {
			out[first].Quality |= series.Long
		}
		h.intervals[k] = out
		h.spaces[k] = slices.DeleteFunc(h.spaces[k], func(s series.Space) bool {
			m := int(s.At.Sub(monday)/time.Minute) - 1
			return m >= from && m < to-1
		})
	}
}

// stalledWeek has a stall of 3.5 h on Wednesday, a LUN that disappears on Friday at 5 and
// one that appears on Thursday, a log that is full since Saturday, a collector that did
// not run for 42 h, and notes.
func stalledWeek() hard {
	h := hardWeek(mailLUNs("zimbra1", "mysql", "redo", "index", "primary", "secondary", "log", "base"), office)
	h.each("LVM-zimbra1mysql", minuteOf(2, 9, 59), minuteOf(2, 13, 29), func(_ int, iv *series.Interval) {
		for _, f := range []series.Field{series.ReadIOs, series.WriteIOs, series.ReadBytes, series.WriteBytes, series.ReadMS, series.WriteMS} {
			iv.Set(f, 0)
		}
		iv.Set(series.BusyMS, 60_000)
		iv.Quality |= series.Stalled
	})
	h.asOne(minuteOf(4, 18, 0), minuteOf(6, 12, 0))
	h.without("LVM-zimbra1index", minuteOf(4, 5, 0), 7*1440)
	h.without("LVM-zimbra1primary", 0, minuteOf(3, 9, 30))
	for i := range h.entries {
		switch e := &h.entries[i]; e.LUN.ID {
		case "LVM-zimbra1index":
			e.To = monday.Add(time.Duration(minuteOf(4, 5, 0)) * time.Minute)
		case "LVM-zimbra1primary":
			e.From = monday.Add(time.Duration(minuteOf(3, 9, 30)) * time.Minute)
		}
	}
	full := h.spaces[h.key("LVM-zimbra1log")]
	for i := range full {
		used := uint64(min(600+i*400/minuteOf(4, 4, 0), 1000)) << 30
		full[i].UsedBytes, full[i].AvailBytes, full[i].FreeBytes = used, 1000<<30-used, 1000<<30-used
	}
	note := func(day, hour, minute int, text string) {
		h.notes = append(h.notes, series.Note{At: monday.Add(time.Duration(minuteOf(day, hour, minute)) * time.Minute), Text: text})
	}
	note(2, 10, 0, "array controller B failed over, ticket 4711")
	note(2, 11, 0, "vendor on site")
	note(2, 13, 0, "controller replaced by a very long-winded engineer who wrote all of it down where one would expect it to end")
	note(3, 15, 0, "grew secondary to 200 GiB")
	return h
}

// gapDay is the Saturday of that week. Only its space is known, as if another agent had
// sent it.
func gapDay() hard {
	h := stalledWeek()
	plain := hardWeek(mailLUNs("zimbra1", "mysql", "log"), office)
	for k, list := range plain.spaces {
		h.spaces[k] = list
	}
	h.From, h.To = monday.AddDate(0, 0, 5), monday.AddDate(0, 0, 6)
	return h
}

// giant is one LUN with 10⁷ I/O/s among small ones, one of them slow for an hour.
func giant() hard {
	return hardWeek(mailLUNs("zimbra1", "mysql", "redo", "index", "secondary", "primary"), func(l, i int) uint64 {
		switch l {
		case 0:
			return office(0, i) * 40_000
		case 1:
			return 250 * 60
		}
		return office(l, i)
	})
}

// spikeWeek is a week in which the redo log has one minute of 250,000 I/O/s.
func spikeWeek() hard {
	return hardWeek(mailLUNs("zimbra1", "redo", "mysql", "primary", "index", "secondary", "log"), func(l, i int) uint64 {
		if l == 0 && i == minuteOf(3, 11, 5) {
			return 250_095 * 40
		}
		return office(l, i)
	})
}

// busyWeek has twelve LUNs of two mailstores. The redo log of zimbra2 is slow since
// Thursday.
func busyWeek() hard {
	luns := append(mailLUNs("zimbra1", "mysql", "redo", "primary", "index", "secondary", "log", "base", "system"), mailLUNs("zimbra2", "mysql", "redo", "primary", "index")...)
	h := hardWeek(luns, office)
	h.each("LVM-zimbra2redo", minuteOf(3, 13, 0), 7*1440, func(_ int, iv *series.Interval) {
		iv.Set(series.BusyMS, 54_000)
		iv.Set(series.SlowMS, 60_000)
		iv.Set(series.WriteMS, iv.Value(series.WriteIOs)*35)
	})
	h.each("LVM-zimbra1mysql", 0, 7*1440, func(_ int, iv *series.Interval) {
		iv.Set(series.BusyMS, min(iv.Value(series.BusyMS)*3, 60_000))
	})
	return h
}

// manyLUNs are so many LUNs of a number of mailstores, a swap among them.
func manyLUNs(n int) hard { return manyEvery(n, 15*time.Minute) }

func manyEvery(n int, every time.Duration) hard {
	day, minutes := int(24*time.Hour/every), int(every/time.Minute)
	var luns []mapper.LUN
	for g := 1; len(luns) < n; g++ {
		luns = append(luns, mailLUNs(fmt.Sprintf("zimbra%d", g), "mysql", "redo", "primary", "index", "secondary", "log", "base", "system")...)
	}
	luns = luns[:n]
	last := &luns[n-1]
	last.Role, last.Label, last.DMName, last.Mounts, last.ID = "swap", "Swap", "sysvg-swap", nil, "LVM-swap"
	m := made{luns: luns, start: monday, every: every, n: 7 * day, host: "mailstore1"}
	m.ios = func(l, i int) uint64 {
		if l == n-1 {
			return uint64(i % day / (day * 15 / 16))
		}
		return office(l%9, i*minutes+l*7) * uint64(minutes)
	}
	m.space = func(l, i int) int {
		if l == n-1 {
			return -1
		}
		return (l*331+i*minutes/300)%430 + 500
	}
	to := monday.AddDate(0, 0, 7)
	h := hard{m.source(), Options{From: monday, To: to, Zone: time.UTC, Now: to, Limits: map[string]time.Duration{"redo": 10 * time.Millisecond, "default": 30 * time.Millisecond}}}
	if n > 20 {
		k := h.key(luns[17].ID)
		for i := range h.intervals[k] {
			if i > 2*day && i < 6*day && atWork(i%day, day) {
				iv := &h.intervals[k][i]
				iv.Set(series.SlowMS, iv.ElapsedMS)
				iv.Set(series.WriteMS, iv.Value(series.WriteIOs)*69)
			}
		}
	}
	return h
}

// atWork reports that an interval, of so many a day, is between 8:00 and 17:30.
func atWork(i, day int) bool { return 96*i >= 32*day && 96*i < 70*day }

// holed is a week in which the collector failed for 26 minutes every three hours.
func holed() hard {
	h := hardWeek(mailLUNs("zimbra1", "mysql", "redo", "primary", "index", "secondary"), office)
	for i := range 56 {
		h.without("", i*180+60, i*180+86)
	}
	h.runs = slices.DeleteFunc(h.runs, func(r series.Run) bool {
		m := int(r.At.Wall.Sub(monday)/time.Minute) - 1
		return m%180 >= 60 && m%180 < 86
	})
	return h
}

// allSlow are so many LUNs, each slow by day to another degree.
func allSlow(n int) hard { return allSlowEvery(n, 15*time.Minute) }

func allSlowEvery(n int, every time.Duration) hard {
	h, day := manyEvery(n, every), int(24*time.Hour/every)
	for l, lun := range h.entries {
		list := h.intervals[h.key(lun.LUN.ID)]
		for i := range list {
			if atWork(i%day, day) {
				list[i].Set(series.SlowMS, list[i].ElapsedMS)
				list[i].Set(series.WriteMS, list[i].Value(series.WriteIOs)*uint64(40+l*7%900))
			}
		}
	}
	return h
}

// extremes has awaits of 80 µs and of 30 s in one picture.
func extremes() hard {
	h := hardWeek(mailLUNs("zimbra1", "mysql", "redo", "primary"), office)
	h.each("LVM-zimbra1mysql", 0, 7*1440, func(i int, iv *series.Interval) {
		iv.Set(series.ReadMS, iv.Value(series.ReadIOs)*8/100)
		iv.Set(series.WriteMS, iv.Value(series.WriteIOs)*8/100)
	})
	h.each("LVM-zimbra1mysql", minuteOf(3, 11, 0), minuteOf(3, 11, 40), func(i int, iv *series.Interval) {
		iv.Set(series.WriteMS, iv.Value(series.WriteIOs)*30_000)
		iv.Set(series.SlowMS, 60_000)
	})
	return h
}

// names are labels that the fonts have no letters for, and a long one.
func names() hard {
	luns := mailLUNs("zimbra1", "mysql", "redo", "primary", "index", "log", "base")
	for i, label := range []string{"郵件資料庫", "قاعدة البيانات", "📮 mail store", "Почта данные", "Index with a label that is much longer than there is room for in any of the pictures", "שם"} {
		luns[i].Label = label
	}
	h := hardWeek(luns, office)
	for i := range luns {
		h.each(luns[i].ID, minuteOf(1, 9, 0), minuteOf(1, 9+i, 0), func(_ int, iv *series.Interval) {
			iv.Set(series.SlowMS, 60_000)
			iv.Set(series.WriteMS, iv.Value(series.WriteIOs)*90)
		})
	}
	return h
}

// outage is a week in which the collector did not run for 42 hours from an hour on.
func outage(from int) hard {
	h := hardWeek(mailLUNs("zimbra1", "mysql", "redo", "primary"), office)
	h.without("", from*60, (from+42)*60)
	h.runs = slices.DeleteFunc(h.runs, func(r series.Run) bool {
		m := int(r.At.Wall.Sub(monday)/time.Minute) - 1
		return m >= from*60 && m < (from+42)*60
	})
	return h
}

// noRole is a host with one disk that is nobody's mailstore, slow for an afternoon.
func noRole() hard {
	lun := mapper.LUN{Kernel: "sda", Dev: mapper.DevNo{Major: 8}, ID: "WWN-1", Layer: mapper.LayerLUN, SizeBytes: 500 << 30, Mounts: []mapper.Mount{{Point: "/"}}}
	h := hardWeek([]mapper.LUN{lun}, office)
	h.each(lun.ID, minuteOf(2, 13, 0), minuteOf(2, 17, 0), func(_ int, iv *series.Interval) {
		iv.Set(series.SlowMS, 60_000)
		iv.Set(series.ReadMS, iv.Value(series.ReadIOs)*90)
	})
	return h
}
