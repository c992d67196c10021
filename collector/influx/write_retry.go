package influx

import (
	"context"
	"slices"
	"strings"

	"lunstat/collector/series"
)

// Retry sends refused points again, after somebody has repaired the bucket. It returns
// those that are still refused. An error means that the server will take them later, as
// for Write.
func (s *Sink) Retry(ctx context.Context, points []series.Refused) (still []series.Refused, err error) {
	raw, rollup := &batch{}, &batch{}
	for _, p := range points {
		measurement, _, _ := strings.Cut(p.Point, ",")
		line := func(b []byte) ([]byte, error) { return append(b, p.Point...), nil }
		switch measurement {
		case rawIO, rawLatency:
			err = raw.add(p.Seq, line)
		case quarterIO, hourIO, quarterLatency, hourLatency:
			err = rollup.add(p.Seq, line)
		case spaces, info, runs:
			// In which of the two it was refused nobody knows, and twice is harmless.
			if err = rollup.add(p.Seq, line); err == nil && s.raw != s.rollup {
				err = raw.add(p.Seq, line)
			}
		default:
			still = append(still, p) // no line could be made of it
		}
		if err != nil {
			return nil, err
		}
	}
	for _, b := range []struct {
		bucket string
		points []point
	}{{s.raw, raw.points}, {s.rollup, rollup.points}} {
		for part := range slices.Chunk(b.points, batchPoints) {
			refused, err := s.send(ctx, b.bucket, part)
			if err != nil {
				return nil, err
			}
			still = append(still, refused...)
		}
	}
	return unique(still), nil
}

// unique leaves one of the points that two buckets refused.
func unique(refused []series.Refused) []series.Refused {
	seen := map[string]bool{}
	return slices.DeleteFunc(refused, func(r series.Refused) bool {
		twice := seen[r.Point]
		seen[r.Point] = true
		return twice
	})
}
