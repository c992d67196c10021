package render

import "gonum.org/v1/plot/vg"

// drawIO draws disk-io.png, I/O operations by LUN.
func drawIO(d *data, m medium) vg.CanvasWriterTo {
	o := overview{
		metric: iops,
		title:  "I/O operations by LUN",
		says:   "reads, writes and discards per second",
		axis:   "I/O/s",
		order:  byMean,
		sums:   true,
	}
	return o.draw(d, m)
}
