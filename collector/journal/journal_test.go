package journal

import (
	"path/filepath"
	"testing"

	"lunstat/collector/storetest"
)

// open gives a journal of the test's own.
func open(t testing.TB, o Options) *Journal {
	t.Helper()
	j, err := Open(filepath.Join(t.TempDir(), "a folder", "journal?#%41.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	if w := j.Warnings(); len(w) > 0 {
		t.Fatalf("warnings of a new journal: %v", w)
	}
	return j
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t, Options{Sync: "normal"}) })
}
