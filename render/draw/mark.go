package draw

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
	"slices"
)

// software is in each file that is written here: in a PNG as its Software, in SVG and PDF
// as a comment near the end.
const software = "lunstat"

const (
	endOfSVG     = "<!-- Made by " + software + " -->\n"
	commentInPDF = "% Made by " + software + "\n"
)

// signedPDF has the comment before the end of a PDF: there it moves nothing that has an
// offset in the file's table.
func signedPDF(file []byte) []byte {
	at := bytes.LastIndex(file, []byte("startxref\n"))
	if at < 0 {
		return file
	}
	return slices.Insert(file, at, []byte(commentInPDF)...)
}

// pngHead is how long a PNG's signature and first chunk are.
const pngHead = 8 + 25

// softwareChunk is a PNG's chunk that says what wrote it.
func softwareChunk() []byte {
	text := []byte("tEXtSoftware\x00" + software)
	out := binary.BigEndian.AppendUint32(nil, uint32(len(text)-4))
	out = append(out, text...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(text))
}

// signer puts the chunk behind a PNG's head.
type signer struct {
	w    io.Writer
	left int // bytes of the head to come
}

func (s *signer) Write(b []byte) (int, error) {
	if s.left == 0 {
		return s.w.Write(b)
	}
	n, err := s.w.Write(b[:min(len(b), s.left)])
	if s.left -= n; err != nil || s.left > 0 {
		return n, err
	}
	if _, err := s.w.Write(softwareChunk()); err != nil {
		return n, err
	}
	rest, err := s.w.Write(b[n:])
	return n + rest, err
}

// IsMarked reports whether a picture in a file was written by this package.
func IsMarked(file *os.File) (bool, error) {
	info, err := file.Stat()
	if err != nil {
		return false, err
	}
	const most = 128 // bytes at either end
	head, tail := make([]byte, most), make([]byte, most)
	n, err := file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return false, err
	}
	m, err := file.ReadAt(tail, max(info.Size()-most, 0))
	if err != nil && err != io.EOF {
		return false, err
	}
	head, tail = head[:n], tail[:m]
	return bytes.HasPrefix(head, []byte("\x89PNG")) && bytes.Contains(head, softwareChunk()) ||
		bytes.HasSuffix(tail, []byte(endOfSVG)) || bytes.HasPrefix(head, []byte("%PDF")) && bytes.Contains(tail, []byte(commentInPDF)), nil
}
