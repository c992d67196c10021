package influx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	"github.com/influxdata/influxdb-client-go/v2/domain"
)

// Plan is what Setup did, or would do.
type Plan struct {
	Steps  []string // one sentence each, also of what was there already
	Tokens string   // how to make tokens with the least rights, a command a line
}

// Setup makes the two buckets with their retention, or checks them. In 2.x they are
// buckets, in 1.8 a database and two retention policies. It keeps what exists. It makes
// a retention longer if it must be, but never shorter, because that would delete
// points. The options' token must be an administrator's; it is not stored.
func Setup(ctx context.Context, o Options, dryRun bool) (Plan, error) {
	if err := o.defaults(); err != nil {
		return Plan{}, err
	}
	client, err := o.httpClient()
	if err != nil {
		return Plan{}, err
	}
	defer client.CloseIdleConnections()
	opts := influxdb2.DefaultOptions().SetLogLevel(0)
	opts.HTTPOptions().SetHTTPDoer(&plainDoer{client, o.Token}).SetApplicationName("lunstat")
	api := influxdb2.NewClientWithOptions(o.URL, o.Token, opts).APIClient()

	var p Plan
	state, err := api.GetSetup(ctx, &domain.GetSetupParams{})
	var a *answer
	switch {
	case errors.As(err, &a) && a.status == http.StatusNotFound:
		s, err := newServer(&o)
		if err != nil {
			return p, err
		}
		defer s.client.CloseIdleConnections()
		err = (&setupV1{&p, s, &o, dryRun}).run(ctx)
		return p, err
	case err != nil:
		return p, fmt.Errorf("asking InfluxDB which version it is: %w", apiError(err, o.Token))
	case state.Allowed != nil && *state.Allowed:
		return p, fmt.Errorf("this InfluxDB has no user and no organisation yet: open %s in a browser, or run `influx setup`", o.URL)
	}
	err = (&setupV2{&p, api, &o, "", dryRun}).run(ctx)
	return p, err
}

// plainDoer gives every answer but success as an error.
type plainDoer struct {
	client *http.Client
	secret string
}

func (d *plainDoer) Do(r *http.Request) (*http.Response, error) {
	resp, err := d.client.Do(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		defer resp.Body.Close()
		return nil, readAnswer(resp.StatusCode, resp.Header, resp.Body, d.secret)
	}
	limitBody(resp)
	return resp, nil
}

// apiError is a LaterError, as of a write.
func apiError(err error, secret string) error {
	var a *answer
	if errors.As(err, &a) {
		return a.laterError(time.Now())
	}
	var much *TooMuchError
	if errors.As(err, &much) {
		return much
	}
	return noAnswer(err, secret)
}

// wantedBucket is a bucket that has to be there, and for how long its points.
type wantedBucket struct {
	name string
	keep time.Duration // 0: for ever
}

func (o *Options) buckets() []wantedBucket {
	b := []wantedBucket{{o.Bucket, o.Retention}, {o.RollupBucket, o.RollupRetention}}
	if o.ReadOnly {
		return b[:1]
	}
	if o.Bucket == o.RollupBucket {
		b = b[1:]
	}
	return b
}

func (p *Plan) say(format string, a ...any) { p.Steps = append(p.Steps, fmt.Sprintf(format, a...)) }

// longer reports whether a bucket that exists has to keep points longer, and says what
// happens to it.
func (p *Plan) longer(b wantedBucket, has time.Duration) bool {
	switch {
	case has == b.keep:
		p.say("bucket %s exists and keeps points %s", b.name, forLong(has))
	case has == 0 || b.keep != 0 && has > b.keep:
		p.say("bucket %s exists and keeps points %s, not %s: not changed, because a shorter retention would delete points", b.name, forLong(has), forLong(b.keep))
	default:
		p.say("bucket %s exists and kept points %s; from now on it keeps them %s", b.name, forLong(has), forLong(b.keep))
		return true
	}
	return false
}

func forLong(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == 0:
		return "for ever"
	case d%day == 0:
		return fmt.Sprintf("for %d days", d/day)
	}
	return "for " + d.String()
}

// missingBucket is a bucket that setup is not to make.
type missingBucket string

func (b missingBucket) Error() string {
	return fmt.Sprintf("this token sees no bucket %s: Telegraf must make it, because lunstat only reads it", string(b))
}

func (b missingBucket) Hint() string {
	return "influx.bucket must be the bucket of Telegraf's outputs.influxdb; in 1.8 DATABASE or DATABASE/POLICY"
}
