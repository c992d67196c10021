package render

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"lunstat/render/facts"
)

// TestFigure: six digits that mean something, whatever the size of a figure.
func TestFigure(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want string
	}{
		{0, "0"}, {math.NaN(), "null"}, {math.Inf(1), "null"}, {1, "1"}, {-1, "-1"}, {10, "10"}, {100000, "100000"},
		{0.1, "0.1"}, {0.05, "0.05"}, {1.0 / 3, "0.333333"}, {-2.0 / 3, "-0.666667"}, {1234.5678, "1234.57"},
		{999999.6, "1000000"}, {9.999999, "10"}, {0.00001234567, "0.0000123457"}, {1234567.8, "1234570"},
		{1e-20, "0.00000000000000000001"}, {1.234567e-20, "0.0000000000000000000123457"},
		// Each of these had a tail: 98765399999.99998, 412345999999.9999.
		{98765432109.5, "98765400000"}, {-98765432109.5, "-98765400000"}, {412345678901, "412346000000"},
		{1.23456789e15, "1234570000000000"}, {math.MaxUint64, "18446700000000000000"}, {9.999999e22, "100000000000000000000000"},
	} {
		if got := string(appendFigure(nil, c.v)); got != c.want {
			t.Errorf("%v: %s, want %s", c.v, got, c.want)
		}
	}
}

// TestFigureIsRounded: a figure is at most half of its sixth digit away, and has nothing
// but zeros behind that digit.
func TestFigureIsRounded(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		v := (r.Float64() - 0.5) * math.Pow10(r.IntN(50)-25)
		if r.IntN(4) == 0 {
			v = math.Round(v)
		}
		if v == 0 {
			continue
		}
		figure := string(appendFigure(nil, v))
		got, err := strconv.ParseFloat(figure, 64)
		if err != nil {
			t.Fatal(err)
		}
		if half := 0.5 * math.Pow10(-facts.Places(v)); math.Abs(got-v) > half*(1+1e-9) {
			t.Fatalf("%v: %s is %v away", v, figure, got-v)
		}
		if n := len(strings.Trim(strings.Trim(strings.Replace(figure, ".", "", 1), "-"), "0")); n > facts.Digits {
			t.Fatalf("%v: %s has %d digits", v, figure, n)
		}
		if facts.Round(v) != got {
			t.Fatalf("%v: %s, but rounded it is %v", v, figure, facts.Round(v))
		}
	}
}
