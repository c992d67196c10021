package facts

import (
	"fmt"

	"github.com/dustin/go-humanize"

	"lunstat/mapper"
)

// history finds what the ledger says changed about a LUN in the range. Its entries are
// one host's at a time, in order.
func (f *finder) history() {
	hosts := map[string]*mapper.Entry{}
	for i := range f.lun.History {
		e := &f.lun.History[i]
		was := hosts[e.Host]
		hosts[e.Host] = e
		if was == nil || !e.From.After(f.From) || e.From.After(f.To) {
			continue
		}
		f.renamed(was, e)
		f.resized(was, e)
	}
	f.readOnly()
}

// renamed is for somebody who looks for the former name. A kernel name or number that
// changed at a reboot isn't news: that is why there is a ledger.
func (f *finder) renamed(was, is *mapper.Entry) {
	a, b := was.LUN.DMName, is.LUN.DMName
	if a == "" || b == "" || a == b {
		return
	}
	f.event(Finding{Kind: KindRenamed, Host: is.Host, Since: is.From, Until: is.From},
		fmt.Sprintf("renamed on %s: it was %s", f.at(is.From), a))
}

func (f *finder) resized(was, is *mapper.Entry) {
	a, b := was.LUN.SizeBytes, is.LUN.SizeBytes
	if a == 0 || b == 0 || a == b {
		return
	}
	how := "grew"
	if b < a {
		how = "shrank"
	}
	f.event(Finding{Kind: KindResized, Host: is.Host, Since: is.From, Until: is.From, Worst: float64(b), WorstAt: is.From, Unit: "bytes"},
		fmt.Sprintf("%s on %s %s", how, f.at(is.From), fromTo(a, b)))
}

// fromTo is a change of size. Where both sizes read alike, it says by how much.
func fromTo(a, b uint64) string {
	was, is := humanize.IBytes(a), humanize.IBytes(b)
	if was != is {
		return "from " + was + " to " + is
	}
	return "by " + humanize.IBytes(max(a, b)-min(a, b)) + " to " + is
}

// event adds what is good to know: without a weight of its own.
func (f *finder) event(n Finding, says string) { f.add(n, says) }
