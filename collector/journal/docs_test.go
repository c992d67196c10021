package journal

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
	"lunstat/mapper"
)

// TestDocumentedQueries runs what docs/journal.md tells people to type.
func TestDocumentedQueries(t *testing.T) {
	text, err := os.ReadFile("../../docs/journal.md")
	if err != nil {
		t.Fatal(err)
	}
	j := open(t, Options{Sync: "normal"})
	m := storetest.Minute("mail1", storetest.Start)
	m.Run.Warnings = []series.Warning{{What: "sda: no size", Hint: "h"}, {What: "it's odd"}}
	m.Mapped = []mapper.LUN{storetest.LUN(0)}
	storetest.Commit(t, j, m)
	queries := regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(queries) < 5 {
		t.Fatalf("%d queries", len(queries))
	}
	for _, q := range queries {
		rows, err := j.db.Query(q[1])
		if err != nil {
			t.Errorf("%s: %v", q[1], err)
			continue
		}
		for rows.Next() {
		}
		if err := rows.Err(); err != nil {
			t.Errorf("%s: %v", q[1], err)
		}
		rows.Close()
		if strings.Contains(q[1], "AS warnings") {
			var at, luns, took, kernel, warnings string
			if err := j.db.QueryRow(q[1]).Scan(&at, &luns, &took, &kernel, &warnings); err != nil || warnings != "sda: no size; it's odd" {
				t.Errorf("the warnings are %q, %v", warnings, err)
			}
		}
	}
}
