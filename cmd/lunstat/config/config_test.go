package config

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"lunstat/cmd/lunstat/when"
	"lunstat/collector/series"
)

const example = "../../../config.example.yaml"

// world is a process of the test's own: no files but those that it names, and not root.
func world(t testing.TB, vars map[string]string) World {
	t.Helper()
	return World{
		Getenv: func(name string) string { return vars[name] },
		Environ: func() (pairs []string) {
			for name, value := range vars {
				pairs = append(pairs, name+"="+value)
			}
			return pairs
		},
		SystemFile: t.TempDir() + "/config.yaml",
	}
}

// load reads text as a config file.
func load(t *testing.T, text string, vars map[string]string) (*Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	c, _, err := Load(world(t, vars), file)
	return c, err
}

// lines is what the command prints of an error, the folder's name cut off.
func lines(err error) string {
	if err == nil {
		return ""
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var all []string
		for _, e := range several.Unwrap() {
			all = append(all, lines(e))
		}
		return strings.Join(all, "\n")
	}
	line := "error: " + series.Plain(err.Error())
	if i := strings.Index(line, "/config.yaml:"); i >= 0 {
		line = line[:strings.Index(line, " /")+1] + line[i+1:]
	}
	if hint := series.HintOf(err); hint != "" {
		line += "\nhint: " + hint
	}
	return line
}

func TestExampleIsTheDefaults(t *testing.T) {
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	got, err := load(t, string(text), nil)
	if err != nil {
		t.Fatal(lines(err))
	}
	want, err := load(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	got.File, want.File = "", ""
	if len(got.LUNs) == 0 && len(got.Groups) == 0 {
		got.LUNs, got.Groups = nil, nil // an empty list counts as none
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s gives\n%+v\nthe defaults are\n%+v", example, got, want)
	}

	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	stated := make(map[string]string)
	flatten(doc.Content[0], "", stated)
	delete(stated, "luns")
	delete(stated, "groups")
	defaults := make(map[string]string)
	for _, k := range scalarKeys() {
		defaults[k.name] = k.fallback()
	}
	if !maps.Equal(stated, defaults) {
		for _, name := range slices.Sorted(maps.Keys(defaults)) {
			if v, ok := stated[name]; !ok || v != defaults[name] {
				t.Errorf("%s: %s is %q (there: %v), its default is %q", example, name, v, ok, defaults[name])
			}
		}
		t.Errorf("%d keys stand in %s, %d have a default", len(stated), example, len(defaults))
	}
}

// flatten collects the values of a file by the keys' full names.
func flatten(n *yaml.Node, prefix string, into map[string]string) {
	if n.Kind != yaml.MappingNode {
		into[prefix] = n.Value
		return
	}
	for i := 0; i < len(n.Content); i += 2 {
		flatten(n.Content[i+1], strings.TrimPrefix(prefix+"."+n.Content[i].Value, "."), into)
	}
}

// TestExampleLUNs reads the list in the example's comments.
func TestExampleLUNs(t *testing.T) {
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "#   luns:\n")
	block, _, ended := strings.Cut(after, "luns: []")
	if !found || !ended {
		t.Fatal("no list in the comments above luns:")
	}
	c, err := load(t, "luns:\n"+strings.ReplaceAll("\n"+block, "\n#   ", "\n"), nil)
	if err != nil {
		t.Fatal(lines(err))
	}
	want := []LUN{
		{
			Match: "zimbra1_sqldb-data", Label: "MySQL data", Role: "mysql", Group: "zimbra1", Colour: "#0072b2",
			Limits: LUNLimits{Await: when.Duration(10 * time.Millisecond), Util: 100, Full: 97},
		},
		{Match: "/srv/scratch", Ignore: true},
	}
	if !slices.Equal(c.LUNs, want) {
		t.Errorf("got %+v, want %+v", c.LUNs, want)
	}
}

