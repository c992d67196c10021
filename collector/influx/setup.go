package influx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
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
		return p, p.setup1(ctx, s, &o, dryRun)
	case err != nil:
		return p, fmt.Errorf("asking InfluxDB which version it is: %w", apiError(err, o.Token))
	case state.Allowed != nil && *state.Allowed:
		return p, fmt.Errorf("this InfluxDB has no user and no organisation yet: open %s in a browser, or run `influx setup`", o.URL)
	}
	return p, p.setup2(ctx, api, &o, dryRun)
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

func (p *Plan) setup2(ctx context.Context, api *domain.Client, o *Options, dryRun bool) error {
	if o.Org == "" {
		return errors.New("InfluxDB 2 needs an organisation: influx.org")
	}
	orgs, err := api.GetOrgs(ctx, &domain.GetOrgsParams{Org: &o.Org})
	if err != nil {
		return fmt.Errorf("looking for organisation %q: %w", o.Org, apiError(err, o.Token))
	}
	if orgs.Orgs == nil || len(*orgs.Orgs) == 0 {
		return fmt.Errorf("there is no organisation %q that this token may see", o.Org)
	}
	org, err := idIn((*orgs.Orgs)[0].Id)
	if err != nil {
		return fmt.Errorf("looking for organisation %q: %w", o.Org, err)
	}
	var ids []string
	for _, b := range o.buckets() {
		id, err := p.bucket2(ctx, api, o, org, b, dryRun)
		var missing missingBucket
		if errors.As(err, &missing) {
			return err
		}
		if err != nil {
			return fmt.Errorf("bucket %s: %w", b.name, apiError(err, o.Token))
		}
		ids = append(ids, id)
	}
	if slices.Contains(ids, "") {
		p.Tokens = "# The commands need the buckets: `lunstat setup influx` makes the buckets and then prints the commands.\n"
		return nil
	}
	p.Tokens = tokens2(o, org, ids)
	return nil
}

// missingBucket is a bucket that setup is not to make.
type missingBucket string

func (b missingBucket) Error() string {
	return fmt.Sprintf("this token sees no bucket %s: Telegraf must make it, because lunstat only reads it", string(b))
}

func (b missingBucket) Hint() string {
	return "influx.bucket must be the bucket of Telegraf's outputs.influxdb; in 1.8 DATABASE or DATABASE/POLICY"
}

// idIn is an id of an answer, which may lack it.
func idIn(id *string) (string, error) {
	if id == nil || *id == "" {
		return "", errors.New("InfluxDB's answer has no id")
	}
	return *id, nil
}

// bucket2 gives the bucket's id, "" where it is not there and not made.
func (p *Plan) bucket2(ctx context.Context, api *domain.Client, o *Options, org string, b wantedBucket, dryRun bool) (id string, err error) {
	list, err := api.GetBuckets(ctx, &domain.GetBucketsParams{OrgID: &org, Name: &b.name})
	var a *answer
	missing := errors.As(err, &a) && a.status == http.StatusNotFound
	if err != nil && !missing {
		return "", err
	}
	if missing || list.Buckets == nil || len(*list.Buckets) == 0 {
		return p.make2(ctx, api, o, org, b, dryRun)
	}
	found := (*list.Buckets)[0]
	if id, err = idIn(found.Id); err != nil {
		return "", err
	}
	var has time.Duration
	for _, r := range found.RetentionRules {
		has = time.Duration(r.EverySeconds) * time.Second
	}
	if o.ReadOnly {
		p.say("bucket %s exists and keeps points %s", b.name, forLong(has))
		return id, nil
	}
	if !p.longer(b, has) || dryRun {
		return id, nil
	}
	rules := domain.PatchRetentionRules{{EverySeconds: int64(b.keep / time.Second)}}
	_, err = api.PatchBucketsID(ctx, &domain.PatchBucketsIDAllParams{BucketID: id,
		Body: domain.PatchBucketsIDJSONRequestBody{RetentionRules: &rules}})
	return id, err
}

