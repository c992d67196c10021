package mailstore

import "lunstat/collector/series"

// reservePercent is what ext3 keeps for root.
const reservePercent = 5

// fsBytes is the filesystem's size: ext3's tables take a little of the volume.
func (l *lun) fsBytes() int64 { return l.sizeGiB * gib / 1000 * 984 &^ 4095 }

// fill keeps a share of what was written, and sheds once a day what a volume
// only holds for a day.
func (l *lun) fill(written int64, minute int) {
	if l.shedAt != 0 && minute == l.shedAt {
		l.used = l.usedAtStart()
		return
	}
	kept := written / 1000 * l.keep
	l.used = min(l.used+kept, l.mostUsed())
}

// mostUsed leaves root's reserve alone.
func (l *lun) mostUsed() int64 { return l.fsBytes() / 100 * (100 - reservePercent) }

func (l *lun) usedAtStart() int64 { return l.fsBytes() / 1000 * l.usedPermille }

// askSpace is statfs of every mounted volume.
func (m *Model) askSpace() {
	for slot, l := range m.bySlot {
		at := &m.mapping[slot]
		if len(at.Mounts) == 0 {
			continue
		}
		size := l.fsBytes()
		used := l.used &^ 4095
		free := size - used
		m.spaces = append(m.spaces, series.KeySpace{
			Key:   series.Key{ID: at.ID, Host: Host, Source: series.SourceSimulated},
			Mount: at.Mounts[0].Point,
			Space: series.Space{
				At:         m.at,
				SizeBytes:  uint64(size),
				UsedBytes:  uint64(used),
				AvailBytes: uint64(max(0, free-size/100*reservePercent)),
				FreeBytes:  uint64(free),
				Inodes:     uint64(size >> 14), // mke2fs makes one for 16 KiB
				InodesUsed: uint64(used / l.fileBytes),
			},
		})
	}
}
