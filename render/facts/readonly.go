package facts

import (
	"fmt"
	"slices"

	"lunstat/mapper"
)

// readOnlySeverity: nothing can be written, and mostly an I/O error came before.
const readOnlySeverity = 6

// readOnly is a mount that was writable and no longer is.
func (f *finder) readOnly() {
	var since *mapper.Entry
	point := ""
	writable := map[string]bool{}
	for i := range f.lun.History {
		e := &f.lun.History[i]
		if since != nil && e.Host == since.Host && writableAt(e, point) {
			if e.From.After(f.From) {
				f.addReadOnly(since, point, e)
			}
			since = nil
		}
		for _, m := range e.LUN.Mounts {
			at := e.Host + "\x00" + m.Point
			if m.RO && writable[at] && since == nil {
				since, point = e, m.Point
			}
			writable[at] = !m.RO
		}
	}
	if since != nil {
		f.addReadOnly(since, point, nil)
	}
}

func writableAt(e *mapper.Entry, point string) bool {
	return slices.ContainsFunc(e.LUN.Mounts, func(m mapper.Mount) bool { return m.Point == point && !m.RO })
}

func (f *finder) addReadOnly(since *mapper.Entry, point string, over *mapper.Entry) {
	if since.From.After(f.To) {
		return
	}
	n := Finding{Kind: KindReadOnly, Host: since.Host, Since: since.From}
	text := fmt.Sprintf("read-only since %s", f.at(since.From))
	until := f.Now
	if over != nil && !over.From.After(f.Now) {
		n.Until, until = over.From, over.From
		text = fmt.Sprintf("read-only from %s to %s", f.at(n.Since), f.at(n.Until))
	}
	if point != "" {
		text += " (" + point + ")"
	}
	from := since.From
	if from.Before(f.From) {
		from = f.From
	}
	n.Duration = until.Sub(since.From)
	n.Weight = max(until.Sub(from).Hours(), 1) * readOnlySeverity
	f.add(n, text)
	last := &f.found[len(f.found)-1]
	last.Next = append([]string{"dmesg -T | grep -i -E 'error|remount|" + since.LUN.Kernel + "'"}, last.Next...)
}
