package journal

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
)

// Conditions, stored spaces and hung mounts come back as they were left.
func TestStateOfWhatChangesSeldom(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	at := storetest.Start.UTC()
	want := series.State{
		Conditions: []series.Condition{{Warning: series.Warning{What: "diskstats:2: bad\nline", Hint: "h"}, Since: at, Said: at.Add(time.Hour)}},
		Spaces:     []series.KeySpace{{Key: storetest.Key("mail", 1), Mount: "/a b", Space: series.Space{At: at, SizeBytes: 1 << 62, UsedBytes: 3, Inodes: 9}}},
		Hung:       []series.Hung{{Mount: "/srv/<x>", Since: at}},
	}
	j, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	k := storetest.Key("mail", 1)
	m := storetest.Minute("mail", at, storetest.Interval(k, at, 1))
	m.State.Last = []series.Last{{Key: k, At: m.Run.At}}
	m.State.Conditions, m.State.Spaces, m.State.Hung = want.Conditions, want.Spaces, want.Hung
	if err := j.Commit(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if j, err = Open(path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	got, err := j.State(t.Context(), m.Run.Host)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Conditions, want.Conditions) || !reflect.DeepEqual(got.Spaces, want.Spaces) || !reflect.DeepEqual(got.Hung, want.Hung) {
		t.Errorf("got  %+v\n%+v\n%+v", got.Conditions, got.Spaces, got.Hung)
	}
}

// A slip of the hand in --journal moves nobody's file.
func TestOpenLeavesForeignFilesAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "passwd")
	const text = "root:x:0:0:root:/root:/bin/bash\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Open(path, Options{})
	if _, ok := errors.AsType[*CorruptError](err); !ok {
		t.Errorf("error %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != text {
		t.Errorf("the file is %q, %v", got, err)
	}
}
