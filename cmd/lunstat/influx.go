package main

import (
	"errors"
	"math"
	"net/url"
	"strings"
	"time"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector"
	"lunstat/collector/influx"
	"lunstat/render"
)

var (
	_ collector.Sink      = (*influx.Sink)(nil)
	_ collector.Postponed = (*influx.LaterError)(nil)
	_ render.Source       = (*influx.Source)(nil)
	_ render.Source       = (*influx.Telegraf)(nil)
)

// influxToken is the token to use, "" where none is given: an InfluxDB 1.8 may do
// without.
func (e *env) influxToken(c *config.Config) (string, error) {
	if t := e.Getenv(config.TokenVariable); t != "" || c.Influx.TokenFile == "" {
		return t, nil
	}
	return influx.ReadToken(c.Influx.TokenFile)
}

// influxOptions are the config's influx keys with the token.
func (e *env) influxOptions(c *config.Config) (influx.Options, error) {
	i := c.Influx
	o := influx.Options{
		URL: i.URL, Org: i.Org, Bucket: i.Bucket, RollupBucket: i.RollupBucket,
		CAFile: i.CAFile, CertFile: i.CertFile, KeyFile: i.KeyFile, Timeout: time.Duration(i.Timeout),
	}
	var err error
	o.Token, err = e.influxToken(c)
	return o, err
}

// forwards reports whether runs are forwarded at all.
func forwards(c *config.Config) bool { return c.Influx.URL != "" && c.Influx.Schema == "lunstat" }

// sinkName is the journal's name for the InfluxDB. Another server or bucket is another
// sink, and gets everything that the journal has.
func sinkName(c *config.Config) string {
	if !forwards(c) {
		return ""
	}
	where := "?" // forwards nothing, and may be all password
	if u, err := url.Parse(c.Influx.URL); err == nil && u.Host != "" {
		u.User, u.RawQuery, u.Fragment = nil, "", "" // a password has no business in the journal
		where = strings.TrimRight(u.String(), "/")
	}
	return where + " " + c.Influx.Org + " " + c.Influx.Bucket
}

// forwarder is where the config has runs forwarded to; nil: nowhere.
func (e *env) forwarder(c *config.Config) *collector.Forwarder {
	if !forwards(c) {
		return nil
	}
	return &collector.Forwarder{
		Name:   sinkName(c),
		Spread: time.Duration(c.Influx.Spread),
		Warn:   orNever(boundsOf(c.Limits).Backlog.Warning),
		Open: func() (collector.Sink, error) {
			o, err := e.influxOptions(c)
			if err != nil {
				return nil, err
			}
			return influx.NewSink(o)
		},
	}
}

// errNoURL is the error of a command that needs an InfluxDB.
func errNoURL() error {
	return withHint(errors.New("no InfluxDB is configured: influx.url is empty"), "docs/influxdb.md says how to set it up")
}

// orNever: a limit of 0 is never passed.
func orNever(limit float64) float64 {
	if limit == 0 {
		return math.Inf(1)
	}
	return limit
}
