package series

import (
	"strings"
	"time"

	"lunstat/mapper"
)

// Keys gives each LUN the key of its series. Two LUNs with one identity (a cloned
// volume, a disk seen twice without multipath) get two keys: one has the identity, and
// the others have their kernel names added to it. Within a boot each keeps its key,
// whatever comes or goes, because the counters of one are no base for another. If
// nothing is known of an earlier run, the first LUN has the plain identity. twins are
// the LUNs whose keys have their names added, by their index in luns.
func Keys(luns []mapper.LUN, host, source string, before Earlier) (keys []Key, twins []Twin) {
	owner := make(map[mapper.ID]int, len(luns))
	for i := range luns {
		at, taken := owner[luns[i].ID]
		if !taken || before.owned(&luns[i]) && !before.owned(&luns[at]) {
			owner[luns[i].ID] = i
		}
	}
	keys = make([]Key, len(luns))
	for i := range luns {
		id := luns[i].ID
		at := owner[id]
		if at != i {
			twins = append(twins, Twin{Owner: at, LUN: i})
		}
		if at != i || before.twin(&luns[i]) {
			id = twinID(id, luns[i].Kernel)
		}
		keys[i] = Key{ID: id, Host: host, Source: source}
	}
	return keys, twins
}

// Twin is two LUNs that have one identity.
type Twin struct{ Owner, LUN int }

// Earlier is the keys that the last run of a boot gave its LUNs. The zero value knows
// none.
type Earlier struct {
	mapping []mapper.LUN
	twins   map[mapper.ID]bool
	saw     map[string]mapper.ID // by kernel name; made when a twin asks for it
}

// EarlierOf takes them from what the last run left, for a run of the given boot.
func EarlierOf(state *State, boot string) Earlier {
	e := Earlier{twins: lastTwins(state, boot)}
	if state.BootID == boot {
		e.mapping = state.Mapping
	}
	return e
}

// twin reports that a LUN was kept under the name of a twin.
func (e *Earlier) twin(l *mapper.LUN) bool {
	return len(e.twins) > 0 && e.twins[twinID(l.ID, l.Kernel)]
}

// owned reports that a LUN was kept under its own identity.
func (e *Earlier) owned(l *mapper.LUN) bool {
	if e.saw == nil {
		e.saw = make(map[string]mapper.ID, len(e.mapping))
		for i := range e.mapping {
			e.saw[e.mapping[i].Kernel] = e.mapping[i].ID
		}
	}
	return e.saw[l.Kernel] == l.ID && !e.twin(l)
}

// lastTwins are the twins' identities that the last run of this boot kept. Older
// ones are of LUNs that are gone.
func lastTwins(state *State, boot string) map[mapper.ID]bool {
	var newest time.Duration
	for i := range state.Last {
		if at := &state.Last[i].At; at.BootID == boot {
			newest = max(newest, at.Mono)
		}
	}
	twins := make(map[mapper.ID]bool)
	for i := range state.Last {
		if l := &state.Last[i]; l.At.BootID == boot && l.At.Mono == newest && Untwinned(l.Key.ID) != l.Key.ID {
			twins[l.Key.ID] = true
		}
	}
	return twins
}

// twinID is the identity of a LUN that shares its own with another.
func twinID(id mapper.ID, kernel string) mapper.ID {
	return mapper.ID(strings.TrimRight(string(id), "#") + "#" + kernel)
}

// Untwinned is a LUN's own identity, without an added kernel name.
func Untwinned(id mapper.ID) mapper.ID {
	if at := strings.LastIndexByte(string(id), '#'); at > 0 {
		return id[:at]
	}
	return id
}
