package collector

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"lunstat/mapper"
)

func TestAskSpaceLeavesWhatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		forever := make(chan struct{})
		defer close(forever)
		statfs := func(mount string, s *unix.Statfs_t) error {
			switch mount {
			case "/hangs", "/hangs/too":
				<-forever
			case "/closed":
				return unix.EACCES
			case "/gone":
				return unix.EIO
			}
			*s = unix.Statfs_t{Bsize: 4096, Frsize: 1024, Blocks: 1000, Bfree: 400, Bavail: 350, Files: 64, Ffree: 60}
			return nil
		}
		var qs []question
		for _, m := range []string{"/a", "/hangs", "/b", "/closed", "/hangs/too", "/gone", "/c"} {
			qs = append(qs, question{mapper.ID(m), m})
		}
		began := time.Now()
		spaces, warnings := askSpace(t.Context(), qs, statfs, time.Now)
		if took := time.Since(began); took != 2*statfsWait {
			t.Errorf("two mounts that hang took %v, want %v", took, 2*statfsWait)
		}
		var got []string
		for _, s := range spaces {
			got = append(got, s.Mount)
			if s.SizeBytes != 1000*1024 || s.UsedBytes != 600*1024 || s.AvailBytes != 350*1024 || s.Inodes != 64 || s.InodesUsed != 4 {
				t.Errorf("%s: %+v", s.Mount, s.Space)
			}
		}
		if strings.Join(got, " ") != "/a /b /c" {
			t.Errorf("spaces of %v", got)
		}
		want := []string{"space of /hangs: no answer within 2s", "space of /closed is unknown (needs root)", "space of /hangs/too: no answer within 2s", "space of /gone: input/output error"}
		for i, w := range warnings {
			if i >= len(want) || w.What != want[i] {
				t.Errorf("warning %d: %q", i, w.What)
			}
		}
		if len(warnings) != len(want) {
			t.Errorf("%d warnings, want %d", len(warnings), len(want))
		}
	})
}

func TestAskSpaceEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("SIGTERM"))
	forever := make(chan struct{})
	defer close(forever)
	spaces, _ := askSpace(ctx, []question{{"x", "/x"}}, func(string, *unix.Statfs_t) error { <-forever; return nil }, time.Now)
	if len(spaces) != 0 {
		t.Errorf("spaces %v", spaces)
	}
}
