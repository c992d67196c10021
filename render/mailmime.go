package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
	"sync"
	"time"
)

// message is a mail with a text part, an HTML part and the picture that the HTML shows.
//
// The standard library builds it: the same run has to give the same bytes, boundaries
// included, and the mail libraries that were looked at draw those at random.
type message struct {
	from, to []*mail.Address // without "@" an address is a local user's name
	subject  string
	date     time.Time
	id       string // the part of the Message-ID before the "@"
	host     string // the part after it
	text     string
	html     string
	picture  []byte // a PNG, shown as cid:week.png; nil: none
}

// pictureID is the picture's Content-ID, for an URL of the scheme cid.
const pictureID = "week.png"

// bytes is the message as sendmail takes it: lines end in LF, as everywhere on Unix.
// An MTA makes them CRLF; some would make CRLF a doubled CR.
func (m *message) bytes() ([]byte, error) {
	head, err := m.head()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	outer, err := m.multipart(&b, "alternative")
	if err != nil {
		return nil, err
	}
	head = append(head, header{"Content-Type", multipartType("alternative", outer.Boundary())})
	if err := m.parts(outer); err != nil {
		return nil, err
	}
	if err := outer.Close(); err != nil {
		return nil, err
	}
	var all bytes.Buffer
	for _, h := range head {
		all.WriteString(h.name + ": " + h.value + "\r\n")
	}
	all.WriteString("\r\n")
	all.Write(b.Bytes())
	return bytes.ReplaceAll(all.Bytes(), []byte("\r\n"), []byte("\n")), nil
}

// parts are the text and, related to each other, the HTML and its picture.
func (m *message) parts(outer *multipart.Writer) error {
	if err := quoted(outer, "text/plain; charset=utf-8", m.text); err != nil {
		return err
	}
	if m.picture == nil {
		return quoted(outer, "text/html; charset=utf-8", m.html)
	}
	var b bytes.Buffer
	inner, err := m.multipart(&b, "related")
	if err != nil {
		return err
	}
	if err := quoted(inner, "text/html; charset=utf-8", m.html); err != nil {
		return err
	}
	if err := m.attach(inner); err != nil {
		return err
	}
	if err := inner.Close(); err != nil {
		return err
	}
	w, err := outer.CreatePart(textproto.MIMEHeader{"Content-Type": {multipartType("related", inner.Boundary())}})
	if err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// quoted writes a part of text in lines that no MTA breaks or refuses.
func quoted(to *multipart.Writer, kind, text string) error {
	w, err := to.CreatePart(textproto.MIMEHeader{
		"Content-Type":              {kind},
		"Content-Transfer-Encoding": {"quoted-printable"},
	})
	if err != nil {
		return err
	}
	q := quotedprintable.NewWriter(w)
	// A CR alone would make it put what follows in another order (Go 1.26).
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	if _, err := io.WriteString(q, text); err != nil {
		return err
	}
	return q.Close()
}

// attach writes the picture.
func (m *message) attach(to *multipart.Writer) error {
	w, err := to.CreatePart(textproto.MIMEHeader{
		"Content-Type":              {"image/png"},
		"Content-Transfer-Encoding": {"base64"},
		"Content-Id":                {"<" + pictureID + ">"},
		"Content-Disposition":       {mime.FormatMediaType("inline", map[string]string{"filename": weekFile})},
	})
	if err != nil {
		return err
	}
	text := base64.StdEncoding.EncodeToString(m.picture)
	for len(text) > 0 {
		n := min(len(text), 76) // RFC 2045
		if _, err := io.WriteString(w, text[:n]+"\r\n"); err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}

// multipart begins a part that has parts, with a boundary computed from the message.
func (m *message) multipart(w io.Writer, kind string) (*multipart.Writer, error) {
	mw := multipart.NewWriter(w)
	sum := sha256.Sum256([]byte(kind + m.id + m.host + m.text))
	return mw, mw.SetBoundary("lunstat-" + kind + "-" + hex.EncodeToString(sum[:12]))
}

func multipartType(kind, boundary string) string {
	return "multipart/" + kind + ";\r\n boundary=\"" + boundary + "\""
}

// header is one line at a message's head, folded and encoded.
type header struct{ name, value string }

// head are the headers but for the body's kind.
func (m *message) head() ([]header, error) {
	list := []header{
		{"Date", m.date.Format("Mon, 02 Jan 2006 15:04:05 -0700")},
		{"Message-ID", "<" + idWord(m.id) + "@" + idWord(m.host) + ">"},
		{"Subject", subjectLine(m.subject)},
		{"Auto-Submitted", "auto-generated"}, // RFC 3834: no vacation answers
		{"MIME-Version", "1.0"},
	}
	for _, a := range []struct {
		name string
		of   []*mail.Address
	}{{"To", m.to}, {"From", m.from}} {
		text, err := addresses(a.of)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.name, err)
		}
		if text != "" {
			list = append([]header{{a.name, text}}, list...)
		}
	}
	return list, nil
}

