package main

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector/influx"
	"lunstat/collector/series"
	"lunstat/mapper"
)

func newConfigCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check the configuration, or show it",
		Args:  knownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newConfigCheckCommand(e), newConfigShowCommand(e))
	return cmd
}

func newConfigCheckCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Say what is wrong with the configuration",
		Long: `check reads the config file and the environment as every command does. It also reads
the files that they name: InfluxDB's token and certificates, and the report's font.
If an entry of luns matches no LUN, check prints a warning.

    lunstat config check
    lunstat config check --config new.yaml

Exit status: 0 nothing is wrong, 1 something is, 2 wrong usage.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return checkConfig(e) },
	}
}

func newConfigShowCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Show each value and where it comes from",
		Long: `show prints each key of the configuration, its value, and where the value comes
from: a file and its line, an environment variable, a flag, or the default. It never
prints InfluxDB's token.

    lunstat config show
    lunstat config show | grep -v default$

Exit status: 0 shown, 1 the configuration is wrong, 2 wrong usage.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return showConfig(e) },
	}
}

func checkConfig(e *env) error {
	c, err := e.Config()
	if err != nil {
		return err
	}
	if err := errors.Join(checkInflux(e, c), checkFont(c)); err != nil {
		return err
	}
	sayUnmatched(e, c)
	where := "no config file"
	if c.File != "" {
		where = c.File
	}
	set := 0
	for _, s := range c.Settings(e.origins) {
		if s.From != (config.Origin{}) {
			set++
		}
	}
	fmt.Fprintf(e.Stdout, "%s: nothing is wrong; %s set\n", clean(where), english.Plural(set, "value is", "values are"))
	return nil
}

// checkInflux opens what a client of InfluxDB needs, and asks no server.
func checkInflux(e *env, c *config.Config) error {
	if c.Influx.URL == "" {
		return nil
	}
	o, err := e.influxOptions(c)
	if err != nil {
		return err
	}
	client, err := influx.NewSink(o)
	if err != nil {
		return err
	}
	client.Close()
	return nil
}

func checkFont(c *config.Config) error {
	if c.Report.Font == "" {
		return nil
	}
	f, err := mapper.OpenRegular(c.Report.Font)
	if err != nil {
		return fmt.Errorf("report.font: %w", err)
	}
	return f.Close()
}

// sayUnmatched warns about entries of luns that match nothing now. That is not an error:
// the LUN may be back tomorrow.
func sayUnmatched(e *env, c *config.Config) {
	if len(c.LUNs) == 0 {
		return
	}
	devices, _, err := hostDevices(c)
	if err != nil {
		sayWarning(e.Stderr, "warning", series.Warning{What: "the host's LUNs can't be read: " + err.Error()})
		return
	}
	for i, l := range c.LUNs {
		if !mapper.Matches(devices, l.Match) {
			key := fmt.Sprintf("luns[%d].match", i+1)
			sayWarning(e.Stderr, "warning", series.Warning{What: fmt.Sprintf("%s: %q matches no LUN of this host at the moment", e.origins[key].Place(key), l.Match)})
		}
	}
}

func showConfig(e *env) error {
	c, err := e.Config()
	if err != nil {
		return err
	}
	var rows [][]string
	for _, s := range c.Settings(e.origins) {
		rows = append(rows, []string{s.Key, clean(shownValue(s)), clean(s.From.String())})
	}
	if e.Getenv(config.TokenVariable) != "" {
		rows = append(rows, []string{"(InfluxDB's token)", "(not shown)", config.TokenVariable})
	}
	return printTable(e.Stdout, []string{"key", "value", "from"}, rows)
}

// shownValue is a value as it would be typed, a URL without its password.
func shownValue(s config.Setting) string {
	if s.Key == "influx.url" && s.Value != "" {
		if u, err := url.Parse(s.Value); err == nil {
			return u.Redacted()
		}
	}
	if s.Value == "" || strings.TrimSpace(s.Value) != s.Value {
		return strconv.Quote(s.Value)
	}
	return s.Value
}
