package influx_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/collector/influx"
	"lunstat/collector/series"
)

const secret = "s3cret-t0ken:of-a-test=="

// TestTokenIsNowhere greps all that comes out: errors with their hints, options
// printed every way, what is logged and printed.
func TestTokenIsNowhere(t *testing.T) {
	var out strings.Builder
	log.SetOutput(&out)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			// A server that gives back what it got.
			w.Header().Set("X-Influxdb-Error", "not for "+r.Header.Get("Authorization"))
			w.WriteHeader(status)
			fmt.Fprint(w, body, r.Header.Get("Authorization"))
		}
	}
	handlers := []http.HandlerFunc{answer(401, "no "), answer(403, ""), answer(400, ""), answer(500, ""), answer(200, "{"), answer(302, "")}
	urls := []string{"http://127.0.0.1:1", "https://127.0.0.1:1", "http://influx.invalid:8086/"}
	for _, h := range handlers {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		urls = append(urls, s.URL)
	}
	stderr := capture(t)
	for _, url := range urls {
		o := influx.Options{URL: url, Token: secret, Org: "site", Timeout: time.Second}
		fmt.Fprintf(&out, "%v %+v %#v %s\n", o, o, o, &o)
		sink, err := influx.NewSink(o)
		if err != nil {
			t.Fatal(err)
		}
		refused, err := sink.Write(context.Background(), []series.Outbound{madeRun(1, "mail1", base(), 2)})
		fmt.Fprintf(&out, "%v %+v %#v\n", refused, err, err)
		for ; err != nil; err = errors.Unwrap(err) {
			fmt.Fprintf(&out, "%v\n", err)
		}
		var later *influx.LaterError
		if errors.As(err, &later) {
			fmt.Fprintln(&out, later.Hint())
		}
		source, err := influx.NewSource(o)
		if err != nil {
			t.Fatal(err)
		}
		_, _, _, err = source.Extent(context.Background())
		fmt.Fprintf(&out, "%v %+v\n", err, err)
		plan, err := influx.Setup(context.Background(), o, false)
		fmt.Fprintf(&out, "%+v %v\n", plan, err)
	}
	out.WriteString(stderr())
	for _, word := range []string{secret, "s3cret", "t0ken"} {
		if i := strings.Index(out.String(), word); i >= 0 {
			t.Errorf("the token is in …%s", out.String()[max(0, i-200):i+20])
		}
	}
	if !strings.Contains(out.String(), "******") || !strings.Contains(out.String(), "401") {
		t.Errorf("nothing was masked, so nothing was tried:\n%s", out.String())
	}
}

// capture gives what is written to standard output and standard error while it runs.
func capture(t *testing.T) (read func() string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = w, w
	got := make(chan string)
	go func() {
		var b bytes.Buffer
		_, _ = io.Copy(&b, r)
		got <- b.String()
	}()
	return func() string {
		os.Stdout, os.Stderr = stdout, stderr
		w.Close()
		return <-got
	}
}

// authority makes certificates for a test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	dir  string
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, dir: t.TempDir()}
	a.cert, a.key = a.make(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, "ca")
	return a
}

// make signs a certificate and leaves NAME.pem and NAME.key.
func (a *authority) make(c *x509.Certificate, name string) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	c.SerialNumber, c.Subject = big.NewInt(time.Now().UnixNano()), pkix.Name{CommonName: name}
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{".pem": {Type: "CERTIFICATE", Bytes: der}, ".key": {Type: "EC PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(a.file(name+file), pem.EncodeToMemory(block), 0o600); err != nil {
			a.t.Fatal(err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

// TestTransport: TLS is verified, by the system's or an own CA; a client
// certificate is shown where one is given.
func TestTransport(t *testing.T) {
	ca := newAuthority(t)
	ca.make(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, "server")
	ca.make(&x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, "client")
	pair, err := tls.LoadX509KeyPair(ca.file("server.pem"), ca.file("server.key"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	written := 0
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		written++
		w.WriteHeader(http.StatusNoContent)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
	s.StartTLS()
	defer s.Close()
	full := influx.Options{URL: s.URL, Token: secret, CAFile: ca.file("ca.pem"), CertFile: ca.file("client.pem"), KeyFile: ca.file("client.key")}
	for _, test := range []struct {
		name string
		edit func(*influx.Options)
		ok   bool
	}{
		{"own CA and client certificate", func(*influx.Options) {}, true},
		{"unverified", func(o *influx.Options) { o.CAFile, o.InsecureSkipVerify = "", true }, true},
		{"the system's CAs only", func(o *influx.Options) { o.CAFile = "" }, false},
		{"no client certificate", func(o *influx.Options) { o.CertFile, o.KeyFile = "", "" }, false},
		{"another name", func(o *influx.Options) { o.URL = strings.Replace(o.URL, "127.0.0.1", "localhost", 1) }, false},
	} {
		o := full
		test.edit(&o)
		sink, err := influx.NewSink(o)
		if err != nil {
			t.Fatal(err)
		}
		was := written
		_, err = sink.Write(context.Background(), []series.Outbound{madeRun(1, "mail1", base(), 1)})
		var later *influx.LaterError
		if test.ok && (err != nil || written == was) || !test.ok && (!errors.As(err, &later) || !later.Critical || written != was) {
			t.Errorf("%s: %v, %d requests", test.name, err, written-was)
		}
		sink.Close()
	}
}