func TestConfigMistakes(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"unknown key", "journal:\n  synk: full\n", `
error: config.yaml:2: journal.synk: unknown key
hint: did you mean sync?`},
		{"unknown key, nothing near", "report:\n  zzz: 1\n", `
error: config.yaml:2: report.zzz: unknown key
hint: the keys here are out, last, zone, font, width, keep, mail, mail_from, sendmail`},
		{"unknown section", "jurnal: {path: /x}\n", `
error: config.yaml:1: jurnal: unknown key
hint: did you mean journal?`},
		{"case counts", "Journal: {path: /x}\n", `
error: config.yaml:1: Journal: unknown key
hint: did you mean journal?`},
		{"word of none", "\njournal: {sync: often}\n", `
error: config.yaml:2: journal.sync: "often": must be full or normal`},
		{"word of three", "layers: lun\n", `
error: config.yaml:1: layers: "lun": must be luns, maps or all`},
		{"duration without unit", "gap: 300\n", `
error: config.yaml:1: gap: "300": must be a number and a unit: 20ms, 90s, 5m, 12h, 7d, 5w`},
		{"duration too short", "gap: 1m\n", `
error: config.yaml:1: gap: "1m": must be 2m or more`},
		{"negative duration", "journal: {retention: {raw: -1h}}\n", `
error: config.yaml:1: journal.retention.raw: "-1h": must be 0 or more`},
		{"text for a number", "report:\n  width: wide\n", `
error: config.yaml:2: report.width: "wide": must be a whole number (pixels)`},
		{"number too large", "report:\n  width: 10001\n", `
error: config.yaml:2: report.width: "10001": must be 10000 or less`},
		{"zone", "report: {zone: Europe/Berlim}\n", `
error: config.yaml:1: report.zone: "Europe/Berlim": unknown time zone Europe/Berlim`},
		{"list for a value", "host: [a, b]\n", `
error: config.yaml:1: host: must be one value, not a list`},
		{"value for a section", "journal: /var/lib/x\n", `
error: config.yaml:1: journal: must have keys and values below it, not the value "/var/lib/x"`},
		{"section for a list", "luns:\n  mysql: {match: x}\n", `
error: config.yaml:2: luns: must be a list (lines that begin with a hyphen), not a section`},
		{"group twice", "groups:\n- group: zimbra1\n  mailboxes: 5\n- group: zimbra1\n", `
error: config.yaml:4: groups[2].group: "zimbra1": groups[1] has that already`},
		{"fewer mailboxes than none", "groups:\n- group: zimbra1\n  mailboxes: -1\n", `
error: config.yaml:3: groups[1].mailboxes: "-1": must be 0 or more`},
		{"list without items' key", "luns:\n- match: a\n- label: b\n", `
error: config.yaml:3: luns[2]: it has no match`},
		{"items of nothing", "luns:\n- match:\n- match: ''\n- {}\n-\n", `
error: config.yaml:2: luns[1]: it has no match
error: config.yaml:3: luns[2]: it has no match
error: config.yaml:4: luns[3]: it has no match
error: config.yaml:5: luns[4]: this entry is empty`},
		{"two documents", "host: a\n---\nlayers: all\n", `
error: config.yaml:2: a second YAML document begins here, and lunstat would not read it`},
		{"one LUN twice", "luns:\n- match: a\n- {match: a, role: log}\n", `
error: config.yaml:3: luns[2].match: "a": luns[1] matches that already`},
		{"bool", "luns: [{match: a, ignore: yes}]\n", `
error: config.yaml:1: luns[1].ignore: "yes": must be true or false`},
		{"unknown key in a list", "luns:\n- match: a\n  rôle: b\n", `
error: config.yaml:3: luns[1].rôle: unknown key
hint: did you mean role?`},
		{"role", "luns: [{match: a, role: My SQL}]\n", `
error: config.yaml:1: luns[1].role: "My SQL": may have only lower-case letters, digits, - and _`},
		{"colour that YAML takes for a comment", "luns:\n- match: a\n  colour: #0072B2\n", `
error: config.yaml:3: luns[1].colour: it has no value
hint: YAML takes what follows a # for a comment: write it in quotes, as in "#0072b2"`},
		{"colours", "luns:\n- {match: a, colour: blue}\n- {match: b, colour: '#12345'}\n- {match: c, colour: '#ffff99'}\n- {match: d, colour: '##12345'}\n", `
error: config.yaml:2: luns[1].colour: "blue": must be six hexadecimal digits, as in "#0072b2"
error: config.yaml:3: luns[2].colour: "#12345": must be six hexadecimal digits, as in "#0072b2"
error: config.yaml:4: luns[3].colour: "#ffff99": too pale to be seen on white
error: config.yaml:5: luns[4].colour: "##12345": must be six hexadecimal digits, as in "#0072b2"`},
		{"limits of a LUN", "luns:\n- match: a\n  limits:\n    await: 0\n    util: 0.5\n    full: 101\n    fill: 9\n", `
error: config.yaml:4: luns[1].limits.await: "0": must be 1ms or more
error: config.yaml:5: luns[1].limits.util: "0.5": must be 1 or more
error: config.yaml:6: luns[1].limits.full: "101": must be 100 or less
error: config.yaml:7: luns[1].limits.fill: unknown key
hint: did you mean full?`},
		{"limits without keys", "luns: [{match: a, limits: 20ms}]\n", `
error: config.yaml:1: luns[1].limits: must have keys and values below it, not the value "20ms"`},
		{"limit of no role", "await_limits:\n  mysq: 20ms\n", `
error: config.yaml:2: await_limits.mysq: unknown role, and no entry of luns has it
hint: did you mean mysql?`},
		{"limit of an impossible role", "await_limits:\n  my.sql: 20ms\n", `
error: config.yaml:2: await_limits: "my.sql": may have only lower-case letters, digits, - and _`},
		{"limit of nothing", "await_limits:\n  mysql: 0s\n", `
error: config.yaml:2: await_limits.mysql: "0s": must be 1ms or more`},
		{"duplicate section", "journal:\n  sync: full\nhost: a\njournal: {path: /x}\n", `
error: config.yaml:4: journal: line 1 already has it`},
		{"duplicate", "host: a\nlayers: all\nhost: b\n", `
error: config.yaml:3: host: line 1 already has it`},
		{"warning after critical", "limits: {last_run: {warning: 1h}}\n", `
error: config.yaml:1: limits.last_run: warning (1h) must not be longer than critical (15m)`},
		{"critical below the default of warning", "limits:\n  util_critical: 80\n", `
error: config.yaml:2: limits.util_critical: 80 is below util_warning, 98 (the default)`},
		{"warning above critical", "limits:\n  space_critical: 91\n  space_warning: 92\n", `
error: config.yaml:3: limits.space_warning: 92 is above space_critical, 91`},
		{"warning above the default of critical", "limits: {await_warning: 11}\n", `
error: config.yaml:1: limits.await_warning: 11 is above await_critical, 10 (the default)`},
		{"all pairs", `limits:
  util_critical: 1
  await_critical: 1
  space_critical: 1
  inodes_critical: 1
  journal_critical: 1
  backlog_critical: 1
`, `
error: config.yaml:2: limits.util_critical: 1 is below util_warning, 98 (the default)
error: config.yaml:3: limits.await_critical: 1 is below await_warning, 2 (the default)
error: config.yaml:4: limits.space_critical: 1 is below space_warning, 90 (the default)
error: config.yaml:5: limits.inodes_critical: 1 is below inodes_warning, 90 (the default)
error: config.yaml:6: limits.journal_critical: 1 is below journal_warning, 90 (the default)
error: config.yaml:7: limits.backlog_critical: 1 is below backlog_warning, 60 (the default)`},
		{"never is below nothing", "limits: {space_critical: 0, space_warning: 99}\n", ""},
		{"equal limits", "limits: {space_critical: 90}\n", ""},
		{"negative limit", "limits: {util_warning: -1}\n", `
error: config.yaml:1: limits.util_warning: "-1": must be 0 or more`},
		{"more than full", "limits: {inodes_critical: 101}\n", `
error: config.yaml:1: limits.inodes_critical: "101": must be 100 or less`},
		{"no number at all", "limits: {await_critical: .nan, backlog_warning: 1e999}\n", `
error: config.yaml:1: limits.await_critical: ".nan": must be a number (times the LUN's await limit)
error: config.yaml:1: limits.backlog_warning: "1e999": must be a number (runs)`},
		{"a time for a multiple", "limits: {util_warning: 95%, p99_warning: 50ms}\n", `
error: config.yaml:1: limits.util_warning: "95%": must be a number (percent)
error: config.yaml:1: limits.p99_warning: "50ms": must be a number (times the LUN's await limit)`},
		{"a gap of a year", "gap: 365d\nspace_every: 1000h\nawait_limits: {mysql: 2h}\n", `
error: config.yaml:1: gap: "365d": must be 1d or less
error: config.yaml:2: space_every: "1000h": must be 1d or less
error: config.yaml:3: await_limits.mysql: "2h": must be 1h or less`},
		{"a spread that takes the minute", "influx: {spread: 55s}\n", `
error: config.yaml:1: influx.spread: "55s": must be 40s or less`},
		{"minutes that are gone at once", "journal: {retention: {raw: 1m}}\n", `
error: config.yaml:1: journal.retention.raw: 1m: must be 1h or more, or 0 for ever`},
		{"all at once", "hots: a\nlayers: some\ngap: soon\n", `
error: config.yaml:1: hots: unknown key
hint: did you mean host?
error: config.yaml:2: layers: "some": must be luns, maps or all
error: config.yaml:3: gap: "soon": must be a number and a unit: 20ms, 90s, 5m, 12h, 7d, 5w`},
		{"merge key", "journal: {<<: {path: x}}\n", `
error: config.yaml:1: journal.<<: unknown key
hint: the keys here are path, sync, retention`},
		{"not a mapping", "- a\n", `
error: config.yaml:1: must have keys and values below it, not a list`},
		{"tab", "journal:\n\tpath: /x\n", `
error: config.yaml:2: found character that cannot start any token
hint: this is not valid YAML; often the cause is a tab, a missing space after a colon, or an unclosed quote just above`},
		{"escapes", "\"\\e[2Jx\": 1\n", `
error: config.yaml:1: \x1b[2Jx: unknown key
hint: the keys here are host, layers, gap, space_every, histograms, luns, groups, await_limits, journal, influx, paths, report, limits`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, tt.text, nil)
			if got, want := lines(err), strings.TrimSpace(tt.want); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestConfigValues(t *testing.T) {
	c, err := load(t, `
host: 0123            # a number for YAML, a name for us
layers: all
journal:
report: {width: 800}
luns:
- match: 36005076305e10
  role: tape
  colour: 0072B2
  limits: {await: 1500us}
- match: 253:13
await_limits: {tape: 2s, mysql: 25ms}
`, map[string]string{"LUNSTAT_JOURNAL_PATH": "/x/y.db", "LUNSTAT_REPORT_WIDTH": "900", "LUNSTAT_AWAIT_LIMITS_REDO": "1s", "LUNSTAT_HOST": ""})
	if err != nil {
		t.Fatal(lines(err))
	}
	for _, tt := range []struct{ what, got, want any }{
		{"host", c.Host, "0123"},
		{"layers", c.Layers, "all"},
		{"journal.path", c.Journal.Path, "/x/y.db"},
		{"journal.sync", c.Journal.Sync, "full"},
		{"report.width", c.Report.Width, 900},
		{"luns[1].match", c.LUNs[0].Match, "36005076305e10"},
		{"luns[1].colour", c.LUNs[0].Colour, Colour("#0072b2")},
		{"luns[1].limits", c.LUNs[0].Limits, LUNLimits{Await: when.Duration(1500 * time.Microsecond)}},
		{"luns[2].match", c.LUNs[1].Match, "253:13"},
		{"tape's limit", c.AwaitLimit("tape").String(), "2s"},
		{"mysql's limit", c.AwaitLimit("mysql").String(), "25ms"},
		{"redo's limit", c.AwaitLimit("redo").String(), "1s"},
		{"primary's limit", c.AwaitLimit("primary").String(), "30ms"},
		{"another's limit", c.AwaitLimit("web").String(), "50ms"},
		{"retention", c.Journal.Retention.Raw.String(), "35d"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s is %v, want %v", tt.what, tt.got, tt.want)
		}
	}
}

