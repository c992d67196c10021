package render

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os/exec"
	"strings"
	"testing"
	"time"

	"lunstat/collector/series"
	"lunstat/mapper"
	"lunstat/render/facts"
)

// hostile are names that would like to be headers, markup or encoded words.
const hostile = "MySQL\r\nBcc: thief@example.com\r\n\r\n<script>alert(1)</script> =?utf-8?q?=0D=0AX:_y?= Däten 日本語\u202e"

// slowSource is a made host with a LUN that was slow all the time.
func slowSource(label, host string) *memory {
	luns := madeLUNs(3)
	luns[0].Label = label
	m := made{luns: luns, start: monday, every: time.Minute, n: 600, host: host, space: func(l, i int) int { return 500 + 10*l }}.source()
	for i := range m.intervals[keyOf(luns[0], host)] {
		m.intervals[keyOf(luns[0], host)][i].Set(series.SlowMS, 60_000)
	}
	return m
}

func keyOf(l mapper.LUN, host string) series.Key {
	return series.Key{ID: l.ID, Host: host, Source: series.SourceHost}
}

// mailed draws a report and gives its mail.
func mailed(t *testing.T, src Source, o Options) []byte {
	t.Helper()
	if o.Now = monday.Add(24 * time.Hour); o.Out == "" {
		o.Out = t.TempDir()
	}
	o.level = png.NoCompression // of the files; the mail has its own
	if o.Mail == nil {
		o.Mail = &Mail{To: []*mail.Address{{Name: "Störung", Address: "storage@example.com"}, {Address: "root@box.example"}}, From: &mail.Address{Name: "lunstat", Address: "lunstat@box.example"}, Host: "box.example"}
	}
	res, err := Report(context.Background(), src, o)
	if err != nil {
		t.Fatal(err)
	}
	return res.Mail
}

// parsed is a mail as a reader that is not ours sees it.
type parsed struct {
	Headers map[string][]string
	Parts   []struct{ Kind, ID, Name, Text string }
	Defects []string
	Size    int
}

// readMail is how Python's parser reads a mail.
const readMail = `
import sys, json, email, email.policy
raw = sys.stdin.buffer.read()
m = email.message_from_bytes(raw, policy=email.policy.default)
out = {"Headers": {}, "Parts": [], "Defects": [], "Size": len(raw)}
for k, v in m.items():
    out["Headers"].setdefault(k, []).append(str(v))
    out["Defects"] += [k + ": " + str(d) for d in v.defects]
for p in m.walk():
    out["Defects"] += [str(d) for d in p.defects]
    c = p.get_payload(decode=True) or b""
    text = c.decode("latin-1") if p.get_content_maintype() == "image" else c.decode("utf-8")
    out["Parts"].append({"Kind": p.get_content_type(), "ID": str(p.get("Content-ID", "")), "Name": p.get_filename() or "", "Text": text})
json.dump(out, sys.stdout)
`

func python(t *testing.T, message []byte) (p parsed) {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3, whose MIME parser is not ours")
	}
	cmd := exec.Command(path, "-c", readMail)
	cmd.Stdin = bytes.NewReader(message)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python's email: %v", err)
	}
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestMailOfHostileNames: no name of a LUN, host or group gets into a header or is
// markup, and what isn't ASCII arrives.
func TestMailOfHostileNames(t *testing.T) {
	message := mailed(t, slowSource(hostile, "höst\r\nCc: x@example.com"), Options{From: monday, To: monday.Add(10 * time.Hour)})
	head, _, _ := bytes.Cut(message, []byte("\n\n"))
	for line := range strings.Lines(string(head)) {
		if len(line) > 79 || strings.ContainsFunc(line, func(r rune) bool { return r > 126 || r < 32 && r != '\n' }) {
			t.Errorf("header line %q", line)
		}
	}
	p := python(t, message)
	if len(p.Defects) > 0 {
		t.Errorf("defects: %v", p.Defects)
	}
	want := []string{"Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"}
	for _, name := range want {
		if len(p.Headers[name]) != 1 {
			t.Errorf("%s: %q", name, p.Headers[name])
		}
	}
	if len(p.Headers) != len(want) {
		t.Errorf("headers %v, want %v", p.Headers, want)
	}
	if to := p.Headers["To"][0]; to != "Störung <storage@example.com>, root@box.example" {
		t.Errorf("To: %q", to)
	}
	subject := p.Headers["Subject"][0]
	for _, want := range []string{"Storage Mon 16 Nov", "höst··Cc", "MySQL··Bcc"} {
		if !strings.Contains(subject, want) {
			t.Errorf("subject %q: want %q", subject, want)
		}
	}
	for _, part := range p.Parts {
		if part.Kind == "text/html" && (strings.Contains(part.Text, "<script") || !strings.Contains(part.Text, "&lt;script")) {
			t.Errorf("markup in the HTML: %s", part.Text)
		}
		if strings.ContainsAny(part.Text, "\u202e") && part.Kind != "image/png" {
			t.Errorf("%s turns its direction", part.Kind)
		}
	}
}

