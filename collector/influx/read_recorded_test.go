package influx_test

import (
	"errors"
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"lunstat/collector/influx"
	"lunstat/collector/influx/influxtest"
	"lunstat/collector/storetest"
)

// recording is the file with what a server of a version answered to a test.
func recording(t *testing.T, v influxtest.Version) string {
	name := t.Name()[strings.LastIndexByte(t.Name(), '/')+1:]
	return filepath.Join("testdata", "recorded", v.String(), name+".jsonl.gz")
}

// notKept is the part of the suite whose answers are larger than all others together,
// and say nothing that those don't.
const notKept = "many_series"

// through is where a test of a real server reads: with -update, past a recorder.
func through(t *testing.T, s *influxtest.Server) (url string) {
	t.Helper()
	if strings.HasSuffix(t.Name(), "/"+notKept) {
		return s.URL
	}
	if f := flag.Lookup("update"); f == nil || f.Value.String() != "true" {
		return s.URL
	}
	return influxtest.Record(t, s, recording(t, s.Version))
}

// TestStoreRecorded runs the suite against what both servers answered once, so that
// reading is tested where there are none.
func TestStoreRecorded(t *testing.T) {
	for _, v := range influxtest.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) storetest.Store {
				if strings.HasSuffix(t.Name(), "/"+notKept) {
					t.Skip("its answers are too large to keep; TestStore has it where servers are")
				}
				o := influx.Options{URL: influxtest.Replay(t, recording(t, v)), Org: "site"}
				source, err := influx.NewSource(o)
				if err != nil {
					t.Fatal(err)
				}
				sink, err := influx.NewSink(o)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(source.Close)
				t.Cleanup(sink.Close)
				return newStore(source, sink)
			})
		})
	}
}

// onRecorded runs a test on each server, after prepare has written what the test reads,
// and then on each server's recorded answers.
func onRecorded(t *testing.T, prepare func(s *influxtest.Server), test func(t *testing.T, o influx.Options)) {
	name := t.Name()
	for _, v := range influxtest.Versions() {
		t.Run(v.String()+"/replayed/"+name, func(t *testing.T) {
			test(t, influx.Options{URL: influxtest.Replay(t, recording(t, v)), Org: "site"})
		})
		t.Run(v.String()+"/real/"+name, func(t *testing.T) {
			s := influxtest.Start(t, v)
			prepare(s)
			test(t, influx.Options{URL: through(t, s), Token: s.Admin, Org: s.Org})
		})
	}
}

// TestRecordedErrors: what each server says to a reader that may not read, asks a
// bucket that isn't there, or has no right token.
func TestRecordedErrors(t *testing.T) {
	for _, v := range influxtest.Versions() {
		for _, test := range []struct {
			name string
			edit func(s *influxtest.Server, o *influx.Options)
		}{
			{"may-not-read", func(s *influxtest.Server, o *influx.Options) { o.Token = s.Writer }},
			{"wrong-token", func(_ *influxtest.Server, o *influx.Options) { o.Token = "reader:wrong" }},
			{"no-bucket", func(s *influxtest.Server, o *influx.Options) { o.Token, o.Bucket = s.Admin, "another" }},
			{"no-policy", func(s *influxtest.Server, o *influx.Options) { o.Token, o.Bucket = s.Admin, "lunstat/another" }},
		} {
			check := func(t *testing.T, o influx.Options) {
				t.Helper()
				source, err := influx.NewSource(o)
				if err != nil {
					t.Fatal(err)
				}
				defer source.Close()
				_, _, ok, err := source.Extent(t.Context())
				var hint interface{ Hint() string }
				if ok || !errors.As(err, &hint) || hint.Hint() == "" {
					t.Errorf("ok %v, %v", ok, err)
				}
			}
			t.Run(v.String()+"/replayed/"+test.name, func(t *testing.T) {
				o := influx.Options{URL: influxtest.Replay(t, recording(t, v))}
				test.edit(&influxtest.Server{}, &o)
				check(t, o)
			})
			t.Run(v.String()+"/real/"+test.name, func(t *testing.T) {
				s := influxtest.Start(t, v)
				o := influx.Options{URL: through(t, s), Org: s.Org}
				test.edit(s, &o)
				check(t, o)
			})
		}
	}
}
