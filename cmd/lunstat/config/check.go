package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"lunstat/cmd/lunstat/when"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// configReader walks a config file's nodes along the Config type. It exists
// because viper would take a misspelt key without a word, folds the case of keys,
// and reads 0360 or 36005e10 as numbers: what it gets from here are known keys
// and the values' own text, and each mistake has been named with key and line.
type configReader struct {
	name     string
	from     Origins // where the values come from
	problems []error
}

// parseConfig reads a config file's text: a map for viper, and a reader that
// knows the lines and the problems.
func parseConfig(name string, text []byte) (map[string]any, *configReader) {
	r := &configReader{name: name, from: make(Origins)}
	var doc, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	switch err := decoder.Decode(&doc); {
	case err == io.EOF:
		return nil, r // empty, or comments alone
	case err != nil:
		r.problems = append(r.problems, syntaxError(name, err))
		return nil, r
	}
	m, _ := r.value(doc.Content[0], key{kind: reflect.TypeFor[Config]()}).(map[string]any)
	switch err := decoder.Decode(&more); {
	case err == nil:
		r.problem(more.Line, "", "a second YAML document begins here, and lunstat would not read it")
	case err != io.EOF:
		r.problems = append(r.problems, syntaxError(name, err))
	}
	return m, r
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): `)

// syntaxError gives the yaml package's error the form of all others.
func syntaxError(name string, err error) error {
	text := err.Error()
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		err = fmt.Errorf("%s:%s: %s", name, m[1], strings.TrimPrefix(text, m[0]))
	} else {
		err = fmt.Errorf("%s: %s", name, strings.TrimPrefix(text, "yaml: "))
	}
	return series.WithHint(err, "this is not valid YAML; often the cause is a tab, a missing space after a colon, or an unclosed quote just above")
}

// problem notes what is wrong with a key's value.
func (r *configReader) problem(line int, key, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	if key != "" {
		what = key + ": " + what
	}
	r.problems = append(r.problems, fmt.Errorf("%s:%d: %s", r.name, line, what))
}

// value reads one node as the value of a key; nil is "as if it were not there".
func (r *configReader) value(n *yaml.Node, k key) any {
	line := n.Line
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.ShortTag() == "!!null" {
		return nil
	}
	r.from[k.name] = Origin{File: r.name, Line: line}
	switch {
	case k.scalar():
		return r.scalar(n, line, k)
	case k.kind.Kind() == reflect.Slice:
		return r.list(n, line, k)
	default:
		return r.section(n, line, k)
	}
}

func (r *configReader) scalar(n *yaml.Node, line int, k key) any {
	if n.Kind != yaml.ScalarNode {
		r.problem(line, k.name, "must be one value, not a %s", kindName(n))
		return nil
	}
	if err := k.check(n.Value); err != nil {
		r.problem(line, k.name, "%s", k.problem(n.Value, err))
		return nil
	}
	return n.Value
}

func (r *configReader) list(n *yaml.Node, line int, k key) any {
	if n.Kind != yaml.SequenceNode {
		r.problem(line, k.name, "must be a list (lines that begin with a hyphen), not a %s", kindName(n))
		return nil
	}
	list := make([]any, 0, len(n.Content))
	for i, c := range n.Content {
		item := r.value(c, k.item(i+1))
		if c.ShortTag() == "!!null" {
			r.problem(c.Line, k.item(i+1).name, "this entry is empty")
		}
		list = append(list, item)
	}
	return list
}

// section reads a mapping: a struct's known keys, or a map's any.
func (r *configReader) section(n *yaml.Node, line int, k key) any {
	if n.Kind != yaml.MappingNode {
		r.problem(line, k.name, "must have keys and values below it, not %s", described(n))
		return nil
	}
	m := make(map[string]any)
	seen := make(map[string]int)
	known := len(r.problems)
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, v := n.Content[i], n.Content[i+1]
		if first, twice := seen[name.Value]; twice {
			r.problem(name.Line, strings.TrimPrefix(k.name+"."+name.Value, "."), "line %d already has it", first)
			continue
		}
		seen[name.Value] = name.Line
		c, ok := r.find(name, k)
		if !ok {
			continue
		}
		if x := r.value(v, c); x != nil {
			m[name.Value] = x
		}
	}
	if len(r.problems) == known { // else a wrong one would be told as missing too
		for _, name := range missing(k, m) {
			r.problem(line, k.name, "it has no %s", name)
		}
	}
	return m
}

// find is the key of a name in a section; of an unknown one it says so.
func (r *configReader) find(name *yaml.Node, k key) (key, bool) {
	if k.kind.Kind() == reflect.Map {
		if !plainWord(name.Value) {
			r.problem(name.Line, k.name, "%q: may have only lower-case letters, digits, - and _", name.Value)
			return key{}, false
		}
		return k.entry(name.Value), true
	}
	var names []string
	for _, c := range k.children() {
		last := c.tag.Get("yaml")
		if last == name.Value {
			return c, true
		}
		names = append(names, last)
	}
	err := fmt.Errorf("%s:%d: %s: unknown key", r.name, name.Line, strings.TrimPrefix(k.name+"."+name.Value, "."))
	r.problems = append(r.problems, series.WithHint(err, suggestion(name.Value, names)))
	return key{}, false
}

// suggestion names the key that was meant, or all that there are.
func suggestion(word string, names []string) string {
	if n := mapper.Near(word, names); len(n) > 0 {
		return "did you mean " + n[0] + "?"
	}
	return "the keys here are " + strings.Join(names, ", ")
}

// missing are a section's required keys that were not given, or given as "".
func missing(k key, m map[string]any) (names []string) {
	if k.kind.Kind() != reflect.Struct {
		return nil
	}
	for _, c := range k.children() {
		name := c.tag.Get("yaml")
		if c.tag.Get("required") == "true" && (m[name] == nil || m[name] == "") {
			names = append(names, name)
		}
	}
	return names
}

// plainWord reports whether s can be a role: what viper neither folds nor splits.
func plainWord(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return s != ""
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "section"
	case yaml.SequenceNode:
		return "list"
	}
	return "value"
}

func described(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return fmt.Sprintf("the value %q", n.Value)
	}
	return "a " + kindName(n)
}

// coherent checks what one key alone can't show.
func (r *configReader) coherent(c *Config) {
	roles := make(map[string]bool)
	_, defaults := scalarKeys()
	for name := range defaults {
		if role, ok := strings.CutPrefix(name, "await_limits."); ok {
			roles[role] = true
		}
	}
	first := make(map[string]int)
	for i, l := range c.LUNs {
		at := fmt.Sprintf("luns[%d]", i+1)
		if l.Role != "" && !plainWord(l.Role) {
			r.refuse(at+".role", "%q: may have only lower-case letters, digits, - and _", l.Role)
		}
		if n, twice := first[l.Match]; twice {
			r.refuse(at+".match", "%q: luns[%d] matches that already", l.Match, n)
		}
		first[l.Match] = i + 1
		roles[l.Role] = true
	}
	for _, role := range slices.Sorted(maps.Keys(c.AwaitLimits)) {
		if !roles[role] {
			r.unknownRole(role, slices.Sorted(maps.Keys(roles)))
		}
	}
	r.orderedLimits(c)
	r.longEnough(c)
}

// orderedLimits refuses a critical limit that is passed before its warning. The key
// that was given is blamed; of two that were, the later one.
func (r *configReader) orderedLimits(c *Config) {
	l := c.Limits
	for _, pair := range []struct {
		name              string
		warning, critical float64
	}{
		{"util", l.UtilWarning, l.UtilCritical}, {"await", l.AwaitWarning, l.AwaitCritical},
		{"space", l.SpaceWarning, l.SpaceCritical}, {"inodes", l.InodesWarning, l.InodesCritical},
		{"journal", l.JournalWarning, l.JournalCritical}, {"backlog", l.BacklogWarning, l.BacklogCritical},
	} {
		if pair.critical == 0 || pair.critical >= pair.warning {
			continue
		}
		warning, critical := "limits."+pair.name+"_warning", "limits."+pair.name+"_critical"
		if key := r.later(warning, critical); key == critical {
			r.refuse(key, "%g is below %s_warning, %g%s", pair.critical, pair.name, pair.warning, r.byDefault(warning))
		} else {
			r.refuse(key, "%g is above %s_critical, %g%s", pair.warning, pair.name, pair.critical, r.byDefault(critical))
		}
	}
	if l := l.LastRun; l.Warning > l.Critical {
		at := r.from[r.later("limits.last_run.warning", "limits.last_run.critical")]
		r.problems = append(r.problems, fmt.Errorf("%s: warning (%s) must not be longer than critical (%s)",
			at.Place("limits.last_run"), l.Warning, l.Critical))
	}
}

// leastKept is the least time for which a resolution is kept: what is rolled up by
// hours must be there for one.
const leastKept = when.Duration(time.Hour)

// longEnough refuses a retention that would delete what is not used yet.
func (r *configReader) longEnough(c *Config) {
	k := c.Journal.Retention
	for _, kept := range []struct {
		name string
		time when.Duration
	}{{"raw", k.Raw}, {"quarter", k.Quarter}, {"hour", k.Hour}} {
		if kept.time != 0 && kept.time < leastKept {
			r.refuse("journal.retention."+kept.name, "%s: must be %s or more, or 0 for ever", kept.time, leastKept)
		}
	}
}

// refuse notes a value that doesn't go with another, where the value comes from.
func (r *configReader) refuse(key, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s: %s", r.from[key].Place(key), fmt.Sprintf(format, args...)))
}

// later is the one of two keys whose value was given later: the environment's after
// the file's, the default first of all.
func (r *configReader) later(a, b string) string {
	rank := func(key string) int {
		o := r.from[key]
		if o.Name != "" {
			return 1 << 30
		}
		return o.Line
	}
	if rank(a) > rank(b) {
		return a
	}
	return b
}

// byDefault says of a value that nobody gave it, as it can't be found anywhere.
func (r *configReader) byDefault(key string) string {
	if r.from[key] == (Origin{}) {
		return " (the default)"
	}
	return ""
}

// unknownRole refuses a limit that would never apply.
func (r *configReader) unknownRole(role string, known []string) {
	name := "await_limits." + role
	err := fmt.Errorf("%s: unknown role, and no entry of luns has it", r.from[name].Place(name))
	r.problems = append(r.problems, series.WithHint(err, suggestion(role, known)))
}

// err is all problems as one error, in the order of the file, or nil.
func (r *configReader) err() error { return errors.Join(r.problems...) }
