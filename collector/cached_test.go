package collector

import (
	"testing"
	"time"

	"lunstat/mapper"
	"lunstat/mapper/hosttest"
)

// dmsetup suspend makes no uevent, so that last run's devices hold; that it is
// suspended must be seen all the same.
func TestSuspendedWithoutUevent(t *testing.T) {
	c := newCrond(t, hosttest.Mail()...)
	c.run(time.Minute)
	c.host.Pass(time.Minute)
	c.host.Write("sys/block/dm-13/dm/suspended", "1\n")
	seq, _ := mapper.UeventSeq(c.host.Paths)
	if c.state.UeventSeq != seq {
		t.Fatalf("the host's count of uevents went from %d to %d by itself", c.state.UeventSeq, seq)
	}
	c.run(2 * time.Minute)
	for _, l := range c.state.Mapping {
		if l.Suspended != (l.Name() == "zimbra1_sqldb-data") {
			t.Errorf("%s: suspended is %v", l.Name(), l.Suspended)
		}
	}
	for _, l := range c.minutes[0].State.Mapping {
		if l.Suspended {
			t.Errorf("%s was suspended a minute before", l.Name())
		}
	}
}
