package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// Load puts the configuration together: the defaults, above them the file,
// above that the environment. All that is wrong in the file and the environment
// is told at once.
func Load(w World, named string) (*Config, Origins, error) {
	name, text, err := w.find(named)
	if err != nil {
		return nil, nil, err
	}
	settings, file := parseConfig(name, text)
	v := viper.New()
	keys, defaults := scalarKeys()
	for _, k := range keys {
		if d := defaults[k.name]; d != "" {
			v.SetDefault(k.name, d)
		}
	}
	if err := v.MergeConfigMap(settings); err != nil {
		return nil, nil, fmt.Errorf("reading config %s: %w", name, err)
	}
	if err := errors.Join(file.err(), w.setVariables(v, keys, file.from)); err != nil {
		return nil, nil, err
	}
	c := &Config{File: name}
	if err := v.Unmarshal(c, decodeAsText); err != nil {
		return nil, nil, fmt.Errorf("reading config %s: %w", name, err)
	}
	file.coherent(c)
	return c, file.from, file.err()
}

// decodeAsText lets viper decode along the yaml tags and the types' own text form.
func decodeAsText(d *mapstructure.DecoderConfig) {
	d.TagName = "yaml"
	d.DecodeHook = mapstructure.TextUnmarshallerHookFunc()
}

// setVariables lays the environment above the file. viper's own AutomaticEnv
// would say nothing of a wrong value's origin. An empty variable counts as unset.
func (w World) setVariables(v *viper.Viper, keys []key, from Origins) error {
	var problems []error
	known := make(map[string]bool)
	var names []string
	for _, k := range keys {
		name := k.variable()
		known[name] = true
		names = append(names, name)
		text := w.Getenv(name)
		if text == "" {
			continue
		}
		if err := k.check(text); err != nil {
			problems = append(problems, fmt.Errorf("environment: %s", k.setting(name, text, err)))
			continue
		}
		v.Set(k.name, text)
		from[k.name] = Origin{Name: name}
	}
	for _, pair := range w.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "LUNSTAT_") && !known[name] && name != TokenVariable {
			err := fmt.Errorf("environment: %s: no such setting", name)
			problems = append(problems, series.WithHint(err, variableHint(name, names)))
		}
	}
	return errors.Join(problems...)
}

func variableHint(name string, names []string) string {
	if n := mapper.Near(name, names); len(n) > 0 {
		return "did you mean " + n[0] + "?"
	}
	return "a key like journal.path is LUNSTAT_JOURNAL_PATH"
}
