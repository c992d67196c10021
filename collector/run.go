package collector

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// Journal is where a minute lands.
type Journal interface {
	// State gives what the last run of this host left; the zero State if none did.
	State(ctx context.Context, host string) (series.State, error)
	// Commit stores a minute whole or not at all.
	Commit(ctx context.Context, m *series.Minute) error
	// Warnings are what was found and dealt with on the way: a corrupt file that was
	// set aside, a filesystem that can't be trusted with a WAL.
	Warnings() []series.Warning
	// Outbox is used only where there is an Options.Forward.
	Outbox
}

// Options are what one minute needs to know.
type Options struct {
	Paths       mapper.Paths
	Host        string // "" is the kernel's own name of the host
	LockFile    string // beside the journal
	Rules       Rules
	LUNs        []mapper.Rule // the config's list
	SpaceEvery  time.Duration // 0: at every run
	Every       time.Duration // sub-sample this often until second 57; 0: one look
	ReadingTime time.Time     // the wall clock of a captured host; zero: now
	Statfs      statfsFunc    // nil: the kernel's, and none on a captured host
	// AskApart starts a child process that calls [AskMount] and does not wait for
	// it; nil: a mount that hangs is asked again by the collector.
	AskApart func(mount, marker string) error
	Version  string
	Forward  *Forwarder // nil: nowhere
}

// Opener opens the journal.
type Opener func() (Journal, error)

// Run is one minute, top to bottom. open is called with the lock held; it is let
// go before anything is forwarded, so that a store that hangs holds up no minute.
func Run(ctx context.Context, o Options, open Opener) (r Result, err error) {
	began := time.Now()
	j, r, err := o.minute(ctx, began, open)
	if err != nil || o.Forward == nil || o.Every > 0 || !o.Forward.wait(ctx, r.Run.Host, began) {
		return r, err
	}
	said := len(j.Warnings())
	r.Forwarded, r.ForwardError = o.Forward.Forward(ctx, j)
	r.News = append(r.News, late(j.Warnings()[said:], r.Run.At.Wall)...)
	return r, nil
}

// minute does all but forwarding, with the lock held.
func (o *Options) minute(ctx context.Context, began time.Time, open Opener) (j Journal, r Result, err error) {
	unlock, err := lock(o.LockFile, began)
	if err != nil {
		r.Known = NoteFailure(o.LockFile, err, began)
		return nil, r, err
	}
	defer func() {
		if err != nil {
			r.Known = NoteFailure(o.LockFile, err, began)
		} else {
			r.News = append(r.News, ForgetFailure(o.LockFile)...)
		}
		// What can't be written is only not shown.
		_ = remember(o.LockFile, func(n *lockNote) { n.holder, n.stood = "", n.stood || err == nil })
		if e := unlock(); e != nil && err == nil {
			err = fmt.Errorf("unlocking %s: %w", o.LockFile, e)
		}
	}()
	if o.Host == "" {
		if o.Host, err = HostName(o.Paths.Proc); err != nil {
			return nil, r, err
		}
	}
	j, err = open()
	if err != nil {
		return nil, r, err
	}
	state, err := j.State(ctx, o.Host)
	if err != nil {
		return j, r, fmt.Errorf("reading what the last run left: %w", err)
	}
	found := slices.Clone(j.Warnings())
	for i := range found {
		found[i].Once = true
	}
	dealtWith := len(found)
	sample, seq, err := Look(*o, state)
	if err != nil {
		return j, r, err
	}
	var waiting []series.Warning
	if o.Forward != nil {
		if waiting, err = o.Forward.warnings(ctx, j); err != nil {
			return j, r, err
		}
	}
	var peaks *windows
	if o.Every > 0 {
		end := o.background(ctx, j, began)
		peaks, sample, seq, err = o.subsample(ctx, state, sample, seq)
		r.Forwarded, r.ForwardError = end()
		if err != nil {
			return j, r, err
		}
	}
	ctx = context.WithoutCancel(ctx) // what was read is committed, whoever asks to stop
	sample.Warnings = append(sample.Warnings, found...)
	sample.Warnings = append(sample.Warnings, waiting...)
	left := o.space(ctx, &sample, state)
	m := Close(state, sample, o.Rules)
	m.Run.Warnings = bounded(m.Run.Warnings, mostWarnings, "warnings")
	m.State.UeventSeq, m.State.SpaceAt, m.State.Spaces, m.State.Hung = seq, left.SpaceAt, left.Spaces, left.Hung
	if peaks != nil {
		peaks.apply(&m)
	}
	m.State.Conditions, r.News = follow(state.Conditions, m.Run.Warnings, sample.At.Wall)
	m.Run.Version = o.Version
	m.Run.TookMS = uint32(time.Since(began).Milliseconds())
	r.Run = m.Run
	if err := j.Commit(ctx, &m); err != nil {
		return j, r, fmt.Errorf("committing the minute: %w", err)
	}
	r.News = append(r.News, late(j.Warnings()[dealtWith:], sample.At.Wall)...)
	return j, r, nil
}

