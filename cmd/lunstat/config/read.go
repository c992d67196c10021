package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// read turns the text of a config file into a map for viper. It compares the YAML
// nodes with the type Config, because viper itself accepts misspelt keys, ignores the
// case of keys, and reads 0360 and 36005e10 as numbers. From here viper gets only
// known keys, and values as they were typed.
func (l *loader) read(text []byte) map[string]any {
	var doc, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	switch err := decoder.Decode(&doc); {
	case err == io.EOF:
		return nil // empty, or comments alone
	case err != nil:
		l.syntax(err)
		return nil
	}
	m, _ := l.value(doc.Content[0], key{kind: reflect.TypeFor[Config]()}).(map[string]any)
	switch err := decoder.Decode(&more); {
	case err == nil:
		l.refuse(l.at(&more), "", errors.New("a second YAML document begins here, and lunstat would not read it"))
	case err != io.EOF:
		l.syntax(err)
	}
	return m
}

// at is the place of a node.
func (l *loader) at(n *yaml.Node) Origin { return Origin{File: l.name, Line: n.Line} }

var yamlLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^yaml: line (\d+): `)
})

// syntax notes an error of the yaml package in the form of all others.
func (l *loader) syntax(err error) {
	at, what := Origin{File: l.name}, strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlLine().FindStringSubmatch(err.Error()); m != nil {
		at.Line, _ = strconv.Atoi(m[1])
		what = strings.TrimPrefix(err.Error(), m[0])
	}
	l.refuse(at, "", series.WithHint(errors.New(what),
		"this is not valid YAML; often the cause is a tab, a missing space after a colon, or an unclosed quote just above"))
}

// value reads a node as the value of a key. It is nil if the node counts as absent.
func (l *loader) value(n *yaml.Node, k key) any {
	at := l.at(n)
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.ShortTag() == "!!null" {
		if k.tag.Get("form") == "colour" {
			l.refuse(at, k.name, series.WithHint(errors.New("it has no value"), `YAML takes what follows a # for a comment: write it in quotes, as in "#0072b2"`))
		}
		return nil
	}
	l.from[k.name] = at
	scalar, list := k.scalar(), k.kind.Kind() == reflect.Slice
	switch {
	case scalar && n.Kind == yaml.ScalarNode:
		return value{k, n.Value, at}
	case scalar:
		l.refuse(at, k.name, fmt.Errorf("must be one value, not %s", described(n)))
	case list && n.Kind == yaml.SequenceNode:
		return l.list(n, k)
	case list:
		l.refuse(at, k.name, fmt.Errorf("must be a list (lines that begin with a hyphen), not %s", described(n)))
	case n.Kind == yaml.MappingNode:
		return l.section(n, at, k)
	default:
		l.refuse(at, k.name, fmt.Errorf("must have keys and values below it, not %s", described(n)))
	}
	return nil
}

func described(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a section"
	case yaml.SequenceNode:
		return "a list"
	}
	return fmt.Sprintf("the value %q", n.Value)
}

func (l *loader) list(n *yaml.Node, k key) any {
	items := make([]any, len(n.Content))
	for i, c := range n.Content {
		item := k.item(i + 1)
		if items[i] = l.value(c, item); c.ShortTag() == "!!null" {
			l.refuse(l.at(c), item.name, errors.New("this entry is empty"))
		}
	}
	return items
}

// section reads a mapping. A struct has known keys; a map has any.
func (l *loader) section(n *yaml.Node, at Origin, k key) any {
	m := make(map[string]any)
	first := make(map[string]int)
	known := len(l.problems)
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		if line, twice := first[name.Value]; twice {
			l.refuse(l.at(name), k.below(name.Value), fmt.Errorf("line %d already has it", line))
			continue
		}
		first[name.Value] = name.Line
		if c, err := k.find(name.Value); err != nil {
			l.refuse(l.at(name), "", err)
		} else if x := l.value(n.Content[i+1], c); x != nil {
			m[name.Value] = x
		}
	}
	if len(l.problems) > known {
		return m // a wrong key would be told as missing, too
	}
	for _, c := range k.children() {
		if v, _ := m[c.last()].(value); v.text == "" && c.tag.Get("required") == "true" {
			l.refuse(at, k.name, fmt.Errorf("it has no %s", c.last()))
		}
	}
	return m
}

// find is the key with that name in a section.
func (k key) find(name string) (key, error) {
	if k.kind.Kind() == reflect.Map {
		if !plainWord(name) {
			return key{}, fmt.Errorf("%s: %q: may have only lower-case letters, digits, - and _", k.name, name)
		}
		return k.entry(name), nil
	}
	var names []string
	for _, c := range k.children() {
		if c.last() == name {
			return c, nil
		}
		names = append(names, c.last())
	}
	return key{}, series.WithHint(fmt.Errorf("%s: unknown key", k.below(name)), suggestion(name, names))
}

// suggestion names the key that was probably meant, or else all keys.
func suggestion(word string, names []string) string {
	if n := mapper.Near(word, names); len(n) > 0 {
		return "did you mean " + n[0] + "?"
	}
	return "the keys here are " + strings.Join(names, ", ")
}

// plainWord reports whether s can be a role. viper would change other words: it folds
// capitals and splits at dots.
func plainWord(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_'
	})
}
