package journal

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"lunstat/collector/journal/blob"
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

// Older versions left the spaces as JSON. Spaces that don't decode are all stored again,
// and the conditions stay.
func TestStateOfSpaces(t *testing.T) {
	space := series.KeySpace{Key: storetest.Key("mail", 1), Mount: "/a", Space: series.Space{At: storetest.Start.UTC(), SizeBytes: 7}}
	conditions := []series.Condition{{Warning: series.Warning{What: "x"}, Since: storetest.Start.UTC()}}
	for _, tt := range []struct {
		name  string
		state slowState
		want  []series.KeySpace
		warns int
	}{
		{"older", slowState{Conditions: conditions, Spaces: []series.KeySpace{space}}, []series.KeySpace{space}, 0},
		{"today's", slowState{Conditions: conditions, LastStored: blob.AppendLastStored(nil, []series.KeySpace{space})}, []series.KeySpace{space}, 0},
		{"damaged", slowState{Conditions: conditions, LastStored: []byte{9}}, nil, 1},
	} {
		j, err := Open(filepath.Join(t.TempDir(), "journal.db"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		m := storetest.Minute("mail", storetest.Start, storetest.Interval(storetest.Key("mail", 1), storetest.Start, 1))
		if err := j.Commit(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(tt.state)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.db.Exec(`UPDATE state SET data = ? WHERE id = ?`, text, stateID(j.memory.hosts[m.Run.Host].id, stateSlow)); err != nil {
			t.Fatal(err)
		}
		got, err := j.State(t.Context(), m.Run.Host)
		if err != nil || !reflect.DeepEqual(got.Spaces, tt.want) || !reflect.DeepEqual(got.Conditions, conditions) || len(j.Warnings()) != tt.warns {
			t.Errorf("%s: %+v, %+v, %v; warnings %+v", tt.name, got.Spaces, got.Conditions, err, j.Warnings())
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
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
