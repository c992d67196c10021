package collector

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// statfsFunc is unix.Statfs, or a test's.
type statfsFunc func(path string, s *unix.Statfs_t) error

// addSpace asks the mounted filesystems and adds to the sample what they say, and
// whether it is time to store all of it. Those of a captured host are not this
// machine's: they are not asked.
func (o *Options) addSpace(ctx context.Context, s *series.Sample, state series.State) {
	if filepath.Clean(o.Paths.Proc) != realProc && o.Statfs == nil {
		s.Hung = state.Hung
		return
	}
	o.askSpace(ctx, s, state.Hung)
	// Cron jitters by a second or two: due is due a little early.
	since := s.At.Wall.Sub(state.SpaceAt)
	s.SpacesDue = since < 0 || since >= o.SpaceEvery-30*time.Second
}

// askSpace asks every mounted LUN, but for those that hung and have not answered since.
func (o *Options) askSpace(ctx context.Context, s *series.Sample, left []series.Hung) {
	qs, hung := o.sortOutHung(questions(mapper.Stored(s.LUNs, o.Rules.Layers)), left)
	qs, found := sortOutHeld(qs, s.LUNs)
	answers, lost := ask(ctx, qs, o.statfs())
	for _, a := range answers {
		q := qs[a.n]
		switch {
		case a.err != nil:
			found = append(found, refused(q.mount, thisUser(), a.err, mayEnter))
		case a.space.SizeBytes > 0:
			s.Spaces = append(s.Spaces, series.KeySpace{Key: series.Key{ID: q.id}, Mount: q.mount, Space: a.space})
		}
	}
	for _, q := range lost {
		hung = append(hung, series.Hung{Mount: q.mount, Since: s.At.Wall})
	}
	for _, h := range hung {
		found = append(found, hangs(h.Mount))
	}
	s.Hung = hung
	s.Warnings = append(s.Warnings, bounded(found, mostAlike, "mounts whose space is unknown")...)
}

// question is one mounted LUN whose space is asked for.
type question struct {
	id     mapper.ID
	kernel string
	mount  string
}

type answer struct {
	n     int // of the question
	space series.Space
	err   error
}

// questions lists one mount for each LUN that has one: a filesystem is asked once
// however many times it is mounted, and not below another. Of one that several
// LUNs make together the first has the space.
func questions(luns []mapper.LUN) []question {
	var q []question
	asked := make(map[string]bool)
	for i := range luns {
		if m := luns[i].Reached(); m != "" && !luns[i].Ignored && !asked[m] {
			asked[m] = true
			q = append(q, question{luns[i].ID, luns[i].Kernel, m})
		}
	}
	return q
}

// ask puts all questions, and says which did not answer.
func ask(ctx context.Context, qs []question, statfs statfsFunc) (answers []answer, hung []question) {
	all, answered := askEach(ctx, len(qs), func(n int) answer { return askOne(n, qs[n].mount, statfs) })
	for n := range qs {
		switch {
		case answered[n]:
			answers = append(answers, all[n])
		case ctx.Err() == nil:
			hung = append(hung, qs[n])
		}
	}
	return answers, hung
}

func askOne(n int, mount string, statfs statfsFunc) answer {
	var s unix.Statfs_t
	if err := statfs(mount, &s); err != nil {
		return answer{n: n, err: err}
	}
	return answer{n: n, space: SpaceOf(&s, time.Now())}
}

// SpaceOf is what statfs says, in bytes.
func SpaceOf(s *unix.Statfs_t, at time.Time) series.Space {
	unit := uint64(s.Frsize)
	if unit == 0 {
		unit = uint64(s.Bsize)
	}
	avail := s.Bavail
	if avail > math.MaxInt64 { // below zero: root has used up what only root may use
		avail = 0
	}
	return series.Space{
		At:         at.Truncate(time.Second),
		SizeBytes:  s.Blocks * unit,
		UsedBytes:  less(s.Blocks, s.Bfree) * unit,
		AvailBytes: avail * unit,
		FreeBytes:  s.Bfree * unit,
		Inodes:     s.Files,
		InodesUsed: less(s.Files, s.Ffree),
	}
}

// less is all − free, 0 where a filesystem claims more free than it has (some of
// FUSE do).
func less(all, free uint64) uint64 {
	if free > all {
		return 0
	}
	return all - free
}

// sortOutHeld removes the questions about what is on a suspended map. It is known
// beforehand that I/O waits there, and a question could wait in the kernel.
func sortOutHeld(qs []question, devs []mapper.LUN) (rest []question, warnings []series.Warning) {
	held := heldBack(devs)
	if len(held) == 0 {
		return qs, nil
	}
	for _, q := range qs {
		by, is := held[q.kernel]
		if !is {
			rest = append(rest, q)
			continue
		}
		warnings = append(warnings, series.Warning{
			What: fmt.Sprintf("space of %s is not asked for: %s is suspended", q.mount, by),
			Hint: "dmsetup resume " + mapper.ShellWord(by),
		})
	}
	return rest, warnings
}

// heldBack says which devices, by kernel name, are a suspended map or on one,
// and its name.
func heldBack(devs []mapper.LUN) map[string]string {
	held := make(map[string]string)
	for i := range devs {
		if devs[i].Suspended {
			held[devs[i].Kernel] = devs[i].Name()
		}
	}
	for more := len(held) > 0; more; { // a round for each layer
		more = false
		for i := range devs {
			for _, slave := range devs[i].Slaves {
				by, is := held[slave]
				if _, known := held[devs[i].Kernel]; is && !known {
					held[devs[i].Kernel], more = by, true
				}
			}
		}
	}
	return held
}

func (o *Options) statfs() statfsFunc {
	if o.Statfs != nil {
		return o.Statfs
	}
	return unix.Statfs
}

func hangs(mount string) series.Warning {
	return series.Warning{
		What: fmt.Sprintf("space of %s: no answer within %v", mount, answerWait),
		Hint: "its LUN may hang: see `lunstat lookup " + mapper.ShellWord(mount) + "` and the kernel's log",
	}
}

// refused says why a filesystem's space is unknown. user is who may not pass a folder
// that is closed.
func refused(mount, user string, err error, enter func(folder string) error) series.Warning {
	w := series.Warning{What: fmt.Sprintf("space of %s: %v", mount, err)}
	if !errors.Is(err, unix.EACCES) {
		return w
	}
	w.What = fmt.Sprintf("space of %s is unknown (needs root)", mount)
	w.Hint = "run the collector as root"
	if folder := closedFolder(mount, enter); folder != "" {
		w.Hint = fmt.Sprintf("%s is closed to the user %s. To open it to this user: setfacl -m u:%s:x %s", folder, user, user, mapper.ShellWord(folder))
	}
	return w
}

// closedFolder is the highest folder above the mount point that may not be entered; ""
// if all may. The mount point itself is not touched: it may hang.
func closedFolder(mount string, enter func(folder string) error) string {
	var above []string
	for dir := filepath.Dir(mount); ; dir = filepath.Dir(dir) {
		above = append(above, dir)
		if dir == filepath.Dir(dir) {
			break
		}
	}
	for _, dir := range slices.Backward(above) {
		if errors.Is(enter(dir), unix.EACCES) {
			return dir
		}
	}
	return ""
}

// mayEnter asks the kernel whether this process may pass through the folder.
func mayEnter(folder string) error {
	return unix.Faccessat(unix.AT_FDCWD, folder, unix.X_OK, unix.AT_EACCESS)
}

// thisUser is the name of the user who runs the collector, or the user's number if no
// file has the name.
func thisUser() string {
	id := strconv.Itoa(os.Geteuid())
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}
