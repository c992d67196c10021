package mapper

import "slices"

// Level is one device of a chain, with what is below it.
type Level struct {
	LUN   *LUN
	Below []Level
	Asked bool // it is the device that the chain is of
}

// Chain gives the devices above and below one, as trees from the top: from the LUNs
// that use it, by the branches that lead to it, down to the disks and paths. A device
// that nothing uses is the top of its own tree. i is the device's place in devs.
//
// files says on which device the file of a loop device lies, see [LoopFiles]; nil: no
// chain goes through a file.
func Chain(devs []LUN, i int, files map[string]string) []Level {
	c := chain{devs: devs, files: files, at: make(map[string]int, len(devs)), above: make(map[int][]int)}
	for j := range devs {
		c.at[devs[j].Kernel] = j
	}
	for j := range devs {
		for _, k := range c.below(j) {
			c.above[k] = append(c.above[k], j)
		}
	}
	c.wanted, c.branch, c.left = make(map[int]bool), make(map[int]bool), mostLevels
	c.climb(i)
	if len(c.tops) == 0 {
		c.tops = []int{i} // all above it is a ring
	}
	var trees []Level
	for _, top := range c.tops {
		trees = append(trees, c.level(top, i, false, 0))
	}
	return trees
}

type chain struct {
	devs   []LUN
	files  map[string]string // by the kernel's name of a loop device
	at     map[string]int
	above  map[int][]int
	wanted map[int]bool // the device, and all above it
	tops   []int
	branch map[int]bool // from the top to here: torn facts may make a ring
	left   int          // levels that may still be shown
}

// mostLevels is far above what a chain has: facts torn into a web have no end.
const mostLevels = 20_000

// below are the devices on which one rests: what sysfs has, and the paths of a map that
// were thrown out of it.
func (c *chain) below(i int) (below []int) {
	names := slices.Clone(c.devs[i].Slaves)
	if under := c.files[c.devs[i].Kernel]; under != "" {
		names = append(names, under)
	}
	for _, p := range c.devs[i].Paths {
		if !slices.Contains(names, p.Kernel) {
			names = append(names, p.Kernel)
		}
	}
	for _, name := range names {
		if j, ok := c.at[name]; ok && j != i {
			below = append(below, j)
		}
	}
	return below
}

func (c *chain) climb(i int) {
	if c.wanted[i] { // also where sysfs is torn into a ring
		return
	}
	c.wanted[i] = true
	if len(c.above[i]) == 0 {
		c.tops = append(c.tops, i)
	}
	for _, j := range c.above[i] {
		c.climb(j)
	}
}

// level is a device with what is below it. Above the one that is asked about only the
// branches that lead to it are shown.
func (c *chain) level(i, asked int, under bool, depth int) Level {
	l := Level{LUN: &c.devs[i], Asked: i == asked}
	if c.left--; depth == deepest || c.left < 0 {
		return l
	}
	under = under || l.Asked
	c.branch[i] = true
	for _, j := range c.below(i) {
		if !c.branch[j] && (under || c.wanted[j]) {
			l.Below = append(l.Below, c.level(j, asked, under, depth+1))
		}
	}
	c.branch[i] = false
	return l
}
