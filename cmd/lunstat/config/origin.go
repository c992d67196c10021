package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"lunstat/cmd/lunstat/when"
)

// Origins says where the values come from that are no defaults: a key's file and
// line, its variable, or a flag.
type Origins map[string]Origin

// Origin is where one value comes from; the zero Origin is the default.
type Origin struct {
	File string // "" unless it is a file's
	Line int
	Name string // the variable or flag
}

func (o Origin) String() string {
	switch {
	case o.File != "":
		return fmt.Sprintf("%s:%d", o.File, o.Line)
	case o.Name != "":
		return o.Name
	}
	return "default"
}

// Place begins an error about a value, as the errors of one key alone do.
func (o Origin) Place(key string) string {
	if o.File == "" && o.Name != "" {
		return "environment: " + o.Name
	}
	return o.String() + ": " + key
}

// Setting is one key with its value and where that comes from.
type Setting struct {
	Key, Value string
	From       Origin
}

// Settings are all values of a configuration, in the order of its keys. A list's items
// have the keys that were given.
func (c *Config) Settings(from Origins) []Setting {
	var all []Setting
	var add func(k key, v reflect.Value)
	add = func(k key, v reflect.Value) {
		switch {
		case k.scalar():
			all = append(all, Setting{k.name, fmt.Sprint(v.Interface()), from[k.name]})
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				if f := v.Type().Field(i); f.Tag.Get("yaml") != "-" {
					add(k.child(f), v.Field(i))
				}
			}
		case v.Kind() == reflect.Map:
			entries := v.Interface().(map[string]when.Duration)
			for _, name := range slices.Sorted(maps.Keys(entries)) {
				add(k.entry(name), reflect.ValueOf(entries[name]))
			}
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				add(k.item(i+1), v.Index(i))
			}
		}
	}
	add(key{kind: reflect.TypeFor[Config]()}, reflect.ValueOf(*c))
	return slices.DeleteFunc(all, func(s Setting) bool { return s.From == (Origin{}) && strings.HasPrefix(s.Key, "luns[") })
}
