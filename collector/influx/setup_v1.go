package influx

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// setupV1 is Setup of InfluxDB 1.8, where a bucket is a database with a retention policy.
type setupV1 struct {
	*Plan
	s      *server
	o      *Options
	dryRun bool // makes nothing
}

func (p *setupV1) run(ctx context.Context) error {
	for _, b := range p.o.buckets() {
		if err := p.bucket(ctx, b); err != nil {
			return fmt.Errorf("bucket %s: %w", b.name, err)
		}
	}
	p.Tokens = tokens1(p.o)
	return nil
}

// policy is a retention policy of 1.8.
type policy struct {
	keep  time.Duration
	first bool // the database's default
}

// bucket checks a bucket, or makes it.
func (p *setupV1) bucket(ctx context.Context, b wantedBucket) error {
	db, name := split(b.name)
	policies, err := p.s.policies(ctx, db)
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
	case p.o.ReadOnly && !there:
		return missingBucket(b.name)
	case p.o.ReadOnly:
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
	if p.dryRun {
		return nil
	}
	for _, q := range statements {
		if err := p.s.ask(ctx, "", q, nil, ignoreRows()); err != nil {
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
