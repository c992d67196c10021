// Package influxtest runs real InfluxDB servers for tests: one for each test, in
// a folder of its own, on a free port of the loopback. It is for tests only.
//
// The binaries are those that `make influxdb` builds; without them a test is
// skipped with a word that says so.
package influxtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Version is one of the two servers.
type Version int

// The servers, as `make influxdb` builds them.
const (
	V1 Version = 1 // 1.8.10
	V2 Version = 2 // 2.8.0
)

// Versions are all there are.
func Versions() []Version { return []Version{V1, V2} }

func (v Version) String() string { return fmt.Sprintf("influxdb%d", int(v)) }

// Server is a running InfluxDB with an organisation, the buckets lunstat and
// lunstat/rollup, and three tokens.
type Server struct {
	Version Version
	URL     string
	Org     string // "" in 1.8
	Admin   string // tokens; in 1.8 "user:password"
	Writer  string // may write the two buckets and nothing else
	Reader  string // may read the two buckets and nothing else
	Dir     string // its data

	t       testing.TB
	cold    bool
	port    int
	cmd     *exec.Cmd
	exited  chan struct{}
	client  *http.Client
	orgID   string
	revoker map[string]string // token: path to delete
}

// The names that the tests use, which are the defaults.
const (
	Bucket = "lunstat"
	Rollup = "lunstat/rollup"
)

// password is everyone's; 2.x wants eight characters.
const password = "secret-secret-77"

// Start runs a server until the test ends, set up as a site would.
func Start(t testing.TB, v Version) *Server {
	t.Helper()
	return StartIn(t, v, t.TempDir())
}

// StartIn is Start with its data in a folder of the caller's.
func StartIn(t testing.TB, v Version, dir string) *Server {
	t.Helper()
	s := startBare(t, v, dir, false)
	if v == V1 {
		s.setup1()
	} else {
		s.setup2()
	}
	return s
}

// StartCold is Start, with a server that writes what it has to its files at once
// and compacts them, so that their size says what points cost.
func StartCold(t testing.TB, v Version) *Server {
	t.Helper()
	s := startBare(t, v, t.TempDir(), true)
	if v == V1 {
		s.setup1()
	} else {
		s.setup2()
	}
	return s
}

// Settle waits until the server's files have not changed for some seconds, or as
// long as patience lasts (1.8 never ends to compact where there are many shards),
// and gives their size: of shards and index, not of what is still in the log.
func (s *Server) Settle(patience time.Duration) (bytes int64) {
	s.t.Helper()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	same, last := 0, [2]int64{}
	for range patience / time.Second {
		<-tick.C
		files, logged := s.sizes()
		if now := [2]int64{files, logged}; now == last && files > 0 {
			same++
		} else {
			same, last = 0, now
		}
		if same == 10 {
			return files
		}
	}
	return last[0]
}

func (s *Server) sizes() (files, logged int64) {
	_ = filepath.WalkDir(s.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		switch {
		case strings.HasSuffix(path, ".wal"):
			logged += info.Size()
		case strings.HasSuffix(path, ".tsm"), strings.Contains(path, "/index/"):
			// The series file is sparse and allocated ahead: it says nothing.
			files += info.Size()
		}
		return nil
	})
	return files, logged
}

// StartBare runs a server that has an admin (and an organisation), and no bucket
// of ours.
func StartBare(t testing.TB, v Version) *Server {
	t.Helper()
	return startBare(t, v, t.TempDir(), false)
}

func startBare(t testing.TB, v Version, dir string, cold bool) *Server {
	t.Helper()
	binary(t, v) // before anything is made
	s := &Server{Version: v, t: t, Dir: dir, cold: cold, client: &http.Client{Timeout: 30 * time.Second}, revoker: map[string]string{}}
	s.port = freePort(t)
	s.URL = fmt.Sprintf("http://127.0.0.1:%d", s.port)
	s.Run()
	t.Cleanup(s.Kill)
	if v == V1 {
		s.Admin = "admin:" + password
		s.post("/query", "", url.Values{"q": {"CREATE USER admin WITH PASSWORD '" + password + "' WITH ALL PRIVILEGES"}})
		return s
	}
	s.Org, s.Admin = "site", "admin-token-of-a-test"
	s.api(http.MethodPost, "/api/v2/setup", map[string]any{
		"username": "admin", "password": password, "org": s.Org, "bucket": "first", "token": s.Admin,
	}, nil)
	var orgs struct{ Orgs []struct{ ID string } }
	s.api(http.MethodGet, "/api/v2/orgs?org="+s.Org, nil, &orgs)
	s.orgID = orgs.Orgs[0].ID
	return s
}