// BenchmarkConfig is what each start pays for a complete config file.
func BenchmarkConfig(b *testing.B) {
	w := world(b, nil)
	for b.Loop() {
		if _, _, err := Load(w, example); err != nil {
			b.Fatal(err)
		}
	}
}

// TestEveryVariable sets each scalar key by its variable and finds it again.
func TestEveryVariable(t *testing.T) {
	keys := scalarKeys()
	if len(keys) < 20 {
		t.Fatalf("only %d scalar keys", len(keys))
	}
	seen := make(map[string]string)
	for _, k := range keys {
		name := k.variable()
		if other, twice := seen[name]; twice {
			t.Errorf("%s is the variable of %s and of %s", name, other, k.name)
		}
		seen[name] = k.name
		value := "2000"
		vars := map[string]string{}
		if pair, ok := strings.CutSuffix(name, "_WARNING"); ok {
			vars[pair+"_CRITICAL"] = "0" // never, so that any warning goes with it
		}
		if pair, ok := strings.CutSuffix(name, "_CRITICAL"); ok {
			vars[pair+"_WARNING"] = "0"
		}
		switch {
		case k.secret():
			value = "http://influx.example:8086"
		case k.name == "influx.spread":
			value = "11s"
		case strings.HasPrefix(k.name, "journal.retention."):
			value = "11h"
		case k.kind == reflect.TypeFor[when.Duration]():
			value, vars = "11m", nil
			if k.name == "limits.last_run.warning" {
				value = "14m"
			}
		case k.kind == reflect.TypeFor[Zone]():
			value = "Asia/Tokyo"
		case k.kind.Kind() == reflect.Bool:
			value = "true"
		case k.tag.Get("max") == "100":
			value = "33"
		case k.tag.Get("oneof") != "":
			value = strings.Fields(k.tag.Get("oneof"))[1]
		}
		if vars == nil {
			vars = map[string]string{}
		}
		vars[name] = value
		c, err := load(t, "", vars)
		if err != nil {
			t.Errorf("%s=%s: %s", name, value, lines(err))
			continue
		}
		if got := fmt.Sprint(at(reflect.ValueOf(*c), k.name)); got != value {
			t.Errorf("%s=%s gives %s = %s", name, value, k.name, got)
		}
	}
}

