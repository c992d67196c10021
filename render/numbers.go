package render

func (d *data) numbers() ([]byte, error) { return []byte("{}\n"), nil }
