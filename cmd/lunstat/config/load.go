package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// World is what Load knows about the process.
type World struct {
	Getenv     func(string) string // one variable, "" if unset
	Environ    func() []string     // all of them, as NAME=value
	Root       bool                // refuse files that others can write to
	SystemFile string              // the file to read where the user has none
}

// TokenVariable holds InfluxDB's token and overrides influx.token_file. The token is
// not a key, because everybody may read the config file.
const TokenVariable = "LUNSTAT_INFLUX_TOKEN"

// Load puts the configuration together: the file overrides the defaults, and the
// environment overrides the file. One error lists everything that is wrong: first the
// file's mistakes by line, then those of the environment.
func Load(w World, named string) (*Config, Origins, error) {
	name, text, err := w.find(named)
	if err != nil {
		return nil, nil, err
	}
	l := &loader{name: name, keys: scalarKeys(), from: make(Origins)}
	v := viper.New()
	for _, k := range l.keys {
		if text := k.fallback(); text != "" {
			v.SetDefault(k.name, value{key: k, text: text})
		}
	}
	if err := v.MergeConfigMap(l.read(text)); err != nil {
		return nil, nil, fmt.Errorf("reading config %s: %w", name, err)
	}
	l.environment(w, v)
	c := &Config{File: name}
	if err := v.Unmarshal(c, func(d *mapstructure.DecoderConfig) { d.TagName, d.DecodeHook = "yaml", l.decode }); err != nil {
		return nil, nil, fmt.Errorf("reading config %s: %w", name, err)
	}
	if len(l.problems) == 0 {
		l.coherent(c)
	}
	return c, l.from, l.err()
}

// loader collects where the values come from and what is wrong with them.
type loader struct {
	name     string // the file's
	keys     []key  // all scalar ones
	from     Origins
	problems []problem
}

// problem is a mistake in the configuration.
type problem struct {
	line int // of the file; 0 if it is not in the file
	error
}

// refuse notes what is wrong with a key, or with a whole place if key is "".
func (l *loader) refuse(at Origin, key string, why error) {
	l.problems = append(l.problems, problem{at.Line, fmt.Errorf("%s: %w", at.Place(key), why)})
}

// err joins all problems into one error, or is nil if there are none. The file's come
// first, by line.
func (l *loader) err() error {
	slices.SortStableFunc(l.problems, func(a, b problem) int { return cmp.Compare(uint(a.line)-1, uint(b.line)-1) })
	var all []error
	for _, p := range l.problems {
		all = append(all, p.error)
	}
	return errors.Join(all...)
}

// environment lets variables override the file. viper's own AutomaticEnv can't do this:
// it reads the environment of the process, and tests that run side by side each have
// their own. An empty variable counts as unset.
func (l *loader) environment(w World, v *viper.Viper) {
	var names []string
	for _, k := range l.keys {
		name := k.variable()
		names = append(names, name)
		if text := w.Getenv(name); text != "" {
			if v, ok := v.Get(k.name).(value); ok && v.at.File != "" {
				l.check(v) // the variable hides it, but a wrong value is still an error
			}
			l.from[k.name] = Origin{Name: name}
			v.Set(k.name, value{k, text, l.from[k.name]})
		}
	}
	for _, pair := range w.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "LUNSTAT_") && name != TokenVariable && !slices.Contains(names, name) {
			hint := "a key like journal.path is LUNSTAT_JOURNAL_PATH"
			if n := mapper.Near(name, names); len(n) > 0 {
				hint = "did you mean " + n[0] + "?"
			}
			l.refuse(Origin{Name: name}, "", series.WithHint(errors.New("no such setting"), hint))
		}
	}
}
