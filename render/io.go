package render

// drawIO is I/O operations by LUN.
func drawIO(d *data, f *fonts) ([]byte, error) {
	o := overview{
		metric: iops,
		title:  "I/O operations by LUN",
		says:   "reads, writes and discards per second",
		axis:   "I/O/s",
		order:  byMean,
		sums:   true,
	}
	return o.draw(d, f)
}
