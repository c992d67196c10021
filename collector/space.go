package collector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// statfsWait is how long one mount may take. A healthy one takes microseconds.
const statfsWait = 2 * time.Second

// question is one mounted LUN whose space is asked for.
type question struct {
	id    mapper.ID
	mount string
}

type answer struct {
	space series.Space
	err   error
}

// questions lists one mount for each LUN that has one: a filesystem is asked once
// however many times it is mounted, and not below another.
func questions(luns []mapper.LUN) []question {
	var q []question
	for i := range luns {
		if m := luns[i].Mounted(); m != "" {
			q = append(q, question{luns[i].ID, m})
		}
	}
	return q
}

// askSpace asks each mount in turn. One that hangs is left behind after
// statfsWait, named in a warning, and the rest are asked by another goroutine:
// statfs can't be interrupted, and nothing may wait for it.
func askSpace(ctx context.Context, qs []question, statfs func(string, *unix.Statfs_t) error, now func() time.Time) (spaces []series.KeySpace, warnings []series.Warning) {
	for len(qs) > 0 {
		answers := make(chan answer)
		go asker(ctx, qs, statfs, now, answers)
		for len(qs) > 0 {
			var a answer
			timeout := time.NewTimer(statfsWait)
			select {
			case a = <-answers:
				timeout.Stop()
			case <-ctx.Done():
				return spaces, warnings
			case <-timeout.C:
				warnings = append(warnings, hung(qs[0].mount))
				qs = qs[1:]
			}
			if a == (answer{}) {
				break // another asker for the rest
			}
			switch {
			case a.err != nil:
				warnings = append(warnings, refused(qs[0].mount, a.err))
			case a.space.SizeBytes > 0:
				spaces = append(spaces, series.KeySpace{Key: series.Key{ID: qs[0].id}, Mount: qs[0].mount, Space: a.space})
			}
			qs = qs[1:]
		}
	}
	return spaces, warnings
}

// asker answers in order. It gives up where nobody listens any more.
func asker(ctx context.Context, qs []question, statfs func(string, *unix.Statfs_t) error, now func() time.Time, answers chan<- answer) {
	for _, q := range qs {
		var s unix.Statfs_t
		a := answer{err: statfs(q.mount, &s)}
		if a.err == nil {
			a.space = SpaceOf(&s, now())
		}
		select {
		case answers <- a:
		case <-ctx.Done():
			return
		case <-time.After(statfsWait):
			return
		}
	}
}

// SpaceOf is what statfs says, in bytes.
func SpaceOf(s *unix.Statfs_t, at time.Time) series.Space {
	unit := uint64(s.Frsize)
	if unit == 0 {
		unit = uint64(s.Bsize)
	}
	return series.Space{
		At:         at.Truncate(time.Second),
		SizeBytes:  s.Blocks * unit,
		UsedBytes:  (s.Blocks - s.Bfree) * unit,
		AvailBytes: s.Bavail * unit,
		FreeBytes:  s.Bfree * unit,
		Inodes:     s.Files,
		InodesUsed: s.Files - s.Ffree,
	}
}

func hung(mount string) series.Warning {
	return series.Warning{
		What: fmt.Sprintf("space of %s: no answer within %v", mount, statfsWait),
		Hint: "its LUN may hang: see `lunstat lookup " + mount + "` and the kernel's log",
	}
}

func refused(mount string, err error) series.Warning {
	w := series.Warning{What: fmt.Sprintf("space of %s: %v", mount, err)}
	if errors.Is(err, unix.EACCES) {
		w.What = fmt.Sprintf("space of %s is unknown (needs root)", mount)
		w.Hint = "a folder above it is closed to this user: run the collector as root, or give it the right to pass: setfacl -m u:USER:x DIR"
	}
	return w
}
