package influx

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
)

// endless is a server that answers every request without end, also packed: say
// gives the nth piece.
func endless(t *testing.T, status int, packed bool, say func(w io.Writer, form string, n int) error) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		form := r.FormValue("q")
		var to io.Writer = w
		if packed {
			w.Header().Set("Content-Encoding", "gzip")
			to = &packer{to: w, gzip: gzip.NewWriter(nil)}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		for n := 0; r.Context().Err() == nil; n++ {
			if say(to, form, n) != nil {
				return // the client is gone
			}
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// packer writes each piece as a gzip stream of its own: readers take them as one. It packs
// the end of a long piece only once if it comes again and again, because packing it each
// time would take a minute under the race detector.
type packer struct {
	to     io.Writer
	gzip   *gzip.Writer
	end    string
	packed []byte // end, as gzip has it
}

func (p *packer) Write(piece []byte) (int, error) {
	begin := min(512, len(piece))
	if end := string(piece[begin:]); end != p.end {
		p.end, p.packed = end, p.pack(piece[begin:])
	}
	_, err := p.to.Write(append(p.pack(piece[:begin]), p.packed...))
	return len(piece), err
}

// pack is a text as gzip has it.
func (p *packer) pack(text []byte) []byte {
	var b bytes.Buffer
	p.gzip.Reset(&b)
	p.gzip.Write(text)
	p.gzip.Close()
	return b.Bytes()
}

// text says the same for ever.
func text(s string) func(io.Writer, string, int) error {
	return func(w io.Writer, _ string, _ int) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// rowsFor answers SHOW FIELD KEYS as a server would, and a SELECT by piece.
func rowsFor(piece func(n int) string) func(io.Writer, string, int) error {
	return func(w io.Writer, statement string, n int) error {
		if strings.HasPrefix(statement, "SHOW") {
			_, err := io.WriteString(w, `{"results":[{"series":[{"columns":["fieldKey","fieldType"],"values":[["elapsed_ms","integer"]]}]}]}`+"\n")
			if err == nil {
				err = io.EOF
			}
			return err
		}
		if strings.Contains(statement, `FROM "lun_latency`) {
			return once(w, `{"results":[{}]}`)
		}
		_, err := io.WriteString(w, piece(n)+"\n")
		return err
	}
}

// once ends an answer after a text.
func once(w io.Writer, text string) error {
	if _, err := io.WriteString(w, text+"\n"); err != nil {
		return err
	}
	return io.EOF
}

// latenciesFor answers for a point as a server would, and for histograms by piece.
func latenciesFor(stamp int64, piece func(n int) string) func(io.Writer, string, int) error {
	return func(w io.Writer, statement string, n int) error {
		switch {
		case strings.HasPrefix(statement, "SHOW"):
			return once(w, `{"results":[{"series":[{"columns":["fieldKey","fieldType"],"values":[["elapsed_ms","integer"]]}]}]}`)
		case !strings.Contains(statement, `FROM "lun_latency`):
			return once(w, strings.ReplaceAll(pieceOf("a", stamp), `,"partial":true`, ""))
		}
		_, err := io.WriteString(w, piece(n)+"\n")
		return err
	}
}

// latencyPiece is a piece of an answer with one histogram, of n I/Os.
func latencyPiece(uuid string, stamp int64, n int) string {
	names, counts := `"time","bounds_version"`, fmt.Sprint(stamp)+",1"
	for i, name := range latencyFields() {
		names += fmt.Sprintf(",%q", name)
		counts += fmt.Sprintf(",%d", n*(i%2))
	}
	return fmt.Sprintf(`{"results":[{"series":[{"tags":{"host":"h","uuid":%q,"source":"host"},"columns":[%s],"values":[[%s]],"partial":true}],"partial":true}]}`, uuid, names, counts)
}

func pieceOf(uuid string, stamp int64) string {
	return fmt.Sprintf(`{"results":[{"series":[{"tags":{"host":"h","uuid":%q,"source":"host"},"columns":["time","elapsed_ms"],"values":[[%d,60000]],"partial":true}],"partial":true}]}`, uuid, stamp)
}

// TestEndlessAnswers: an answer without an end ends the reading with an error that
// says what is wrong, after a bounded number of bytes.
func TestEndlessAnswers(t *testing.T) {
	at := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	longNamed := pieceOf("NAME"+strings.Repeat(strings.Repeat("x", 50)+" ", 1000), at.UnixNano())
	for _, test := range []struct {
		name string
		say  func(io.Writer, string, int) error
	}{
		{"a text", text(strings.Repeat(`{"results":[{"series":[`, 1000))},
		{"blanks", text(strings.Repeat(" ", 64<<10))},
		{"a number", text(strings.Repeat("9", 64<<10))},
		{"one piece again and again", rowsFor(func(int) string { return pieceOf("a", at.UnixNano()) })},
		{"times to the nanosecond", rowsFor(func(n int) string { return pieceOf("a", at.UnixNano()+int64(n)) })},
		{"times beyond the range", rowsFor(func(n int) string { return pieceOf("a", at.UnixNano()+int64(n)*int64(time.Hour)) })},
		{"two in turn", rowsFor(func(n int) string { return pieceOf(string(rune('a'+n%2)), at.UnixNano()) })},
		{"one histogram again and again", latenciesFor(at.UnixNano(), func(n int) string { return latencyPiece("a", at.UnixNano(), n) })},
		{"histograms in turn", latenciesFor(at.UnixNano(), func(n int) string { return latencyPiece(string(rune('a'+n%2)), at.UnixNano(), n) })},
		{"ever new series", rowsFor(func(n int) string { return strings.Replace(longNamed, "NAME", fmt.Sprint(n), 1) })},
	} {
		for _, packed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, packed %v", test.name, packed), func(t *testing.T) {
				t.Parallel()
				s, err := NewSource(Options{URL: endless(t, http.StatusOK, packed, test.say)})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				err = s.Intervals(t.Context(), series.Query{From: at.Add(-time.Minute), To: at.Add(time.Hour)}, func(series.Key, *series.Interval) error { return nil })
				var much *TooMuchError
				if !errors.As(err, &much) || much.Hint() == "" || len(err.Error()) > 500 {
					t.Errorf("%v", err)
				}
			})
		}
	}
}