func binary(t testing.TB, v Version) string {
	t.Helper()
	env, name := "LUNSTAT_INFLUXD1", "influxd-1.8.10"
	if v == V2 {
		env, name = "LUNSTAT_INFLUXD2", "influxd-2.8.0"
	}
	path := os.Getenv(env)
	if path == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Skipf("no %s: %v (or set %s)", name, err, env)
		}
		path = filepath.Join(cache, "lunstat", "influxdb", name)
	}
	if _, err := exec.LookPath(path); err != nil {
		t.Skipf("no %s: run `make influxdb`, or set %s", name, env)
	}
	return path
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Run starts the server on its data, and returns when it answers.
func (s *Server) Run() {
	s.t.Helper()
	args := s.args2()
	if s.Version == V1 {
		args = s.args1()
	}
	s.cmd = exec.Command(binary(s.t, s.Version), args...)
	log, err := os.OpenFile(filepath.Join(s.Dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	exited := make(chan struct{})
	s.exited = exited
	go func(c *exec.Cmd) { _ = c.Wait(); close(exited) }(s.cmd)
	s.await()
}

// await asks until the server answers.
func (s *Server) await() {
	s.t.Helper()
	path := "/health"
	if s.Version == V1 {
		path = "/ping"
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
		if err != nil {
			s.t.Fatal(err)
		}
		if resp, err := s.client.Do(r); err == nil {
			resp.Body.Close()
			if resp.StatusCode < 300 {
				return
			}
		}
		select {
		case <-tick.C:
		case <-s.exited:
			s.t.Fatalf("%v ended at once:\n%s", s.Version, s.Log())
		case <-ctx.Done():
			s.t.Fatalf("%v does not answer:\n%s", s.Version, s.Log())
		}
	}
}

// Log is what the server printed.
func (s *Server) Log() string {
	b, _ := os.ReadFile(filepath.Join(s.Dir, "log"))
	return string(b)
}

func (s *Server) args1() []string {
	conf := filepath.Join(s.Dir, "influxdb.conf")
	text := fmt.Sprintf(`reporting-disabled = true
bind-address = "127.0.0.1:%d"
[meta]
dir = %q
[data]
dir = %q
wal-dir = %q
index-version = "tsi1"
[http]
bind-address = "127.0.0.1:%d"
auth-enabled = true
log-enabled = false
[subscriber]
enabled = false
[continuous_queries]
enabled = false
`, freePort(s.t), filepath.Join(s.Dir, "meta"), filepath.Join(s.Dir, "data"), filepath.Join(s.Dir, "wal"), s.port)
	if s.cold {
		text = strings.Replace(text, "[data]", "[data]\ncache-snapshot-write-cold-duration = \"1s\"\ncompact-full-write-cold-duration = \"1s\"", 1)
	}
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return []string{"-config", conf}
}

func (s *Server) args2() []string {
	args := []string{"run", "--bolt-path", filepath.Join(s.Dir, "bolt"), "--engine-path", filepath.Join(s.Dir, "engine"),
		"--sqlite-path", filepath.Join(s.Dir, "sqlite"), "--http-bind-address", fmt.Sprintf("127.0.0.1:%d", s.port),
		"--reporting-disabled", "--log-level", "error"}
	if s.cold {
		args = append(args, "--storage-cache-snapshot-write-cold-duration=1s", "--storage-compact-full-write-cold-duration=1s")
	}
	return args
}

// Stop ends the server as a reboot would; Run starts it again on the same data.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Kill ends it as the OOM killer would.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Pause freezes it: connections are taken and nothing is answered.
func (s *Server) Pause() { s.signal(syscall.SIGSTOP) }

// Resume undoes Pause.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Fatal(err)
	}
}

func (s *Server) end(sig syscall.Signal) {
	s.t.Helper()
	s.signal(sig)
	if sig != syscall.SIGKILL {
		select {
		case <-s.exited:
			return
		case <-time.After(20 * time.Second):
			s.signal(syscall.SIGKILL)
		}
	}
	<-s.exited
}

// setup1 makes what `lunstat setup influx` makes, by hand.
func (s *Server) setup1() {
	s.Writer, s.Reader = "writer:"+password, "reader:"+password
	s.CreateBuckets()
	for _, q := range []string{
		"CREATE USER writer WITH PASSWORD '" + password + "'",
		"CREATE USER reader WITH PASSWORD '" + password + "'",
	} {
		s.post("/query", s.Admin, url.Values{"q": {q}})
	}
	s.Grant()
}

// Grant gives 1.8's users their rights, which go with the database.
func (s *Server) Grant() {
	s.t.Helper()
	for _, q := range []string{"GRANT WRITE ON lunstat TO writer", "GRANT READ ON lunstat TO reader"} {
		s.post("/query", s.Admin, url.Values{"q": {q}})
	}
}

func (s *Server) setup2() {
	ids := s.CreateBuckets()
	s.Writer, s.Reader = s.Token("write", ids), s.Token("read", ids)
}

// CreateBuckets makes the two buckets and gives 2.x's ids.
func (s *Server) CreateBuckets() []string {
	s.t.Helper()
	if s.Version == V1 {
		s.post("/query", s.Admin, url.Values{"q": {"CREATE DATABASE lunstat"}})
		s.post("/query", s.Admin, url.Values{"q": {"CREATE RETENTION POLICY rollup ON lunstat DURATION INF REPLICATION 1"}})
		return nil
	}
	return []string{s.CreateBucket(Bucket, 0), s.CreateBucket(Rollup, 0)}
}

