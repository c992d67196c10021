package config

import (
	"fmt"
	"reflect"
	"strings"
)

// Origins says for each key where its value comes from: a line of a file, a variable
// or a flag. A key with its default is not in it.
type Origins map[string]Origin

// Origin is where one value comes from; the zero Origin is the default.
type Origin struct {
	File string // "" unless it is a file's
	Line int    // in File, from 1
	Name string // the variable or flag
}

func (o Origin) String() string {
	switch {
	case o.Line > 0:
		return fmt.Sprintf("%s:%d", o.File, o.Line)
	case o.File != "":
		return o.File
	case o.Name != "":
		return o.Name
	}
	return "default"
}

// Place is how an error about the value of a key begins.
func (o Origin) Place(key string) string {
	if o.File == "" && o.Name != "" {
		return "environment: " + o.Name
	}
	if key == "" {
		return o.String()
	}
	return o.String() + ": " + key
}

// Setting is one key with its value and where that comes from.
type Setting struct {
	Key, Value string
	From       Origin
}

// Settings lists all values of a configuration, in the order of its keys. Of a list's
// items it lists only the keys that were given.
func (c *Config) Settings(from Origins) (all []Setting) {
	key{kind: reflect.TypeFor[Config]()}.walk(reflect.ValueOf(*c), func(k key, v reflect.Value) {
		if at, given := from[k.name]; given || !strings.HasPrefix(k.name, "luns[") {
			all = append(all, Setting{k.name, fmt.Sprint(v.Interface()), at})
		}
	})
	return all
}