// late are warnings that came too late to be committed.
func late(warnings []series.Warning, at time.Time) (news []News) {
	for _, w := range warnings {
		news = append(news, News{Condition: series.Condition{Warning: w, Since: at, Said: at}})
	}
	return news
}

// subsample looks at the counters until second 57, and once more at the host.
func (o *Options) subsample(ctx context.Context, state series.State, s series.Sample, seq uint64) (*windows, series.Sample, uint64, error) {
	w := newWindows(o.Every, state, s, o.Rules)
	if err := w.watch(ctx, o.Paths.Proc, s.At.Wall); err != nil {
		return nil, s, seq, err
	}
	// What was mapped at the start still holds if the kernel announced no change.
	state.Mapping, state.UeventSeq, state.BootID = s.LUNs, seq, s.At.BootID
	end, seq, err := Look(*o, state)
	if err != nil {
		return nil, s, seq, err
	}
	w.look(end.At, end.Readings)
	return w, end, seq, nil
}

// Result is what one minute did, and what there is to say.
type Result struct {
	Run  series.Run
	News []News
	// Known says of a run that failed that the same was said less than a day ago.
	Known bool
	// Forwarded is what was sent on, ForwardError why the journal could not say what
	// to send. Neither makes the minute fail.
	Forwarded    Forwarded
	ForwardError error
}

// Look reads the clocks, the counters and the mapping, but no space. seq is the
// kernel's count of uevents at that moment.
func Look(o Options, state series.State) (s series.Sample, seq uint64, err error) {
	s.Host, s.Source = o.Host, series.SourceHost
	// Before the counters: what changes afterwards changes the count, and is read
	// in the next run.
	seq, _ = mapper.UeventSeq(o.Paths)
	s.At, s.Readings, s.Warnings, err = readDiskstats(o.Paths.Proc, o.ReadingTime)
	if err != nil {
		return s, seq, err
	}
	s.Partial = len(s.Warnings) > 0 || len(s.Readings) == 0
	s.Kernel, _ = readLine(filepath.Join(o.Paths.Proc, "sys/kernel/osrelease"))
	problems, whole := mapping(o, &s, state, seq)
	if !whole {
		s.Partial, seq = true, 0 // the next run reads all of it again
	}
	s.Warnings = append(s.Warnings, said(problems)...)
	return s, seq, nil
}

