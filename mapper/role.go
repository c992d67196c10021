package mapper

import (
	"path"
	"strings"
	"unicode"
)

// Label is what people call a LUN of a role; "" for a role that is not known.
func Label(role string) string {
	switch role {
	case "mysql":
		return "MySQL data"
	case "primary":
		return "Primary store"
	case "secondary":
		return "Secondary store"
	case "index":
		return "Index"
	case "redo":
		return "Redo log"
	case "log":
		return "Log"
	case "backup":
		return "Backup"
	case "base":
		return "Zimbra base"
	case "swap":
		return "Swap"
	}
	return ""
}

// IsMailstore reports whether only a mailstore has this role.
func IsMailstore(role string) bool {
	switch role {
	case "mysql", "primary", "secondary", "index", "redo", "base":
		return true
	}
	return false
}

// roles guesses what each LUN is for, by its mount points, then by its names;
// the config has the last word.
func (x *index) roles(named map[int]Rule) {
	for i := range x.devs {
		l := &x.devs[i]
		if l.Layer == LayerLUN {
			l.guessRole()
		}
		rule := named[i]
		l.Colour, l.Limits = rule.Colour, rule.Limits
		if rule.Role != "" {
			l.Role, l.RoleFrom = rule.Role, "config"
			if label := Label(rule.Role); label != "" {
				l.Label = label
			}
		}
		if label := strings.TrimSpace(rule.Label); label != "" {
			l.Label = label
		}
	}
}

func (l *LUN) guessRole() {
	if l.Swap { // the kernel says so: no guess
		l.Role, l.RoleFrom, l.Label = "swap", "", Label("swap")
		return
	}
	for _, point := range l.points() {
		if role, label := roleOfMount(point); role != "" {
			l.Role, l.RoleFrom, l.Label = role, "mount", label
			return
		}
	}
	if role, label := roleOfName(l); role != "" {
		l.Role, l.RoleFrom, l.Label = role, "name", label
		return
	}
	if l.Label = l.Mounted(); l.Label == "" {
		l.Label = l.Pool.String()
	}
}

// points are the mount points that can be reached, those of the whole filesystem
// before those of a part of it.
func (l *LUN) points() (points []string) {
	for _, whole := range [...]bool{true, false} {
		for _, m := range l.Mounts {
			if !m.Hidden && m.names() && (m.Root == "/" || m.Root == "") == whole {
				points = append(points, m.Point)
			}
		}
	}
	return points
}

func roleOfMount(point string) (role, label string) {
	switch point {
	case "/":
		return "system", "Root"
	case "/usr", "/var", "/home", "/tmp", "/opt", "/boot", "/boot/efi", "/root", "/usr/local", "/var/tmp":
		return "system", point
	case "/opt/zimbra":
		return "base", Label("base")
	}
	for dir := range strings.SplitSeq(point, "/") {
		if strings.Contains(dir, "secondary") || strings.HasPrefix(dir, "hsm") {
			return "secondary", Label("secondary")
		}
	}
	role = roleOfEnd(point)
	return role, Label(role)
}

func roleOfEnd(point string) string {
	end := strings.TrimRight(path.Base(point), "0123456789")
	switch end {
	case "store", "primary":
		return "primary"
	case "index":
		return "index"
	case "redolog", "redo":
		return "redo"
	case "log", "logs":
		return "log"
	case "backup", "backups":
		return "backup"
	case "mysql", "mariadb", "db":
		return "mysql"
	case "data":
		if path.Base(path.Dir(point)) == "db" {
			return "mysql"
		}
	}
	return ""
}

// roleOfName asks the LV's name first, then the VG's; what LVM did not name has
// one name only. A store in a secondary VG is the secondary store.
func roleOfName(l *LUN) (role, label string) {
	name, parent := Unmangle(l.DMName), ""
	if l.LV != "" {
		name, parent = l.LV, l.VG
	}
	role, outer := roleOfWords(name), roleOfWords(parent)
	if role == "" || role == "primary" && outer == "secondary" {
		role = outer
	}
	if role != "" {
		return role, Label(role)
	}
	switch bare := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(name), "lv"), "_"); bare {
	case "root":
		return "system", "Root"
	case "usr", "var", "home", "tmp", "opt", "boot":
		return "system", "/" + bare
	}
	return "", ""
}

func roleOfWords(name string) string {
	notLetter := func(r rune) bool { return !unicode.IsLetter(r) }
	found := ""
	for word := range strings.FieldsFuncSeq(strings.ToLower(name), notLetter) {
		switch word {
		case "secondary", "hsm":
			return "secondary"
		case "sqldb", "mysql", "mysqldata", "mariadb", "sql", "db":
			found = "mysql"
		case "primary", "store":
			found = "primary"
		case "index":
			found = "index"
		case "redo", "redolog":
			found = "redo"
		case "log", "logs":
			if found == "" {
				found = "log"
			}
		case "backup", "backups":
			found = "backup"
		case "base":
			found = "base"
		case "swap":
			found = "swap"
		}
	}
	return found
}
