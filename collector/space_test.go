package collector

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// One look at the space of a host with mounts that hang: the others are asked, and
// all of it takes little longer than one that hangs may.
func TestAskLeavesWhatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		forever := make(chan struct{})
		defer close(forever)
		statfs := func(mount string, s *unix.Statfs_t) error {
			switch {
			case strings.HasPrefix(mount, "/hangs"):
				<-forever
			case mount == "/closed":
				return unix.EACCES
			case mount == "/gone":
				return unix.EIO
			}
			*s = unix.Statfs_t{Bsize: 4096, Frsize: 1024, Blocks: 1000, Bfree: 400, Bavail: 350, Files: 64, Ffree: 60}
			return nil
		}
		s := series.Sample{Host: "h", Source: series.SourceHost}
		for _, m := range []string{"/a", "/hangs", "/b", "/closed", "/hangs/too", "/gone", "/c"} {
			s.LUNs = append(s.LUNs, mapper.LUN{Kernel: m, ID: mapper.ID(m), Layer: mapper.LayerLUN, Mounts: []mapper.Mount{{Point: m}}})
		}
		o := Options{Statfs: statfs, LockFile: filepath.Join(t.TempDir(), "lock")}
		began := time.Now()
		o.askSpace(t.Context(), &s, nil)
		if took := time.Since(began); took > answerWait+4*answerPatience {
			t.Errorf("two mounts that hang took %v", took)
		}
		var got []string
		for _, s := range s.Spaces {
			got = append(got, s.Mount)
			if s.SizeBytes != 1000*1024 || s.UsedBytes != 600*1024 || s.AvailBytes != 350*1024 || s.Inodes != 64 || s.InodesUsed != 4 {
				t.Errorf("%s: %+v", s.Mount, s.Space)
			}
		}
		if strings.Join(got, " ") != "/a /b /c" {
			t.Errorf("spaces of %v", got)
		}
		var said []string
		for _, w := range s.Warnings {
			said = append(said, w.What)
		}
		want := "space of /closed is unknown (needs root); space of /gone: input/output error; space of /hangs: no answer within 2s; space of /hangs/too: no answer within 2s"
		if strings.Join(said, "; ") != want {
			t.Errorf("said %q", said)
		}
		if len(s.Hung) != 2 {
			t.Errorf("hung: %v", s.Hung)
		}
	})
}

func TestAskEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	forever := make(chan struct{})
	defer close(forever)
	answers, _ := ask(ctx, []question{{id: "x", mount: "/x"}}, func(string, *unix.Statfs_t) error { <-forever; return nil })
	if len(answers) != 0 {
		t.Errorf("answers %v", answers)
	}
}

// A mount that hung is asked by one child at a time, and as the others again once
// it answered.
func TestHungMountIsAskedApart(t *testing.T) {
	var children []string
	o := Options{LockFile: filepath.Join(t.TempDir(), "lock"), AskApart: func(mount, marker string) error {
		children = append(children, mount)
		return nil
	}}
	qs := []question{{id: "a", mount: "/a"}, {id: "b", mount: "/b"}}
	left := []series.Hung{{Mount: "/b"}, {Mount: "/unmounted/since"}}
	rest, hung := o.sortOutHung(qs, left)
	if len(rest) != 1 || rest[0].mount != "/a" || len(hung) != 1 || hung[0].Mount != "/b" || len(children) != 1 {
		t.Fatalf("asks %v, hung %v, children %v", rest, hung, children)
	}
	// The child is at it: it holds the marker.
	unlock, err := lock(o.marker("/b"), boot)
	if err != nil {
		t.Fatal(err)
	}
	if rest, _ = o.sortOutHung(qs, left); len(rest) != 1 || len(children) != 1 {
		t.Fatalf("a second child was started: asks %v, children %v", rest, children)
	}
	unlock()
	if err := AskMount(t.TempDir(), o.marker("/b")); err != nil {
		t.Fatal(err)
	}
	if rest, hung = o.sortOutHung(qs, left); len(rest) != 2 || len(hung) != 0 {
		t.Errorf("it answered, but asks %v, hung %v", rest, hung)
	}
	if left, _ := filepath.Glob(o.LockFile + ".hung-*"); len(left) != 0 {
		t.Errorf("markers left: %v", left)
	}
}

