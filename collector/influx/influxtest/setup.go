package influxtest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// setup1 makes what `lunstat setup influx` makes, by hand.
func (s *Server) setup1() {
	s.Writer, s.Reader = "writer:"+password, "reader:"+password
	s.CreateBuckets()
	for _, q := range []string{
		"CREATE USER writer WITH PASSWORD '" + password + "'",
		"CREATE USER reader WITH PASSWORD '" + password + "'",
	} {
		s.post("/query", s.Admin, url.Values{"q": {q}})
	}
	s.Grant()
}

// Grant gives 1.8's users their rights, which go with the database.
func (s *Server) Grant() {
	s.t.Helper()
	for _, q := range []string{"GRANT WRITE ON lunstat TO writer", "GRANT READ ON lunstat TO reader"} {
		s.post("/query", s.Admin, url.Values{"q": {q}})
	}
}

func (s *Server) setup2() {
	ids := s.CreateBuckets()
	s.Writer, s.Reader = s.Token("write", ids), s.Token("read", ids)
}

// CreateBuckets makes the two buckets and gives 2.x's ids.
func (s *Server) CreateBuckets() []string {
	s.t.Helper()
	if s.Version == V1 {
		s.post("/query", s.Admin, url.Values{"q": {"CREATE DATABASE lunstat"}})
		s.post("/query", s.Admin, url.Values{"q": {"CREATE RETENTION POLICY rollup ON lunstat DURATION INF REPLICATION 1"}})
		return nil
	}
	return []string{s.CreateBucket(Bucket, 0), s.CreateBucket(Rollup, 0)}
}

// CreateOther makes a bucket that is not lunstat's.
func (s *Server) CreateOther(name string) {
	s.t.Helper()
	if s.Version == V1 {
		s.post("/query", s.Admin, url.Values{"q": {fmt.Sprintf("CREATE DATABASE %q", name)}})
		return
	}
	s.CreateBucket(name, 0)
}

// CreateBucket makes one in 2.x, whose points last so long; 0 is for ever.
func (s *Server) CreateBucket(name string, retention time.Duration) (id string) {
	s.t.Helper()
	var made struct{ ID string }
	rules := []map[string]any{}
	if retention > 0 {
		rules = append(rules, map[string]any{"type": "expire", "everySeconds": int(retention.Seconds())})
	}
	s.api(http.MethodPost, "/api/v2/buckets", map[string]any{"orgID": s.orgID, "name": name, "retentionRules": rules}, &made)
	return made.ID
}

// Token makes a token of 2.x that may read or write buckets.
func (s *Server) Token(action string, buckets []string) string {
	s.t.Helper()
	var permissions []map[string]any
	for _, id := range buckets {
		permissions = append(permissions, map[string]any{"action": action,
			"resource": map[string]any{"type": "buckets", "id": id, "orgID": s.orgID}})
	}
	var made struct{ ID, Token string }
	s.api(http.MethodPost, "/api/v2/authorizations", map[string]any{"orgID": s.orgID, "permissions": permissions}, &made)
	s.revoker[made.Token] = made.ID
	return made.Token
}

// Revoke takes the writer's right away, whichever way the server has.
func (s *Server) Revoke() {
	s.t.Helper()
	if s.Version == V1 {
		s.post("/query", s.Admin, url.Values{"q": {"SET PASSWORD FOR writer = 'another-" + password + "'"}})
		return
	}
	s.api(http.MethodDelete, "/api/v2/authorizations/"+s.revoker[s.Writer], nil, nil)
}

// Renew gives the writer its right back, under a new token in 2.x.
func (s *Server) Renew() {
	s.t.Helper()
	if s.Version == V1 {
		s.post("/query", s.Admin, url.Values{"q": {"SET PASSWORD FOR writer = '" + password + "'"}})
		return
	}
	s.Writer = s.Token("write", []string{s.bucketID(Bucket), s.bucketID(Rollup)})
}

func (s *Server) bucketID(name string) string {
	s.t.Helper()
	var list struct{ Buckets []struct{ ID string } }
	s.api(http.MethodGet, "/api/v2/buckets?org="+s.Org+"&name="+url.QueryEscape(name), nil, &list)
	if len(list.Buckets) != 1 {
		s.t.Fatalf("%d buckets called %s", len(list.Buckets), name)
	}
	return list.Buckets[0].ID
}

// ReaderAgain makes another reader of 2.x, of buckets that were made again.
func (s *Server) ReaderAgain() string {
	s.t.Helper()
	return s.Token("read", []string{s.bucketID(Bucket), s.bucketID(Rollup)})
}

// Admit runs statements of InfluxQL as admin.
func (s *Server) Admit(statements ...string) {
	s.t.Helper()
	for _, q := range statements {
		s.post("/query", s.Admin, url.Values{"q": {q}})
	}
}

// Drop deletes the raw bucket; in 1.8 the database with both policies.
func (s *Server) Drop() {
	s.t.Helper()
	if s.Version == V1 {
		s.post("/query", s.Admin, url.Values{"q": {"DROP DATABASE lunstat"}})
		return
	}
	s.api(http.MethodDelete, "/api/v2/buckets/"+s.bucketID(Bucket), nil, nil)
}

// Restore makes what Drop deleted again, and the rights on it.
func (s *Server) Restore() {
	s.t.Helper()
	if s.Version == V1 {
		s.CreateBuckets()
		s.Grant()
		return
	}
	s.CreateBucket(Bucket, 0)
	s.Renew()
}

// Empty takes all points away, and leaves the buckets and tokens.
func (s *Server) Empty() {
	s.t.Helper()
	if s.Version == V1 {
		s.post("/query", s.Admin, url.Values{"q": {"DROP DATABASE lunstat"}})
		s.CreateBuckets()
		s.Grant()
		return
	}
	for _, bucket := range []string{Bucket, Rollup} {
		s.api(http.MethodPost, "/api/v2/delete?"+url.Values{"org": {s.Org}, "bucket": {bucket}}.Encode(),
			map[string]any{"start": "1971-01-01T00:00:00Z", "stop": "2200-01-01T00:00:00Z"}, nil)
	}
}

// Retain limits how long a bucket keeps points.
func (s *Server) Retain(bucket string, d time.Duration) {
	s.t.Helper()
	if s.Version == V1 {
		db, policy, ok := strings.Cut(bucket, "/")
		if !ok {
			policy = "autogen"
		}
		s.post("/query", s.Admin, url.Values{"q": {fmt.Sprintf("ALTER RETENTION POLICY %q ON %q DURATION %ds", policy, db, int(d.Seconds()))}})
		return
	}
	s.api(http.MethodPatch, "/api/v2/buckets/"+s.bucketID(bucket), map[string]any{
		"retentionRules": []map[string]any{{"type": "expire", "everySeconds": int(d.Seconds())}}}, nil)
}

// WriteLine writes line protocol as admin.
func (s *Server) WriteLine(bucket, line string) {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.URL+"/api/v2/write?"+url.Values{"org": {s.Org}, "bucket": {bucket}, "precision": {"ns"}}.Encode(), strings.NewReader(line))
	if err != nil {
		s.t.Fatal(err)
	}
	s.do(r, s.Admin)
}
