package influx

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// LaterError says that nothing is wrong with the points, and the server will take them
// later.
type LaterError struct {
	Status     int           // HTTP's; 0: no answer
	RetryAfter time.Duration // what the server asked for; 0: it didn't
	Reason     string        // one line
	// Critical says that waiting doesn't help: a token, a bucket or a URL is wrong.
	Critical bool
	Err      error // what the transport said, or nil

	foreign bool // the answer isn't in InfluxDB's words
}

func (e *LaterError) Error() string {
	if e.Status == 0 {
		return "InfluxDB does not answer: " + e.Reason
	}
	return fmt.Sprintf("InfluxDB answered %d: %s", e.Status, e.Reason)
}

func (e *LaterError) Unwrap() error { return e.Err }

// Postponed says how long the server asked us to wait, and whether waiting doesn't
// help.
func (e *LaterError) Postponed() (wait time.Duration, critical bool) { return e.RetryAfter, e.Critical }

// Hint is what to do, or "" if waiting is enough.
func (e *LaterError) Hint() string {
	switch {
	case !e.Critical:
		return ""
	case e.Reason == noOrg:
		return "InfluxDB 2 needs an organisation: influx.org in the config"
	case e.Status == http.StatusUnauthorized:
		return "the token is wrong or was revoked: put a new one into the token file"
	case e.Status == http.StatusForbidden:
		return "the token has no right to do that: `lunstat setup influx` prints how to make one that has"
	case e.Status == http.StatusNotFound && !e.foreign || e.Status == http.StatusInternalServerError:
		return "the bucket or organisation is missing: `lunstat setup influx` makes it"
	}
	if e.Status == 0 {
		return "TLS: check influx.ca_file, cert_file and key_file, and that influx.url has the host name in the server's certificate"
	}
	return "is influx.url the URL of an InfluxDB? perhaps a proxy or a login page answers"
}

// answer is what came back from a write, other than 204. It is an error so that
// it passes through the client as it is.
type answer struct {
	status  int
	header  http.Header
	message string // one line
	own     bool   // the words are InfluxDB's, not those of a proxy before it
}

func (a *answer) Error() string { return fmt.Sprintf("%d %s", a.status, a.message) }

// readAnswer takes from an answer what there is to know.
func readAnswer(status int, header http.Header, r io.Reader, secret string) *answer {
	body, _ := io.ReadAll(io.LimitReader(r, 64<<10))
	a := &answer{status: status, header: header, message: header.Get("X-Influxdb-Error")}
	a.own = a.message != ""
	var words struct{ Code, Message, Error string }
	if json.Unmarshal(bytes.TrimSpace(body), &words) == nil {
		a.own = a.own || words.Code != "" && words.Message != "" || words.Error != ""
		for _, w := range []string{words.Message, words.Error} {
			if a.message == "" {
				a.message = w
			}
		}
	} else if a.message == "" {
		a.message = string(body)
	}
	a.message = oneLine(a.message, secret)
	if a.message == "" {
		a.message = strings.ToLower(http.StatusText(a.status))
	}
	return a
}

// oneLine makes a message of someone else's fit for a line of ours.
func oneLine(s, secret string) string {
	s = hide(s, secret)
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	const most = 300
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// verdict is what an answer means for a batch.
type verdict int

const (
	later   verdict = iota // keep all of it
	refused                // something in it will never be taken
	tooBig                 // as one batch
)

// judge follows what each server was seen to answer. Only InfluxDB's own words can refuse
// a point: a proxy that refuses a request says nothing about the points.
func (a *answer) judge() verdict {
	switch a.status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		if a.own && !a.ofRequest() {
			return refused
		}
	case http.StatusRequestEntityTooLarge:
		return tooBig
	}
	return later
}

// noOrg is what 2.x says where no organisation was named.
const noOrg = "Please provide either orgID or org"

// ofRequest: the words are about the request, whatever points are in it: no
// organisation, or a body that was cut or changed on its way.
func (a *answer) ofRequest() bool {
	switch a.message {
	case noOrg, io.EOF.Error(), io.ErrUnexpectedEOF.Error():
		return true
	}
	begins := func(with string) bool { return strings.HasPrefix(a.message, with) }
	return begins("gzip: ") || begins("flate: ") || begins("read tcp ") || begins("unable to read data")
}

// dropped finds the number of points that a partial write says it dropped.
func (a *answer) dropped() (int, bool) {
	m := regexp.MustCompile(`dropped[= ](\d+)`).FindStringSubmatch(a.message)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil
}

// laterError says what the answer means for the next run.
func (a *answer) laterError(now time.Time) *LaterError {
	e := &LaterError{Status: a.status, Reason: a.message, RetryAfter: retryAfter(a.header, now), foreign: !a.own}
	switch s := a.status; {
	case s >= 500:
		// 1.8 answers 500 if the database exists and the retention policy doesn't.
		e.Critical = strings.Contains(a.message, "retention policy not found")
	case s == http.StatusRequestTimeout, s == http.StatusTooEarly, s == http.StatusTooManyRequests:
	default:
		e.Critical = true
	}
	if a.status < 300 {
		e.Reason = "a write must be answered with 204; " + a.message
	}
	return e
}

// retryAfter reads both forms of the header: seconds and a date, which is by the
// server's clock. How much of it is taken is the collector's to say.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseUint(v, 10, 32); err == nil {
		return time.Duration(s) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		if theirs, err := http.ParseTime(h.Get("Date")); err == nil {
			now = theirs
		}
		return max(t.Sub(now), 0)
	}
	return 0
}

// noAnswer is a LaterError of what the transport said.
func noAnswer(err error, secret string) *LaterError {
	return &LaterError{Reason: oneLine(redactURL(err).Error(), secret), Err: redactURL(err), Critical: isTrust(err)}
}

// isTrust reports that one side doesn't trust the other's certificate, which waiting
// doesn't change.
func isTrust(err error) bool {
	var ours *tls.CertificateVerificationError
	var theirs *net.OpError // that is how crypto/tls gives an alert
	return errors.As(err, &ours) || errors.As(err, &theirs) && theirs.Op == "remote error"
}
