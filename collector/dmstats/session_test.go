package dmstats_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"lunstat/collector/dmstats"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// session is what a kernel was asked and answered, with the device's line in sysfs at that
// moment.
type session struct {
	t     *testing.T
	lines []string
}

func openSession(t *testing.T) *session {
	f, err := os.Open(filepath.Join("testdata", "session.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := &session{t: t}
	for in := bufio.NewScanner(f); in.Scan(); {
		s.lines = append(s.lines, in.Text())
	}
	return s
}

// next gives the next line if it is of a kind: > a message, < an answer, = a line of sysfs.
func (s *session) next(kind string) string {
	s.t.Helper()
	if len(s.lines) == 0 || s.lines[0][:2] != kind+" " {
		s.t.Fatalf("want %q, the session goes on with %.1q", kind, s.lines)
	}
	line := s.lines[0][2:]
	s.lines = s.lines[1:]
	return line
}

func (s *session) Message(_ mapper.DevNo, text string) (string, error) {
	if want := s.next(">"); text != want {
		return "", fmt.Errorf("asked %q, the session has %q", text, want)
	}
	return s.next("<") + "\n", nil
}

// What Linux 6.1 answered while fio read at several rates: between any two readings the
// histogram has as many I/Os as the device's counters.
func TestSession(t *testing.T) {
	s := openSession(t)
	keeper := dmstats.NewKeeper(s)
	lun := mapper.LUN{Kernel: "dm-13", SizeBytes: 524288 * 512}
	var last *series.LatencyReading
	var lastReads uint64
	rounds := 0
	for len(s.lines) > 0 {
		r, err := keeper.Latency(&lun, last, false)
		if err != nil || r == nil || r.Short {
			t.Fatalf("%+v, %v", r, err)
		}
		var reads uint64
		if _, err := fmt.Sscan(s.next("="), &reads); err != nil {
			t.Fatal(err)
		}
		if last != nil {
			rounds++
			var n uint64
			for i, c := range r.Counts {
				n += c - last.Counts[i]
			}
			if n != reads-lastReads {
				t.Errorf("%d I/Os in the histogram, %d reads in sysfs", n, reads-lastReads)
			}
		}
		last, lastReads = r, reads
	}
	if rounds < 5 {
		t.Errorf("%d rounds", rounds)
	}
}