// mapping says which reading is which LUN, and leaves out the readings of which that
// can't be told for the moment. At many LUNs the names cost, not the counters: where
// the kernel announced no change since the last run of this boot, last run's
// devices still hold, and only mounts are looked at again. whole: all could be told.
func mapping(o Options, s *series.Sample, state series.State, seq uint64) (problems []error, whole bool) {
	var known []mapper.LUN // of this boot
	if s.At.BootID == state.BootID {
		known = state.Mapping
	}
	seen := make([]mapper.Seen, len(s.Readings))
	for i, r := range s.Readings {
		seen[i] = mapper.Seen{Kernel: r.Kernel, Dev: r.Dev, Written: r.WriteIOs > 0}
	}
	whole = true
	var unread map[string]bool
	if seq != 0 && seq == state.UeventSeq && s.At.BootID != "" && covers(known, s.Readings) {
		s.LUNs = append(s.LUNs, known...)
		mapper.Refresh(o.Paths, turn(s.LUNs, s.At.Wall))
	} else {
		s.LUNs, unread, problems = mapper.DevicesAfter(o.Paths, seen, known)
		s.Readings = slices.DeleteFunc(s.Readings, func(r series.Reading) bool { return unread[r.Kernel] })
		whole = unread == nil
		mapper.Continue(known, s.LUNs)
	}
	mapper.MarkWritten(s.LUNs, seen, state.Mapping)
	use, more := mapper.ReadUse(o.Paths)
	use.FillIn(known)
	problems = append(problems, more...)
	problems = append(problems, mapper.Classify(s.LUNs, use, o.LUNs)...)
	keepIdentity(s.LUNs, known)
	s.Warnings = append(s.Warnings, unmeasured(s, &use, known, state.Conditions, unread)...)
	return problems, whole
}

// refreshAtMost bounds what a run reads again of devices that did not change.
const refreshAtMost = 1000

// turn gives the devices whose turn it is in this minute: all of them, unless
// there are very many.
func turn(luns []mapper.LUN, now time.Time) []mapper.LUN {
	turns := (len(luns) + refreshAtMost - 1) / refreshAtMost
	n := (int(now.Unix()/60)%turns + turns) % turns // before 1970, too
	return luns[n*refreshAtMost : min((n+1)*refreshAtMost, len(luns))]
}

// keepIdentity lets a LUN that has nothing but a name keep its identity when it
// is renamed: within one boot, diskseq says that it is the same.
func keepIdentity(luns, was []mapper.LUN) {
	bySeq := make(map[uint64]mapper.ID)
	for i := range was {
		if was[i].ID.Local() && was[i].DiskSeq != 0 {
			bySeq[was[i].DiskSeq] = was[i].ID
		}
	}
	for i := range luns {
		if id, ok := bySeq[luns[i].DiskSeq]; ok && luns[i].ID.Local() {
			luns[i].ID = id
		}
	}
}

// covers reports whether each reading is of a device in the mapping. One that an
// older version left, which knew less of devices, covers none.
func covers(luns []mapper.LUN, readings []series.Reading) bool {
	known := make(map[string]mapper.DevNo, len(luns))
	for i := range luns {
		known[luns[i].Kernel] = luns[i].Dev
	}
	for i := range readings {
		if dev, ok := known[readings[i].Kernel]; !ok || dev != readings[i].Dev {
			return false
		}
	}
	return len(luns) > 0 && luns[0].Reach != ""
}

// space asks the mounted filesystems and adds to the sample what is to be stored.
// It returns what the state has to remember of it.
func (o *Options) space(ctx context.Context, s *series.Sample, state series.State) (left series.State) {
	if filepath.Clean(o.Paths.Proc) != realProc && o.Statfs == nil {
		return state
	}
	spaces, hung := o.askSpace(ctx, s, state.Hung)
	// Cron jitters by a second or two: due is due a little early.
	since := s.At.Wall.Sub(state.SpaceAt)
	due := since < 0 || since >= o.SpaceEvery-30*time.Second
	s.Spaces = toStore(spaces, state.Spaces, due)
	left = series.State{SpaceAt: state.SpaceAt, Spaces: lastStored(state.Spaces, s.Spaces), Hung: hung}
	if due {
		left.SpaceAt = s.At.Wall
	}
	return left
}

// HostName is the kernel's name of the host, "unknown" on a capture without one.
func HostName(proc string) (string, error) {
	name, err := readLine(filepath.Join(proc, "sys/kernel/hostname"))
	if errors.Is(err, os.ErrNotExist) && filepath.Clean(proc) != realProc {
		return "unknown", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the host's name: %w", err)
	}
	return name, nil
}
