package journal

import (
	"math"
	"testing"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
)

// TestReadWhileWritten: a reader sees the whole of some run, at every width,
// though bins are closed and raw intervals deleted while it reads.
func TestReadWhileWritten(t *testing.T) {
	j := open(t, Options{Sync: "normal"})
	if err := advance(t.Context(), j, 0); err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() {
		for n := 1; n < 240; n++ {
			if err := advance(t.Context(), j, n); err != nil {
				written <- err
				return
			}
		}
		written <- nil
	}()
	reader, err := Open(j.Path(), Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	reads := 0
	for {
		for _, w := range storetest.Widths() {
			for k, in := range storetest.Read(t, reader, storetest.All(w)) {
				var sum uint64
				for _, i := range in {
					sum += i.Value(series.ReadIOs)
				}
				// By minute n the counters have counted n² reads.
				if root := uint64(math.Round(math.Sqrt(float64(sum)))); root*root != sum {
					t.Fatalf("width %s, %s: %d reads, which is no minute's", w, k.ID, sum)
				}
			}
			reads++
		}
		select {
		case err := <-written:
			if err != nil {
				t.Fatal(err)
			}
			if reads < 6 {
				t.Errorf("read %d times only", reads)
			}
			return
		default:
		}
	}
}