// TestSubjectOfLongNames: a name of 300 characters leaves room for what is wrong with it,
// and the subject has no blank that nobody wrote.
func TestSubjectOfLongNames(t *testing.T) {
	for _, label := range []string{strings.Repeat("Ä very long näme ", 20), strings.Repeat("L", 300)} {
		o := Options{From: monday, To: monday.Add(10 * time.Hour), Title: strings.Repeat("a title ", 40)}
		message := mailed(t, slowSource(label, "box"), o)
		subject := python(t, message).Headers["Subject"][0]
		if !strings.HasPrefix(subject, "Storage Mon 16 Nov") || !strings.Contains(subject, "… slow 10 h") || len([]rune(subject)) > mostSubject {
			t.Errorf("subject %q", subject)
		}
		if !bytes.Contains(message, []byte("Subject: Storage Mon 16 Nov")) {
			t.Errorf("the subject's line has no word: %s", message[:400])
		}
	}
}

// TestBriefs: a subject has no percentage for what fills up, says that a LUN was away if
// it was, and which of several hosts sent nothing.
func TestBriefs(t *testing.T) {
	for _, tt := range []struct {
		f     facts.Finding
		hosts []string
		want  string
	}{
		{facts.Finding{Kind: facts.KindFull, Title: "Log", Short: "full in 13 days", Worst: 13, Unit: "days", Weight: 1}, nil, "Log full in 13 days"},
		{facts.Finding{Kind: facts.KindGap, Title: "Log", Duration: 4 * time.Hour, Weight: 1}, nil, "Log not there for 4 h"},
		{facts.Finding{Kind: facts.KindGap, Title: "a", Host: "a", Duration: 4 * time.Hour, Of: -1}, []string{"a"}, "no data for 4 h"},
		{facts.Finding{Kind: facts.KindGap, Title: "b", Host: "b", Duration: 4 * time.Hour, Of: -1}, []string{"a", "b"}, "no data of b for 4 h"},
	} {
		d := &data{hosts: tt.hosts, findings: []facts.Finding{tt.f}}
		if got := d.news(); len(got) != 1 || got[0].Short != tt.want {
			t.Errorf("%+v, want %q", got, tt.want)
		}
	}
}

// TestMailInBrowser: a phone shows the mail as wide as its screen, however long a name is.
func TestMailInBrowser(t *testing.T) {
	chromium := browser(t)
	src := slowSource(strings.Repeat("L", 300), "box")
	src.entries[0].LUN.DMName = strings.Repeat("x", 127)
	for _, part := range python(t, mailed(t, src, Options{From: monday, To: monday.Add(10 * time.Hour)})).Parts {
		if part.Kind != "text/html" {
			continue
		}
		page := strings.ReplaceAll(part.Text, "cid:"+pictureID, "data:image/gif;base64,R0lGODlhAQABAAAAACw=")
		got := inBrowser(t, chromium, map[string][]byte{pageFile: []byte(page)}, 360)
		if got.Page > got.Window || len(got.Wide) > 0 || len(got.Small) > 0 {
			t.Errorf("%d pixels wide on a screen of %d; too wide %q, too small %q", got.Page, got.Window, got.Wide, got.Small)
		}
	}
}

