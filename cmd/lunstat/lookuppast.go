package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// withPast adds what the ledger knows to the errors about LUNs that were not found.
// Without a journal it adds nothing. It says that a journal can't be read.
func withPast(ctx context.Context, e *env, c *config.Config, o lookupOptions, missed error) error {
	if missed == nil {
		return nil
	}
	entries, err := ledgerOf(ctx, e, c, o)
	if err != nil && !as[noJournalError](err) {
		sayWarning(e.Stderr, "warning", series.Warning{What: fmt.Sprintf("what it was in the past is unknown: %v", err), Hint: hintFor(err)})
	}
	if len(entries) == 0 {
		return missed
	}
	var all []error
	for _, part := range parts(missed) {
		if e2, ok := errors.AsType[*mapper.NotFoundError](part); ok {
			if hint := pastOf(entries, e2, e.times()); hint != "" {
				part = withHint(part, hint)
			}
		}
		all = append(all, part)
	}
	return errors.Join(all...)
}

// wholeLedger is everything that the journal knows about the LUNs of all hosts.
func (e *env) wholeLedger(ctx context.Context, c *config.Config) ([]mapper.Entry, error) {
	path, err := e.journalToRead(c)
	if err != nil {
		return nil, err
	}
	j, err := openToRead(c, path)
	if err != nil {
		return nil, err
	}
	defer e.closeRead(j)
	return j.LUNs(ctx, time.Time{}, e.Now().Add(time.Minute))
}

// ledgerOf gives the entries of the host that is asked about, the latest last. A host
// that the ledger doesn't know has none.
func ledgerOf(ctx context.Context, e *env, c *config.Config, o lookupOptions) ([]mapper.Entry, error) {
	entries, err := e.wholeLedger(ctx, c)
	if err != nil {
		return nil, err
	}
	host, err := lookupHost(c, o)
	if err != nil {
		return nil, err
	}
	if o.host != "" {
		if err := knownIn(entries, "host", host, func(en mapper.Entry) string { return en.Host }); err != nil {
			return nil, err
		}
	}
	entries = slices.DeleteFunc(entries, func(en mapper.Entry) bool { return en.Host != host })
	slices.SortStableFunc(entries, func(a, b mapper.Entry) int { return a.From.Compare(b.From) })
	return entries, nil
}

// pastOf says what the ledger last knew of what is not there; "" if nothing.
func pastOf(entries []mapper.Entry, missed *mapper.NotFoundError, zone *time.Location) string {
	for _, en := range slices.Backward(entries) {
		if wasNamed(&en.LUN, missed) {
			return "the ledger has it: " + describePast(&en, zone)
		}
	}
	return ""
}

func wasNamed(l *mapper.LUN, missed *mapper.NotFoundError) bool {
	if missed.On != nil {
		return slices.ContainsFunc(l.Mounts, func(m mapper.Mount) bool { return m.Point == missed.On.Point })
	}
	return recordedAs(l, missed.What)
}

// recordedAs reports whether a token names a LUN as the ledger has it.
func recordedAs(l *mapper.LUN, what string) bool {
	found, err := mapper.FindRecorded([]mapper.LUN{*l}, what, mapper.Paths{})
	return err == nil && len(found) > 0
}

func describePast(en *mapper.Entry, zone *time.Location) string {
	l := &en.LUN
	facts := []string{l.Title()}
	if l.DMName != "" && l.DMName != l.Title() {
		facts = append(facts, l.Name())
	}
	facts = append(facts, l.Kernel+" "+l.Dev.String(), string(l.ID))
	if l.SizeBytes > 0 {
		facts = append(facts, size(l.SizeBytes))
	}
	if m := l.Mounted(); m != "" && m != l.Title() {
		facts = append(facts, "mounted on "+m)
	}
	until := "to the last run"
	if !en.To.IsZero() {
		until = "to " + en.To.In(zone).Format(minuteForm)
	}
	return fmt.Sprintf("%s (from %s %s)", strings.Join(facts, ", "), en.From.In(zone).Format(minuteForm), until)
}

// asked makes the hint of what names nothing list the LUNs among which it was looked
// for: those of the text or of the time, not this host's of now.
func (o *lookupOptions) asked(missed error) error {
	if missed == nil || !o.elsewhere() {
		return missed
	}
	list, whose := `lunstat lookup --at "`+o.at+`"`, "at that time"
	switch {
	case o.from != "":
		list, whose = "lunstat lookup --from "+mapper.ShellWord(o.from), "of the text"
	case o.dmsetup != "":
		list, whose = "lunstat lookup --dmsetup "+mapper.ShellWord(o.dmsetup), "of the text"
	case o.host != "":
		list += " --host " + mapper.ShellWord(o.host)
	}
	var all []error
	for _, part := range parts(missed) {
		if none, ok := errors.AsType[*mapper.NotFoundError](part); ok && len(none.Near) == 0 {
			part = withHint(part, "`"+list+"` lists all LUNs "+whose)
		}
		all = append(all, part)
	}
	return errors.Join(all...)
}