// CreateOther makes a bucket that is not lunstat's.
func (s *Server) CreateOther(name string) {
	s.t.Helper()
	if s.Version == V1 {
		s.post("/query", s.Admin, url.Values{"q": {fmt.Sprintf("CREATE DATABASE %q", name)}})
		return
	}
	s.CreateBucket(name, 0)
}

// CreateBucket makes one in 2.x, whose points last so long; 0 is for ever.
func (s *Server) CreateBucket(name string, retention time.Duration) (id string) {
	s.t.Helper()
	var made struct{ ID string }
	rules := []map[string]any{}
	if retention > 0 {
		rules = append(rules, map[string]any{"type": "expire", "everySeconds": int(retention.Seconds())})
	}
	s.api(http.MethodPost, "/api/v2/buckets", map[string]any{"orgID": s.orgID, "name": name, "retentionRules": rules}, &made)
	return made.ID
}

// Token makes a token of 2.x that may read or write buckets.
func (s *Server) Token(action string, buckets []string) string {
	s.t.Helper()
	var permissions []map[string]any
	for _, id := range buckets {
		permissions = append(permissions, map[string]any{"action": action,
			"resource": map[string]any{"type": "buckets", "id": id, "orgID": s.orgID}})
	}
	var made struct{ ID, Token string }
	s.api(http.MethodPost, "/api/v2/authorizations", map[string]any{"orgID": s.orgID, "permissions": permissions}, &made)
	s.revoker[made.Token] = made.ID
	return made.Token
}

// Revoke takes the writer's right away, whichever way the server has.
func (s *Server) Revoke() {
	s.t.Helper()
	if s.Version == V1 {
		s.post("/query", s.Admin, url.Values{"q": {"SET PASSWORD FOR writer = 'another-" + password + "'"}})
		return
	}
	s.api(http.MethodDelete, "/api/v2/authorizations/"+s.revoker[s.Writer], nil, nil)
}

// Renew gives the writer its right back, under a new token in 2.x.
func (s *Server) Renew() {
	s.t.Helper()
	if s.Version == V1 {
		s.post("/query", s.Admin, url.Values{"q": {"SET PASSWORD FOR writer = '" + password + "'"}})
		return
	}
	s.Writer = s.Token("write", []string{s.bucketID(Bucket), s.bucketID(Rollup)})
}

func (s *Server) bucketID(name string) string {
	s.t.Helper()
	var list struct{ Buckets []struct{ ID string } }
	s.api(http.MethodGet, "/api/v2/buckets?org="+s.Org+"&name="+url.QueryEscape(name), nil, &list)
	if len(list.Buckets) != 1 {
		s.t.Fatalf("%d buckets called %s", len(list.Buckets), name)
	}
	return list.Buckets[0].ID
}

// Drop deletes the raw bucket; in 1.8 the database with both policies.
func (s *Server) Drop() {
	s.t.Helper()
	if s.Version == V1 {
		s.post("/query", s.Admin, url.Values{"q": {"DROP DATABASE lunstat"}})
		return
	}
	s.api(http.MethodDelete, "/api/v2/buckets/"+s.bucketID(Bucket), nil, nil)
}

// Restore makes anew what Drop deleted, and the rights on it.
func (s *Server) Restore() {
	s.t.Helper()
	if s.Version == V1 {
		s.CreateBuckets()
		s.Grant()
		return
	}
	s.CreateBucket(Bucket, 0)
	s.Renew()
}

// Empty takes all points away, and leaves the buckets and tokens.
func (s *Server) Empty() {
	s.t.Helper()
	if s.Version == V1 {
		s.post("/query", s.Admin, url.Values{"q": {"DROP DATABASE lunstat"}})
		s.CreateBuckets()
		s.Grant()
		return
	}
	for _, bucket := range []string{Bucket, Rollup} {
		s.api(http.MethodPost, "/api/v2/delete?"+url.Values{"org": {s.Org}, "bucket": {bucket}}.Encode(),
			map[string]any{"start": "1971-01-01T00:00:00Z", "stop": "2200-01-01T00:00:00Z"}, nil)
	}
}

// Retain limits how long a bucket keeps points.
func (s *Server) Retain(bucket string, d time.Duration) {
	s.t.Helper()
	if s.Version == V1 {
		db, policy, ok := strings.Cut(bucket, "/")
		if !ok {
			policy = "autogen"
		}
		s.post("/query", s.Admin, url.Values{"q": {fmt.Sprintf("ALTER RETENTION POLICY %q ON %q DURATION %ds", policy, db, int(d.Seconds()))}})
		return
	}
	s.api(http.MethodPatch, "/api/v2/buckets/"+s.bucketID(bucket), map[string]any{
		"retentionRules": []map[string]any{{"type": "expire", "everySeconds": int(d.Seconds())}}}, nil)
}

// WriteLine writes line protocol as admin.
func (s *Server) WriteLine(bucket, line string) {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.URL+"/api/v2/write?"+url.Values{"org": {s.Org}, "bucket": {bucket}, "precision": {"ns"}}.Encode(), strings.NewReader(line))
	if err != nil {
		s.t.Fatal(err)
	}
	s.do(r, s.Admin)
}

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
