package collector

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// Journal is where a minute is stored.
type Journal interface {
	// State gives what the last run of this host left; the zero State if none did.
	State(ctx context.Context, host string) (series.State, error)
	// Commit stores a minute whole or not at all.
	Commit(ctx context.Context, m *series.Minute) error
	// Warnings are problems that were found and dealt with: a corrupt file that was set
	// aside, a filesystem that can't be trusted with a WAL.
	Warnings() []series.Warning
	// Outbox is used only where there is an Options.Forward.
	Outbox
}

// Opener opens the journal.
type Opener func() (Journal, error)

// Options are what one minute needs to know.
type Options struct {
	Paths       mapper.Paths
	Host        string // "" is the kernel's own name of the host
	LockFile    string // next to the journal
	Rules       Rules
	LUNs        []mapper.Rule // the config's list
	SpaceEvery  time.Duration // 0: at every run
	Every       time.Duration // sub-sample this often until second 57; 0: not at all
	ReadingTime time.Time     // the wall clock of a captured host; zero: now
	Statfs      statfsFunc    // nil: the kernel's, and none on a captured host
	Histograms  Histograms    // nil: they are not read
	// AskApart starts a child process that calls [AskMount] and does not wait for
	// it; nil: a mount that hangs is asked again by the collector.
	AskApart func(mount, marker string) error
	Version  string
	Forward  *Forwarder // nil: nowhere
}

// Result is what one minute did, and what there is to say.
type Result struct {
	Run  series.Run
	News []News
	// Known says that the run failed, and that the same failure was reported less than
	// a day ago.
	Known bool
	// Forwarded is what was sent on, ForwardError why the journal could not say what
	// to send. Neither makes the minute fail.
	Forwarded    Forwarded
	ForwardError error
}

// Run is one minute, top to bottom. It holds the lock while the journal is open for the
// minute, and releases it before it forwards, so that a store that hangs delays no
// minute.
func Run(ctx context.Context, o Options, open Opener) (Result, error) {
	r := run{Options: o, open: open, began: time.Now()}
	err := r.locked(ctx,
		r.begin,       // the journal, and what the last run left
		r.read,        // clocks, counters, and which device is which LUN
		r.subsample,   // more readings, until second 57
		r.readLatency, // how long each I/O took
		r.readSpace,   // how full the mounted filesystems are
		r.close,       // all of it makes the minute
		r.commit,      // in one transaction
	)
	if err == nil {
		r.forward(ctx)
	}
	return r.result, err
}

// run is what the steps of one minute hand on.
type run struct {
	Options
	open    Opener
	began   time.Time
	journal Journal
	found   []series.Warning // what was wrong before anything was read
	said    int              // how many of the journal's warnings are said already
	state   series.State     // what the last run left
	sample  series.Sample    // all that is read
	minute  series.Minute    // what is made of the two
	result  Result
}

// locked takes the steps with the lock held, up to the first that fails, and leaves next
// to the journal whether one did.
func (r *run) locked(ctx context.Context, steps ...func(context.Context) error) (err error) {
	unlock, err := lock(r.LockFile, r.began)
	if err != nil {
		r.result.Known = NoteFailure(r.LockFile, err, r.began)
		return err
	}
	defer func() {
		if err != nil {
			r.result.Known = NoteFailure(r.LockFile, err, r.began)
		} else {
			r.result.News = append(r.result.News, ForgetFailure(r.LockFile)...)
		}
		// What can't be written is only not shown.
		_ = remember(r.LockFile, func(n *lockNote) { n.holder, n.stood = "", n.stood || err == nil })
		if e := unlock(); e != nil && err == nil {
			err = fmt.Errorf("unlocking %s: %w", r.LockFile, e)
		}
	}()
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// begin opens the journal and asks it for what the last run left.
func (r *run) begin(ctx context.Context) (err error) {
	if r.Host == "" {
		if r.Host, err = HostName(r.Paths.Proc); err != nil {
			return err
		}
	}
	if r.journal, err = r.open(); err != nil {
		return err
	}
	if r.state, err = r.journal.State(ctx, r.Host); err != nil {
		return fmt.Errorf("reading the state of the last run: %w", err)
	}
	r.found = slices.Clone(r.journal.Warnings())
	for i := range r.found {
		r.found[i].Once = true
	}
	r.said = len(r.found)
	if r.Forward == nil {
		return nil
	}
	waiting, err := r.Forward.warnings(ctx, r.journal)
	r.found = append(r.found, waiting...)
	return err
}

// read reads the host: clocks and counters at one instant, and which device is which
// LUN.
func (r *run) read(context.Context) (err error) {
	r.sample, err = ReadSample(r.Options, r.state)
	return err
}

// readSpace asks the mounted filesystems. From here on the minute is committed,
// even if somebody asks to stop: what was read is worth it.
func (r *run) readSpace(ctx context.Context) error {
	r.sample.Warnings = append(r.sample.Warnings, r.found...)
	r.addSpace(context.WithoutCancel(ctx), &r.sample, r.state)
	return nil
}

// close makes the minute of what the last run left and what was read.
func (r *run) close(context.Context) error {
	r.minute, r.result.News = Close(r.state, r.sample, r.Rules)
	return nil
}

// commit stores the minute, and with it the counters it was closed from.
func (r *run) commit(ctx context.Context) error {
	r.minute.Run.TookMS = uint32(time.Since(r.began).Milliseconds())
	r.result.Run = r.minute.Run
	if err := r.journal.Commit(context.WithoutCancel(ctx), &r.minute); err != nil {
		return fmt.Errorf("committing the minute: %w", err)
	}
	r.late()
	return nil
}

// forward sends what waits, unless sub-sampling left time for it.
func (r *run) forward(ctx context.Context) {
	if r.Forward == nil || r.Every > 0 || !r.Forward.wait(ctx, r.Host, r.began) {
		return
	}
	r.result.Forwarded, r.result.ForwardError = r.Forward.Forward(ctx, r.journal)
	r.late()
}

// late adds to the news what the journal warned of since it was asked last: too late
// to be committed.
func (r *run) late() {
	at := r.sample.At.Wall
	warnings := r.journal.Warnings()
	for _, w := range warnings[r.said:] {
		r.result.News = append(r.result.News, News{Condition: series.Condition{Warning: w, Since: at, Said: at}})
	}
	r.said = len(warnings)
}
