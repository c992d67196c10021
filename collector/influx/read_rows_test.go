package influx

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
)

// collected is an answer's rows as the scanner tells them, or as the json package
// reads them.
type collected struct {
	Tags    map[string]string
	Columns []string
	Row     []any
}

func scanAll(text string) ([]collected, error) {
	var all []collected
	var tags map[string]string
	var columns []string
	err := readRows(strings.NewReader(text), rows{
		series: func(t map[string]string, c []string) error { tags, columns = t, c; return nil },
		row: func(cells []cell) error {
			r := collected{Tags: tags, Columns: columns}
			for _, c := range cells {
				var v any
				d := json.NewDecoder(strings.NewReader(string(c)))
				d.UseNumber()
				if err := d.Decode(&v); err != nil {
					return err
				}
				r.Row = append(r.Row, v)
			}
			all = append(all, r)
			return nil
		},
	})
	return all, err
}

func TestRows(t *testing.T) {
	const one = `{"results":[{"statement_id":0,"series":[{"name":"lun_io","tags":{"host":"a\u0041\"","uuid":""},"columns":["time","x"],"values":[[1,null],[2,3.5e+06]],"partial":true}],"partial":true}]}`
	const two = `{"results":[{"statement_id":0,"series":[{"name":"lun_io","tags":{"host":"b"},"columns":["time","x"],"values":[[3,"te\\xt,]}"]]}]}]}`
	for _, test := range []struct {
		name, in string
		rows     int
		err      error
		says     string
	}{
		{name: "two pieces", in: one + "\n" + two + "\n", rows: 3},
		{name: "no newline at the end", in: one + "\n" + two, rows: 3},
		{name: "white space", in: strings.ReplaceAll(two, ",", " , "), rows: 1},
		{name: "nothing", in: "", rows: 0},
		{name: "no series", in: `{"results":[{"statement_id":0}]}`, rows: 0},
		{name: "no values", in: `{"results":[{"series":[{"name":"x","columns":["time"]}]}]}`, rows: 0},
		{name: "ends in its middle", in: one + "\n", rows: 2, err: io.ErrUnexpectedEOF},
		{name: "cut", in: one[:len(one)-40], rows: 1, err: errForm},
		{name: "error in a result", in: `{"results":[{"statement_id":0,"error":"database not found: \"x\""}]}`, says: `database not found: "x"`},
		{name: "error of all", in: `{"error":"unauthorized"}`, says: "unauthorized"},
		{name: "a page", in: `<html>log in</html>`, err: errForm},
		{name: "a row too short", in: strings.Replace(two, `[3,`, `[`, 1), err: errForm},
		{name: "what is new", in: `{"version":{"a":[1,{}]},"results":[{"messages":[{"level":"warning"}],"series":[{"columns":["time"],"values":[[1]]}]}]}`, rows: 1},
	} {
		got, err := scanAll(test.in)
		var q *QueryError
		switch {
		case len(got) != test.rows:
			t.Errorf("%s: %d rows, want %d", test.name, len(got), test.rows)
		case test.says != "" && (!errors.As(err, &q) || q.Reason != test.says):
			t.Errorf("%s: %v, want the server's %q", test.name, err, test.says)
		case test.says == "" && !errors.Is(err, test.err):
			t.Errorf("%s: %v, want %v", test.name, err, test.err)
		}
	}
	got, _ := scanAll(one + "\n" + two)
	want := collected{map[string]string{"host": "b"}, []string{"time", "x"}, []any{json.Number("3"), `te\xt,]}`}}
	if !reflect.DeepEqual(got[2], want) || got[0].Tags["host"] != `aA"` {
		t.Errorf("got %+v", got)
	}
}

