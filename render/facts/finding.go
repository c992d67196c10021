package facts

import (
	"encoding/json"
	"time"
)

// Kind is the kind of a finding. report.json has its text.
type Kind string

// The kinds of findings.
const (
	KindSlow     Kind = "slow"      // read or write await above the role's limit
	KindStalled  Kind = "stalled"   // I/O in flight and none completed
	KindFull     Kind = "full"      // a filesystem is nearly full, or will be
	KindGone     Kind = "gone"      // a LUN went away while its host was there
	KindAppeared Kind = "appeared"  // a LUN was first seen
	KindRenamed  Kind = "renamed"   // its name or its role changed
	KindResized  Kind = "resized"   // its size changed
	KindPaths    Kind = "paths"     // a multipath LUN lost paths
	KindGap      Kind = "gap"       // there is no data
	KindChanged  Kind = "changed"   // it is not as in the weeks before
	KindHSM      Kind = "hsm"       // HSM did not run, or not when it usually does
	KindReadOnly Kind = "read-only" // its filesystem is mounted read-only, and was not
	KindTail     Kind = "tail"      // some of many I/Os took very long, which no mean shows
)

// Finding is something that somebody should know or do. Figures that a kind doesn't
// have are zero, and its JSON leaves them out.
type Finding struct {
	Kind  Kind
	LUN   string // its name, as lookup takes it; "": the host's
	Title string // what the report calls it: the LUN's title, or the host
	Host  string

	Since time.Time
	Until time.Time // zero: it lasts
	// Unended says that at Until the range or the data ended, and it had not: whether it
	// lasts is not known.
	Unended bool

	Worst      float64   // in Unit
	WorstAt    time.Time // the end of the interval that was worst
	Unit       string    // "ms", "%", "bytes", "paths"
	Limit      float64   // in Unit
	TimesLimit float64   // Worst / Limit
	// Duration is how long it lasted in all. For a LUN that is slow each morning, it is
	// less than from Since to Until.
	Duration time.Duration

	// PartOf is the kind of the LUN's finding whose sentence tells this one too, because
	// both have one cause; "": its own sentence has to be read.
	PartOf Kind
	OneIn  uint64   // of so many I/Os one took more than Worst
	Hours  []Span   // of a tail: when it was; not in report.json, which has the sentence
	Daily  []string // at which hours of the day: "02:00 to 05:00"; nil: not each day

	With     []string // titles of the others with the same cause, at most a hundred
	WithMore int      // how many more there are
	Text     string   // the sentence, which begins with the title
	Short    string   // of a full one: what a mail's subject says of it; not in report.json
	Next     []string // what to type next, the most useful first

	// Of is the LUN's index among those that Find got; -1: it is about a host.
	Of int
	// Weight is time × severity in hours: findings are sorted by it.
	Weight float64
}

// Lasts reports whether it still lasts.
func (f *Finding) Lasts() bool { return f.Until.IsZero() }

// Troubling reports whether somebody should act on it; otherwise it is only good to
// know.
func (f *Finding) Troubling() bool {
	switch f.Kind {
	case KindAppeared, KindRenamed, KindResized, KindChanged:
		return false
	}
	return f.Weight > 0
}

// findingJSON is a finding as it is in report.json.
type findingJSON struct {
	Kind       Kind      `json:"kind"`
	LUN        string    `json:"lun,omitempty"`
	Title      string    `json:"title"`
	Host       string    `json:"host,omitempty"`
	Since      time.Time `json:"since"`
	Until      time.Time `json:"until,omitzero"`
	Unended    bool      `json:"unended,omitempty"`
	Worst      float64   `json:"worst,omitzero"`
	WorstAt    time.Time `json:"worst_at,omitzero"`
	Unit       string    `json:"unit,omitempty"`
	Limit      float64   `json:"limit,omitzero"`
	TimesLimit float64   `json:"times_limit,omitzero"`
	Duration   float64   `json:"duration_s"`
	PartOf     Kind      `json:"part_of,omitempty"`
	OneIn      uint64    `json:"one_in,omitzero"`
	Daily      []string  `json:"daily,omitempty"`
	With       []string  `json:"with,omitempty"`
	WithMore   int       `json:"with_more,omitzero"`
	Text       string    `json:"text"`
	Next       []string  `json:"next,omitempty"`
}

// MarshalJSON writes times in UTC and durations in seconds.
func (f Finding) MarshalJSON() ([]byte, error) {
	return json.Marshal(findingJSON{
		Kind: f.Kind, LUN: f.LUN, Title: f.Title, Host: f.Host,
		Since: f.Since.UTC(), Until: f.Until.UTC(), Unended: f.Unended,
		Worst: Round(f.Worst), WorstAt: f.WorstAt.UTC(), Unit: f.Unit, Limit: Round(f.Limit), TimesLimit: Round(f.TimesLimit),
		Duration: f.Duration.Round(time.Millisecond).Seconds(), OneIn: f.OneIn, Daily: f.Daily, PartOf: f.PartOf, With: f.With, WithMore: f.WithMore, Text: f.Text, Next: f.Next,
	})
}
