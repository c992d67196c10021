package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"lunstat/cmd/lunstat/config"
	"lunstat/cmd/lunstat/when"
	"lunstat/collector/dmstats"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// env is what the commands see of the world, so that a test can give them
// another one. It also carries the flags that every command has.
type env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Now            func() time.Time
	Zone           *time.Location      // of times that are typed and printed; see [env.Config] and [env.times]
	Getenv         func(string) string // one variable, "" if unset
	Environ        func() []string     // all of them, as NAME=value
	Geteuid        func() int          // 0 is root
	Hostname       func() (string, error)
	GiveWay        func()                               // makes the whole process cheaper for others
	SaveMemory     func()                               // makes it smaller, and a little slower
	DeviceMapper   func(mapper.Paths) dmstats.Messenger // nil if these are another host's
	SystemConfig   string                               // the config file below all others, /etc/lunstat/config.yaml
	Mailname       string                               // Debian's file with the domain of the host's mail, /etc/mailname
	SystemJournal  string                               // root's journal, from which everybody may read

	configFile  string // --config
	journalPath string // --journal
	config      *config.Config
	origins     config.Origins // of config's values
	zoneDoubt   error          // what is wrong with the machine's zone, until it is said
	started     bool           // a command has begun: what goes wrong from here on isn't usage
}

// systemEnv is the world as the process finds it.
func systemEnv() *env {
	zone, doubt := when.HostZone(os.Environ(), when.Localtime)
	return &env{
		Stdin:      os.Stdin,
		Stdout:     &output{file: os.Stdout},
		Stderr:     os.Stderr,
		Now:        time.Now,
		Zone:       zone,
		Getenv:     os.Getenv,
		Environ:    os.Environ,
		Geteuid:    os.Geteuid,
		Hostname:   os.Hostname,
		GiveWay:    func() { lowerPriority(); collectGarbageSeldom() },
		SaveMemory: func() { collectGarbage(reportGarbage) },

		DeviceMapper:  ownDeviceMapper,
		SystemConfig:  "/etc/lunstat/config.yaml",
		SystemJournal: "/var/lib/lunstat/journal.db",
		Mailname:      "/etc/mailname",
		zoneDoubt:     doubt,
	}
}

// Config reads the configuration at its first call and gives the same one from
// then on. It applies what overrides a file, --journal, and sets the zone if
// report.zone names one.
func (e *env) Config() (*config.Config, error) {
	if e.config != nil {
		return e.config, nil
	}
	c, from, err := config.Load(e.world(), e.configFile)
	if err != nil {
		return nil, err
	}
	if e.journalPath != "" {
		c.Journal.Path = e.journalPath
		from["journal.path"] = config.Origin{Name: "--journal"}
	}
	if c.Report.Zone != "" {
		if e.Zone, err = time.LoadLocation(string(c.Report.Zone)); err != nil {
			return nil, err // not reached: the value was checked with its line
		}
		e.zoneDoubt = nil
	}
	e.config, e.origins = c, from
	return c, nil
}

// world is what the configuration sees of it.
func (e *env) world() config.World {
	return config.World{Getenv: e.Getenv, Environ: e.Environ, Root: e.Geteuid() == 0, SystemFile: e.SystemConfig}
}

// times is the zone of times that are typed and printed. It says once where that is
// not the one that was meant.
func (e *env) times() *time.Location {
	if e.zoneDoubt != nil {
		sayWarning(e.Stderr, "warning", series.Warning{
			What: fmt.Sprintf("%v: times are in UTC", e.zoneDoubt),
			Hint: "set a zone of the tz database: TZ=Europe/Berlin, or report.zone in the config",
		})
		e.zoneDoubt = nil
	}
	return e.Zone
}
