package main

import (
	"bytes"
	"context"
	"fmt"

	"lunstat/cmd/lunstat/config"
	"lunstat/collector/series"
	"lunstat/mapper"
)

// textDevices reads the devices of a host from what its tools printed.
func (o *lookupOptions) textDevices(ctx context.Context, e *env, c *config.Config) ([]mapper.LUN, []series.Warning, error) {
	text, name, err := readText(ctx, e, o.from)
	if err != nil {
		return nil, nil, fmt.Errorf("reading what the tools printed: %w", err)
	}
	host, err := mapper.ReadText(bytes.NewReader(text))
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(host.Devices) == 0 {
		return nil, nil, withHint(noLUNIn(name, host.Problems), "it must be the output of dmsetup ls, info, table or status, multipath -ll, lsblk, lvs, pvs or zmvolume -l")
	}
	doubts := manyDoubts(name, host.Problems)
	for _, p := range mapper.Classify(host.Devices, host.Use, rulesOf(c)) {
		doubts = append(doubts, series.Warning{What: p.Error()})
	}
	mapper.TakeVolumes(host.Devices, host.Volumes)
	o.hardware = host.Hardware
	return host.Devices, doubts, nil
}

// manyDoubts names the lines that can't be read. If there are many, it names only the
// first ones: the others are usually of the same kind.
func manyDoubts(name string, problems []error) (doubts []series.Warning) {
	const named = 5
	for i, p := range problems {
		if i == named && len(problems) > named+1 {
			return append(doubts, series.Warning{What: fmt.Sprintf("%s: %d more lines can't be read", name, len(problems)-named)})
		}
		doubts = append(doubts, series.Warning{What: fmt.Sprintf("%s: %v", name, p)})
	}
	return doubts
}
