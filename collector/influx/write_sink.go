package influx

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	"github.com/influxdata/influxdb-client-go/v2/api"

	"lunstat/collector/series"
)

// batchPoints is what goes into one request: a few thousand points make one of
// some 100 kB compressed, and one that is held up holds up little.
const batchPoints = 5000

// Sink writes to InfluxDB.
type Sink struct {
	raw, rollup string
	api         map[string]api.WriteAPIBlocking // by bucket
	secret      string
	client      *http.Client
	now         func() time.Time
}

// NewSink checks the options. It does not ask the server, because a write-only token
// gets no answers except those to writes.
func NewSink(o Options) (*Sink, error) {
	if err := o.defaults(); err != nil {
		return nil, err
	}
	client, err := o.httpClient()
	if err != nil {
		return nil, err
	}
	s := &Sink{raw: o.Bucket, rollup: o.RollupBucket, secret: o.Token, client: client, now: time.Now}
	opts := influxdb2.DefaultOptions().SetPrecision(time.Nanosecond).SetLogLevel(0)
	opts.HTTPOptions().SetHTTPDoer(&strict{client, o.Token}).SetApplicationName("lunstat")
	c := influxdb2.NewClientWithOptions(o.URL, o.Token, opts)
	s.api = map[string]api.WriteAPIBlocking{
		s.raw:    c.WriteAPIBlocking(o.Org, s.raw),
		s.rollup: c.WriteAPIBlocking(o.Org, s.rollup),
	}
	return s, nil
}

// Close releases the connections.
func (s *Sink) Close() { s.client.CloseIdleConnections() }

// strict takes nothing but 204 for a write: the client itself would be content
// with the 200 of a login page. It also compresses, since the client does so at a
// level at which that is most of what writing costs.
type strict struct {
	client *http.Client
	secret string
}

func (d *strict) Do(r *http.Request) (*http.Response, error) {
	if err := compress(r); err != nil {
		return nil, err
	}
	resp, err := d.client.Do(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusNoContent {
		defer resp.Body.Close()
		return nil, readAnswer(resp.StatusCode, resp.Header, resp.Body, d.secret)
	}
	return resp, nil
}

// compress takes a quarter of the time that the default level takes.
func compress(r *http.Request) error {
	if r.Body == nil {
		return nil
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r.Body); err != nil {
		return err
	}
	if err := errors.Join(w.Close(), r.Body.Close()); err != nil {
		return err
	}
	r.Body, r.ContentLength = io.NopCloser(&b), int64(b.Len())
	r.Header.Set("Content-Encoding", "gzip")
	return nil
}

// Write sends runs, oldest first. The same runs may be given any number of times. What
// the server will never take comes back as refused, and the rest is written. An error
// is a [LaterError]: then refused is empty, and the caller must give the same runs
// again.
func (s *Sink) Write(ctx context.Context, out []series.Outbound) (refused []series.Refused, err error) {
	raw := &batch{}
	rollup := raw
	if s.rollup != s.raw {
		rollup = &batch{}
	}
	flush := func(b *batch, bucket string, least int) error {
		if len(b.points) < least {
			return nil
		}
		r, err := s.send(ctx, bucket, b.points)
		refused = append(refused, r...)
		b.reset()
		return err
	}
	for i := range out {
		refused = append(refused, addRun(raw, rollup, &out[i])...)
		least := batchPoints
		if i == len(out)-1 {
			least = 1
		}
		if err := flush(raw, s.raw, least); err != nil {
			return nil, err
		}
		if err := flush(rollup, s.rollup, least); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(refused, func(a, b series.Refused) int { return cmp.Compare(a.Seq, b.Seq) })
	return refused, nil
}

// send writes points to one bucket. A batch in which something is refused is
// halved until it is found: the server says how many it dropped, never which.
func (s *Sink) send(ctx context.Context, bucket string, points []point) ([]series.Refused, error) {
	if len(points) > 2*batchPoints {
		half, err := s.send(ctx, bucket, points[:batchPoints])
		if err != nil {
			return nil, err
		}
		rest, err := s.send(ctx, bucket, points[batchPoints:])
		return append(half, rest...), err
	}
	a, err := s.post(ctx, bucket, points)
	if a == nil || err != nil {
		return nil, err
	}
	v := a.judge()
	if v == later || v == tooBig && !a.own && len(points) == 1 {
		return nil, a.laterError(s.now()) // a proxy that takes no single point takes none at all
	}
	n, counted := a.dropped()
	if len(points) == 1 || v == refused && counted && n == len(points) {
		return refuse(points, a.message), nil
	}
	half := len(points) / 2
	first, err := s.send(ctx, bucket, points[:half])
	if err != nil {
		return nil, err
	}
	second, err := s.send(ctx, bucket, points[half:])
	return append(first, second...), err
}

// post is one request. A nil answer without an error means written.
func (s *Sink) post(ctx context.Context, bucket string, points []point) (*answer, error) {
	var body strings.Builder
	size := 0
	for i := range points {
		size += len(points[i].text) + 1
	}
	body.Grow(size)
	for i := range points {
		body.Write(points[i].text)
		body.WriteByte('\n')
	}
	err := s.api[bucket].WriteRecord(ctx, body.String())
	if err == nil {
		return nil, nil
	}
	var a *answer
	if errors.As(err, &a) {
		return a, nil
	}
	return nil, noAnswer(err, s.secret)
}

func refuse(points []point, reason string) []series.Refused {
	out := make([]series.Refused, len(points))
	for i, p := range points {
		out[i] = series.Refused{Seq: p.seq, Point: string(p.text), Reason: reason}
	}
	return out
}
