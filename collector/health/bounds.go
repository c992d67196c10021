package health

// Bound is the two limits of a figure, in the figure's own unit, for a warning and for
// critical; 0 turns one off.
type Bound struct {
	Warning, Critical float64
}

// judge gives the severity of a value at or above a bound.
func (b Bound) judge(v float64) Severity {
	switch {
	case b.Critical > 0 && v >= b.Critical:
		return Critical
	case b.Warning > 0 && v >= b.Warning:
		return Warning
	}
	return OK
}

// orOwn is a bound whose warning a LUN's own limit replaces; 0: it has none. What is
// critical can't be below that.
func (b Bound) orOwn(limit float64) Bound {
	if limit == 0 {
		return b
	}
	b.Warning = limit
	if b.Critical > 0 {
		b.Critical = max(b.Critical, limit)
	}
	return b
}

// Bounds are the limits that status applies.
type Bounds struct {
	LastRunS       Bound // age of the last run, seconds
	UtilPercent    Bound // of LUNs without their own limit, as SpacePercent
	AwaitFactor    Bound // multiples of the LUN's await limit
	P99Factor      Bound // multiples of the LUN's await limit that 1 in 100 I/Os took
	SpacePercent   Bound // df's Use%
	InodesPercent  Bound
	JournalPercent Bound // df's Use% of the journal's own filesystem
	Backlog        Bound // runs that wait to be forwarded
}
