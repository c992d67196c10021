package config

import (
	"errors"
	"strconv"
	"strings"
)

// Colour is "#0072b2", or "" for none.
type Colour string

// UnmarshalText takes six hexadecimal digits, with or without the #.
func (c *Colour) UnmarshalText(text []byte) error {
	digits := strings.TrimPrefix(string(text), "#")
	n, err := strconv.ParseUint(digits, 16, 24)
	if len(digits) != 6 || err != nil {
		return errors.New("must be six hexadecimal digits, as in \"#0072b2\"")
	}
	if brightness(n) > palest {
		return errors.New("too pale to be seen on white")
	}
	*c = Colour("#" + strings.ToLower(digits))
	return nil
}

// palest is the brightness, of 255, above which a thin line on white can't be seen.
// Yellow has 226, the sky blue of the role log 158.
const palest = 215

// brightness is how bright people see a colour, 0 to 255.
func brightness(rgb uint64) float64 {
	return 0.299*float64(rgb>>16) + 0.587*float64(rgb>>8&0xff) + 0.114*float64(rgb&0xff)
}
