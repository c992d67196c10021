package influx

import (
	"encoding/json"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// maxText is the longest string that a field takes on every server.
const maxText = 60_000

// entry is a ledger entry as it is stored: its host and source are tags.
type entry struct {
	BootID string     `json:"boot_id,omitempty"`
	From   time.Time  `json:"from"`
	To     *time.Time `json:"to,omitempty"`
	Colour int        `json:"colour"`
	Opened uint64     `json:"opened,omitempty"`
	mapper.LUN
}

func encodeEntry(e *series.OutEntry) (string, error) {
	s := entry{BootID: e.BootID, From: e.From, Colour: e.Colour, Opened: e.Opened, LUN: e.LUN}
	if !e.To.IsZero() {
		s.To = &e.To
	}
	text, err := json.Marshal(&s)
	return string(text), err
}

func decodeEntry(text []byte) (e series.OutEntry, err error) {
	var s entry
	if err := json.Unmarshal(text, &s); err != nil {
		return e, err
	}
	e.Opened = s.Opened
	e.Entry = mapper.Entry{BootID: s.BootID, From: s.From, Colour: s.Colour, LUN: s.LUN}
	if s.To != nil {
		e.To = *s.To
	}
	return e, nil
}

// encodeWarnings keeps as many as a field takes: [["what","hint"],["what"]].
func encodeWarnings(all []series.Warning) (string, error) {
	text := []byte("[")
	for i, w := range all {
		words := []string{w.What, w.Hint}
		if w.Hint == "" {
			words = words[:1]
		}
		one, err := json.Marshal(words)
		if err != nil {
			return "", err
		}
		if len(text)+len(one)+2 > maxText {
			break
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, one...)
	}
	return string(append(text, ']')), nil
}

func decodeWarnings(text []byte) ([]series.Warning, error) {
	var all [][]string
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	var out []series.Warning
	for _, words := range all {
		var w series.Warning
		if len(words) > 0 {
			w.What = words[0]
		}
		if len(words) > 1 {
			w.Hint = words[1]
		}
		out = append(out, w)
	}
	return out, nil
}
