package journal

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/collector/storetest"
	"lunstat/mapper"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestStoredJSON: what is stored as JSON is read by later versions, and by earlier ones
// after a downgrade. Every field has a value, so that a new one shows here.
func TestStoredJSON(t *testing.T) {
	for name, v := range map[string]any{
		"slowstate": &slowState{},
		"warnings":  &[]series.Warning{},
		"trouble":   &storedTrouble{},
		"lun":       &mapper.LUN{},
	} {
		n := 0
		fillIn(t, reflect.ValueOf(v).Elem(), &n)
		got, err := json.MarshalIndent(v, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, '\n')
		path := filepath.Join("testdata", name+".json")
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: what is stored has changed:\n%s\nwant\n%s", name, got, want)
		}
		back := reflect.New(reflect.TypeOf(v).Elem())
		if err := json.Unmarshal(want, back.Interface()); err != nil || !reflect.DeepEqual(back.Interface(), v) {
			t.Errorf("%s: it is read as %+v, %v; want %+v", name, back.Interface(), err, v)
		}
	}
}

// fillIn gives every field that is stored a value of its own.
func fillIn(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(storetest.Start.Add(time.Duration(*n) * time.Second)))
		return
	case v.Type() == reflect.TypeFor[mapper.DevNo]():
		v.Set(reflect.ValueOf(mapper.DevNo{Major: 253, Minor: uint32(*n)}))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") != "-" {
				fillIn(t, v.Field(i), n)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillIn(t, v.Index(0), n)
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.5)
	default:
		t.Fatalf("a field of type %s", v.Type())
	}
}
