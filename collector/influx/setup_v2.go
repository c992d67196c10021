package influx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/influxdata/influxdb-client-go/v2/domain"
)

// setupV2 is Setup of InfluxDB 2, which has buckets.
type setupV2 struct {
	*Plan
	api    *domain.Client
	o      *Options
	org    string // the organisation's id
	dryRun bool   // makes nothing
}

func (p *setupV2) run(ctx context.Context) error {
	o := p.o
	if o.Org == "" {
		return errors.New("InfluxDB 2 needs an organisation: influx.org")
	}
	orgs, err := p.api.GetOrgs(ctx, &domain.GetOrgsParams{Org: &o.Org})
	if err != nil {
		return fmt.Errorf("looking for organisation %q: %w", o.Org, apiError(err, o.Token))
	}
	if orgs.Orgs == nil || len(*orgs.Orgs) == 0 {
		return fmt.Errorf("there is no organisation %q that this token may see", o.Org)
	}
	p.org, err = idIn((*orgs.Orgs)[0].Id)
	if err != nil {
		return fmt.Errorf("looking for organisation %q: %w", o.Org, err)
	}
	var ids []string
	for _, b := range o.buckets() {
		id, err := p.bucket(ctx, b)
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
	p.Tokens = tokens2(o, p.org, ids)
	return nil
}

// idIn is an id of an answer, which may lack it.
func idIn(id *string) (string, error) {
	if id == nil || *id == "" {
		return "", errors.New("InfluxDB's answer has no id")
	}
	return *id, nil
}

// bucket gives the bucket's id, "" if it doesn't exist and isn't made.
func (p *setupV2) bucket(ctx context.Context, b wantedBucket) (id string, err error) {
	list, err := p.api.GetBuckets(ctx, &domain.GetBucketsParams{OrgID: &p.org, Name: &b.name})
	var a *answer
	missing := errors.As(err, &a) && a.status == http.StatusNotFound
	if err != nil && !missing {
		return "", err
	}
	if missing || list.Buckets == nil || len(*list.Buckets) == 0 {
		return p.makeBucket(ctx, b)
	}
	found := (*list.Buckets)[0]
	if id, err = idIn(found.Id); err != nil {
		return "", err
	}
	var has time.Duration
	for _, r := range found.RetentionRules {
		has = time.Duration(r.EverySeconds) * time.Second
	}
	if p.o.ReadOnly {
		p.say("bucket %s exists and keeps points %s", b.name, forLong(has))
		return id, nil
	}
	if !p.longer(b, has) || p.dryRun {
		return id, nil
	}
	rules := domain.PatchRetentionRules{{EverySeconds: int64(b.keep / time.Second)}}
	_, err = p.api.PatchBucketsID(ctx, &domain.PatchBucketsIDAllParams{BucketID: id,
		Body: domain.PatchBucketsIDJSONRequestBody{RetentionRules: &rules}})
	return id, err
}

// makeBucket makes a bucket that doesn't exist, and gives its id.
func (p *setupV2) makeBucket(ctx context.Context, b wantedBucket) (id string, err error) {
	if p.o.ReadOnly {
		return "", missingBucket(b.name)
	}
	p.say("bucket %s is made and keeps points %s", b.name, forLong(b.keep))
	if p.dryRun {
		return "", nil
	}
	rules := domain.RetentionRules{}
	if b.keep > 0 {
		rules = append(rules, domain.RetentionRule{EverySeconds: int64(b.keep / time.Second)})
	}
	about := "lunstat: what LUNs do"
	made, err := p.api.PostBuckets(ctx, &domain.PostBucketsAllParams{Body: domain.PostBucketsJSONRequestBody{
		Name: b.name, OrgID: p.org, RetentionRules: &rules, Description: &about,
	}})
	if err != nil {
		return "", err
	}
	return idIn(made.Id)
}
