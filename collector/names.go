package collector

import (
	"fmt"
	"path/filepath"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// Names says which device is which LUN on a host. It reads no clock, because names need
// none. Without diskstats it names the devices of sysfs.
func Names(o Options) ([]mapper.LUN, []series.Warning, error) {
	path := filepath.Join(o.Paths.Proc, "diskstats")
	text, err := mapper.ReadBounded(path)
	var s series.Sample
	var warnings []series.Warning
	if err != nil {
		warnings = append(warnings, series.Warning{What: fmt.Sprintf("reading the counters: %v", err)})
	} else {
		s.Readings, warnings = parseDiskstats(text)
	}
	problems, _ := mapping(o, &s, series.State{})
	if len(s.LUNs) == 0 && err != nil {
		return nil, nil, fmt.Errorf("reading the counters: %w", err)
	}
	if len(s.LUNs) == 0 && len(warnings) > 0 {
		return nil, nil, fmt.Errorf("%s: no line could be read: %s", path, warnings[0].What)
	}
	return s.LUNs, append(warnings, said(problems)...), nil
}

// said turns what went wrong with the names into warnings.
func said(problems []error) (warnings []series.Warning) {
	for _, p := range problems {
		warnings = append(warnings, series.WarningOf(p))
	}
	return warnings
}
