// Package config reads lunstat's configuration: its keys, where their values come from,
// and what is wrong with them. Start with [Load], which combines the defaults, one YAML
// file and the environment. It reports every unknown key and every wrong value at once,
// each with key, value and line. No other package sees a [Config]: the command gives
// each of them the few values that it needs.
package config

import (
	"time"

	"lunstat/cmd/lunstat/when"
)

// Config is lunstat's whole configuration. A key's name, its default and the
// values that it allows are in the tags of its field; the environment's name
// (journal.path is LUNSTAT_JOURNAL_PATH), the checks and the error messages follow
// from them. config.example.yaml must have each key with its default; a test
// holds the two together. The packages get plain structs, never this one.
//
// The tags: yaml is the key; default its value as text; oneof lists the words allowed;
// min and max are the smallest and the largest value allowed; in is what a number counts,
// for somebody who writes "50ms" instead; required says that each item of a list must
// have the key.
type Config struct {
	Host        string                   `yaml:"host"`
	Layers      string                   `yaml:"layers" default:"maps" oneof:"luns maps all"`
	Gap         when.Duration            `yaml:"gap" default:"5m" min:"2m" max:"1d"`
	SpaceEvery  when.Duration            `yaml:"space_every" default:"5m" min:"1m" max:"1d"`
	Histograms  bool                     `yaml:"histograms" default:"false"`
	LUNs        []LUN                    `yaml:"luns"`
	Groups      []Group                  `yaml:"groups"`
	AwaitLimits map[string]when.Duration `yaml:"await_limits" default:"mysql=20ms redo=10ms primary=30ms secondary=50ms index=30ms log=50ms base=50ms backup=100ms system=50ms swap=50ms default=50ms" min:"1ms" max:"1h"`
	Journal     Journal                  `yaml:"journal"`
	Influx      Influx                   `yaml:"influx"`
	Paths       Paths                    `yaml:"paths"`
	Report      Report                   `yaml:"report"`
	Limits      Limits                   `yaml:"limits"`

	File string `yaml:"-"` // the file that was read; "" if there was none
}

// LUN says what a LUN is for, if a guess from its name would be wrong.
type LUN struct {
	Match  string    `yaml:"match" required:"true"` // a name, mount point, uuid or WWID, a pattern, a volume group
	Label  string    `yaml:"label"`
	Role   string    `yaml:"role"`
	Group  string    `yaml:"group"`
	Colour Colour    `yaml:"colour" form:"colour"`
	Limits LUNLimits `yaml:"limits"`
	Ignore bool      `yaml:"ignore" default:"false"`
	Shared bool      `yaml:"shared" default:"false"` // with other hosts, under one identity
}

// LUNLimits are limits of one LUN. One that is not given is that of the LUN's role, or the
// one for all LUNs.
type LUNLimits struct {
	Await when.Duration `yaml:"await" min:"1ms" max:"1h"`
	Util  float64       `yaml:"util" min:"1" max:"10000" in:"percent"`
	Full  float64       `yaml:"full" min:"1" max:"100" in:"percent"` // df's Use%
}

// Group says what a group of LUNs serves. Without mailboxes nothing is sized.
type Group struct {
	Group     string `yaml:"group" required:"true"`
	Mailboxes int    `yaml:"mailboxes" default:"0" min:"0" max:"1000000000"`
}

// Journal is where and how samples are kept.
type Journal struct {
	Path      string    `yaml:"path"` // "": /var/lib/lunstat/journal.db for root, else below $XDG_STATE_HOME
	Sync      string    `yaml:"sync" default:"full" oneof:"full normal"`
	Retention Retention `yaml:"retention"`
}

// Retention is how long each resolution is kept; 0 is for ever.
type Retention struct {
	Raw     when.Duration `yaml:"raw" default:"35d" min:"0"`
	Quarter when.Duration `yaml:"quarter" default:"400d" min:"0"`
	Hour    when.Duration `yaml:"hour" default:"0" min:"0"`
}

// Influx is the InfluxDB that runs are forwarded to and that reports may read from. The
// token isn't a key: see [TokenVariable].
type Influx struct {
	URL          string        `yaml:"url" form:"url"` // "": none
	TokenFile    string        `yaml:"token_file"`
	Org          string        `yaml:"org"`
	Bucket       string        `yaml:"bucket" default:"lunstat"`
	RollupBucket string        `yaml:"rollup_bucket" default:"lunstat/rollup"`
	CAFile       string        `yaml:"ca_file"`
	CertFile     string        `yaml:"cert_file"`
	KeyFile      string        `yaml:"key_file"`
	Timeout      when.Duration `yaml:"timeout" default:"5s" min:"100ms" max:"1h"`
	Spread       when.Duration `yaml:"spread" default:"15s" min:"0" max:"40s"`
	BacklogMax   int           `yaml:"backlog_max" default:"100000" min:"1" max:"10000000" in:"runs"`
	Schema       string        `yaml:"schema" default:"lunstat" oneof:"lunstat telegraf"`
}

