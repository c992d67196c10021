package health

// Bound is the two limits of a figure, for a warning and for critical; 0 turns one off.
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

// Bounds are the limits that status applies.
type Bounds struct {
	LastRunS       Bound // age of the last run, seconds
	UtilPercent    Bound
	AwaitFactor    Bound // multiples of the role's await limit
	SpacePercent   Bound // df's Use%
	InodesPercent  Bound
	JournalPercent Bound // df's Use% of the journal's own filesystem
	Backlog        Bound // runs that wait to be forwarded
}
