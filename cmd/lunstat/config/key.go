package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// key is one key of the configuration, with the tags that say what its value may be.
type key struct {
	name string // "journal.retention.raw"
	kind reflect.Type
	tag  reflect.StructTag
}

// below is the full name of a key in this section.
func (k key) below(name string) string { return strings.TrimPrefix(k.name+"."+name, ".") }

// last is the key's name within its section, for a struct's field.
func (k key) last() string { return k.tag.Get("yaml") }

// entry is an entry of a map. The map's tags say what its value may be.
func (k key) entry(name string) key { return key{k.below(name), k.kind.Elem(), k.tag} }

// item is the n'th item of a list, from 1 on.
func (k key) item(n int) key { return key{fmt.Sprintf("%s[%d]", k.name, n), k.kind.Elem(), ""} }

// children are the keys of a struct's section, in the order of its fields.
func (k key) children() (list []key) {
	for i := 0; k.kind.Kind() == reflect.Struct && i < k.kind.NumField(); i++ {
		if f := k.kind.Field(i); f.Tag.Get("yaml") != "-" {
			list = append(list, key{k.below(f.Tag.Get("yaml")), f.Type, f.Tag})
		}
	}
	return list
}

// scalar reports whether the key has one value. A section, map or list has several.
func (k key) scalar() bool {
	switch k.kind.Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice:
		return reflect.PointerTo(k.kind).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
	}
	return true
}

// variable is the environment's name for the key.
func (k key) variable() string {
	return "LUNSTAT_" + strings.ToUpper(strings.ReplaceAll(k.name, ".", "_"))
}

// fallback is the key's default as text, "" if it has none. The tag of a map lists the
// defaults of its entries: "mysql=20ms redo=10ms".
func (k key) fallback() string {
	text := k.tag.Get("default")
	for _, pair := range strings.Fields(text) {
		if name, value, isMap := strings.Cut(pair, "="); isMap && strings.HasSuffix(k.name, "."+name) {
			return value
		}
	}
	return text
}

// walk visits all scalar keys below k with their values. In a nil map it visits the
// entries that have a default.
func (k key) walk(v reflect.Value, visit func(key, reflect.Value)) {
	switch {
	case k.scalar():
		visit(k, v)
	case v.Kind() == reflect.Struct:
		for i, c := range k.children() { // the fields without a key are the last ones
			c.walk(v.Field(i), visit)
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			k.item(i+1).walk(v.Index(i), visit)
		}
	case v.IsNil():
		for _, pair := range strings.Fields(k.tag.Get("default")) {
			name, _, _ := strings.Cut(pair, "=")
			visit(k.entry(name), reflect.Zero(k.kind.Elem()))
		}
	default:
		names := v.MapKeys()
		slices.SortFunc(names, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, name := range names {
			visit(k.entry(name.String()), v.MapIndex(name))
		}
	}
}

// scalarKeys are all scalar keys of the configuration. A map has those with a default,
// and a list has none.
func scalarKeys() (keys []key) {
	key{kind: reflect.TypeFor[Config]()}.walk(reflect.ValueOf(Config{}), func(k key, _ reflect.Value) { keys = append(keys, k) })
	return keys
}
