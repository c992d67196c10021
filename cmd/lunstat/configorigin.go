package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// origins says where the values come from that are no defaults: a key's file and
// line, its variable, or a flag.
type origins map[string]origin

type origin struct {
	file string // "" unless it is a file's
	line int
	name string // the variable or flag
}

func (o origin) String() string {
	switch {
	case o.file != "":
		return fmt.Sprintf("%s:%d", o.file, o.line)
	case o.name != "":
		return o.name
	}
	return "default"
}

// place begins an error about a value, as the errors of one key alone do.
func (o origin) place(key string) string {
	if o.file == "" && o.name != "" {
		return "environment: " + o.name
	}
	return o.String() + ": " + key
}

// setting is one key with its value and where that comes from.
type setting struct {
	key, value string
	from       origin
}

// settings are all values of a configuration, in the order of its keys. A list's items
// have the keys that were given.
func (c *Config) settings(from origins) []setting {
	var all []setting
	var add func(k key, v reflect.Value)
	add = func(k key, v reflect.Value) {
		switch {
		case k.scalar():
			all = append(all, setting{k.name, fmt.Sprint(v.Interface()), from[k.name]})
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				if f := v.Type().Field(i); f.Tag.Get("yaml") != "-" {
					add(k.child(f), v.Field(i))
				}
			}
		case v.Kind() == reflect.Map:
			entries := v.Interface().(map[string]Duration)
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
	return slices.DeleteFunc(all, func(s setting) bool { return s.from == (origin{}) && strings.HasPrefix(s.key, "luns[") })
}
