package collector

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A file in the place of the lock, of a marker or of the note is never followed, waited
// for or written to, unless this program may have left it there.
func TestOwnFiles(t *testing.T) {
	victim := filepath.Join(t.TempDir(), "passwd")
	const secret = "root:x:0:0\nnobody:x:99:99\n"
	for name, put := range map[string]func(path string) error{
		"symbolic link":          func(path string) error { return os.Symlink(victim, path) },
		"dangling symbolic link": func(path string) error { return os.Symlink(victim+".none", path) },
		"hard link":              func(path string) error { return os.Link(victim, path) },
		"pipe":                   func(path string) error { return unix.Mkfifo(path, 0o666) },
		"folder":                 func(path string) error { return os.Mkdir(path, 0o777) },
		"device":                 func(path string) error { return os.Symlink("/dev/zero", path) },
		"another user's file": func(path string) error {
			return errors.Join(os.WriteFile(path, []byte(secret), 0o666), os.Chown(path, 4711, -1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "another user's file" && os.Geteuid() != 0 {
				t.Skip("needs root")
			}
			if err := os.WriteFile(victim, []byte(secret), 0o644); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			path := filepath.Join(dir, "j.db.lock")
			if err := put(path); err != nil {
				t.Fatal(err)
			}
			_, err := lock(path, boot)
			if bad, ok := errors.AsType[*FileError](err); !ok || bad.Hint() == "" {
				t.Errorf("locking it: %v", err)
			}
			if err := AskMount(dir, path); err == nil {
				t.Error("a child took it for its marker")
			}
			text := filepath.Join(dir, "k.db-collector")
			if err := put(text); err != nil {
				t.Fatal(err)
			}
			t.Setenv("TMPDIR", t.TempDir())
			unlock, err := lock(filepath.Join(dir, "k.db.lock"), boot)
			if err != nil {
				t.Fatalf("beside it: %v", err)
			}
			if NoteFailure(filepath.Join(dir, "k.db.lock"), errors.New("x"), boot) {
				t.Error("the first failure is known")
			}
			if err := unlock(); err != nil {
				t.Error(err)
			}
			for _, file := range []string{victim, path, text} {
				if name == "pipe" || name == "device" || name == "folder" || name == "dangling symbolic link" {
					continue // to read it says nothing
				}
				if got, err := os.ReadFile(file); err != nil || string(got) != secret {
					t.Errorf("%s was written to: %q", file, got)
				}
			}
			forget(filepath.Join(dir, "k.db.lock")) // it may be in /run
		})
	}
}

// No other user can hold the lock: a user who can open a file can lock it.
func TestLockIsClosedToOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.db.lock")
	if err := os.WriteFile(path, nil, 0o644); err != nil { // an older version's
		t.Fatal(err)
	}
	unlock, err := lock(path, boot)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the lock's mode is %v, %v", st.Mode(), err)
	}
	if st, err := os.Stat(strings.TrimSuffix(path, ".lock") + "-collector"); err != nil || st.Mode().Perm()&0o444 != 0o444 {
		t.Errorf("others can't read who holds it: %v, %v", st, err)
	}
}

