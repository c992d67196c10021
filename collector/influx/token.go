package influx

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"lunstat/mapper"
)

// OpenTokenError is a token file that others may read.
type OpenTokenError struct {
	File string
	Mode os.FileMode
}

func (e *OpenTokenError) Error() string {
	return fmt.Sprintf("token file %s may be read by others (mode %04o)", e.File, e.Mode.Perm())
}

// Hint is the command that fixes it.
func (e *OpenTokenError) Hint() string { return "chmod 600 " + mapper.ShellWord(e.File) }

// NoTokenError is a token file that doesn't exist.
type NoTokenError struct {
	File string
	Err  error
}

func (e *NoTokenError) Error() string { return fmt.Sprintf("the token file %s does not exist", e.File) }

func (e *NoTokenError) Unwrap() error { return e.Err }

// Hint says how to get one.
func (e *NoTokenError) Hint() string {
	return "`lunstat setup influx` prints the commands that make a token; write the token into the file (chmod 600), or set LUNSTAT_INFLUX_TOKEN"
}

// ReadToken reads a token file: one line. A file that its group or others may
// read is refused with an [OpenTokenError].
func ReadToken(file string) (string, error) {
	f, err := mapper.OpenRegular(file)
	if errors.Is(err, os.ErrNotExist) {
		return "", &NoTokenError{File: file, Err: err}
	}
	if err != nil {
		return "", fmt.Errorf("reading the InfluxDB token: %w", err)
	}
	defer f.Close()
	info, err := f.Stat() // of the open file: by now, the name may be another file's
	if err != nil {
		return "", fmt.Errorf("reading the InfluxDB token: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", &OpenTokenError{File: file, Mode: info.Mode()}
	}
	buf := make([]byte, 4097)
	n, err := f.Read(buf)
	if err != nil && n > 0 || n == len(buf) {
		return "", fmt.Errorf("token file %s: must be one line with the token", file)
	}
	const mark = "\ufeff" // some editors begin a file with it
	token := strings.TrimSpace(strings.TrimPrefix(string(buf[:n]), mark))
	if token == "" || strings.ContainsAny(token, "\n\r\x00") {
		return "", fmt.Errorf("token file %s: must be one line with the token", file)
	}
	return token, nil
}