// TestMailOfARun: Date and Message-ID are the run's, and the same run gives the same
// bytes.
func TestMailOfARun(t *testing.T) {
	o := Options{From: monday, To: monday.Add(10 * time.Hour), Zone: zone(t, "Europe/Berlin"), Out: t.TempDir()}
	first := mailed(t, slowSource("MySQL data", "box"), o)
	if again := mailed(t, slowSource("MySQL data", "box"), o); !bytes.Equal(first, again) {
		t.Errorf("two mails of one run differ:\n%s\n%s", first, again)
	}
	m, err := mail.ReadMessage(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if at, err := m.Header.Date(); err != nil || !at.Equal(monday.Add(24*time.Hour)) {
		t.Errorf("Date: %v, %v", at, err)
	}
	if id := m.Header.Get("Message-ID"); !strings.HasPrefix(id, "<lunstat.20261117T") || !strings.HasSuffix(id, "@box.example>") {
		t.Errorf("Message-ID: %s", id)
	}
	if s := m.Header.Get("Subject"); !strings.HasPrefix(s, "Storage Mon 16 Nov 01:00 to 11:00 on box: MySQL data slow 10 h") {
		t.Errorf("Subject: %s", s)
	}
}

// TestMailParts: the text, the HTML, and the picture that the HTML shows.
func TestMailParts(t *testing.T) {
	picture := bytes.Repeat([]byte("\x89PNG.......\r\n.\n"), 4000)
	m := message{
		to: []*mail.Address{{Address: "a@example.com"}}, subject: "s", date: monday, id: "i", host: "h",
		text: "a\n.\nFrom here\n" + strings.Repeat("long ", 400), html: `<img src="cid:week.png">`, picture: picture,
	}
	text, err := m.bytes()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if len(line) > 79 {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
	p := python(t, text)
	kinds := ""
	for _, part := range p.Parts {
		kinds += part.Kind + " "
	}
	if want := "multipart/alternative text/plain multipart/related text/html image/png "; kinds != want || len(p.Defects) > 0 {
		t.Fatalf("parts %s, want %s; defects %v", kinds, want, p.Defects)
	}
	if got := p.Parts[1].Text; got != m.text {
		t.Errorf("text %q", got)
	}
	image := p.Parts[4]
	raw := []byte{}
	for _, r := range image.Text {
		raw = append(raw, byte(r))
	}
	if image.ID != "<week.png>" || image.Name != "week.png" || !bytes.Equal(raw, picture) {
		t.Errorf("picture %s, %s, %d bytes", image.ID, image.Name, len(raw))
	}
}

// TestMailSaysUnknown: half a range without data isn't one without trouble.
func TestMailSaysUnknown(t *testing.T) {
	src := made{luns: madeLUNs(2), start: monday, every: time.Minute, n: 600, skip: func(i int) bool { return i > 300 }}.source()
	for what, want := range map[time.Duration]string{5 * time.Hour: "nothing to do", 10 * time.Hour: "no data for 4 h 59 min"} {
		m, err := mail.ReadMessage(bytes.NewReader(mailed(t, src, Options{From: monday, To: monday.Add(what)})))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || !strings.Contains(subject, want) {
			t.Errorf("%v: subject %q, %v, want %q", what, subject, err, want)
		}
	}
}

func TestRangeWords(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	day := func(month time.Month, d, h int) time.Time { return time.Date(2026, month, d, h, 0, 0, 0, z) }
	for _, c := range []struct {
		from, to time.Time
		want     string
	}{
		{day(11, 23, 0), day(11, 30, 0), "week 48"},
		{day(10, 19, 0), day(10, 26, 0), "week 43"}, // 169 hours
		{day(11, 24, 0), day(12, 1, 0), "Tue 24 Nov to Mon 30 Nov"},
		{day(11, 23, 7), day(11, 30, 7), "Mon 23 Nov to Mon 30 Nov"},
		{day(11, 23, 7), day(11, 23, 9), "Mon 23 Nov 07:00 to 09:00"},
		{day(11, 23, 7), day(11, 24, 9), "Mon 23 Nov 07:00 to Tue 24 Nov 09:00"},
		{day(11, 23, 7), day(11, 23, 7).Add(9 * time.Second), "Mon 23 Nov 07:00:00 to 07:00:09"},
		{day(11, 23, 0), day(11, 24, 0), "Mon 23 Nov"},
	} {
		if got := rangeWords(c.from, c.to); got != c.want {
			t.Errorf("%v to %v: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

// TestAddresses: an address that is none gets into no header.
func TestAddresses(t *testing.T) {
	for _, a := range []mail.Address{
		{Address: "a b"}, {Address: "root\r\nBcc: x@example.com"}, {Address: ""}, {Address: "x@a\r\nBcc: y@example.com"}, {Address: "-"},
	} {
		text, err := addresses([]*mail.Address{&a})
		if strings.Contains(strings.ReplaceAll(text, "\r\n ", ""), "\n") || err == nil && a.Address != "-" {
			t.Errorf("%q: %q, %v", a.Address, text, err)
		}
	}
	text, err := addresses([]*mail.Address{{Name: "Ä\r\nBcc: x@example.com", Address: "root"}, {Name: `a "b"`, Address: "x@example.com"}})
	if err != nil || strings.Contains(text, "\nBcc") || !strings.Contains(text, `"a \"b\"" <x@example.com>`) {
		t.Errorf("%q, %v", text, err)
	}
}

// FuzzMail: whatever the names are, a reader finds our headers and no others, and the
// text as it was.
func FuzzMail(f *testing.F) {
	f.Add(hostile, "box", "plain\ntext")
	f.Add("=?utf-8?b?DQo=?=", "a..b\n", "--lunstat\n.\n")
	f.Add("", "", "0\r\x93\n0")
	f.Fuzz(func(t *testing.T, subject, host, text string) {
		m := message{to: []*mail.Address{{Address: "root"}}, subject: subject, date: monday, id: host, host: host, text: text, html: text, picture: []byte(subject)}
		b, err := m.bytes()
		if err != nil {
			t.Fatal(err)
		}
		got, err := mail.ReadMessage(bytes.NewReader(b))
		if err != nil || len(got.Header) != 7 {
			t.Fatalf("%v, headers %v", err, got.Header)
		}
		_, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		part, err := multipart.NewReader(got.Body, params["boundary"]).NextPart()
		if err != nil {
			t.Fatal(err)
		}
		read, err := io.ReadAll(part)
		if lines := strings.NewReplacer("\r\n", "\n", "\r", "\n"); err != nil || lines.Replace(string(read)) != lines.Replace(text) {
			t.Errorf("text %q, %v, want %q", read, err, text)
		}
	})
}
