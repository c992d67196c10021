package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"lunstat/collector/journal"
	"lunstat/mapper/hosttest"
)

// hostileNames are names that a terminal, a spreadsheet, a parser or a reader would
// be taken in by.
func hostileNames() []string {
	return []string{"=1+1", "+cmd", "-2", "@SUM", "\tx", "\ry", "esc\x1b[31mred", "bell\a", "c1\u009b31m", "bidi\u202egpj", "bad\xff\xfe", "worse\xfe\xff",
		"pipe|x", `quo"te`, `back\slash`, "co,mma", "zero\u200bwidth", "＝1"}
}

// TestNamesOnTheirWayOut: whatever a name has in it, what comes out is text that does
// nothing but be read, and each LUN keeps its name and layer.
func TestNamesOnTheirWayOut(t *testing.T) {
	var luns []hosttest.LUN
	for i, name := range hostileNames() {
		luns = append(luns, hosttest.LUN{Name: name, UUID: "LVM-" + name, On: []string{"sd" + string(rune('a'+i))}})
	}
	host := hosttest.New(t, luns...)
	c := newCaptured(t)
	c.on(host.Paths)
	c.vars["LUNSTAT_LAYERS"] = "luns"
	c.vars["LUNSTAT_HOST"] = "=host"
	at := time.Date(2026, 11, 16, 11, 55, 0, 0, time.UTC)
	for n := range 4 {
		host.Pass(time.Minute)
		if said := c.run("collect", "--reading-time", at.Add(time.Duration(n)*time.Minute).Format(time.RFC3339)); said != "" {
			t.Errorf("collect said %q", said)
		}
	}
	j, err := journal.Open(c.vars["LUNSTAT_JOURNAL_PATH"], journal.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := j.LUNs(t.Context(), at, at.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, en := range entries {
		if !en.To.IsZero() {
			t.Errorf("nothing changed, and %q has ended in the ledger", en.LUN.DMName)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	const runs = 3
	want := runs * len(hostileNames())
	names := map[any]bool{}
	lines := 0
	for line := range strings.Lines(c.run("export")) {
		harmless(t, "json", line)
		var x exported
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatal(err)
		}
		names[x["lun"]] = true
		if lines++; x["layer"] != "lun" || x["lun"] == "" || x["kernel"] == nil {
			t.Errorf("a LUN has lost what it was: %s", line)
		}
	}
	if lines != want || len(names) != len(hostileNames()) {
		t.Errorf("%d lines of %d names, want %d of %d", lines, len(names), want, len(hostileNames()))
	}
	table := c.run("export", "--format", "csv")
	harmless(t, "csv", table)
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil || len(rows) != want+1 {
		t.Fatalf("csv: %d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		for i, cell := range row {
			if r, _ := utf8.DecodeRuneInString(cell); strings.ContainsRune("=+-@\t\r＝", r) {
				t.Errorf("csv: %s is %q", rows[0][i], cell)
			}
		}
	}
	harmless(t, "lp", c.run("export", "--format", "lp"))
	harmless(t, "prom", c.run("export", "--format", "prom"))
	harmless(t, "lookup", c.run("lookup", "--json"))
	_, status, _ := c.try("status", "--json")
	harmless(t, "status", status)
	out := t.TempDir()
	c.run("report", "--out", out, "--last", "10m")
	for _, name := range []string{"report.json", "index.html"} {
		b, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		harmless(t, name, string(b))
	}
}

func harmless(t *testing.T, what, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("%s: no UTF-8: %q", what, text)
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) }); i >= 0 {
		t.Errorf("%s: %q", what, text[max(0, i-40):min(len(text), i+20)])
	}
}

// TestPromLabels: prom's lines are in the format of its documentation, with one
// series for each LUN and its labels.
func TestPromLabels(t *testing.T) {
	host := hosttest.New(t, append(hosttest.Mail(), hosttest.LUN{Name: `odd"na\me` + "\n", UUID: "LVM-odd", On: []string{"sdz"}})...)
	c := newCaptured(t)
	c.on(host.Paths)
	c.vars["LUNSTAT_LAYERS"], c.vars["LUNSTAT_HOST"] = "luns", "mailstore"
	at := time.Date(2026, 11, 16, 11, 58, 0, 0, time.UTC)
	for n := range 2 {
		host.Pass(time.Minute)
		host.Do("zimbra1_sqldb-data", hosttest.IO{Reads: 60, ReadSectors: 480, ReadMS: 120})
		c.run("collect", "--reading-time", at.Add(time.Duration(n)*time.Minute).Format(time.RFC3339))
	}
	out := c.run("export", "--format", "prom")
	line := regexp.MustCompile(`^(lunstat_[a-z_]+)\{((?:[a-z]+="(?:[^"\\\n]|\\\\|\\"|\\n)*",?)+)\} (\S+)$`)
	label := regexp.MustCompile(`([a-z]+)="((?:[^"\\]|\\.)*)"`)
	seen := map[string]bool{}
	values := map[string]string{}
	for l := range strings.Lines(out) {
		l = strings.TrimSuffix(l, "\n")
		if strings.HasPrefix(l, "# HELP ") || strings.HasPrefix(l, "# TYPE ") {
			continue
		}
		m := line.FindStringSubmatch(l)
		if m == nil || seen[m[1]+m[2]] {
			t.Errorf("not a line of the format, or twice: %s", l)
			continue
		}
		seen[m[1]+m[2]] = true
		labels := map[string]string{}
		for _, p := range label.FindAllStringSubmatch(m[2], -1) {
			labels[p[1]] = p[2]
		}
		if labels["lun"] == "zimbra1_sqldb-data" {
			values[m[1]] = m[3]
			for k, v := range map[string]string{"host": "mailstore", "role": "mysql", "group": "zimbra1", "layer": "lun", "source": "host", "label": "MySQL data"} {
				if labels[k] != v {
					t.Errorf("label %s is %q, want %q", k, labels[k], v)
				}
			}
			if !strings.HasPrefix(labels["uuid"], "LVM-") || !strings.HasPrefix(labels["device"], "dm-") || len(labels) != 9 {
				t.Errorf("labels %v", labels)
			}
		}
	}
	if values["lunstat_read_iops"] != "1" || values["lunstat_read_bytes_per_second"] != "4096" || values["lunstat_read_await_seconds"] != "0.002" {
		t.Errorf("values %v", values)
	}
	if _, ok := values["lunstat_write_await_seconds"]; ok {
		t.Error("no write completed, and there is a time of one")
	}
	if !strings.Contains(out, `lun="odd\"na\\me`) {
		t.Errorf("no odd name in %s", out)
	}
}
