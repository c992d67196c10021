package journal

import (
	"cmp"
	"database/sql"
	"errors"
	"slices"
	"sort"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
)

// ledgerOf says what LUNs were as of a run, by the numbers of runs: times would
// say otherwise after the clock was set back.
type ledgerOf struct {
	j    *Journal
	r    *reader
	all  []ledgerLine
	of   map[int64][]ledgerLine // by series, those that some run loaded was in
	gone map[goneKey]*mapper.LUN
}

// ledgerLine is an entry of the ledger as the file has it.
type ledgerLine struct {
	id, series     int64
	opened, closed uint64 // runs; closed 0: it holds still
	boot, source   string
	since, until   int64 // Unix seconds; until 0: it holds still
	colour         int
	lun            *mapper.LUN
}

type goneKey struct {
	series int64
	run    uint64
}

const ledgerColumns = `SELECT l.id, l.series, l.opened, coalesce(l.closed, 0), b.boot_id, s.source, l.since, coalesce(l.until, 0), l.colour, l.lun
	FROM ledger l JOIN series s ON s.id = l.series JOIN boot b ON b.id = l.boot`

// load reads the lines that hold at any run from first to last, or end at first.
func (l *ledgerOf) load(first, last uint64) error {
	l.of, l.gone = map[int64][]ledgerLine{}, map[goneKey]*mapper.LUN{}
	err := each(l.r.ctx, l.r.conn, func(rows *sql.Rows) error {
		line, err := l.scan(rows)
		l.all = append(l.all, line)
		return err
	}, ledgerColumns+` WHERE l.opened <= ?2 AND (l.closed IS NULL OR l.closed >= ?1) ORDER BY l.id`, first, last)
	for i := range l.all {
		if err == nil {
			err = l.mend(&l.all[i])
		}
		l.of[l.all[i].series] = append(l.of[l.all[i].series], l.all[i])
	}
	return err
}

// mend gives a line that can't be read a LUN all the same: see standIn.
func (l *ledgerOf) mend(line *ledgerLine) error {
	if line.lun != nil || line.id == 0 {
		return nil
	}
	lun, err := l.j.standIn(l.r.ctx, l.r.conn, line.id)
	if err == nil {
		line.lun = &lun
		l.j.memory.line(line.id, line.lun)
	}
	return err
}

// scan reads a line. The JSON of a line never changes, and is read once. If it can't be
// read, the line has no LUN: see mend.
func (l *ledgerOf) scan(row interface{ Scan(...any) error }) (line ledgerLine, err error) {
	var text []byte
	err = row.Scan(&line.id, &line.series, &line.opened, &line.closed, &line.boot, &line.source, &line.since, &line.until, &line.colour, &text)
	if err != nil {
		return line, err
	}
	if line.lun = l.j.memory.lines[line.id]; line.lun != nil {
		return line, nil
	}
	lun, err := parseLUN(string(text))
	if err != nil {
		l.j.damage.add(damagedLedger(), line.id, second(line.since))
		return line, nil
	}
	line.lun = &lun
	l.j.memory.line(line.id, line.lun)
	return line, nil
}

// at is what a series' LUN was at a run's commit, or had been last; nil if the ledger
// doesn't know it.
func (l *ledgerOf) at(of int64, run uint64) (*mapper.LUN, error) {
	lines := l.of[of]
	n := sort.Search(len(lines), func(i int) bool { return lines[i].opened > run })
	if n > 0 {
		return lines[n-1].lun, nil
	}
	k := goneKey{of, run}
	lun, known := l.gone[k]
	if known {
		return lun, nil
	}
	line, err := l.scan(l.r.row(ledgerColumns+` WHERE l.series = ? AND l.opened <= ? ORDER BY l.id DESC LIMIT 1`, of, run))
	if err == nil {
		err = l.mend(&line)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	l.gone[k] = line.lun
	return line.lun, nil
}

// entries are the lines of a run's host that began or ended behind the run prev;
// with all, also those that hold.
func (l *ledgerOf) entries(o *series.Outbound, prev uint64, all bool) (out []series.OutEntry) {
	for i := range l.all {
		line := &l.all[i]
		ended := line.closed != 0 && line.closed <= o.Seq
		changed := line.opened > prev && line.opened <= o.Seq || ended && line.closed > prev
		holds := line.opened <= o.Seq && !ended
		key := l.r.keys[line.series]
		host := key.Host
		if host != o.Run.Host || !changed && !(all && holds) {
			continue
		}
		e := mapper.Entry{Host: host, BootID: line.boot, Source: line.source, From: time.Unix(line.since, 0).UTC(), Colour: line.colour, LUN: *line.lun}
		e.LUN.ID = key.ID // JSON can't hold every identity
		if ended {
			e.To = time.Unix(line.until, 0).UTC()
		}
		out = append(out, series.OutEntry{Order: uint64(line.series), Opened: o.NumberOf(line.opened), Entry: e})
	}
	slices.SortStableFunc(out, func(a, b series.OutEntry) int { return cmp.Compare(a.Order, b.Order) })
	return out
}