// If neither the lock nor the note next to it can be written, a run that fails is
// remembered elsewhere.
func TestFailingIsRememberedElsewhere(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	path := filepath.Join(t.TempDir(), "none", "j.db.lock") // no such folder, as on a disk that is gone
	trouble := errors.New("opening /none: no such file")
	if NoteFailure(path, trouble, boot) {
		t.Error("known at once")
	}
	if !NoteFailure(path, trouble, boot.Add(time.Minute)) {
		t.Error("not known a minute later")
	}
	if c := Failing(path); c == nil || !c.Since.Equal(boot) {
		t.Errorf("failing %+v", c)
	}
	if news := ForgetFailure(path); len(news) != 1 || !news[0].Ended {
		t.Errorf("news %+v", news)
	}
	if c := Failing(path); c != nil {
		t.Errorf("still failing %+v", c)
	}
	// A folder that others may write to is not believed.
	uid := os.Geteuid()
	forged := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(forged, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(forged, 0o777); err != nil {
		t.Fatal(err)
	}
	if trusted(forged, []uint32{uint32(uid)}) {
		t.Error("a folder that anybody may write to is trusted")
	}
}

// A number, a time or a duration in an error's text makes no new failure.
func TestSameFailure(t *testing.T) {
	for _, same := range [][2]string{
		{"the run of 2026-11-28T04:04:00Z: attempt to write", "the run of 2026-11-28T04:05:00Z: attempt to write"},
		{"no answer within 1m3.5s", "no answer within 58s"},
		{"read tcp 10.0.0.1:43512->10.0.0.2:8086: i/o timeout", "read tcp 10.0.0.1:9->10.0.0.2:8086: i/o timeout"},
		{"panic at 0xc0000ffee", "panic at 0x1"},
		{"7 of 12.5 MB", "8 of 4 MB"},
		{"collector 4711 holds x since 2026-11-28 04:05:06", "collector 12 holds x since 2026-11-28 05:05:06"},
	} {
		if sameBut(same[0]) != sameBut(same[1]) {
			t.Errorf("%q and %q are two: %q, %q", same[0], same[1], sameBut(same[0]), sameBut(same[1]))
		}
	}
	for _, other := range [][2]string{{"no space left", "no such file"}, {"open /a: denied", "open /b: denied"}, {"takes 5 m", "takes 5 apples"}} {
		if sameBut(other[0]) == sameBut(other[1]) {
			t.Errorf("%q and %q are one", other[0], other[1])
		}
	}
}

// A lock that is held for minutes is said by the runs that meet it, once a day; one
// that is held for a moment isn't.
func TestBusyForMinutes(t *testing.T) {
	for _, unknown := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "j.db.lock")
		unlock, err := lock(path, boot)
		if err != nil {
			t.Fatal(err)
		}
		if unknown { // the holder left no word
			if err := remember(path, func(n *lockNote) { n.holder = "" }); err != nil {
				t.Fatal(err)
			}
		}
		var said []int
		for minute := 1; minute < 25*60; minute++ {
			now := boot.Add(time.Duration(minute) * time.Minute)
			_, err := lock(path, now)
			busy, ok := errors.AsType[*BusyError](err)
			if !ok {
				t.Fatalf("minute %d: %v", minute, err)
			}
			if known := NoteFailure(path, err, now); busy.Hangs && !known {
				said = append(said, minute)
			}
			if f := Failing(path); (f != nil) != busy.Hangs {
				t.Errorf("minute %d: hangs %v, failing %+v", minute, busy.Hangs, f)
			}
		}
		first := 2
		if unknown {
			first = 3 // it was met for the first time in minute 1
		}
		if len(said) != 2 || said[0] != first || said[1] != first+24*60 {
			t.Errorf("holder unknown %v: said in minutes %v", unknown, said)
		}
		if err := unlock(); err != nil {
			t.Fatal(err)
		}
		if news := ForgetFailure(path); len(news) != 1 {
			t.Errorf("news at the end: %+v", news)
		}
	}
}

// The holder is the process that holds the lock according to the kernel, and not the one
// whose name a killed process left behind.
func TestHolderIsTheKernels(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.db.lock")
	unlock, err := lock(path, boot)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	if h, err := Holder(path); h != nil || err != nil {
		t.Errorf("after it let go: %v, %v", h, err)
	}
	child := exec.Command("flock", path, "cat")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Skip(err)
	}
	waitFor(t, "another program to hold it", func() bool { h, err := Holder(path); return err == nil && h != nil })
	in.Close()
	if err := child.Wait(); err != nil && !errors.Is(err, syscall.ECHILD) {
		t.Error(err)
	}
}
