package config

import (
	"cmp"
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"lunstat/collector/influx"
)

// key is one key of the configuration: what its tags say of its value.
type key struct {
	name string // "journal.retention.raw"
	kind reflect.Type
	tag  reflect.StructTag
}

// child is the key of a section's field.
func (k key) child(f reflect.StructField) key {
	return key{strings.TrimPrefix(k.name+"."+f.Tag.Get("yaml"), "."), f.Type, f.Tag}
}

// entry is a map's entry: its value is checked as the map's tags say.
func (k key) entry(name string) key {
	return key{k.name + "." + name, k.kind.Elem(), k.tag}
}

// item is the n'th item of a list, from 1 on.
func (k key) item(n int) key {
	return key{fmt.Sprintf("%s[%d]", k.name, n), k.kind.Elem(), ""}
}

// scalar reports whether the value is one word, not a section, map or list.
func (k key) scalar() bool {
	if reflect.PointerTo(k.kind).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return true
	}
	switch k.kind.Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice:
		return false
	}
	return true
}

// children are the keys of a section, in the order of its fields.
func (k key) children() []key {
	var list []key
	for i := range k.kind.NumField() {
		if f := k.kind.Field(i); f.Tag.Get("yaml") != "-" {
			list = append(list, k.child(f))
		}
	}
	return list
}

// variable is the environment's name for the key.
func (k key) variable() string {
	return "LUNSTAT_" + strings.ToUpper(strings.ReplaceAll(k.name, ".", "_"))
}

// scalarKeys are all scalar keys of the configuration with their defaults; ""
// is none. Lists have no scalar keys, and a map those that it has by default.
func scalarKeys() (keys []key, defaults map[string]string) {
	defaults = make(map[string]string)
	var add func(k key)
	add = func(k key) {
		switch {
		case k.scalar():
			keys = append(keys, k)
			if _, ok := defaults[k.name]; !ok {
				defaults[k.name] = k.tag.Get("default")
			}
		case k.kind.Kind() == reflect.Struct:
			for _, c := range k.children() {
				add(c)
			}
		case k.kind.Kind() == reflect.Map:
			for _, pair := range strings.Fields(k.tag.Get("default")) {
				name, value, _ := strings.Cut(pair, "=")
				c := k.entry(name)
				defaults[c.name] = value
				add(c)
			}
		}
	}
	add(key{kind: reflect.TypeFor[Config]()})
	return keys, defaults
}

// secret reports whether a wrong value may have a password in it: a URL. Its check
// says as much of it as may be shown.
func (k key) secret() bool { return k.tag.Get("form") == "url" }

// problem is what is said of a value that check refused.
func (k key) problem(text string, why error) string {
	if k.secret() {
		return "the URL " + why.Error()
	}
	return fmt.Sprintf("%q: %v", text, why)
}

// setting is problem, of a value that the environment gave.
func (k key) setting(name, text string, why error) string {
	if k.secret() {
		return name + ": " + k.problem(text, why)
	}
	return name + "=" + k.problem(text, why)
}

// check says why text can't be the key's value.
func (k key) check(text string) error {
	v, err := parseScalar(k.kind, text)
	if err != nil {
		return err
	}
	if k.secret() && text != "" {
		return influx.CheckURL(text)
	}
	if words := strings.Fields(k.tag.Get("oneof")); len(words) > 0 {
		return oneOf(text, words)
	}
	if least, ok := k.tag.Lookup("min"); ok {
		if bound, err := parseScalar(k.kind, least); err != nil || compare(v, bound) < 0 {
			return fmt.Errorf("must be %s or more", least)
		}
	}
	if most, ok := k.tag.Lookup("max"); ok {
		if bound, err := parseScalar(k.kind, most); err != nil || compare(v, bound) > 0 {
			return fmt.Errorf("must be %s or less", most)
		}
	}
	return nil
}

func oneOf(text string, words []string) error {
	for _, w := range words {
		if w == text {
			return nil
		}
	}
	return fmt.Errorf("must be %s or %s", strings.Join(words[:len(words)-1], ", "), words[len(words)-1])
}

// parseScalar reads text as a value of the given type.
func parseScalar(kind reflect.Type, text string) (reflect.Value, error) {
	p := reflect.New(kind)
	if u, ok := p.Interface().(encoding.TextUnmarshaler); ok {
		return p.Elem(), u.UnmarshalText([]byte(text))
	}
	switch kind.Kind() {
	case reflect.String:
		p.Elem().SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return p.Elem(), fmt.Errorf("must be true or false")
		}
		p.Elem().SetBool(text == "true")
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, kind.Bits())
		if err != nil {
			return p.Elem(), fmt.Errorf("must be a whole number")
		}
		p.Elem().SetInt(n)
	case reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || x-x != 0 { // NaN and the infinities are no setting
			return p.Elem(), fmt.Errorf("must be a number")
		}
		p.Elem().SetFloat(x)
	default:
		return p.Elem(), fmt.Errorf("no value can be read as %s", kind)
	}
	return p.Elem(), nil
}

// compare orders two numbers of the same type.
func compare(a, b reflect.Value) int {
	if a.CanFloat() {
		return cmp.Compare(a.Float(), b.Float())
	}
	return cmp.Compare(a.Int(), b.Int())
}
