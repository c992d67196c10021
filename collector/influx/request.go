package influx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// chunk is how many rows come in one piece: some 500 kB.
const chunk = "2000"

// newServer is for queries: they may take as long as the caller's context says,
// as long as the server begins to answer and goes on.
func newServer(o *Options) (*server, error) {
	client, err := o.httpClient()
	if err != nil {
		return nil, err
	}
	client.Timeout = 0
	const patience = 2 * time.Minute
	s := &server{base: strings.TrimRight(o.URL, "/"), client: client, token: o.Token, now: time.Now, patience: max(o.Timeout, patience)}
	client.Transport.(*http.Transport).ResponseHeaderTimeout = s.patience
	return s, nil
}

// ask sends a statement to a bucket and tells the answer to to. Values stand in
// params, never in the statement.
func (s *server) ask(ctx context.Context, bucket, statement string, params map[string]string, to rows) error {
	form := url.Values{"q": {statement}}
	if len(params) > 0 {
		text, err := json.Marshal(params)
		if err != nil {
			return err
		}
		form.Set("params", string(text))
	}
	where := url.Values{"epoch": {"ns"}, "chunked": {"true"}, "chunk_size": {chunk}}
	if db, policy := split(bucket); db != "" {
		where.Set("db", db)
		if policy != "" {
			where.Set("rp", policy)
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"/query?"+where.Encode(), strings.NewReader(form.Encode()))
	if err != nil {
		return redactURL(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	if s.token != "" {
		r.Header.Set("Authorization", "Token "+s.token)
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return noAnswer(err, s.token)
	}
	if resp.StatusCode != http.StatusOK {
		return readAnswer(resp, s.token).laterError(s.now())
	}
	defer resp.Body.Close()
	body := s.watch(resp.Body, cancel)
	defer body.stalled.Stop()
	if err := readRows(body, to); err != nil {
		if errors.Is(context.Cause(ctx), errStalled) {
			err = errStalled
		}
		return fmt.Errorf("asking InfluxDB's bucket %s: %w", bucket, redactURL(err))
	}
	return nil
}

var errStalled = errors.New("the answer stopped in its middle")

// watched is an answer that is given up when it pauses too long: a server that
// hangs keeps its connections alive.
type watched struct {
	io.Reader
	patience time.Duration
	stalled  *time.Timer
}

func (s *server) watch(r io.Reader, cancel context.CancelCauseFunc) *watched {
	w := &watched{Reader: r, patience: s.patience}
	w.stalled = time.AfterFunc(s.patience, func() { cancel(errStalled) })
	w.stalled.Stop()
	return w
}

// Read counts only the time that it waits, not what is done with what it gave.
func (w *watched) Read(b []byte) (int, error) {
	w.stalled.Reset(w.patience)
	defer w.stalled.Stop()
	return w.Reader.Read(b)
}

// split: "DB/RP" is database and policy, "DB" the default policy.
func split(bucket string) (db, policy string) {
	db, policy, _ = strings.Cut(bucket, "/")
	return db, policy
}

// question is a SELECT: what of which measurement, of whom, when.
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
// in (From, To] stand from stampAfter(From) to below stampAfter(To).
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

// secondOf undoes stampOf.
func secondOf(stamp int64) time.Time {
	s := stamp / int64(time.Second)
	if stamp%int64(time.Second) < 0 {
		s--
	}
	return time.Unix(s, 0)
}
