package influx

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"lunstat/collector/series"
)

// answering is a server with one answer to all that isn't GET /elsewhere, which it
// counts.
func answering(t *testing.T, status int, header http.Header, body string) (url string, elsewhere *atomic.Int32) {
	t.Helper()
	elsewhere = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			elsewhere.Add(1)
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		for k, v := range header {
			w.Header()[k] = v
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL, elsewhere
}

// TestOnly204IsWritten: whatever else a server answers, the points stay in the
// journal. A redirect is not followed, wherever it leads.
func TestOnly204IsWritten(t *testing.T) {
	for status := 200; status < 600; status++ {
		if http.StatusText(status) == "" {
			continue
		}
		header := http.Header{}
		if status >= 300 && status < 400 {
			header.Set("Location", "/elsewhere")
		}
		url, elsewhere := answering(t, status, header, "")
		sink, err := NewSink(Options{URL: url, Token: "t", Org: "o"})
		if err != nil {
			t.Fatal(err)
		}
		refused, err := sink.Write(t.Context(), []series.Outbound{goldenRun()})
		sink.Close()
		var later *LaterError
		switch {
		case status == http.StatusNoContent && (err != nil || len(refused) > 0):
			t.Errorf("204: %v, refused %v", err, refused)
		case status != http.StatusNoContent && (!errors.As(err, &later) || later.Status != status || len(refused) > 0):
			t.Errorf("%d: %v, refused %v", status, err, refused)
		case elsewhere.Load() > 0:
			t.Errorf("%d: the redirect was followed", status)
		}
	}
}

// TestOnly200IsAnAnswer: the same of queries, and of setup.
func TestOnly200IsAnAnswer(t *testing.T) {
	const empty = `{"results":[{"statement_id":0}]}`
	for _, status := range []int{200, 201, 202, 204, 206, 301, 302, 303, 307, 308, 400, 401, 403, 404, 500, 503} {
		header := http.Header{}
		if status >= 300 && status < 400 {
			header.Set("Location", "/elsewhere")
		}
		body := empty
		if status == http.StatusNoContent {
			body = ""
		}
		url, elsewhere := answering(t, status, header, body)
		source, err := NewSource(Options{URL: url, Token: "t", Org: "o"})
		if err != nil {
			t.Fatal(err)
		}
		_, _, ok, err := source.Extent(t.Context())
		source.Close()
		var later *LaterError
		if ok || (status == 200) != (err == nil) || status != 200 && (!errors.As(err, &later) || later.Status != status) {
			t.Errorf("%d: ok %v, %v", status, ok, err)
		}
		if status != 404 { // that is what 1.8 says to the first question
			if _, err := Setup(t.Context(), Options{URL: url, Token: "t", Org: "o"}, true); err == nil {
				t.Errorf("setup, %d: no error", status)
			}
		}
		if elsewhere.Load() > 0 {
			t.Errorf("%d: the redirect was followed", status)
		}
	}
}

// TestRefusals: 400 and 422 in InfluxDB's words refuse points, and only the bad
// ones; all other answers keep them. The server is made by its lines: it takes what
// has no "bad" in it.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		status  int
		header  bool // the words are in X-Influxdb-Error
		body    string
		refused bool
	}{
		{400, true, `{"error":"partial write: points beyond retention policy dropped=1"}`, true},
		{422, false, `{"code":"unprocessable entity","message":"failure writing points to database: partial write: field type conflict dropped=1"}`, true},
		{422, false, `{"code":"unprocessable entity","message":"partial write: dropped 1 points outside retention policy of duration 24h0m0s"}`, true},
		{400, false, `{"code":"invalid","message":"unable to parse 'x'"}`, true},
		{422, false, `<html>Unprocessable Entity</html>`, false},
		{400, false, `<html>Bad Request</html>`, false},
		{409, false, `{"code":"conflict","message":"x"}`, false},
		{404, false, `{"code":"not found","message":"bucket \"x\" not found"}`, false},
		{500, false, `{"code":"internal error","message":"x"}`, false},
	} {
		written := 0
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			lines := unpacked(t, r)
			if !strings.Contains(lines, "bad") {
				written += strings.Count(lines, "\n")
				w.WriteHeader(http.StatusNoContent)
				return
			}
			if test.header {
				w.Header().Set("X-Influxdb-Error", "partial write: points beyond retention policy dropped=1")
			}
			w.WriteHeader(test.status)
			_, _ = io.WriteString(w, test.body)
		}))
		sink, err := NewSink(Options{URL: s.URL, Org: "o"})
		if err != nil {
			t.Fatal(err)
		}
		run := goldenRun()
		run.Intervals[1].Key.ID = "bad"
		refused, err := sink.Write(t.Context(), []series.Outbound{run})
		var later *LaterError
		switch {
		case test.refused && (err != nil || len(refused) != 1 || !strings.Contains(refused[0].Point, "uuid=bad") || refused[0].Seq != run.Seq || refused[0].Reason == ""):
			t.Errorf("%d %s: %v, refused %+v", test.status, test.body, err, refused)
		case test.refused && written != 17:
			t.Errorf("%d %s: %d points written, want all 17 others", test.status, test.body, written)
		case !test.refused && (!errors.As(err, &later) || len(refused) > 0):
			t.Errorf("%d %s: %v, refused %+v", test.status, test.body, err, refused)
		}
		sink.Close()
		s.Close()
	}
}

func unpacked(t *testing.T, r *http.Request) string {
	t.Helper()
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Error(err)
		return ""
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Error(fmt.Errorf("a body: %w", err))
	}
	return string(b)
}