// at is the value of a key in a Config.
func at(v reflect.Value, name string) reflect.Value {
	for _, part := range strings.Split(name, ".") {
		if v.Kind() == reflect.Map {
			return v.MapIndex(reflect.ValueOf(part))
		}
		v = v.FieldByNameFunc(func(field string) bool {
			f, _ := v.Type().FieldByName(field)
			return f.Tag.Get("yaml") == part
		})
	}
	return v
}

func TestWrongVariables(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"LUNSTAT_JOURNAL_SYNC", "often", `error: environment: LUNSTAT_JOURNAL_SYNC="often": must be full or normal`},
		{"LUNSTAT_GAP", "5", `error: environment: LUNSTAT_GAP="5": must be a number and a unit: 20ms, 90s, 5m, 12h, 7d, 5w`},
		{"LUNSTAT_JOURNAL_PAHT", "/x", "error: environment: LUNSTAT_JOURNAL_PAHT: no such setting\nhint: did you mean LUNSTAT_JOURNAL_PATH?"},
		{"LUNSTAT_LIMITS_UTIL_CRITICAL", "80", "error: environment: LUNSTAT_LIMITS_UTIL_CRITICAL: 80 is below util_warning, 98 (the default)"},
		{"LUNSTAT_LIMITS_LAST_RUN_WARNING", "1h", "error: environment: LUNSTAT_LIMITS_LAST_RUN_WARNING: warning (1h) must not be longer than critical (15m)"},
		{"LUNSTAT_JOURNAL_RETENTION_HOUR", "1s", "error: environment: LUNSTAT_JOURNAL_RETENTION_HOUR: 1s: must be 1h or more, or 0 for ever"},
	} {
		_, err := load(t, "", map[string]string{tt.name: tt.value})
		if got := lines(err); got != tt.want {
			t.Errorf("%s=%s: got\n%s\nwant\n%s", tt.name, tt.value, got, tt.want)
		}
	}
}