// TestEndlessStatements: answers to other questions than points are bounded too.
func TestEndlessStatements(t *testing.T) {
	keys := func(w io.Writer, _ string, n int) error {
		_, err := fmt.Fprintf(w, `{"results":[{"series":[{"columns":["fieldKey","fieldType"],"values":[["x%d","integer"]],"partial":true}],"partial":true}]}`+"\n", n)
		return err
	}
	s, err := NewSource(Options{URL: endless(t, http.StatusOK, true, keys)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var much *TooMuchError
	if _, err := s.columnsOf(t.Context(), "lunstat", rawIO, false); !errors.As(err, &much) {
		t.Errorf("fields: %v", err)
	}
	if _, err := s.policies(t.Context(), "lunstat"); err == nil {
		t.Error("policies without end")
	}
	for status, say := range map[int]func(io.Writer, string, int) error{
		http.StatusOK:         text(strings.Repeat(`{"allowed":[[`, 1000)),
		http.StatusBadRequest: text(strings.Repeat("x", 1000)),
	} {
		if _, err := Setup(t.Context(), Options{URL: endless(t, status, true, say), Org: "o"}, true); err == nil || len(err.Error()) > 500 {
			t.Errorf("setup, %d: %v", status, err)
		}
	}
	sink, err := NewSink(Options{URL: endless(t, http.StatusInternalServerError, true, text(strings.Repeat("x", 1000)))})
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	run := goldenRun()
	if _, err := sink.Write(t.Context(), []series.Outbound{run}); err == nil || len(err.Error()) > 500 {
		t.Errorf("a write: %v", err)
	}
}

// TestDrip: an answer that comes a byte at a time, and never pauses long, is given
// up too, whatever its status.
func TestDrip(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusInternalServerError} {
		drip := endless(t, status, false, func(w io.Writer, _ string, _ int) error {
			_, err := w.Write([]byte(" "))
			w.(http.Flusher).Flush()
			time.Sleep(time.Millisecond) // the server's, not the test's
			return err
		})
		s, err := newServer(&Options{URL: drip, Patience: 100 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		err = s.ask(ctx, "lunstat", "SELECT 1", nil, rows{})
		if err == nil || ctx.Err() != nil || status == http.StatusOK && !errors.Is(err, errSlow) {
			t.Errorf("%d: %v", status, err)
		}
		cancel()
		s.client.CloseIdleConnections()
	}
}

// TestDeadline: where the caller has a bound of its own, the error says so.
func TestDeadline(t *testing.T) {
	s, err := newServer(&Options{URL: endless(t, http.StatusOK, false, func(w io.Writer, _ string, _ int) error {
		w.(http.Flusher).Flush()
		time.Sleep(time.Millisecond)
		return nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	defer s.client.CloseIdleConnections()
	why := errors.New("it took longer than a moment")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, why)
	defer cancel()
	if err := s.ask(ctx, "lunstat", "SELECT 1", nil, rows{}); !errors.Is(err, why) {
		t.Errorf("%v, want %v", err, why)
	}
}
