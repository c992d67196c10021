package influxtest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// Fault is what a proxy does to the requests that pass. The zero value does
// nothing.
type Fault struct {
	Status     int           // answered instead of the server
	Header     http.Header   // with Status
	Body       string        // with Status
	CutRequest int64         // so many bytes of a request pass, then both ends are cut
	CutAnswer  int64         // so many bytes of the answer pass, then both ends are cut
	Lost       bool          // the server gets the request, and its answer is lost
	Delay      time.Duration // before the answer passes
	Times      int           // how many requests it is for; 0: all
}

// Proxy is between a client and a server, and spoils what passes.
type Proxy struct {
	URL string

	listener net.Listener
	server   string
	mu       sync.Mutex
	fault    Fault
	conns    map[net.Conn]bool
	requests int
	wait     sync.WaitGroup
	done     chan struct{}
}

// StartProxy puts a proxy before a server until the test ends.
func StartProxy(t testing.TB, s *Server) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{URL: "http://" + l.Addr().String(), listener: l, server: strings.TrimPrefix(s.URL, "http://"),
		conns: map[net.Conn]bool{}, done: make(chan struct{})}
	p.wait.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

func (p *Proxy) close() {
	close(p.done)
	p.listener.Close()
	p.mu.Lock()
	for c := range p.conns {
		c.Close()
	}
	p.mu.Unlock()
	p.wait.Wait()
}

// Set gives the fault of the requests from now on.
func (p *Proxy) Set(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
}

// Requests is how many came so far.
func (p *Proxy) Requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}

// next is the fault of one request.
func (p *Proxy) next() Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	f := p.fault
	if f.Times > 0 {
		if p.fault.Times--; p.fault.Times == 0 {
			p.fault = Fault{}
		}
	}
	return f
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wait.Go(func() { p.serve(c) })
	}
}

func (p *Proxy) track(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = true
}

// serve passes one connection's requests on, one at a time.
func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	p.track(client)
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	p.track(server)
	in, answers := bufio.NewReader(client), bufio.NewReader(server)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		f := p.next()
		if f.Status != 0 {
			p.answer(client, r, f)
			return
		}
		if !p.pass(client, server, answers, r, f) {
			return
		}
	}
}

// answer is given without asking the server.
func (p *Proxy) answer(client net.Conn, r *http.Request, f Fault) {
	_, _ = io.Copy(io.Discard, r.Body)
	resp := http.Response{StatusCode: f.Status, ProtoMajor: 1, ProtoMinor: 1, Header: f.Header, Close: true,
		Body: io.NopCloser(strings.NewReader(f.Body)), ContentLength: int64(len(f.Body))}
	_ = resp.Write(client)
}

// pass reports whether the connection goes on.
func (p *Proxy) pass(client, server net.Conn, answers *bufio.Reader, r *http.Request, f Fault) bool {
	var to io.Writer = server
	if f.CutRequest > 0 {
		to = &limited{server, f.CutRequest}
	}
	if r.Write(to) != nil || f.CutRequest > 0 {
		return false
	}
	resp, err := http.ReadResponse(answers, r)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	if f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-p.done:
			return false
		}
	}
	if f.Lost {
		_, _ = io.Copy(io.Discard, resp.Body)
		return false
	}
	if f.CutAnswer > 0 {
		_ = resp.Write(&limited{client, f.CutAnswer})
		return false
	}
	return resp.Write(client) == nil
}

// limited takes so many bytes and then none.
type limited struct {
	w    io.Writer
	left int64
}

func (l *limited) Write(b []byte) (int, error) {
	if int64(len(b)) > l.left {
		n, _ := l.w.Write(b[:l.left])
		l.left = 0
		return n, io.ErrShortWrite
	}
	l.left -= int64(len(b))
	return l.w.Write(b)
}
