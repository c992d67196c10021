package render

import (
	"math"
	"strconv"
	"strings"
)

// number writes v with thousands set apart by thin spaces; "–" is none.
func number(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	if decimals > 0 {
		// The largest means are kept with 24 bits, and 152.35 is then a little more
		// than a mean of 152.35 is: rounded apart, the mean would be above the maximum.
		v = float64(float32(v))
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	whole, rest, dot := strings.Cut(s, ".")
	if dot {
		rest = "." + rest
	}
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "−", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "\u2009" + whole[i:]
	}
	return sign + whole + rest
}

// thousands are the units from which a figure is written with one, so that the columns
// of a table and the marks of an axis have room for it: 13.1 M and not 13 081 681.
func thousands(v float64) (unit float64, name string) {
	unit = 1
	if v < 100_000 {
		return unit, ""
	}
	for _, n := range []string{"k", "M", "G", "T", "P"} {
		unit, name = unit*1000, n
		if v < unit*999.5 {
			break
		}
	}
	return unit, name
}

// short writes v as number does and, from 100,000 on, with three digits and a unit.
func short(v float64, decimals int) string {
	unit, name := thousands(math.Abs(v))
	if name == "" || math.IsNaN(v) || math.IsInf(v, 0) {
		return number(v, decimals)
	}
	v /= unit
	decimals = 0
	for limit := 99.95; math.Abs(v) < limit && decimals < 2; limit /= 10 {
		decimals++
	}
	return number(v, decimals) + "\u2009" + name
}

// decimals are how many a whole column of figures gets, so that they line up:
// enough for the smallest ones to say something, none where all are large.
func decimals(values []float64) int {
	top, least := 0.0, math.Inf(1)
	for _, v := range values {
		if v > 0 {
			top, least = max(top, v), min(least, v)
		}
	}
	switch {
	case top == 0:
		return 0
	case top < 1:
		return 2
	case top < 10_000 && least < 100:
		return 1
	}
	return 0
}

// byteUnit is the power of 1024 that a value reads well in.
func byteUnit(v float64) (unit float64, name string) {
	unit, name = 1, "B"
	for _, n := range []string{"KiB", "MiB", "GiB", "TiB", "PiB"} {
		if v < unit*1000 {
			break
		}
		unit, name = unit*1024, n
	}
	return unit, name
}
