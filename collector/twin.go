package collector

import (
	"fmt"
	"strings"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// keysOf gives each LUN the key of its series. Two LUNs of one identity (a cloned
// volume, a disk seen twice without multipath) stay apart and are named: one has
// the identity, the others their kernel names behind it. Within a boot each keeps
// what it had, whoever comes or goes: the counters of one are no base for another.
func keysOf(luns []mapper.LUN, state series.State, s series.Sample) ([]series.Key, []series.Warning) {
	before := earlier{state: &state, boot: s.At.BootID, twins: lastTwins(&state, s.At.BootID)}
	owner := make(map[mapper.ID]int, len(luns))
	for i := range luns {
		at, taken := owner[luns[i].ID]
		if !taken || before.owned(&luns[i]) && !before.owned(&luns[at]) {
			owner[luns[i].ID] = i
		}
	}
	keys := make([]series.Key, len(luns))
	var warnings []series.Warning
	for i := range luns {
		id := luns[i].ID
		at := owner[id]
		if at != i {
			warnings = append(warnings, series.Warning{
				What: fmt.Sprintf("%s and %s have one identity, %s", luns[at].Kernel, luns[i].Kernel, id),
				Hint: "both are kept; two paths to one LUN without multipath, or a clone whose uuid wants changing",
			})
		}
		if at != i || before.twin(&luns[i]) {
			id = twinID(id, luns[i].Kernel)
		}
		keys[i] = series.Key{ID: id, Host: s.Host, Source: s.Source}
	}
	return keys, bounded(warnings, mostAlike, "of one identity")
}

// Kept gives the LUNs of a sample that are stored, under the identities by which
// the journal knows them.
func Kept(state series.State, s series.Sample, layers string) []mapper.LUN {
	luns := mapper.Stored(s.LUNs, layers)
	keys, _ := keysOf(luns, state, s)
	return named(luns, keys)
}

// earlier is what the last run of this boot knew.
type earlier struct {
	state *series.State
	boot  string
	twins map[mapper.ID]bool
	saw   map[string]mapper.ID // by kernel name; made when it is asked for
}

// twin reports that a LUN was kept under the name of a twin.
func (e *earlier) twin(l *mapper.LUN) bool {
	return len(e.twins) > 0 && e.twins[twinID(l.ID, l.Kernel)]
}

// owned reports that a LUN was kept under its own identity.
func (e *earlier) owned(l *mapper.LUN) bool {
	if e.saw == nil {
		e.saw = make(map[string]mapper.ID)
		for i := range e.state.Mapping {
			if e.state.BootID == e.boot {
				e.saw[e.state.Mapping[i].Kernel] = e.state.Mapping[i].ID
			}
		}
	}
	return e.saw[l.Kernel] == l.ID && !e.twin(l)
}

// lastTwins are the twins' identities that the last run of this boot kept. Older
// ones are of LUNs that are gone.
func lastTwins(state *series.State, boot string) map[mapper.ID]bool {
	var newest time.Duration
	for i := range state.Last {
		if at := &state.Last[i].At; at.BootID == boot {
			newest = max(newest, at.Mono)
		}
	}
	twins := make(map[mapper.ID]bool)
	for i := range state.Last {
		if l := &state.Last[i]; l.At.BootID == boot && l.At.Mono == newest && untwinned(l.Key.ID) != l.Key.ID {
			twins[l.Key.ID] = true
		}
	}
	return twins
}

// twinID is the identity of a LUN that shares its own with another.
func twinID(id mapper.ID, kernel string) mapper.ID {
	return mapper.ID(strings.TrimRight(string(id), "#") + "#" + kernel)
}

// untwinned is the identity that a LUN has of itself.
func untwinned(id mapper.ID) mapper.ID {
	if at := strings.LastIndexByte(string(id), '#'); at > 0 {
		return id[:at]
	}
	return id
}
