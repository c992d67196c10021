package render

func (d *data) page([]picture) ([]byte, error) { return []byte("<html>\n"), nil }
