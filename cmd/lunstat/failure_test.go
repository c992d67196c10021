package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"lunstat/collector/influx"
)

func TestExplain(t *testing.T) {
	plain := errors.New("no LUN \"sqldb-dta\"")
	for _, tt := range []struct {
		name   string
		err    error
		status int
		want   string
	}{
		{"none", nil, 0, ""},
		{"plain", plain, 1, "lunstat: error: no LUN \"sqldb-dta\"\n"},
		{"with a hint", withHint(plain, "near: sqldb-data"), 1, "lunstat: error: no LUN \"sqldb-dta\"\nlunstat: hint: near: sqldb-data\n"},
		{"hint below", fmt.Errorf("looking up: %w", withHint(plain, "near: x")), 1, "lunstat: error: looking up: no LUN \"sqldb-dta\"\nlunstat: hint: near: x\n"},
		{"usage", usagef("--at %q: no time", "x"), 2, "lunstat: error: --at \"x\": no time\n"},
		{"usage with a hint", withHint(usagef("x"), "y"), 2, "lunstat: error: x\nlunstat: hint: y\n"},
		{"own status", withStatus(plain, 3), 3, "lunstat: error: no LUN \"sqldb-dta\"\n"},
		{"own status over usage", withStatus(usagef("x"), 3), 3, "lunstat: error: x\n"},
		{"silent", exitStatus(2), 2, ""},
		{"silent, wrapped", fmt.Errorf("status: %w", exitStatus(1)), 1, ""},
		{"permission", &fs.PathError{Op: "open", Path: "/x", Err: syscall.EACCES}, 1, "lunstat: error: open /x: permission denied\nlunstat: hint: try again as the user that owns it, or as root\n"},
		{"own hint first", withHint(fs.ErrPermission, "chmod"), 1, "lunstat: error: permission denied\nlunstat: hint: chmod\n"},
		{"disk full", fmt.Errorf("writing io.png: %w", syscall.ENOSPC), 1, "lunstat: error: writing io.png: no space left on device\nlunstat: hint: the disk is full: df -h and df -i show which\n"},
		{"a bucket not to be read", fmt.Errorf("reading lun_io: %w", &influx.QueryError{Reason: "database not found: x"}), 1, "lunstat: error: reading lun_io: database not found: x\nlunstat: hint: " + (&influx.QueryError{Reason: "database not found: x"}).Hint() + "\n"},
		{"interrupted", context.Canceled, 1, "lunstat: error: context canceled\nlunstat: hint: a signal interrupted lunstat\n"},
		{"several", errors.Join(plain, usagef("x"), plain), 2, "lunstat: error: no LUN \"sqldb-dta\"\nlunstat: error: x\nlunstat: error: no LUN \"sqldb-dta\"\n"},
		{"several, one silent", errors.Join(plain, exitStatus(2)), 2, "lunstat: error: no LUN \"sqldb-dta\"\n"},
		{"several in one sentence", fmt.Errorf("%w while %w", plain, errors.New("busy")), 1, "lunstat: error: no LUN \"sqldb-dta\" while busy\n"},
		{"names", errors.New("a\x1b[31m\nlunstat: error: b"), 1, "lunstat: error: a\\x1b[31m\\nlunstat: error: b\n"},
	} {
		var b strings.Builder
		if got := explain(&b, tt.err); got != tt.status {
			t.Errorf("%s: status %d, want %d", tt.name, got, tt.status)
		}
		if b.String() != tt.want {
			t.Errorf("%s: got\n%swant\n%s", tt.name, b.String(), tt.want)
		}
	}
	if withHint(nil, "x") != nil || withStatus(nil, 3) != nil {
		t.Error("no error became one")
	}
}

// TestUsageStatus: wrong usage of status is Nagios' unknown, 3, by an annotation.
func TestUsageStatus(t *testing.T) {
	for _, tt := range []struct {
		notes map[string]string
		want  string
		code  int
	}{
		{nil, "lunstat: error: x\nlunstat: hint: status --help shows how to use it\n", 2},
		{map[string]string{usageStatus: "3"}, "lunstat: error: x\nlunstat: hint: status --help shows how to use it\n", 3},
	} {
		var b strings.Builder
		got := explain(&b, asUsage(errors.New("x"), &cobra.Command{Use: "status", Annotations: tt.notes}))
		if got != tt.code || b.String() != tt.want {
			t.Errorf("annotated %v: status %d and\n%s", tt.notes, got, b.String())
		}
	}
}

// TestLastRowMatchesAll: an error without a row of its own must have a status.
func TestLastRowMatchesAll(t *testing.T) {
	rows := failures()
	if last := rows[len(rows)-1]; !last.match(errors.New("anything")) || last.status != statusFailed {
		t.Error("the table's last row doesn't take what is left")
	}
}
