package facts

import (
	"math"
	"strconv"
)

// Digits are the significant ones of a figure: counters give no more.
const Digits = 6

// exactPower is the largest power of ten that a float has exactly.
const exactPower = 22

// Round keeps [Digits] of a figure; of what is no number, it makes 0. The result is the
// float next to the decimal number: an integer times or over a power of ten, each of them
// exact. Over 10⁻⁵, which no float has exactly, 98765400000 would be 98765399999.99998.
func Round(v float64) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	switch places := Places(v); {
	case places > exactPower || places < -exactPower:
		v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'e', Digits-1, 64), 64)
		return v
	case places < 0:
		power := math.Pow10(-places)
		return math.Round(v/power) * power
	default:
		power := math.Pow10(places)
		return math.Round(v*power) / power
	}
}

// Places is how many decimal places [Digits] of a figure have; below 0, so many digits
// before the point are zeros. The figure is not 0.
func Places(v float64) int { return Digits - 1 - int(math.Floor(math.Log10(math.Abs(v)))) }
