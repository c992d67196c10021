package influx

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lunstat/collector/series"
)

// server is an InfluxDB to ask by InfluxQL.
type server struct {
	base   string
	client *http.Client
	token  string
	now    func() time.Time
	// patience is the longest that an answer may pause.
	patience time.Duration
}

// How many rows come in one piece: some 500 kB, and of texts, which may have 60 kB
// each, 12 MB at most.
const (
	chunk     = "2000"
	textChunk = "200"
)

// newServer is for queries: they may take as long as the caller's context says,
// as long as the server begins to answer and goes on.
func newServer(o *Options) (*server, error) {
	client, err := o.httpClient()
	if err != nil {
		return nil, err
	}
	client.Timeout = 0
	patience := o.Patience
	if patience == 0 {
		patience = max(o.Timeout, defaultPatience)
	}
	client.Transport.(*http.Transport).ResponseHeaderTimeout = patience
	return &server{base: strings.TrimRight(o.URL, "/"), client: client, token: o.Token, now: time.Now, patience: patience}, nil
}

// ask sends a statement to a bucket and gives the answer to to. Values are in
// params, never in the statement. No error has words of the server's in it that are
// not fit to be shown.
func (s *server) ask(ctx context.Context, bucket, statement string, params map[string]string, to rows) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r, err := s.request(ctx, bucket, statement, params, to.chunk)
	if err != nil {
		return redactURL(err)
	}
	resp, err := s.client.Do(r)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && errors.Is(err, ctx.Err()) {
			err = cause
		}
		return noAnswer(err, s.token)
	}
	defer resp.Body.Close()
	body := &watched{Reader: resp.Body, patience: s.patience, cancel: cancel}
	if resp.StatusCode != http.StatusOK {
		return readAnswer(resp.StatusCode, resp.Header, body, s.token).laterError(s.now())
	}
	if err := readRows(body, to); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause // and what was cut has no form
		}
		var q *QueryError
		if errors.As(err, &q) {
			q.Reason = oneLine(q.Reason, s.token)
		}
		return fmt.Errorf("asking InfluxDB's bucket %s: %w", bucket, fit(redactURL(err), s.token))
	}
	return nil
}

// request is a statement's, with its values.
func (s *server) request(ctx context.Context, bucket, statement string, params map[string]string, rows string) (*http.Request, error) {
	form := url.Values{"q": {statement}}
	if len(params) > 0 {
		text, err := json.Marshal(params)
		if err != nil {
			return nil, err
		}
		form.Set("params", string(text))
	}
	where := url.Values{"epoch": {"ns"}, "chunked": {"true"}, "chunk_size": {cmp.Or(rows, chunk)}}
	if db, policy := split(bucket); db != "" {
		where.Set("db", db)
		if policy != "" {
			where.Set("rp", policy)
		}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"/query?"+where.Encode(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	if s.token != "" {
		r.Header.Set("Authorization", "Token "+s.token)
	}
	return r, nil
}

// split: "DB/RP" is database and policy, "DB" the default policy.
func split(bucket string) (db, policy string) {
	db, policy, _ = strings.Cut(bucket, "/")
	return db, policy
}

// question is a SELECT: which fields of which measurement, whose, when.
type question struct {
	measurement string
	columns     []string // fields, or calls as they are: what has a "(" is not quoted
	from, to    int64    // time stamps: from ≤ t < to
	hosts       []string // nil: all
	keys        []series.Key
	noSource    bool // the measurement has no tag source
	by          []string
	every       time.Duration // calls are of each so much time; 0: of all
	path        string        // of Telegraf's disk; "": any
	verbatim    bool          // tags are as someone else wrote them
	texts       bool          // a column may have 60 kB
}

// maxNamed is how many series a statement names; of more, all of their hosts are
// asked for and the others left out here.
const maxNamed = 200

// statement builds the SELECT and its params.
func (q *question) statement() (string, map[string]string) {
	var b strings.Builder
	params := map[string]string{}
	param := func(v string) string {
		name := "p" + strconv.Itoa(len(params))
		if !q.verbatim {
			v = tagValue(v)
		}
		params[name] = v
		return "$" + name
	}
	b.WriteString("SELECT ")
	b.WriteString(quoteAll(q.columns))
	fmt.Fprintf(&b, " FROM %s WHERE time >= %d AND time < %d", quote(q.measurement), q.from, q.to)
	either := func(terms []string) {
		if len(terms) > 0 {
			b.WriteString(" AND (" + strings.Join(terms, " OR ") + ")")
		}
	}
	if q.path != "" {
		b.WriteString(` AND "path" = ` + param(q.path))
	}
	either(each(q.hostNames(), func(h string) string { return `"host" = ` + param(h) }))
	if len(q.keys) <= maxNamed {
		either(each(q.keys, func(k series.Key) string {
			term := `("host" = ` + param(k.Host) + ` AND "uuid" = ` + param(string(k.ID))
			if !q.noSource {
				term += ` AND "source" = ` + param(k.Source)
			}
			return term + ")"
		}))
	}
	by := each(q.by, quote)
	if q.every > 0 {
		by = append(by, fmt.Sprintf("time(%ds)", q.every/time.Second))
	}
	if len(by) > 0 {
		b.WriteString(" GROUP BY " + strings.Join(by, ", "))
	}
	if q.every > 0 {
		b.WriteString(" fill(none)")
	}
	return b.String(), params
}

// hostNames narrows by host where that narrows.
func (q *question) hostNames() []string {
	if len(q.keys) <= maxNamed {
		return q.hosts
	}
	if q.hosts != nil {
		return q.hosts
	}
	var names []string
	for _, k := range q.keys {
		names = append(names, k.Host)
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) <= maxNamed {
		return names
	}
	return nil
}

func each[T any](in []T, f func(T) string) []string {
	out := make([]string, len(in))
	for i := range in {
		out[i] = f(in[i])
	}
	return out
}

// quote makes an identifier; all of them are ours.
func quote(name string) string {
	if strings.Contains(name, "(") {
		return name
	}
	return `"` + name + `"`
}

func quoteAll(names []string) string { return strings.Join(each(names, quote), ", ") }

// stampAfter is the first time stamp of the seconds behind t: intervals that end
// in (From, To] have stamps from stampAfter(From) to below stampAfter(To).
func stampAfter(t time.Time) int64 {
	s := t.Unix()
	switch {
	case s < math.MinInt64/int64(time.Second):
		return math.MinInt64 + 2 // the first that InfluxQL takes
	case s >= math.MaxInt64/int64(time.Second):
		return math.MaxInt64 - 1
	}
	return (s + 1) * int64(time.Second)
}
