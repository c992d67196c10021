package series

import (
	"time"

	"lunstat/mapper"
)

// Run is the record of one run of the collector.
type Run struct {
	Host     string
	At       Instant
	Kernel   string   // /proc/sys/kernel/osrelease
	Version  string   // lunstat's
	TookMS   uint32   // wall time up to the commit
	LUNs     uint32   // how many series got an interval
	Pressure Pressure // since the host's run before; zero: unknown
	Warnings []Warning
}

// Warning is a problem in a run that did not stop it. It is stored as JSON, as are the
// types below that have tags: journals keep these names for years.
type Warning struct {
	What string `json:"What"` // one line: "diskstats:17: 12 fields, want 14 or more"
	Hint string `json:"Hint"` // what to do about it, or ""
	// Once says that a fresh warning is about something that happened, and is over with
	// the next run. It is not stored.
	Once bool `json:"-"`
}

// Condition is a warning that lasts, with its start and the time at which it was last
// reported. A condition that ended is remembered for a while, because it may come back.
type Condition struct {
	Warning
	Since time.Time `json:"Since"`
	Said  time.Time `json:"Said"`
	Gone  time.Time `json:"Gone,omitzero"`   // when it was first seen to be gone; zero: it is there
	Lasts bool      `json:"Lasts,omitempty"` // it was there in more than one run, or happened once
	Flaps bool      `json:"Flaps,omitempty"` // it came back
	Over  bool      `json:"Over,omitempty"`  // its end was said
}

// Hung is a mount whose filesystem does not answer, since when.
type Hung struct {
	Mount string    `json:"Mount"`
	Since time.Time `json:"Since"`
}

// KeyInterval is an interval and its series.
type KeyInterval struct {
	Key Key
	Interval
}

// KeySpace is a space and its series.
type KeySpace struct {
	Key   Key    `json:"Key"`
	Mount string `json:"Mount"`
	Space
}

// State is what one run leaves for the next.
type State struct {
	Last []Last
	// Mapping is the devices as the last run saw them, so that a run at which
	// /sys/kernel/uevent_seqnum has not changed need not read sysfs again.
	Mapping   []mapper.LUN
	UeventSeq uint64 // 0 is unknown
	BootID    string // of Mapping
	// Classified is what the devices of Mapping were classified by, see
	// [mapper.UseFiles.Mark]; "": the next run classifies them again.
	Classified string
	SpaceAt    time.Time // when space was last asked for
	// Conditions are what was wrong in the last run.
	Conditions []Condition
	Spaces     []KeySpace // the last stored of each LUN
	Hung       []Hung     // mounts that don't answer
	Pressure   PressureReading
}

// Minute is everything that one run stores, in one transaction.
type Minute struct {
	Run       Run
	Mapped    []mapper.LUN // the LUNs and layers to keep in the ledger; nil: as before
	Intervals []KeyInterval
	Spaces    []KeySpace
	State     State
}

// Note is an admin's mark, with its time, for every picture.
type Note struct {
	At   time.Time
	Text string
}

// Query asks for a range of time.
type Query struct {
	From, To time.Time // intervals that end in (From, To]
	// Width is the width of the bins: 15 minutes or an hour, or 0 for raw intervals.
	// What is not rolled up yet is rolled up while reading.
	Width time.Duration
	Keys  []Key // nil: all
	// SumsOnly says that maxima and histograms are not needed: a store may leave them
	// out, and the mark LatencyPartial. They are half of what a server sends.
	SumsOnly bool
}

// Has reports whether what ends at t, or was read at t, is in the range.
func (q *Query) Has(t time.Time) bool { return t.After(q.From) && !t.After(q.To) }

// Sample is everything that one run reads from a host, and everything that a minute is
// made from. Real samples come from the kernel, simulated ones from a model; both take
// the same way.
type Sample struct {
	At       Instant
	Kernel   string // release, for the run record
	Version  string // lunstat's, for the run record
	Host     string
	Source   string // SourceHost or SourceSimulated
	Readings []Reading
	Partial  bool         // lines could not be read: who isn't there need not be gone
	LUNs     []mapper.LUN // the mapping at that moment, layers included
	// UeventSeq is the kernel's count of uevents before Readings; 0: unknown, so that
	// the next run reads all names again.
	UeventSeq  uint64
	Classified string           // see State
	Spaces     []KeySpace       // of every filesystem that answered. Key.ID set; Host and Source are the sample's
	SpacesDue  bool             // it is time to store all of Spaces; else what moved is stored
	Hung       []Hung           // mounts that don't answer
	Peaks      map[string]Peaks // by kernel name; nil: nothing was read between the two readings
	Pressure   PressureReading
	Warnings   []Warning
}

// Peaks are what the readings inside an interval say about one device.
type Peaks struct {
	ID         mapper.ID // whose they are
	DiskSeq    uint64
	Largest    Maxima     // WindowMS is 0 where no window was whole
	SlowMS     uint64     // the time of windows whose await was above the role's limit
	StallSince time.Time  // zero: it was not stalled at the end
	Means      *Histogram // by the windows' mean awaits; nil: no window was whole, or they are too long
}
