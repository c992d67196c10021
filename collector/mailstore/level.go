package mailstore

import "time"

// work is one kind of it that a host does.
type work int

const (
	pop      work = iota // users read and delete
	smtp                 // mail is delivered
	indexing             // the nightly run
	backup               // the nightly run, which reads only: it goes over the network
	cron                 // 04:02, and a little every hour
	system               // always the same
	numWork
)

// levels say how much of each work is done, in permille of its fullest hour.
type levels [numWork]int64

// meanLevels are a week's means, rounded, for what was before the start.
var meanLevels = levels{pop: 352, smtp: 500, indexing: 30, backup: 55, cron: 8, system: 1000}

// By hour of the day, in between on a straight line.
var (
	popHours = [25]int64{60, 50, 40, 35, 40, 70, 180, 480, 900, 1000, 930, 820,
		600, 640, 800, 840, 760, 620, 450, 400, 430, 380, 240, 120, 60}
	smtpHours = [25]int64{300, 260, 240, 230, 240, 280, 380, 560, 850, 1000, 980, 900,
		760, 800, 900, 920, 880, 760, 600, 520, 480, 440, 390, 340, 300}
)

// By weekday, from Sunday on. Spam has no weekend, so deliveries fall less.
var (
	popDays  = [7]int64{300, 1030, 1000, 980, 970, 900, 340}
	smtpDays = [7]int64{480, 1020, 1000, 1000, 990, 930, 520}
)

// levelsAt is how much is done at a moment, whose zone is the users'.
func levelsAt(t time.Time) (lv levels) {
	hour, minute, second := t.Clock()
	now := hour*3600 + minute*60 + second
	day := t.Weekday()
	lv[pop] = curve(&popHours, now) * popDays[day] / 1000
	lv[smtp] = curve(&smtpHours, now) * smtpDays[day] / 1000
	lv[backup] = window(now, 1*3600, 2*3600+40*60)
	lv[indexing] = window(now, 1*3600+30*60, 2*3600+15*60)
	lv[cron] = window(now, 4*3600+2*60, 4*3600+9*60)
	if lv[cron] == 0 && minute == 1 {
		lv[cron] = 100
	}
	lv[system] = 1000
	return lv
}

// curve is the value at a second of the day.
func curve(hours *[25]int64, second int) int64 {
	h, rest := second/3600, int64(second%3600)
	return hours[h] + (hours[h+1]-hours[h])*rest/3600
}

// window is a run from one second of the day to another.
func window(now, from, to int) int64 {
	if now < from || now >= to {
		return 0
	}
	return 1000
}
