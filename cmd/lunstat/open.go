package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"lunstat/cmd/lunstat/config"
	"lunstat/cmd/lunstat/when"
	"lunstat/collector"
	"lunstat/collector/dmstats"
	"lunstat/collector/journal"
	"lunstat/mapper"
	"lunstat/render"
)

// What the packages ask for is what the stores are: proven here, where they meet.
var (
	_ collector.Journal = (*journal.Journal)(nil)
	_ render.Source     = (*journal.Journal)(nil)

	_ collector.Histograms = dmstats.Keeper{}
)

// pathsOf are the roots of the host that is looked at.
func pathsOf(c *config.Config) mapper.Paths {
	return mapper.Paths{Proc: c.Paths.Procfs, Sys: c.Paths.Sysfs, Dev: c.Paths.Devfs, Udev: c.Paths.Udev}
}

// ownDeviceMapper is the device-mapper of the host that this process runs on. It is nil
// for a captured host, whose device numbers mean other devices here.
func ownDeviceMapper(p mapper.Paths) dmstats.Messenger {
	if filepath.Clean(p.Proc) != "/proc" || filepath.Clean(p.Sys) != "/sys" {
		return nil
	}
	return dmstats.Open(p.Dev)
}

// rulesOf are the config's luns as the mapper takes them.
func rulesOf(c *config.Config) []mapper.Rule {
	rules := make([]mapper.Rule, len(c.LUNs))
	for i, l := range c.LUNs {
		rules[i] = mapper.Rule{
			Match: l.Match, Label: l.Label, Role: l.Role, Group: l.Group, Ignore: l.Ignore, Shared: l.Shared, Colour: string(l.Colour),
			Limits: mapper.Limits{AwaitMS: time.Duration(l.Limits.Await).Seconds() * 1000, UtilPercent: l.Limits.Util, FullPercent: l.Limits.Full},
		}
	}
	return rules
}

// closingRules are what the config says about closing intervals.
func closingRules(c *config.Config) collector.Rules {
	return collector.Rules{Gap: time.Duration(c.Gap), Slow: c.AwaitLimit, Layers: c.Layers}
}

// hostOf is the name under which this host's samples are stored: the config's, else the
// kernel's.
func hostOf(c *config.Config) (string, error) {
	if c.Host != "" {
		return c.Host, nil
	}
	return collector.HostName(c.Paths.Procfs)
}

// journalOptions are the config's journal keys.
func journalOptions(c *config.Config) journal.Options {
	return journal.Options{
		Sync:       c.Journal.Sync,
		KeepRaw:    orForever(c.Journal.Retention.Raw),
		Keep15m:    orForever(c.Journal.Retention.Quarter),
		Keep1h:     orForever(c.Journal.Retention.Hour),
		Sink:       sinkName(c),
		BacklogMax: c.Influx.BacklogMax,
	}
}

// journalOptionsAt are those keys for the journal at a path.
func journalOptionsAt(c *config.Config, path string) journal.Options {
	o := journalOptions(c)
	o.Stood = collector.JournalStood(path + ".lock")
	return o
}

// openToRead opens a journal that a collector may be writing to.
func openToRead(c *config.Config, path string) (*journal.Journal, error) {
	o := journalOptionsAt(c, path)
	o.ReadOnly = true
	return journal.Open(path, o)
}

// openBeside opens a journal to write to it without the collector's lock.
func openBeside(c *config.Config, path string) (*journal.Journal, error) {
	o := journalOptionsAt(c, path)
	o.Unlocked = true
	return journal.Open(path, o)
}

// closeRead closes it, and says what could not be read.
func (e *env) closeRead(j *journal.Journal) error {
	for _, w := range j.Warnings() {
		sayWarning(e.Stderr, "warning", w)
	}
	return j.Close()
}

// orForever: the config's 0 is for ever.
func orForever(d when.Duration) time.Duration {
	if d == 0 {
		return math.MaxInt64
	}
	return time.Duration(d)
}

// journalToWrite is where the collector's journal is.
func (e *env) journalToWrite(c *config.Config) (string, error) {
	switch {
	case c.Journal.Path != "":
		return c.Journal.Path, nil
	case e.Geteuid() == 0:
		return e.SystemJournal, nil
	}
	return e.ownJournal()
}

// ownJournal is the journal of a user who is not root.
func (e *env) ownJournal() (string, error) {
	state := e.Getenv("XDG_STATE_HOME")
	if state == "" {
		home := e.Getenv("HOME")
		if home == "" || e.world().OthersHome(home) {
			return "", withHint(errors.New("finding a place for the journal: XDG_STATE_HOME is not set, and HOME is not set or is another user's"), "give one: --journal FILE")
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "lunstat", "journal.db"), nil
}

// journalToRead finds the journal that there is: --journal or the config's, root's,
// the user's own.
func (e *env) journalToRead(c *config.Config) (string, error) {
	if c.Journal.Path != "" {
		if _, err := os.Stat(c.Journal.Path); err != nil {
			return "", noJournal(err, c.Journal.Path)
		}
		return c.Journal.Path, nil
	}
	places := []string{e.SystemJournal}
	if own, err := e.ownJournal(); err == nil {
		places = append(places, own)
	}
	for _, p := range places {
		if _, err := os.Stat(p); err == nil {
			return p, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", noJournal(err, p)
		}
	}
	return "", noJournal(fs.ErrNotExist, places...)
}

func noJournal(err error, places ...string) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("opening the journal %s: %w", places[0], err)
	}
	text := places[0]
	for _, p := range places[1:] {
		text += " or " + p
	}
	return withHint(noJournalError(text), "the first run of `lunstat collect` makes it; cron should run that every minute")
}

// noJournalError lists the places in which no journal was found.
type noJournalError string

func (e noJournalError) Error() string { return "no journal at " + string(e) }

// readJournal opens the journal for reading. A person is told which it is.
func (e *env) readJournal(ctx context.Context) (*journal.Journal, error) {
	c, err := e.Config()
	if err != nil {
		return nil, err
	}
	path, err := e.journalToRead(c)
	if err != nil {
		return nil, err
	}
	j, err := openToRead(c, path)
	if err != nil {
		return nil, err
	}
	if isTerminal(e.Stderr) {
		fmt.Fprintf(e.Stderr, "reading %s\n", clean(path))
	}
	return j, nil
}

// journalPlace is the folder and file of the journal that is written, made ready.
func (e *env) journalPlace(c *config.Config) (string, error) {
	path, err := e.journalToWrite(c)
	if err != nil {
		return "", err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("making the journal's folder: %w", err)
	}
	return path, nil
}
