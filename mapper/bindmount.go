package mapper

import (
	"path"
	"strings"
)

// names reports that a mount says what its LUN is for. A container has /etc/hosts,
// /etc/resolv.conf and the like bound into it, each a single file of the host's own
// filesystem: no LUN is called after one. Whether it is a file, the mount alone has
// to say: asking for it may wait for a device that hangs.
func (m *Mount) names() bool {
	if m.Root == "" || m.Root == "/" {
		return true
	}
	for _, dir := range [...]string{"/etc", "/dev", "/proc", "/sys", "/run", "/var/run", "/lib/modules"} {
		if m.Point == dir || strings.HasPrefix(m.Point, dir+"/") {
			return false
		}
	}
	return !isFileName(path.Base(m.Point)) || !isFileName(path.Base(m.Root))
}

// isFileName reports a name as files have it and directories hardly ever.
func isFileName(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".conf", ".cfg", ".cnf", ".ini", ".yaml", ".yml", ".json", ".toml", ".xml", ".properties", ".env", ".txt", ".log",
		".pem", ".crt", ".cer", ".key", ".jks", ".p12", ".sh", ".py", ".js", ".sql", ".sock", ".so", ".jar", ".img", ".iso", ".db":
		return true
	}
	switch name {
	case "hosts", "hostname", "passwd", "group", "shadow", "localtime", "timezone", "machine-id", "termination-log":
		return true
	}
	return false
}
