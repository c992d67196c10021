package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"lunstat/render/facts"
)

// pagePicture is a picture on the page.
type pagePicture struct {
	File          string
	Name          string
	Alt           string // what the picture says, for those who can't see it
	Width, Height int    // in pixels of the page; 0: not known
	Sharp         string // the same picture for sharp screens; "": there is none
	Also          []pageLink
}

type pageLink struct{ File, Name string }

// pageFinding is a finding with the place of its LUN's picture; "": it is about a host.
type pageFinding struct {
	File        string
	Title, Says string // together its sentence; the title of a LUN must be seen first
	Next        []string
	Calm        bool // it calls for nobody
}

// How much the page shows unfolded.
const (
	mostPictures = 20
	mostUnfolded = 20 // findings, gaps
)

func (d *data) pageFindings() (first, more []pageFinding) {
	told := facts.Leading(d.findings)
	all := make([]pageFinding, len(told))
	for i, f := range told {
		all[i] = pageFinding{Says: unparted(visible(f.Text)), Calm: !f.Troubling()}
		if says, ok := strings.CutPrefix(f.Text, f.Title+": "); ok {
			all[i].Title, all[i].Says = visible(f.Title), unparted(visible(says))
		}
		for _, n := range f.Next {
			all[i].Next = append(all[i].Next, visible(n))
		}
		if f.Of >= 0 {
			all[i].File = d.luns[f.Of].file
		}
	}
	n := min(len(all), mostUnfolded)
	return all[:n], all[n:]
}

// pageOverviews are the strip and the pictures of all LUNs.
func (d *data) pageOverviews(pictures []picture) (strip *pagePicture, rest []pagePicture) {
	for i := range pictures {
		p := &pictures[i]
		switch {
		case p.lun != nil:
		case p.in("png") == weekFile:
			part := d.pagePicture(p, d.stripSays())
			strip = &part
		case strings.HasPrefix(p.file, "disk-space"):
			rest = append(rest, d.pagePicture(p, d.says(facts.KindFull, facts.KindGone)))
		default:
			rest = append(rest, d.pagePicture(p, d.says(facts.KindSlow, facts.KindStalled)))
		}
	}
	return strip, rest
}

// stripSays is the headline of the strip.
func (d *data) stripSays() string {
	v := d.verdict(d.weekRows())
	text := v.title
	if len(v.says) > 0 {
		text += ": " + strings.Join(v.says, "; ")
	}
	for _, l := range v.lines {
		text = strings.TrimSuffix(text, ".") + ". " + l
	}
	return text
}

// quiet is what is said where no finding calls for anybody; "" where one does.
func (d *data) quiet() string {
	if slices.ContainsFunc(d.findings, func(f facts.Finding) bool { return f.Troubling() && f.Kind != facts.KindGap }) {
		return ""
	}
	if !d.complete.whole {
		return "No LUN was slow, stalled or nearly full, as far as there is data."
	}
	return "No LUN was slow, stalled or nearly full."
}

// says is what the findings of some kinds say in one line; no kind means all.
func (d *data) says(kinds ...facts.Kind) string {
	var said []string
	for _, f := range facts.LeadingOf(d.findings, kinds...) {
		said = append(said, visible(f.Text))
	}
	switch {
	case len(said) == 0 && d.complete.whole:
		return "nothing found that needs a look"
	case len(said) == 0:
		return "nothing found that needs a look, as far as there is data"
	case len(said) > 1:
		return fmt.Sprintf("%s; and %d more", said[0], len(said)-1)
	}
	return said[0]
}

// pagePicture is a picture with what it says.
func (d *data) pagePicture(p *picture, says string) pagePicture {
	out := pagePicture{File: p.file, Name: p.name, Alt: p.name + ": " + says, Width: p.width, Height: p.height}
	if d.opt.Sharp && p.in("png") == p.file {
		out.Sharp = p.on(medium{format: "png", scale: 2})
	}
	for _, format := range d.opt.Formats {
		if file := p.in(format); file != p.file {
			out.Also = append(out.Also, pageLink{file, strings.ToUpper(format)})
		}
	}
	return out
}

// lunVerdict is what a LUN's picture says.
func (d *data) lunVerdict(i int) string {
	l := d.luns[i]
	var said []string
	for _, f := range facts.Leading(d.findings) {
		if f.Of == i {
			said = append(said, strings.TrimPrefix(visible(f.Text), l.title+": "))
		}
	}
	if len(said) > 0 {
		return strings.Join(said, "; ")
	}
	views := l.views(iops)
	if len(views) == 0 || views[0].stats.mean != views[0].stats.mean {
		return "no I/O is known"
	}
	s := views[0].stats
	return fmt.Sprintf("nothing found that needs a look; %s I/O/s in the mean, %s at most", number(s.mean, 0), number(s.max, 0))
}

// inOrderOfTrouble are the places of the LUNs: first those with a finding, the worst
// first. If there are more than the page shows unfolded, the busiest come next.
func (d *data) inOrderOfTrouble() (order []int) {
	worst := make([]int, len(d.luns))
	for i := range worst {
		worst[i] = len(d.findings)
	}
	for n, f := range d.findings {
		if f.Of >= 0 {
			worst[f.Of] = min(worst[f.Of], n)
		}
		for i, l := range d.luns {
			if slices.Contains(f.With, l.title) {
				worst[i] = min(worst[i], n)
			}
		}
	}
	for i := range d.luns {
		order = append(order, i)
	}
	if len(order) > mostPictures {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(d.luns[b].meanIOPS(), d.luns[a].meanIOPS()) })
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(worst[a], worst[b]) })
	return order
}

// meanIOPS is 0 where it is not known.
func (l *lun) meanIOPS() float64 {
	sum := 0.0
	for _, v := range l.views(iops) {
		sum += finite(v.stats.mean)
	}
	return sum
}
