// Package influxtest runs real InfluxDB servers for tests. Each test gets its own
// server, in its own folder, on a free port of the loopback interface.
//
// `make influxdb` builds the servers. Without them, the tests are skipped and say why.
package influxtest

import (
	"context"
	"errors"
	"fmt"
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
	// Somebody else may take a free port before the server does.
	for try := range 5 {
		s.port = freePort(t)
		s.URL = fmt.Sprintf("http://127.0.0.1:%d", s.port)
		if s.run() {
			break
		}
		if try == 4 || !strings.Contains(s.Log(), "address already in use") {
			t.Fatalf("%v does not start:\n%s", s.Version, s.Log())
		}
	}
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
	if !s.run() {
		s.t.Fatalf("%v ended at once:\n%s", s.Version, s.Log())
	}
}

// run is Run; false: the server ended.
func (s *Server) run() bool {
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
	return s.await()
}

// await asks until the server answers; false: it ended.
func (s *Server) await() bool {
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
				return true
			}
		}
		select {
		case <-tick.C:
		case <-s.exited:
			return false
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
