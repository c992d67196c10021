package render

import (
	"fmt"
	"image/color"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"

	"lunstat/mapper"
	"lunstat/render/draw"
)

// style is how a LUN is drawn, the same in every picture and every week.
type style struct {
	colour color.RGBA
	dash   []vg.Length // on, off, … in pixels; nil: solid
}

// roleHue has a hue for each role. The hues are Okabe's and Ito's and some of
// Tol's, which colour-blind people tell apart; their lightness differs, so that
// those of a mailstore can be told in grey as well.
type roleHue struct {
	role string
	hue  color.RGBA
}

// hues are in the order in which LUNs are listed.
func hues() []roleHue {
	return []roleHue{
		{"mysql", rgb(0x0072B2)},     // blue
		{"primary", rgb(0xD55E00)},   // vermilion
		{"secondary", rgb(0xE69F00)}, // orange
		{"index", rgb(0x009E73)},     // bluish green
		{"redo", rgb(0xAA3377)},      // purple
		{"log", rgb(0x56B4E9)},       // sky blue
		{"backup", rgb(0x332288)},    // indigo
		{"base", rgb(0xCC79A7)},      // pink
		{"system", rgb(0x777777)},    // grey
		{"swap", rgb(0x222222)},      // nearly black
		{"other", rgb(0x999933)},     // olive
	}
}

func rgb(v uint32) color.RGBA {
	return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 0xFF}
}

// rankOf is a role's place in lists; what isn't known comes last.
func rankOf(role string) int {
	h := hues()
	for i, r := range h {
		if r.role == role {
			return i
		}
	}
	return len(h) - 1
}

// styleOf is how a LUN is drawn: in the colour that the config gives it, or else in its
// role's by order of first sight.
func styleOf(e *mapper.Entry) style {
	if n, err := strconv.ParseUint(strings.TrimPrefix(e.LUN.Colour, "#"), 16, 24); err == nil {
		return style{colour: rgb(uint32(n))}
	}
	return roleStyle(e.LUN.Role, e.Colour)
}

// roleStyle is the style of a role's nth LUN by order of first sight: three shades,
// then the same with dashes.
func roleStyle(role string, nth int) style {
	hue := hues()[rankOf(role)].hue
	l := style{dash: dashes()[nth/3%len(dashes())]}
	switch nth % 3 {
	case 0:
		l.colour = hue
	case 1:
		l.colour = draw.Mix(hue, color.Black, 0.35)
	case 2:
		l.colour = draw.Mix(hue, color.White, 0.35)
	}
	return l
}

// dashes are the ways to draw a line, the plain one first.
func dashes() [4][]vg.Length { return [4][]vg.Length{nil, {7, 3}, {2, 2}, {10, 3, 2, 3}} }

// hex is the colour as HTML writes it.
func (s style) hex() string { return fmt.Sprintf("#%02x%02x%02x", s.colour.R, s.colour.G, s.colour.B) }

// tint is a colour made pale, as opaque as before: share 0 is the ground's white.
func tint(c color.RGBA, share float64) color.RGBA { return draw.Mix(color.White, c, share) }

// The colours of everything but LUNs.
type theme struct {
	ink, soft, faint, rule, grid, night, weekend, gap, alarm, warn, others, present color.RGBA
}

func paper() theme {
	return theme{
		ink:     rgb(0x1F2328), // text
		soft:    rgb(0x59636E), // lesser text
		faint:   rgb(0x8C959F), // least text
		rule:    rgb(0xB4BBC2), // frames
		grid:    rgb(0xE4E7EA), // value lines
		night:   rgb(0xEEF1F5), // 22 to 6 o'clock
		weekend: rgb(0xFBF6E9), // Saturday, Sunday
		gap:     rgb(0xDDE1E6), // no data
		alarm:   rgb(0xC1121F), // stalled, full
		warn:    rgb(0xB35900), // notes, nearly full
		others:  rgb(0x8C959F), // the sum of the lesser LUNs
		present: rgb(0xC9DDEB), // there is data
	}
}

// carpetColours go from one I/O in a cell to the most. Their lightness falls evenly (CIE
// L* 86, 72, 58, 44, 30, 16), so that the order is the same in grey.
func carpetColours() []color.RGBA {
	return []color.RGBA{rgb(0xCAD8EA), rgb(0x9DB2D0), rgb(0x718DB6), rgb(0x496999), rgb(0x274775), rgb(0x0F264B)}
}

// bandColours are those of the bands of a horizon row, the lowest band first. Lightness
// falls steadily.
func bandColours() [bands]color.RGBA {
	var out [bands]color.RGBA
	deep := rgb(0x0B3C6F)
	for i := range out {
		out[i] = tint(deep, []float64{0.22, 0.45, 0.7, 1}[i])
	}
	return out
}

// usualColour is the colour of the usual's band. No LUN and no other background has it.
func usualColour() color.RGBA { return rgb(0xC4E0C9) }
