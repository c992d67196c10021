package series

import (
	"time"

	"lunstat/mapper"
)

// Outbound is one committed run on its way to the store that a fleet reports
// from: the same each time that it is asked for, since tags and time stamps are
// those of the commit. Sending it twice is harmless.
type Outbound struct {
	Seq   uint64 // of the run in the journal: the cursor once this was sent
	Begun uint64 // Unix second at which the journal was begun, below 2³⁴; 0 is unknown
	// SameSecond is how many earlier runs ended in the same second. It is the
	// nanoseconds of the time stamps.
	SameSecond uint32
	Run        Run
	Intervals  []OutInterval
	Bins       []OutBin // roll-ups that this run's commit closed
	Spaces     []OutSpace
	Ledger     []OutEntry // what this run found changed, and daily all
}

// Number is the number of the run among all that its host ever sent, those of lost
// journals included: a later one is larger.
func (o *Outbound) Number() uint64 { return o.NumberOf(o.Seq) }

// NumberOf is the number of an earlier run of the same journal.
func (o *Outbound) NumberOf(seq uint64) uint64 { return o.Begun<<numberBits | seq }

// numberBits are enough for a run a minute in five hundred years.
const numberBits = 28

// KnowsJournal reports that a run's number says which journal it is of. Those that
// earlier versions sent begin again at 1 when a journal was lost.
func KnowsJournal(number uint64) bool { return number >= 1<<numberBits }

// OutInterval is an interval with what its LUN was at the commit.
type OutInterval struct {
	Key Key
	LUN *mapper.LUN
	Interval
}

// OutBin is a closed bin of a roll-up.
type OutBin struct {
	Width time.Duration // 15 minutes or an hour
	// RowsBefore is how many rows the bin had before: after a step back of the clock it
	// is closed once more.
	RowsBefore uint32
	OutInterval
}

// OutEntry is a ledger entry on its way.
type OutEntry struct {
	Order  uint64 // of its LUN among all, by first sight: reports list LUNs so
	Opened uint64 // number of the run that wrote it first; 0 is unknown
	mapper.Entry
}

// OutSpace is a filesystem's space with what its LUN was at the commit.
type OutSpace struct {
	KeySpace
	LUN *mapper.LUN
}

// Refused is what a store will never take: which run and what of it, and why.
type Refused struct {
	Seq    uint64
	Point  string // the point in line protocol, for a retry by hand
	Reason string // the server's
}

// Forwarding is the state of forwarding to a store.
type Forwarding struct {
	Pending  int       // runs that it has not got yet
	Since    time.Time // the oldest of them
	Dropped  int       // runs that waited too long: the store will only get their roll-ups
	Refused  int       // points that it would not take, set aside
	Lost     int       // points that it would not take, more than are set aside
	RetryAt  time.Time // it asked for peace until then; zero: it didn't
	Trouble  Warning   // why the last attempt failed; What is "" where it didn't
	Critical bool      // waiting won't mend that
}
