package influx

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lunstat/mapper"
)

// The names that are used if the options have none.
const (
	DefaultBucket   = "lunstat"
	DefaultRollup   = "lunstat/rollup"
	defaultTimeout  = 10 * time.Second
	defaultPatience = 2 * time.Minute
)

// Options say which server to use, and with which token.
type Options struct {
	URL    string // http://influx.example:8086, a path before the API allowed
	Token  string // 1.8: "user:password"
	Org    string // 2.x; ignored by 1.8
	Bucket string // raw; "" is [DefaultBucket]. "DB/RP" is database and policy
	// RollupBucket is for roll-ups and what must last as long; "" is
	// [DefaultRollup].
	RollupBucket string
	Timeout      time.Duration // of one request; 0: 10 s
	// Patience is how long an answer to a query may pause; 0: two minutes, or Timeout
	// where that is longer.
	Patience time.Duration

	CAFile             string // PEM; "": the system's
	CertFile, KeyFile  string // client certificate, PEM
	InsecureSkipVerify bool   // for a test set-up only: anybody in between can read the token

	Hosts []string // what a Source reads; nil: all hosts

	// What Setup makes; 0 is for ever.
	Retention       time.Duration
	RollupRetention time.Duration
	// ReadOnly makes Setup only check Bucket and make nothing, because a Telegraf
	// writes it.
	ReadOnly bool
	// TokenWord is how a shell gets the administrator's token, in the commands that
	// Setup prints: "" is $LUNSTAT_INFLUX_TOKEN.
	TokenWord string
}

// String leaves the token out, so that options may be logged.
func (o Options) String() string {
	return fmt.Sprintf("InfluxDB at %s, organisation %q, buckets %q and %q", oneLine(o.URL, o.Token), o.Org, o.Bucket, o.RollupBucket)
}

// GoString is String, for %#v.
func (o Options) GoString() string { return o.String() }

// defaults fills what is not given and refuses what can't work, so that nothing
// fails later in a place that doesn't know why.
func (o *Options) defaults() error {
	if err := CheckURL(o.URL); err != nil {
		return fmt.Errorf("InfluxDB's URL %w", err)
	}
	if strings.ContainsAny(o.Token, "\r\n\x00") {
		return errors.New("the InfluxDB token has a line break in it")
	}
	if o.Bucket == "" {
		o.Bucket = DefaultBucket
	}
	if o.RollupBucket == "" {
		o.RollupBucket = DefaultRollup
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	return nil
}

// CheckURL says why an address can't be an InfluxDB's; "" can't be one either. Its
// error contains nothing that may be a password.
func CheckURL(address string) error {
	const must = "must be http://HOST:PORT or https://HOST:PORT"
	u, err := url.Parse(address)
	switch {
	case err != nil: // its reason may have a piece of a password
		return errors.New("can't be read: it " + must)
	case u.User != nil:
		return errors.New("has a user in it: put \"user:password\" into the token file")
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return fmt.Errorf("%q: %s", shown(address), must)
	case u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("%q: nothing may follow the path", shown(address))
	}
	return nil
}

// shown is a URL without what may be a password in it: a user, or a query as 1.8
// takes it.
func shown(address string) string {
	address, _, _ = strings.Cut(address, "?")
	address, _, _ = strings.Cut(address, "#")
	return address[strings.LastIndexByte(address, '@')+1:]
}

// redactURL keeps the reason and drops the URL, which may hold a password.
func redactURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// httpClient follows no redirects: they turn a write into a GET.
func (o *Options) httpClient() (*http.Client, error) {
	conf, err := o.tls()
	if err != nil {
		return nil, err
	}
	return &http.Client{
		Timeout:       o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: min(o.Timeout, 5*time.Second)}).DialContext,
			TLSHandshakeTimeout:    min(o.Timeout, 5*time.Second),
			TLSClientConfig:        conf,
			ResponseHeaderTimeout:  o.Timeout,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        90 * time.Second,
			MaxResponseHeaderBytes: mostHeader,
		},
	}, nil
}

func (o *Options) tls() (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: o.InsecureSkipVerify}
	if o.CAFile != "" {
		pem, err := mapper.ReadRegular(o.CAFile, mapper.MostConfig)
		if err != nil {
			return nil, fmt.Errorf("reading InfluxDB's CA: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("InfluxDB's CA %s: no certificate in PEM form", o.CAFile)
		}
	}
	if o.CertFile != "" || o.KeyFile != "" {
		cert, err := keyPair(o.CertFile, o.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("reading the client certificate for InfluxDB: %w", err)
		}
		conf.Certificates = []tls.Certificate{cert}
	}
	return conf, nil
}

// keyPair is tls.LoadX509KeyPair of files that are nothing else.
func keyPair(certFile, keyFile string) (tls.Certificate, error) {
	cert, err := mapper.ReadRegular(certFile, mapper.MostConfig)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := mapper.ReadRegular(keyFile, mapper.MostConfig)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(cert, key)
}