func (p *Plan) make2(ctx context.Context, api *domain.Client, o *Options, org string, b wantedBucket, dryRun bool) (id string, err error) {
	if o.ReadOnly {
		return "", missingBucket(b.name)
	}
	p.say("bucket %s is made and keeps points %s", b.name, forLong(b.keep))
	if dryRun {
		return "", nil
	}
	rules := domain.RetentionRules{}
	if b.keep > 0 {
		rules = append(rules, domain.RetentionRule{EverySeconds: int64(b.keep / time.Second)})
	}
	about := "lunstat: what LUNs do"
	made, err := api.PostBuckets(ctx, &domain.PostBucketsAllParams{Body: domain.PostBucketsJSONRequestBody{
		Name: b.name, OrgID: org, RetentionRules: &rules, Description: &about,
	}})
	if err != nil {
		return "", err
	}
	return idIn(made.Id)
}

func (p *Plan) setup1(ctx context.Context, s *server, o *Options, dryRun bool) error {
	for _, b := range o.buckets() {
		if err := p.bucket1(ctx, s, o, b, dryRun); err != nil {
			return fmt.Errorf("bucket %s: %w", b.name, err)
		}
	}
	p.Tokens = tokens1(o)
	return nil
}

// policy is a retention policy of 1.8.
type policy struct {
	keep  time.Duration
	first bool // the database's default
}

func (p *Plan) bucket1(ctx context.Context, s *server, o *Options, b wantedBucket, dryRun bool) error {
	db, name := split(b.name)
	policies, err := s.policies(ctx, db)
	if err != nil {
		return err
	}
	if name == "" {
		name = "autogen"
		for n, has := range policies {
			if has.first {
				name = n
			}
		}
	}
	keep := "INF"
	if b.keep > 0 {
		keep = fmt.Sprintf("%ds", b.keep/time.Second)
	}
	var statements []string
	has, there := policies[name]
	switch {
	case o.ReadOnly && !there:
		return missingBucket(b.name)
	case o.ReadOnly:
		p.say("bucket %s exists and keeps points %s", b.name, forLong(has.keep))
	case there && p.longer(b, has.keep):
		statements = []string{fmt.Sprintf("ALTER RETENTION POLICY %s ON %s DURATION %s", identifier(name), identifier(db), keep)}
	case there:
	case policies == nil && name == "autogen":
		p.say("database %s is made and keeps points %s", db, forLong(b.keep))
		statements = []string{fmt.Sprintf("CREATE DATABASE %s WITH DURATION %s REPLICATION 1 NAME %s", identifier(db), keep, identifier(name))}
	default:
		p.say("retention policy %s of database %s is made and keeps points %s", name, db, forLong(b.keep))
		if policies == nil {
			statements = []string{"CREATE DATABASE " + identifier(db)}
		}
		statements = append(statements, fmt.Sprintf("CREATE RETENTION POLICY %s ON %s DURATION %s REPLICATION 1", identifier(name), identifier(db), keep))
	}
	if dryRun {
		return nil
	}
	for _, q := range statements {
		if err := s.ask(ctx, "", q, nil, ignoreRows()); err != nil {
			return err
		}
	}
	return nil
}

func ignoreRows() rows {
	return rows{
		series: func(map[string]string, []string) error { return nil },
		row:    func([]cell) error { return nil },
		most:   shortAnswer,
	}
}

// policies are a database's; nil where there is no such database.
func (s *server) policies(ctx context.Context, db string) (map[string]policy, error) {
	found := map[string]policy{}
	err := s.ask(ctx, "", "SHOW RETENTION POLICIES ON "+identifier(db), nil, rows{
		series: func(_ map[string]string, columns []string) error {
			if len(columns) < 5 || columns[0] != "name" || columns[1] != "duration" || columns[4] != "default" {
				return fmt.Errorf("%w: retention policies with the columns %q", errForm, columns)
			}
			return nil
		},
		row: func(c []cell) error {
			keep, err := time.ParseDuration(c[1].text())
			found[c[0].text()] = policy{keep: keep, first: string(c[4]) == "true"}
			return err
		},
		most: shortAnswer,
	})
	var e *QueryError
	if errors.As(err, &e) && strings.HasPrefix(e.Reason, "database not found") {
		return nil, nil
	}
	return found, err
}

// identifier quotes a name from the configuration for a statement.
func identifier(name string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(name) + `"`
}