// idWord keeps what a Message-ID may have.
func idWord(s string) string {
	s = strings.Trim(regexp.MustCompile(`[^A-Za-z0-9.-]+|\.\.+`).ReplaceAllString(cut(s, 128), "-"), "-.")
	if s == "" {
		return "localhost"
	}
	return s
}

// mostSubject is how many characters of a subject are read anywhere.
const mostSubject = 150

// subjectLine encodes and folds a subject. Nothing in it ends the line: visible makes
// dots of all control characters. The words before the first one that is not ASCII stay
// as they are: an encoded one is too long for the line that the header begins, and some
// readers would show the fold before it as a blank.
func subjectLine(s string) string {
	s = strings.ReplaceAll(visible(s), "=?", "= ?") // else a name could pass for an encoded word
	words := strings.Fields(briefly(strings.Join(strings.Fields(s), " "), mostSubject))
	plain := 0
	for plain < len(words) && mime.QEncoding.Encode("utf-8", words[plain]) == words[plain] {
		plain++
	}
	if rest := strings.Join(words[plain:], " "); rest != "" {
		words = append(words[:plain:plain], mime.QEncoding.Encode("utf-8", rest))
	}
	return fold(len("Subject: "), strings.Join(words, " "))
}

// briefly cuts a text to so many characters.
func briefly(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// mostLine is how long a header's lines are at most, where there are blanks to
// break them at.
const mostLine = 76

// fold breaks a header's value into lines at its blanks.
func fold(at int, value string) string {
	var b strings.Builder
	for i, word := range strings.Split(value, " ") {
		switch {
		case i == 0 && at+len(word) <= mostLine:
		case at+1+len(word) > mostLine:
			b.WriteString("\r\n ")
			at = 1
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += len(word)
	}
	return b.String()
}

// errAddress: an address that would not stay one in a header.
var errAddress = errors.New("not a mail address")

// localUser is a name that the MTA completes by its own domain.
var localUser = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9._+-]{1,64}$`)
})

// addresses writes a list for a header, one a line.
func addresses(all []*mail.Address) (string, error) {
	var out []string
	for _, a := range all {
		switch {
		case localUser().MatchString(a.Address) && a.Name == "":
			out = append(out, a.Address)
		case localUser().MatchString(a.Address):
			name, _, _ := strings.Cut((&mail.Address{Name: a.Name, Address: "a@a"}).String(), " <")
			out = append(out, name+" <"+a.Address+">")
		default:
			text := a.String()
			if _, err := mail.ParseAddress(text); err != nil || visible(a.Address) != a.Address {
				return "", fmt.Errorf("%w: %q", errAddress, a.Address)
			}
			out = append(out, text)
		}
	}
	return strings.Join(out, ",\r\n "), nil
}