// TestHiddenValues: a wrong value of the file is an error even where a variable hides it.
func TestHiddenValues(t *testing.T) {
	_, err := load(t, "gap: soon\nlayers: some\n", map[string]string{"LUNSTAT_GAP": "5m", "LUNSTAT_LAYERS": "any"})
	want := `error: config.yaml:1: gap: "soon": must be a number and a unit: 20ms, 90s, 5m, 12h, 7d, 5w
error: config.yaml:2: layers: "some": must be luns, maps or all
error: environment: LUNSTAT_LAYERS="any": must be luns, maps or all`
	if got := lines(err); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// FuzzConfig: any text gives a Config or errors with a line, and never a panic.
func FuzzConfig(f *testing.F) {
	text, err := os.ReadFile(example)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add("a: &a [*a]")
	f.Add("journal: &j {<<: *j}")
	f.Add("luns: [null, {match: a}, [b]]")
	f.Add("? {a: b}\n: c\n")
	f.Add("a: b\n---\n---\n")
	f.Add("await_limits: {'': 1ms, mysql: {a: b}}")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := load(t, text, nil); err != nil && !strings.Contains(err.Error(), "config.yaml") {
			t.Errorf("%q: an error that names no place: %v", text, err)
		}
	})
}

// TestBoundsAreValues: what the tags of a key allow are values of its type.
func TestBoundsAreValues(t *testing.T) {
	for _, k := range scalarKeys() {
		for _, tag := range []string{"min", "max"} {
			if bound, ok := k.tag.Lookup(tag); ok {
				if _, err := parse(k.kind, bound); err != nil {
					t.Errorf("%s: %s %q: %v", k.name, tag, bound, err)
				}
			}
		}
		if text := k.fallback(); text != "" {
			if _, err := k.read(text); err != nil {
				t.Errorf("%s: its default is %q: %v", k.name, text, err)
			}
		}
	}
}
