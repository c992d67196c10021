package render

import "image/color"

// shade is the colour for multiples of the limit from a value upwards.
type shade struct {
	from   float64
	colour color.RGBA
	name   string
}

// shades fall in lightness from step to step (CIE L* 95, 87, 77, 64, 44, 19), so that a
// grey print and eyes that tell no red from green see the same order.
func shades() []shade {
	return []shade{
		{0, rgb(0xF0F2F6), "below ½"},
		{0.5, rgb(0xD2DAE5), "½"},
		{1, rgb(0xF7B45C), "1"},
		{2, rgb(0xEC7F3B), "2"},
		{5, rgb(0xC52C1E), "5"},
		{20, rgb(0x520010), "20 or more"},
	}
}

func shadeOf(times float64) color.RGBA {
	all := shades()
	c := all[0].colour
	for _, s := range all {
		if times >= s.from {
			c = s.colour
		}
	}
	return c
}
