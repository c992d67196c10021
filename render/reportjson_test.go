package render

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
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
		{1e-20, "0.00000000000000000001"},
	} {
		if got := string(appendFigure(nil, c.v)); got != c.want {
			t.Errorf("%v: %s, want %s", c.v, got, c.want)
		}
	}
}

// TestFigureIsRounded compares figures with what strconv makes of the rounded float.
func TestFigureIsRounded(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		v := (r.Float64() - 0.5) * math.Pow10(r.IntN(30)-12)
		if r.IntN(4) == 0 {
			v = math.Round(v)
		}
		if v == 0 {
			continue
		}
		scale := math.Pow(10, digits-1-math.Floor(math.Log10(math.Abs(v))))
		want := strconv.FormatFloat(math.Round(v*scale)/scale, 'f', -1, 64)
		if got := string(appendFigure(nil, v)); got != want {
			t.Fatalf("%v: %s, want %s", v, got, want)
		}
	}
}
