package influxtest

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Settle waits until the server's files have not changed for some seconds, or as
// long as patience lasts (1.8 never ends to compact where there are many shards),
// and gives their size: of shards and index, not of what is still in the log.
func (s *Server) Settle(patience time.Duration) (bytes int64) {
	s.t.Helper()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	same, last := 0, [2]int64{}
	for range patience / time.Second {
		<-tick.C
		files, logged := s.sizes()
		if now := [2]int64{files, logged}; now == last && files > 0 {
			same++
		} else {
			same, last = 0, now
		}
		if same == 10 {
			return files
		}
	}
	return last[0]
}

func (s *Server) sizes() (files, logged int64) {
	_ = filepath.WalkDir(s.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		switch {
		case strings.HasSuffix(path, ".wal"):
			logged += info.Size()
		case strings.HasSuffix(path, ".tsm"), strings.Contains(path, "/index/"):
			// The series file is sparse and allocated ahead: it says nothing.
			files += info.Size()
		}
		return nil
	})
	return files, logged
}
