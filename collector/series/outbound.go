package series

import (
	"time"

	"lunstat/mapper"
)

// Outbound is one committed run on its way to the store that a fleet reports
// from: the same each time that it is asked for, since tags and time stamps are
// those of the commit. Sending it twice is harmless.
type Outbound struct {
	Seq       uint64 // of the run in the journal: the cursor once this was sent
	Same      uint32 // how many earlier runs ended in the same second: the nanoseconds of its time stamps
	Run       Run
	Intervals []OutInterval
	Bins      []OutBin // roll-ups that this run's commit closed
	Spaces    []OutSpace
	Ledger    []OutEntry // what this run found changed, and daily all
}

// OutInterval is an interval with what its LUN was at the commit.
type OutInterval struct {
	Key Key
	LUN *mapper.LUN
	Interval
}

// OutBin is a closed bin of a roll-up.
type OutBin struct {
	Width time.Duration // 15 minutes or an hour
	Again uint32        // how many rows the bin had before: it is closed again after a step back of the clock
	OutInterval
}

// OutEntry is a ledger entry and the place of its LUN in the order of first sight,
// in which a report lists LUNs.
type OutEntry struct {
	Seen uint64
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

// Forwarding is how it stands with a store that runs are forwarded to.
type Forwarding struct {
	Pending  int       // runs that it has not got yet
	Since    time.Time // the oldest of them
	Dropped  int       // runs of which it will only get the roll-ups: they waited too long
	Refused  int       // points that it would not take, set aside
	Lost     int       // points that it would not take, more than are set aside
	RetryAt  time.Time // it asked for peace until then; zero: it didn't
	Trouble  Warning   // why the last attempt failed; What is "" where it didn't
	Critical bool      // waiting won't mend that
}
