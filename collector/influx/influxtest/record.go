package influxtest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// exchange is a question to /query and what a real server answered.
type exchange struct {
	Ask    string // the URL's query and the form
	Status int
	Error  string `json:",omitempty"` // the header X-Influxdb-Error
	Body   string
}

// Front is a proxy before a server until the test ends. It calls before for each request,
// before it is passed on.
func Front(t testing.TB, s *Server, before func()) (url string) {
	t.Helper()
	return front(t, s, before, func(exchange) {}).URL
}

func front(t testing.TB, s *Server, before func(), after func(exchange)) *httptest.Server {
	client := &http.Client{Transport: &http.Transport{}}
	f := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		before()
		e, err := forward(client, s.URL, r)
		if err != nil {
			t.Errorf("passing on: %v", err)
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		after(e)
		e.answer(w)
	}))
	t.Cleanup(f.Close)
	return f
}

// Record is a proxy before a server until the test ends, and then leaves all questions
// and their answers in a file, for Replay.
func Record(t testing.TB, s *Server, file string) (url string) {
	t.Helper()
	var mu sync.Mutex
	var all []exchange
	f := front(t, s, func() {}, func(e exchange) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, e)
	})
	t.Cleanup(func() {
		f.Close()
		if t.Failed() {
			return
		}
		if err := writeExchanges(file, all); err != nil {
			t.Error(err)
		}
	})
	return f.URL
}

// forward asks a server what r asks.
func forward(client *http.Client, to string, r *http.Request) (e exchange, err error) {
	form, err := io.ReadAll(r.Body)
	if err != nil {
		return e, err
	}
	on, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, to+r.URL.RequestURI(), bytes.NewReader(form))
	if err != nil {
		return e, err
	}
	for _, name := range []string{"Authorization", "Content-Type", "Accept"} {
		on.Header.Set(name, r.Header.Get(name))
	}
	resp, err := client.Do(on)
	if err != nil {
		return e, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return exchange{r.URL.RawQuery + "\n" + string(form), resp.StatusCode, resp.Header.Get("X-Influxdb-Error"), string(body)}, err
}

func (e *exchange) answer(w http.ResponseWriter) {
	if e.Error != "" {
		w.Header().Set("X-Influxdb-Error", e.Error)
	}
	w.WriteHeader(e.Status)
	_, _ = io.WriteString(w, e.Body)
}

func writeExchanges(file string, all []exchange) error {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	enc := json.NewEncoder(z)
	for i := range all {
		if err := enc.Encode(&all[i]); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// Replay answers each question as a real server did when it was recorded; of a
// question that was asked more than once, in the order of then. Writes are taken
// and forgotten. A test without a recording is skipped.
func Replay(t testing.TB, file string) (url string) {
	t.Helper()
	left := readExchanges(t, file)
	var mu sync.Mutex
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		form, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if r.URL.Path == "/api/v2/write" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		ask := r.URL.RawQuery + "\n" + string(form)
		answers := left[ask]
		if len(answers) == 0 {
			t.Errorf("%s has no answer to %s\nrecord it again, where `make influxdb` has built the servers: go test ./collector/influx -update", file, ask)
			http.Error(w, "not recorded", http.StatusNotImplemented)
			return
		}
		left[ask] = answers[1:]
		answers[0].answer(w)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func readExchanges(t testing.TB, file string) map[string][]exchange {
	t.Helper()
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no answers are recorded in %s: go test ./collector/influx -update, where `make influxdb` has built the servers", file)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]exchange{}
	d := json.NewDecoder(z)
	for {
		var e exchange
		if err := d.Decode(&e); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[e.Ask] = append(all[e.Ask], e)
	}
}
