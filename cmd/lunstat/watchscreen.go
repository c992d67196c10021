package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// The terminal's sequences for a screen of its own, so that what was there comes back.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l"
	leaveScreen = "\x1b[?25h\x1b[?1049l"
	home        = "\x1b[H"
	clearRest   = "\x1b[J"
	clearLine   = "\x1b[K"
)

// onScreen redraws the table until q, a signal, or so many intervals. It leaves the
// terminal as it found it.
func (w *watcher) onScreen(ctx context.Context, e *env, o watchOptions) error {
	keys := make(chan string)
	if f, ok := e.Stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		was, err := term.MakeRaw(int(f.Fd()))
		if err == nil {
			defer term.Restore(int(f.Fd()), was)
			go readKeys(f, keys)
		}
	}
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	defer signal.Stop(resized)
	if _, err := io.WriteString(e.Stdout, enterScreen); err != nil {
		return nil
	}
	defer io.WriteString(e.Stdout, leaveScreen)
	tick := time.NewTicker(o.every + slack)
	defer tick.Stop()
	for n := 0; ; {
		if err := w.draw(e); err != nil {
			return nil // the terminal is gone
		}
		select {
		case <-ctx.Done():
			return nil
		case <-resized:
		case key := <-keys:
			if w.table.key(key) {
				return nil
			}
		case <-tick.C:
			if w.table.stopped {
				continue
			}
			closed, err := w.read(ctx)
			if err != nil {
				return err
			}
			if closed {
				n++
			}
			if o.count > 0 && n == o.count {
				return nil
			}
		}
	}
}

// draw writes the whole screen in one piece.
func (w *watcher) draw(e *env) error {
	columns, rows := 80, 24
	if f, ok := e.Stdout.(descriptor); ok {
		if x, y, err := term.GetSize(int(f.Fd())); err == nil && x > 0 && y > 0 {
			columns, rows = x, y
		}
	}
	lines := w.table.frame(columns, rows)
	_, err := io.WriteString(e.Stdout, home+strings.Join(lines, clearLine+"\r\n")+clearLine+clearRest)
	return err
}

// readKeys hands on what is typed: a character, or the sequence of a key such as "up".
func readKeys(f io.Reader, keys chan<- string) {
	buf := make([]byte, 64)
	for {
		n, err := f.Read(buf)
		for text := buf[:n]; len(text) > 0; {
			key, length := oneKey(text)
			keys <- key
			text = text[length:]
		}
		if err != nil {
			keys <- "q"
			return
		}
	}
}

// oneKey takes the first key of what was read.
func oneKey(text []byte) (key string, length int) {
	for seq, key := range map[string]string{
		"\x1b[A": "up", "\x1b[B": "down", "\x1b[C": "right", "\x1b[D": "left",
		"\x1bOA": "up", "\x1bOB": "down", "\x1bOC": "right", "\x1bOD": "left",
		"\x1b[5~": "page up", "\x1b[6~": "page down",
	} {
		if strings.HasPrefix(string(text), seq) {
			return key, len(seq)
		}
	}
	_, n := utf8.DecodeRune(text)
	return string(text[:n]), n
}

// key does what a key says, and reports whether it ends the watch.
func (t *watchTable) key(key string) (end bool) {
	if t.typing {
		t.typed(key)
		return key == "\x03"
	}
	const page = 10
	switch key {
	case "q", "Q", "\x03": // Ctrl-C: the terminal is raw
		return true
	case "left", "<":
		t.sortBy(-1)
	case "right", ">":
		t.sortBy(1)
	case "r":
		t.reversed = !t.reversed
	case "/":
		t.typing = true
	case " ":
		t.stopped = !t.stopped
	case "l":
		t.layers = map[string]string{"luns": "maps", "maps": "all", "all": "luns"}[t.layers]
	case "up", "k":
		t.top--
	case "down", "j":
		t.top++
	case "page up":
		t.top -= page
	case "page down":
		t.top += page
	case "\x1b":
		t.filter = ""
	}
	return false
}

// sortBy goes on to the next column on the screen, or back.
func (t *watchTable) sortBy(step int) {
	if n := len(t.sortable); n > 0 {
		t.sort = t.sortable[(slices.Index(t.sortable, t.sort)+step+n)%n]
	}
}

// typed takes a key for the filter.
func (t *watchTable) typed(key string) {
	switch key {
	case "\r", "\n":
		t.typing = false
	case "\x1b", "\x03":
		t.typing, t.filter = false, ""
	case "\x7f", "\b":
		_, n := utf8.DecodeLastRuneInString(t.filter)
		t.filter = t.filter[:len(t.filter)-n]
	default:
		const longest = 100
		if r, n := utf8.DecodeRuneInString(key); n == len(key) && r >= ' ' && len(t.filter) < longest {
			t.filter += key
		}
	}
}
