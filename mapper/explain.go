package mapper

import "strings"

// Reason is a fact about a LUN and where it comes from.
type Reason struct {
	What  string `json:"what"`            // role, label, group, identity; limits and colour of its own
	Value string `json:"value,omitempty"` // "" where there is none
	Why   string `json:"why"`
}

// Explain says which rule gave a device its role, label, group and identity. devs are
// all devices of its host as [Classify] left them, i is the one; rules are the config's.
func Explain(devs []LUN, i int, rules []Rule) []Reason {
	x := newIndex(devs)
	named, _ := x.matchRules(rules)
	l := &devs[i]
	reasons := []Reason{
		{"role", l.Role, roleReason(l)},
		{"label", l.Label, labelReason(l, named[i])},
		{"group", l.Group, x.groupReason(i, named[i])},
		{"identity", string(l.ID), identityReason(l)},
	}
	for _, own := range []Reason{{What: "limits", Value: l.Limits.String()}, {What: "colour", Value: l.Colour}} {
		if own.Value != "" {
			own.Why = inConfig
			reasons = append(reasons, own)
		}
	}
	return reasons
}

// inConfig is the reason for something that the config decides, and no rule of ours.
const inConfig = "luns: in the config"

func roleReason(l *LUN) string {
	switch {
	case l.RoleFrom == "config":
		return inConfig
	case l.Role == "":
		return "neither a mount point nor the name tells what it is for"
	case l.Swap:
		return "the kernel uses it as swap"
	case l.RoleFrom == "mount":
		for _, point := range l.points() {
			if role, _ := roleOfMount(point); role == l.Role {
				return "guessed from the mount point " + point
			}
		}
	}
	return "guessed from the name " + l.Name()
}

func labelReason(l *LUN, rule Rule) string {
	switch {
	case rule.Label != "":
		return inConfig
	case l.Label == "":
		return "it has no role and is not mounted"
	case l.Label == l.Mounted():
		return "its mount point"
	case l.Label == l.Pool.String():
		return "its pool"
	case l.Role != "" && l.Label == Label(l.Role):
		return "the label of the role " + l.Role
	case l.Role != "" && strings.HasPrefix(l.Label, Label(l.Role)):
		return "the label of the role " + l.Role + ", with a name because another LUN of the group has the same role"
	}
	return "from the same rule as the role"
}

func (x *index) groupReason(i int, rule Rule) string {
	l, vg := &x.devs[i], x.vgOf(i)
	switch {
	case rule.Group != "":
		return inConfig
	case l.Group == "":
		return "it is not in a volume group"
	case l.VG == "":
		return "the volume group " + vg + " below it" + shortened(l.Group, vg)
	}
	return "its volume group " + vg + shortened(l.Group, vg)
}

func shortened(group, vg string) string {
	if group == vg {
		return ""
	}
	return ", cut at the first _, because other volume groups of this mailstore begin the same way"
}

// identityReason says what an identity is made of, and how far it is unique.
func identityReason(l *LUN) string {
	what := "the disk's WWID"
	switch id := string(l.ID); {
	case l.UUID != "" && id == l.UUID:
		what = "the device-mapper uuid"
	case strings.HasPrefix(id, "name:"), strings.HasPrefix(id, "kernel:"):
		what = "a name only: another device may have it after a reboot"
	case strings.Contains(id, "-part"):
		what = "the identity of its disk, and the partition's number"
	case strings.Contains(id, "@"):
		what = "the WWID, and the path's address"
	case strings.HasPrefix(id, "serial:"):
		what = "the disk's serial number"
	case strings.HasPrefix(id, "by-id:"):
		what = "the name that udev gives it"
	case strings.HasPrefix(id, "ptuuid:"), strings.HasPrefix(id, "partuuid:"):
		what = "the UUID in its partition table"
	case strings.HasPrefix(id, "fsuuid:"):
		what = "the UUID of its filesystem"
	case len(l.Slaves) == 1 && strings.Contains(id, ":") && l.WWID == "":
		what = "the identity of the device below it"
	}
	switch l.Reach {
	case ReachGlobal:
		what += "; no other LUN has it"
	case ReachMoving:
		what += "; it goes with the data, so a copy has it too"
	case ReachHost:
		what += "; unique on this host only"
	}
	if l.ReachFrom != "" && l.Reach != ReachMoving {
		what += " (" + l.ReachFrom + ")"
	}
	return what
}
