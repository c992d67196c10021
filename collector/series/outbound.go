package series

import (
	"time"

	"lunstat/mapper"
)

// Outbound is one committed run on its way to the other store. It is the same each time
// that it is read, because its tags and time stamps are those of the commit. Sending it
// twice is harmless.
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

// Number is the run's number among all runs that its host ever sent, including those of
// lost journals. A later run has a larger number.
func (o *Outbound) Number() uint64 { return o.NumberOf(o.Seq) }

// NumberOf is the number of an earlier run of the same journal.
func (o *Outbound) NumberOf(seq uint64) uint64 { return o.Begun<<numberBits | seq }

// numberBits are enough for a run a minute in five hundred years.
const numberBits = 28

// KnowsJournal reports whether a run's number says which journal it is from. The
// numbers of earlier versions start again at 1 when a journal was lost.
func KnowsJournal(number uint64) bool { return number >= 1<<numberBits }

// OutInterval is an interval with its LUN as it was at the commit.
type OutInterval struct {
	Key Key
	LUN *mapper.LUN
	Interval
}

// OutBin is a closed bin of a roll-up.
type OutBin struct {
	Width time.Duration // 15 minutes or an hour
	// RowsBefore is how many rows the bin already has: after a step back of the clock,
	// a bin is closed once more.
	RowsBefore uint32
	OutInterval
}

// OutEntry is a ledger entry on its way.
type OutEntry struct {
	Order  uint64 // of its LUN among all, by first sight: reports list LUNs so
	Opened uint64 // number of the run that wrote it first; 0 is unknown
	mapper.Entry
}

// OutSpace is a filesystem's space with its LUN as it was at the commit.
type OutSpace struct {
	KeySpace
	LUN *mapper.LUN
}

// Refused is a point that a store will never take: its run, the point, and the reason.
type Refused struct {
	Seq    uint64 // the run's, see [Outbound]
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
	Critical bool      // waiting won't help
}
