package render

import (
	"context"
	"os"
	"testing"
	"time"

	"lunstat/collector/mailstore"
)

func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		t.Skip()
	}
	z := zone(t, "Europe/Berlin")
	to := time.Date(2026, 11, 23, 0, 0, 0, 0, z)
	m := record(mailstore.Options{Start: to.AddDate(0, 0, -35), Zone: z})
	limits := map[string]time.Duration{"mysql": 20 * time.Millisecond, "redo": 10 * time.Millisecond}
	for name, r := range map[string][2]time.Time{
		"week":  {to.AddDate(0, 0, -7), to},
		"week2": {to.AddDate(0, 0, -28), to.AddDate(0, 0, -21)},
		"week3": {to.AddDate(0, 0, -21), to.AddDate(0, 0, -14)},
		"all":   {to.AddDate(0, 0, -35), to},
		"hours": {to.AddDate(0, 0, -4).Add(8 * time.Hour), to.AddDate(0, 0, -4).Add(14 * time.Hour)},
	} {
		start := time.Now()
		res, err := Report(context.Background(), m, Options{Out: dir + "/" + name, From: r[0], To: r[1], Zone: z, Simulated: true, Now: to, Version: "0.1", Limits: limits})
		if err != nil {
			t.Fatal(err)
		}
		t.Log(name, len(res.Files), time.Since(start))
	}
}
