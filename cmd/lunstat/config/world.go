package config

// World is what Load sees of the process and its host.
type World struct {
	Getenv     func(string) string // one variable, "" if unset
	Environ    func() []string     // all of them, as NAME=value
	Root       bool                // files that others may write are refused
	SystemFile string              // the file that counts below all others
}

// TokenVariable holds InfluxDB's token, before influx.token_file. It is no key, so
// that no token stands where everybody may read it.
const TokenVariable = "LUNSTAT_INFLUX_TOKEN"
