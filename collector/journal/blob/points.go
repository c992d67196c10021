package blob

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"

	"lunstat/collector/series"
)

// MostPoints is the largest text of a set, which has the points of at most one run.
const MostPoints = 64 << 20

// UnpackPoints undoes [PackPoints]: the text, one point a line.
func UnpackPoints(packed []byte) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), MostPoints+1))
	if err == nil && len(text) > MostPoints {
		err = fmt.Errorf("more than %d bytes of points: %w", MostPoints, ErrMalformed)
	}
	return text, err
}

// PackPoints packs refused points, one a line: they look alike.
func PackPoints(refused []series.Refused) ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	for i := range refused {
		if _, err := io.WriteString(w, refused[i].Point+"\n"); err != nil {
			return nil, err
		}
	}
	err = w.Close()
	return out.Bytes(), err
}
