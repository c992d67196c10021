package config

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"lunstat/collector/influx"
)

// value is the text of a scalar key: from the file, the environment or the default.
// viper carries it unchanged, so it is parsed only once, and an error knows its place.
type value struct {
	key  key
	text string
	at   Origin
}

// decode is viper's hook: it parses a value. It notes a wrong one and returns no error,
// so that viper goes on and all wrong values are found.
func (l *loader) decode(from, _ reflect.Value) (any, error) {
	if v, ok := from.Interface().(value); ok {
		return l.check(v), nil
	}
	return from.Interface(), nil // a section or list
}

// check parses a value and notes what is wrong with it.
func (l *loader) check(v value) any {
	x, err := v.key.read(v.text)
	switch {
	case err == nil:
	case v.key.secret(): // the error shows only the parts that have no password
		l.refuse(v.at, v.key.name, fmt.Errorf("the URL %w", err))
	case v.at.File == "":
		l.refuse(Origin{Name: fmt.Sprintf("%s=%q", v.at.Name, v.text)}, "", err)
	default:
		l.refuse(v.at, v.key.name, fmt.Errorf("%q: %w", v.text, err))
	}
	return x.Interface()
}

// secret reports whether the value may contain a password.
func (k key) secret() bool { return k.tag.Get("form") == "url" }

// read parses a text as the key's value and checks it against the key's tags.
func (k key) read(text string) (reflect.Value, error) {
	v, err := parse(k.kind, text)
	if in := k.tag.Get("in"); err != nil && in != "" {
		return v, fmt.Errorf("%w (%s)", err, in)
	}
	if err != nil {
		return v, err
	}
	if k.secret() && text != "" {
		return v, influx.CheckURL(text)
	}
	if words := strings.Fields(k.tag.Get("oneof")); len(words) > 0 && !slices.Contains(words, text) {
		return v, fmt.Errorf("must be %s or %s", strings.Join(words[:len(words)-1], ", "), words[len(words)-1])
	}
	for _, bound := range []struct {
		tag, side string
		beyond    int
	}{{"min", "more", -1}, {"max", "less", 1}} {
		if most, ok := k.tag.Lookup(bound.tag); ok && k.compare(v, most) == bound.beyond {
			return v, fmt.Errorf("must be %s or %s", most, bound.side)
		}
	}
	return v, nil
}

// compare compares a number with a bound from the key's tags.
func (k key) compare(v reflect.Value, bound string) int {
	b, _ := parse(k.kind, bound) // a test parses all bounds
	if v.CanFloat() {
		return cmp.Compare(v.Float(), b.Float())
	}
	return cmp.Compare(v.Int(), b.Int())
}

// parse parses a text as a value of the given type.
func parse(kind reflect.Type, text string) (reflect.Value, error) {
	p := reflect.New(kind)
	if u, ok := p.Interface().(encoding.TextUnmarshaler); ok {
		return p.Elem(), u.UnmarshalText([]byte(text))
	}
	var err error
	switch kind.Kind() {
	case reflect.String:
		p.Elem().SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			err = errors.New("must be true or false")
		}
		p.Elem().SetBool(text == "true")
	case reflect.Int:
		n, bad := strconv.ParseInt(text, 10, kind.Bits())
		if bad != nil {
			err = errors.New("must be a whole number")
		}
		p.Elem().SetInt(n)
	case reflect.Float64:
		x, bad := strconv.ParseFloat(text, 64)
		if bad != nil || x-x != 0 { // NaN and the infinities are not allowed
			err = errors.New("must be a number")
		}
		p.Elem().SetFloat(x)
	default:
		err = fmt.Errorf("no value can be read as %s", kind)
	}
	return p.Elem(), err
}