// Paths puts the whole program on another, captured host.
type Paths struct {
	Procfs string `yaml:"procfs" default:"/proc"`
	Sysfs  string `yaml:"sysfs" default:"/sys"`
	Devfs  string `yaml:"devfs" default:"/dev"`
	Udev   string `yaml:"udev" default:"/run/udev/data"`
}

// Report says how reports look and where they go. The report command's flags override it.
type Report struct {
	Out   string        `yaml:"out" default:"report"`
	Last  when.Duration `yaml:"last" default:"7d" min:"1m" max:"36500d"`
	Zone  Zone          `yaml:"zone"`
	Font  string        `yaml:"font"`
	Width int           `yaml:"width" default:"1600" min:"640" max:"10000" in:"pixels"`
	Keep  int           `yaml:"keep" default:"0" min:"0" max:"10000" in:"weeks"` // how many weeks' reports are kept; 0: all

	Mail     Addresses `yaml:"mail"`      // "": nobody
	MailFrom Addresses `yaml:"mail_from"` // the first counts; "": the user's own
	Sendmail string    `yaml:"sendmail"`  // "": the system's
}

// Limits are the thresholds of `lunstat status`; 0 turns one off.
type Limits struct {
	LastRun         LastRun `yaml:"last_run"`
	UtilWarning     float64 `yaml:"util_warning" default:"98" min:"0" max:"10000" in:"percent"`
	UtilCritical    float64 `yaml:"util_critical" default:"0" min:"0" max:"10000" in:"percent"`
	AwaitWarning    float64 `yaml:"await_warning" default:"2" min:"0" max:"1000000" in:"times the LUN's await limit"`
	AwaitCritical   float64 `yaml:"await_critical" default:"10" min:"0" max:"1000000" in:"times the LUN's await limit"`
	P99Warning      float64 `yaml:"p99_warning" default:"0" min:"0" max:"1000000" in:"times the LUN's await limit"`
	P99Critical     float64 `yaml:"p99_critical" default:"0" min:"0" max:"1000000" in:"times the LUN's await limit"`
	SpaceWarning    float64 `yaml:"space_warning" default:"90" min:"0" max:"100" in:"percent"` // df's Use%
	SpaceCritical   float64 `yaml:"space_critical" default:"95" min:"0" max:"100" in:"percent"`
	InodesWarning   float64 `yaml:"inodes_warning" default:"90" min:"0" max:"100" in:"percent"`
	InodesCritical  float64 `yaml:"inodes_critical" default:"95" min:"0" max:"100" in:"percent"`
	JournalWarning  float64 `yaml:"journal_warning" default:"90" min:"0" max:"100" in:"percent"` // df's Use% of the journal's filesystem
	JournalCritical float64 `yaml:"journal_critical" default:"97" min:"0" max:"100" in:"percent"`
	BacklogWarning  float64 `yaml:"backlog_warning" default:"60" min:"0" max:"10000000" in:"runs"` // runs not forwarded yet
	BacklogCritical float64 `yaml:"backlog_critical" default:"1440" min:"0" max:"10000000" in:"runs"`
}

// LastRun are the limits for the age of the collector's last run.
type LastRun struct {
	Warning  when.Duration `yaml:"warning" default:"5m" min:"1m" max:"365d"`
	Critical when.Duration `yaml:"critical" default:"15m" min:"1m" max:"365d"`
}

// AwaitLimit is the await above which time counts as slow for a LUN of this role.
func (c *Config) AwaitLimit(role string) time.Duration {
	if d, ok := c.AwaitLimits[role]; ok {
		return time.Duration(d)
	}
	return time.Duration(c.AwaitLimits["default"])
}

// Zone is the name of a time zone, "Europe/Berlin"; "" is the system's own.
type Zone string

// UnmarshalText accepts only zones that exist.
func (z *Zone) UnmarshalText(text []byte) error {
	if _, err := time.LoadLocation(string(text)); err != nil {
		return err
	}
	*z = Zone(text)
	return nil
}
