package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"lunstat/collector"
	"lunstat/collector/influx"
	"lunstat/collector/journal"
	"lunstat/collector/series"
	"lunstat/render"
)

// The exit statuses. The status command also has those of Nagios.
const (
	statusDone   = 0
	statusFailed = 1
	statusUsage  = 2
)

// failure is one row of the table that turns errors into exit statuses and hints.
type failure struct {
	match  func(error) bool
	status int
	hint   string // what to try where the error has no hint of its own; "": nothing
}

// failures is the table; the first row that matches counts. An error's own hint
// ([series.HintOf]) goes before the row's. An error gets a row of its own if it needs
// another status, or a hint that only the command line can give.
func failures() []failure {
	const influxDB = "is InfluxDB running, and is influx.url right? docs/influxdb.md explains its answers and what to do"
	return []failure{
		{match: as[usageError], status: statusUsage},
		{match: as[*collector.BusyError], status: statusFailed, hint: "only one collector runs at a time; `lunstat status` says whether it hangs"},
		{match: as[*journal.NewerError], status: statusFailed, hint: "use the version of lunstat that made it (this is " + release + "), or another file: --journal FILE"},
		{match: as[*journal.ForeignError], status: statusFailed, hint: "give another file: --journal FILE, or journal.path in the config"},
		{match: is(journal.ErrLocked), status: statusFailed, hint: "try again in a moment; `lunstat status` says who holds the lock"},
		{match: is(journal.ErrFull), status: statusFailed, hint: "free some space: df -h shows where; no stored sample is lost"},
		{match: is(journal.ErrReadOnly), status: statusFailed, hint: "run lunstat as the user that owns the journal, or give another one: --journal FILE"},
		{match: as[*influx.LaterError], status: statusFailed, hint: influxDB},
		{match: as[*influx.QueryError], status: statusFailed, hint: influxDB},
		{match: as[*render.ForeignFolderError], status: statusFailed, hint: "give an empty folder, or that of an earlier report: --out FOLDER, or report.out in the config"},
		{match: is(context.Canceled), status: statusFailed, hint: "a signal interrupted lunstat"},
		{match: is(syscall.ENOSPC), status: statusFailed, hint: "the disk is full: df -h and df -i show which"},
		{match: is(syscall.EROFS), status: statusFailed, hint: "the filesystem is mounted read-only"},
		{match: is(fs.ErrPermission), status: statusFailed, hint: "try again as the user that owns it, or as root"},
		{match: func(error) bool { return true }, status: statusFailed},
	}
}

// explain writes an error as text and gives the exit status. Several errors that
// were joined are lines of their own; the highest status counts.
func explain(w io.Writer, err error) int {
	if err == nil {
		return statusDone
	}
	if several := joined(err); several != nil {
		status := statusDone
		for _, e := range several {
			status = max(status, explain(w, e))
		}
		return status
	}
	if silent, ok := errors.AsType[exitStatus](err); ok {
		return int(silent)
	}
	status, hint := diagnose(err)
	fmt.Fprintf(w, "lunstat: error: %s\n", clean(err.Error()))
	if hint != "" {
		fmt.Fprintf(w, "lunstat: hint: %s\n", clean(hint))
	}
	return status
}

// joined are the parts of an error that errors.Join made, or nil for any other error.
// An error can also wrap several errors inside a sentence of its own. It counts as one.
func joined(err error) []error {
	j, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	var texts []string
	for _, e := range j.Unwrap() {
		texts = append(texts, e.Error())
	}
	if strings.Join(texts, "\n") != err.Error() {
		return nil
	}
	return j.Unwrap()
}

// parts are the errors that were joined, at any depth, or else the error itself.
func parts(err error) (all []error) {
	several := joined(err)
	if several == nil {
		return []error{err}
	}
	for _, e := range several {
		all = append(all, parts(e)...)
	}
	return all
}

// diagnose finds an error's status and hint. The error's own override the table's.
func diagnose(err error) (status int, hint string) {
	for _, f := range failures() {
		if f.match(err) {
			status, hint = f.status, f.hint
			break
		}
	}
	if s, ok := errors.AsType[statusError](err); ok {
		status = s.status
	}
	return status, cmp.Or(series.HintOf(err), hint)
}

func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// usageError is a wrong command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usagef is fmt.Errorf for a usageError.
func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// asUsage marks an error as wrong usage. Its hint is the command's help, unless it has
// one already.
func asUsage(err error, cmd *cobra.Command) error {
	err = usageError{usageText(err)}
	if series.HintOf(err) == "" {
		err = withHint(err, cmd.CommandPath()+" --help shows how to use it")
	}
	if isPlugin(cmd) {
		err = withStatus(err, statusUnknown)
	}
	return err
}

// usageStatus is the annotation of a command that a monitoring system runs. Whatever
// goes wrong, such a command says so on standard output and exits with Nagios' 3.
const usageStatus = "lunstat/usage-status"

func isPlugin(cmd *cobra.Command) bool { return cmd.Annotations[usageStatus] != "" }

// withHint adds to an error what to try next; nil stays nil.
func withHint(err error, hint string) error { return series.WithHint(err, hint) }

// statusError carries an exit status of its own.
type statusError struct {
	error
	status int
}

func (e statusError) Unwrap() error { return e.error }

// withStatus gives an error, or each of several that were joined, another exit status
// than the table's; nil stays nil.
func withStatus(err error, status int) error {
	if err == nil {
		return nil
	}
	var all []error
	for _, e := range parts(err) {
		all = append(all, statusError{e, status})
	}
	if len(all) == 1 {
		return all[0]
	}
	return errors.Join(all...)
}

// exitStatus ends a command with a status other than 0, without printing anything: the
// command, like status, has already said everything.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }
