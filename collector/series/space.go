package series

import "time"

// Space is the size and use of a LUN's filesystem at one instant, from statfs(2). A LUN
// without a filesystem has none.
type Space struct {
	At         time.Time `json:"At"`
	SizeBytes  uint64    `json:"SizeBytes"`  // f_blocks × f_frsize
	UsedBytes  uint64    `json:"UsedBytes"`  // (f_blocks − f_bfree) × f_frsize
	AvailBytes uint64    `json:"AvailBytes"` // f_bavail × f_frsize: free to others than root
	FreeBytes  uint64    `json:"FreeBytes"`  // f_bfree × f_frsize: free to root
	Inodes     uint64    `json:"Inodes"`     // f_files; 0 where the filesystem has no fixed number (btrfs)
	InodesUsed uint64    `json:"InodesUsed"` // f_files − f_ffree
}

// UsedPercent is df's Use%: used / (used + available), rounded up to a whole percent.
// It is not ok for a filesystem of size 0.
func (s *Space) UsedPercent() (percent int, ok bool) {
	u, total := s.UsedBytes, s.UsedBytes+s.AvailBytes
	if total == 0 {
		return 0, false
	}
	percent = int(float64(u) / float64(total) * 100)
	if uint64(percent)*total < u*100 {
		percent++
	}
	return percent, true
}

// UsedRatio is the same share unrounded, 0 to 1, for curves.
func (s *Space) UsedRatio() (ratio float64, ok bool) {
	total := s.UsedBytes + s.AvailBytes
	if total == 0 {
		return 0, false
	}
	return float64(s.UsedBytes) / float64(total), true
}

// Room is what a filesystem has left for others than root.
type Room uint8

// The rooms, from much to none. [Thinner] keeps each moment at which one follows another.
const (
	RoomLeft   Room = iota
	RoomLittle      // df's Use% is 100: more than 99 % are used
	RoomNone        // next to nothing: 99.95 % and more
)

// RoomOf is the room of a filesystem with so many bytes.
func RoomOf(used, avail uint64) Room {
	switch ratio := float64(used) / float64(used+avail); {
	case ratio >= 0.9995:
		return RoomNone
	case ratio > 0.99:
		return RoomLittle
	}
	return RoomLeft
}

// turns reports that a filesystem filled up, or got room again, from one answer to the next.
func (s *Space) turns(next *Space) bool {
	if s.UsedBytes+s.AvailBytes == 0 || next.UsedBytes+next.AvailBytes == 0 {
		return false // it said nothing
	}
	return RoomOf(s.UsedBytes, s.AvailBytes) != RoomOf(next.UsedBytes, next.AvailBytes)
}
