package render

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
)

// pressed is a quarter of an hour in which a host's tasks waited for so many percent of it.
func pressed(host string, end time.Time, some, full float64) series.HostPressure {
	ms := uint64(15 * 60 * 1000)
	us := func(percent float64) *uint64 {
		if percent < 0 {
			return nil
		}
		v := uint64(percent * 10 * float64(ms))
		return &v
	}
	return series.HostPressure{Host: host, End: end, Pressure: series.Pressure{ElapsedMS: ms, SomeUS: us(some), FullUS: us(full)}}
}

// TestPressure draws a week of a host that waits at night. One day of it is not known.
func TestPressure(t *testing.T) {
	m := made{luns: madeLUNs(3), start: monday, every: 15 * time.Minute, n: 7 * 96, ios: wave(15 * time.Minute)}
	src := m.source()
	for i := range m.n {
		end := monday.Add(time.Duration(i+1) * m.every)
		switch h := end.Hour(); {
		case i/96 == 4:
		case h >= 2 && h < 5:
			src.pressures = append(src.pressures, pressed("box", end, 40, 25))
		default:
			src.pressures = append(src.pressures, pressed("box", end, 5, 1))
		}
	}
	for width, name := range map[int]string{1000: "pressure-disk-busy.png", 640: "narrow-pressure-disk-busy.png"} {
		o := Options{From: monday, To: monday.AddDate(0, 0, 7), Width: width}
		out := files(t, src, o)
		compare(t, filepath.Join("testdata", name), out["disk-busy.png"])
		// Of six days three hours had 40 and 25 %, the others 5 and 1 %: 9.375 and 4.
		text := string(out[numbersFile])
		for _, want := range []string{`"pressure":[{"host":"box","some_percent":{"last":5,"mean":9.375,"p95":40,"max":40,"means":[5,`, `"full_percent":{"last":1,"mean":4,"p95":25,"max":25,`} {
			if !strings.Contains(text, want) {
				t.Errorf("no %s", want)
			}
		}
	}
}

// A sum that the kernel doesn't give is absent and not 0; without any, nothing is said.
func TestPressureUnknown(t *testing.T) {
	m := made{luns: madeLUNs(1), start: monday, every: 15 * time.Minute, n: 2 * 96}
	src := m.source()
	o := Options{From: monday, To: monday.AddDate(0, 0, 2)}
	if text := string(files(t, src, o)[numbersFile]); strings.Contains(text, "pressure") {
		t.Error("a pressure of no host")
	}
	src.pressures = append(src.pressures, pressed("box", monday.Add(time.Hour), 7, -1))
	if text := string(files(t, src, o)[numbersFile]); !strings.Contains(text, `"full_percent":{"last":null,"mean":null,"p95":null,"max":null}`) {
		t.Error("full is not absent")
	}
}
