package mailstore

import "time"

const gib = 1 << 30

// HSM moves messages: read and written by 64 KiB, with a little for directories.
const (
	hsmIOBytes = 64 << 10
	hsmTime    = 4*time.Hour + 50*time.Minute
	hsmBatch   = 2 * gib // after so much is copied, the originals are deleted
)

// store is one mailstore: users with one rhythm, and HSM between two of its
// volumes. Store 0 is the host itself.
type store struct {
	number             int
	size               int64 // permille of the first mailstore's users
	noise              noise
	wave               int64 // slow noise, permille
	now                levels
	primary, secondary *lun

	left    int64 // bytes that this week's HSM run has still to move
	rate    int64 // bytes/s in this stretch
	batch   int64 // bytes copied whose originals are still there
	lastRun time.Time
}

// levels is what this mailstore does now.
func (s *store) levels() *levels { return &s.now }

// live follows the users, who come in waves, and HSM.
func (s *store) live(t time.Time, stretch time.Duration, lv *levels, users int64, noHSM bool) {
	s.now = *lv
	if s.number == 0 {
		return
	}
	s.wave += (s.noise.permille() - s.wave) / 8
	factor := s.wave * s.size / 1000 * users / 1000
	s.now[pop] = s.now[pop] * factor / 1000
	s.now[smtp] = s.now[smtp] * factor / 1000
	s.rate = 0
	if !noHSM {
		s.hsm(t, stretch)
	}
}

// hsm begins on a Friday at 23:00 and ends when all is moved.
func (s *store) hsm(t time.Time, stretch time.Duration) {
	s.rate = 0
	if s.primary == nil || s.secondary == nil {
		return
	}
	if t.Weekday() == time.Friday && t.Hour() == 23 && t.Sub(s.lastRun) > 24*time.Hour {
		s.lastRun = t
		s.left = (35*gib + int64(s.noise.pcg.Uint64()%(10*gib))) * s.size / 1000
		s.batch = 0
	}
	if s.left == 0 {
		return
	}
	ms := stretch.Milliseconds()
	pace := 40 * gib * s.size / 1000 / int64(hsmTime/time.Second) * s.noise.permille() / 1000
	moved := min(s.left, pace*ms/1000, max(0, s.secondary.mostUsed()-s.secondary.used))
	s.rate = moved * 1000 / ms
	s.left -= moved
	s.batch += moved
	s.secondary.used += moved
	if s.batch >= hsmBatch || s.left == 0 || moved == 0 {
		s.primary.used -= s.batch
		s.batch = 0
	}
}

// addHSM is the I/O of HSM on a volume.
func (s *store) addHSM(l *lun, d *demand) {
	if s.rate == 0 {
		return
	}
	switch l {
	case s.primary:
		d.reads.add(s.rate*1020/hsmIOBytes, hsmIOBytes/512)
	case s.secondary:
		d.writes.add(s.rate*1010/hsmIOBytes, hsmIOBytes/512)
	}
}