// Space is stored every five minutes, and between times when it moved by a
// thousandth of the size.
func TestSpaceIsStoredWhenItMoved(t *testing.T) {
	used := uint64(500_000)
	o := Options{SpaceEvery: 5 * time.Minute, LockFile: filepath.Join(t.TempDir(), "lock"), Statfs: func(_ string, s *unix.Statfs_t) error {
		*s = unix.Statfs_t{Frsize: 1024, Blocks: 1_000_000, Bfree: 1_000_000 - used, Bavail: 900_000 - used}
		return nil
	}}
	var state series.State
	var stored []int
	for minute := range 14 {
		switch minute {
		case 2:
			used += 999 // not a thousandth yet
		case 3:
			used++
		}
		s := series.Sample{At: series.Instant{Wall: boot.Add(time.Duration(minute)*time.Minute + time.Duration(minute%3)*time.Second)},
			LUNs: []mapper.LUN{{Kernel: "dm-0", ID: "x", Layer: mapper.LayerLUN, Mounts: []mapper.Mount{{Point: "/x"}}}}}
		o.addSpace(t.Context(), &s, state)
		m, _ := Close(state, s, o.Rules)
		state = m.State
		if len(m.Spaces) > 0 {
			stored = append(stored, minute)
		}
	}
	if want := []int{0, 3, 5, 10}; len(stored) != 4 || stored[1] != want[1] || stored[2] != want[2] || stored[3] != want[3] {
		t.Errorf("stored at minutes %v, want %v", stored, want)
	}
}

// Some filesystems of FUSE claim more free than they have: that is none used, not 2⁶⁴.
func TestSpaceOfMoreFreeThanThereIs(t *testing.T) {
	s := SpaceOf(&unix.Statfs_t{Blocks: 10, Bfree: 11, Bavail: 9, Frsize: 4096, Files: 5, Ffree: 6}, boot)
	if s.UsedBytes != 0 || s.InodesUsed != 0 || s.SizeBytes != 40_960 || s.AvailBytes != 36_864 {
		t.Errorf("%+v", s)
	}
}

// Space is due again at once after the clock was set back.
func TestSpaceAfterAStepBack(t *testing.T) {
	o := Options{SpaceEvery: 5 * time.Minute, LockFile: t.TempDir() + "/lock", Rules: Rules{Layers: "luns"}, Statfs: func(_ string, s *unix.Statfs_t) error {
		*s = unix.Statfs_t{Frsize: 1024, Blocks: 100, Bfree: 50, Bavail: 50}
		return nil
	}}
	sample := func(at time.Duration) series.Sample {
		return series.Sample{At: series.Instant{Wall: boot.Add(at)}, LUNs: []mapper.LUN{{ID: "x", Kernel: "sda", Layer: mapper.LayerLUN, Mounts: []mapper.Mount{{Point: "/x"}}}}}
	}
	var state series.State
	for n, tt := range []struct {
		at     time.Duration
		stored int
	}{{time.Hour, 1}, {time.Hour + time.Minute, 0}, {-time.Hour, 1}, {-time.Hour + time.Minute, 0}, {-time.Hour + 5*time.Minute, 1}} {
		s := sample(tt.at)
		o.addSpace(t.Context(), &s, state)
		m, _ := Close(state, s, o.Rules)
		state = m.State
		if len(m.Spaces) != tt.stored {
			t.Errorf("run %d: %d spaces stored, want %d", n, len(m.Spaces), tt.stored)
		}
	}
}

// Where a folder is closed, the hint is a line to type as it is.
func TestRefusedNamesTheFolder(t *testing.T) {
	closed := func(at string) func(string) error {
		return func(folder string) error {
			if strings.HasPrefix(folder, at) {
				return unix.EACCES
			}
			return nil
		}
	}
	for _, tt := range []struct{ mount, closed, hint string }{
		{"/srv/closed/a/b", "/srv/closed", "/srv/closed is closed to the user lunstat. To open it to this user: setfacl -m u:lunstat:x /srv/closed"},
		{"/home/my mail/store", "/home/my mail", "/home/my mail is closed to the user lunstat. To open it to this user: setfacl -m u:lunstat:x '/home/my mail'"},
		{"/open/store", "/elsewhere", "run the collector as root"},
	} {
		w := refused(tt.mount, "lunstat", unix.EACCES, closed(tt.closed))
		if w.Hint != tt.hint || w.What != "space of "+tt.mount+" is unknown (needs root)" {
			t.Errorf("%s: %+v", tt.mount, w)
		}
	}
}