// FuzzRows: whatever comes, the scanner neither panics nor goes on for ever; and
// what the json package takes, it reads alike.
func FuzzRows(f *testing.F) {
	f.Add(`{"results":[{"series":[{"tags":{"a":"b"},"columns":["t","x"],"values":[[1,null],[2,"y"]]}]}]}`)
	f.Add(`{"results":[{"error":"no"}]}`)
	f.Add(`{"results":[{"series":[{"columns":["t"],"values":[[1]],"partial":true}],"partial":true}]}`)
	f.Add(`{"results":null}`)
	f.Add("{\"results\":[[[[")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := scanAll(text)
		var a struct {
			Results []struct {
				Error  string
				Series []struct {
					Tags    map[string]string
					Columns []string
					Values  [][]json.RawMessage
				}
			}
		}
		if err != nil || json.Unmarshal([]byte(text), &a) != nil || strings.Count(text, `"results"`) != 1 {
			return
		}
		n := 0
		for _, r := range a.Results {
			for _, s := range r.Series {
				n += len(s.Values)
			}
		}
		if strings.Count(text, `"values"`) == strings.Count(text, `"columns"`) && n != len(got) && !strings.Contains(text, "\n") && lower(text) {
			t.Errorf("%d rows, json reads %d", len(got), n)
		}
	})
}

// lower reports that no key is in capitals and none is there twice. Package json takes
// both: any case, and the last of two.
func lower(text string) bool {
	for _, k := range []string{`"results"`, `"series"`, `"values"`, `"columns"`} {
		if strings.Count(strings.ToLower(text), k) != strings.Count(text, k) || strings.Count(text, k) > 1 {
			return false
		}
	}
	return !strings.Contains(text, `\u`)
}

func TestCells(t *testing.T) {
	for text, want := range map[string]struct {
		i       int64
		u       uint64
		iOK, u2 bool
	}{
		"null": {}, "0": {0, 0, true, true}, "12": {12, 12, true, true}, "-3": {-3, 0, true, false},
		"9223372036854775807": {1<<63 - 1, 1<<63 - 1, true, true}, "1e+06": {1000000, 1000000, true, true}, `"x"`: {},
	} {
		i, iOK := cell(text).int()
		u, uOK := cell(text).uint()
		if i != want.i || u != want.u || iOK != want.iOK || uOK != want.u2 {
			t.Errorf("%s: %d %v, %d %v", text, i, iOK, u, uOK)
		}
	}
}

// BenchmarkRows is the answer to a week's question, scanned and read by the json
// package: why there is a scanner.
func BenchmarkRows(b *testing.B) {
	var text strings.Builder
	for range 20 {
		text.WriteString(`{"results":[{"series":[{"name":"lun_io","tags":{"host":"mail1","uuid":"LVM-0","source":"host"},"columns":["time","run","elapsed_ms","read_ios","read_bytes","read_ms","write_ios","write_bytes","write_ms","busy_ms","queue_ms"],"values":[`)
		for n := range 2000 {
			if n > 0 {
				text.WriteByte(',')
			}
			fmt.Fprintf(&text, "[1760604060000000000,472446402651%05d,60000,%d,%d,%d,%d,%d,%d,%d,null]", n, n, n*4096, n*3, n*11, n*8192, n*5, n*17)
		}
		text.WriteString("],\"partial\":true}],\"partial\":true}]}\n")
	}
	text.WriteString(`{"results":[{}]}`)
	b.Run("scanner", func(b *testing.B) {
		b.SetBytes(int64(text.Len()))
		for range b.N {
			err := readRows(strings.NewReader(text.String()), rows{
				series: func(map[string]string, []string) error { return nil },
				row: func(cells []cell) error {
					for _, c := range cells {
						c.uint()
					}
					return nil
				},
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("json", func(b *testing.B) {
		b.SetBytes(int64(text.Len()))
		for range b.N {
			for d := json.NewDecoder(strings.NewReader(text.String())); d.More(); {
				var a struct {
					Results []struct {
						Series []struct {
							Tags    map[string]string
							Columns []string
							Values  [][]*uint64
						}
					}
				}
				if err := d.Decode(&a); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
