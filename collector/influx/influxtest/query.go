package influxtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Answer is what a query gave.
type Answer struct {
	Results []struct {
		Error  string
		Series []struct {
			Tags    map[string]string
			Columns []string
			Values  [][]any
		}
	}
}

// Query asks by InfluxQL as admin.
func (s *Server) Query(bucket, statement string) Answer {
	s.t.Helper()
	db, policy, _ := strings.Cut(bucket, "/")
	body := s.post("/query?"+url.Values{"db": {db}, "rp": {policy}, "epoch": {"ns"}}.Encode(), s.Admin, url.Values{"q": {statement}})
	var a Answer
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&a); err != nil {
		s.t.Fatalf("%s: %v\n%s", statement, err, body)
	}
	return a
}

// Count asks how many points there are of a measurement.
func (s *Server) Count(bucket, measurement, field string) int {
	s.t.Helper()
	a := s.Query(bucket, fmt.Sprintf(`SELECT count(%q) FROM %q`, field, measurement))
	if len(a.Results) != 1 || a.Results[0].Error != "" && !strings.Contains(a.Results[0].Error, "not found") {
		s.t.Fatalf("counting %s: %+v", measurement, a)
	}
	if len(a.Results[0].Series) == 0 {
		return 0
	}
	n, err := a.Results[0].Series[0].Values[0][1].(json.Number).Int64()
	if err != nil {
		s.t.Fatal(err)
	}
	return int(n)
}

// post sends a form and fails the test where it is refused.
func (s *Server) post(path, token string, form url.Values) []byte {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(r, token)
}

// api calls 2.x's API with JSON both ways.
func (s *Server) api(method, path string, in, out any) {
	s.t.Helper()
	body := &bytes.Buffer{}
	if in != nil {
		if err := json.NewEncoder(body).Encode(in); err != nil {
			s.t.Fatal(err)
		}
	}
	r, err := http.NewRequest(method, s.URL+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	token := s.Admin
	if path == "/api/v2/setup" {
		token = ""
	}
	if answer := s.do(r, token); out != nil {
		if err := json.Unmarshal(answer, out); err != nil {
			s.t.Fatalf("%s: %v", path, err)
		}
	}
}

func (s *Server) do(r *http.Request, token string) []byte {
	s.t.Helper()
	if token != "" {
		r.Header.Set("Authorization", "Token "+token)
	}
	resp, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if resp.StatusCode >= 300 {
		s.t.Fatalf("%s %s: %s\n%s", r.Method, r.URL.Path, resp.Status, body)
	}
	return body
}
