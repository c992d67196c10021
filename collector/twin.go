package collector

import (
	"fmt"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// keysOf gives each LUN the key of its series, and says which have one identity.
func keysOf(luns []mapper.LUN, state series.State, s series.Sample) ([]series.Key, []series.Warning) {
	keys, twins := series.Keys(luns, s.Host, s.Source, series.EarlierOf(&state, s.At.BootID))
	var warnings []series.Warning
	for _, t := range twins {
		warnings = append(warnings, series.Warning{
			What: fmt.Sprintf("%s and %s have one identity, %s", luns[t.Owner].Kernel, luns[t.LUN].Kernel, luns[t.LUN].ID),
			Hint: "lunstat keeps both; they are two paths to one LUN without multipath, or one is a clone whose uuid must be changed",
		})
	}
	return keys, bounded(warnings, mostAlike, "of one identity")
}

// Kept gives the LUNs of a sample that are stored, with the identities that the journal
// uses for them.
func Kept(state series.State, s series.Sample, layers string) []mapper.LUN {
	luns := mapper.Stored(s.LUNs, layers)
	keys, _ := keysOf(luns, state, s)
	return named(luns, keys)
}
