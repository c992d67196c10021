package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector/influx"
	"lunstat/collector/journal"
	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/render"
)

// sourceOptions are the flags of commands that read series: from where, and of
// which hosts.
type sourceOptions struct {
	source   string
	hosts    []string
	allHosts bool
	group    string
}

// command asks for a report from the same source.
func (o *sourceOptions) command() string {
	words := []string{"lunstat report"}
	for _, f := range []struct{ flag, value string }{
		{"--source", o.source}, {"--host", strings.Join(o.hosts, ",")}, {"--group", o.group},
	} {
		if f.value != "" {
			words = append(words, f.flag, mapper.ShellWord(f.value))
		}
	}
	if o.allHosts {
		words = append(words, "--all-hosts")
	}
	return strings.Join(words, " ")
}

// AddFlags adds them to a command.
func (o *sourceOptions) AddFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.source, "source", "", "read from `SOURCE`: journal or influx (default the journal; influx if there is no journal and influx.url is set)")
	f.StringSliceVar(&o.hosts, "host", nil, "only these `HOSTS`, separated by commas (default: all in the journal; from InfluxDB this host, or all with --group)")
	f.BoolVar(&o.allHosts, "all-hosts", false, "all hosts in InfluxDB")
	f.StringVar(&o.group, "group", "", "only the LUNs of this `GROUP`, on any host: zimbra1")
}

func (o *sourceOptions) check() error {
	switch {
	case o.source != "" && o.source != "journal" && o.source != "influx":
		return usagef("--source %q: must be journal or influx", o.source)
	case o.allHosts && len(o.hosts) > 0:
		return usagef("--host and --all-hosts: give only one of them")
	}
	for i, h := range o.hosts {
		if o.hosts[i] = strings.TrimSpace(h); o.hosts[i] == "" {
			return usagef("--host %q: must be names, separated by commas", strings.Join(o.hosts, ","))
		}
	}
	return nil
}

// store is where a command reads from.
type store interface {
	render.Source
	// last is what the last run of a host read; empty where only a journal has it.
	last(ctx context.Context, host string) (series.State, error)
	close() error
}

type journalStore struct {
	*journal.Journal
	e *env
}

func (s journalStore) close() error { return s.e.closeRead(s.Journal) }

func (s journalStore) last(ctx context.Context, host string) (series.State, error) {
	return s.State(ctx, host)
}

// server is an InfluxDB to read from.
type server interface {
	render.Source
	Close()
}

type serverStore struct{ server }

func (s serverStore) close() error { s.Close(); return nil }

func (serverStore) last(context.Context, string) (series.State, error) { return series.State{}, nil }

// open opens what the flags and the config say, and sets the hosts that are read
// where they were not given.
func (o *sourceOptions) open(ctx context.Context, e *env) (store, error) {
	c, err := e.Config()
	if err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.wantsInflux(e, c) {
		return o.openInflux(e, c)
	}
	j, err := e.readJournal(ctx)
	if err != nil {
		return nil, err
	}
	return withRules(journalStore{j, e}, rulesOf(c), ""), nil
}

// wantsInflux: by the flag, or because there is no journal.
func (o *sourceOptions) wantsInflux(e *env, c *config.Config) bool {
	if o.source != "" || c.Influx.URL == "" {
		return o.source == "influx"
	}
	_, err := e.journalToRead(c)
	_, none := errors.AsType[noJournalError](err)
	return none
}

func (o *sourceOptions) openInflux(e *env, c *config.Config) (store, error) {
	if c.Influx.URL == "" {
		return nil, errNoURL()
	}
	opts, err := e.influxOptions(c)
	if err != nil {
		return nil, err
	}
	host, err := hostOf(c)
	if err != nil {
		return nil, err
	}
	if len(o.hosts) == 0 && !o.allHosts && o.group == "" {
		o.hosts = []string{host}
	}
	opts.Hosts = o.hosts
	var s server
	if c.Influx.Schema == "telegraf" {
		s, err = influx.NewTelegraf(opts, rulesOf(c))
	} else {
		s, err = influx.NewSource(opts)
	}
	if err != nil {
		return nil, err
	}
	if isTerminal(e.Stderr) {
		fmt.Fprintf(e.Stderr, "reading %s\n", clean(c.Influx.URL))
	}
	return withRules(serverStore{s}, rulesOf(c), host), nil
}

// narrow gives the entries of the hosts and the group that are asked for. A name
// that is not among them is an error that says which are.
func (o *sourceOptions) narrow(entries []mapper.Entry) ([]mapper.Entry, error) {
	if err := knownIn(entries, "group", o.group, func(en mapper.Entry) string { return en.LUN.Group }); err != nil {
		return nil, err
	}
	for _, h := range o.hosts {
		if err := knownIn(entries, "host", h, func(en mapper.Entry) string { return en.Host }); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(entries), func(en mapper.Entry) bool {
		return o.group != "" && en.LUN.Group != o.group || len(o.hosts) > 0 && !slices.Contains(o.hosts, en.Host)
	}), nil
}

// narrows reports whether not all that the source has is asked for.
func (o *sourceOptions) narrows() bool { return o.group != "" || len(o.hosts) > 0 }

// several reports whether more than one host may be asked for.
func (o *sourceOptions) several() bool { return o.allHosts || o.group != "" || len(o.hosts) > 1 }

// allKeys are the series of entries, in their order.
func allKeys(entries []mapper.Entry) []series.Key {
	keys := []series.Key{}
	seen := map[series.Key]bool{}
	for _, en := range entries {
		if k := keyOf(en); !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	return keys
}
