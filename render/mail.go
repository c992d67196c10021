package render

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/mail"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"lunstat/render/draw"
	"lunstat/render/facts"
)

// Mail says whom a report's mail is from and to.
type Mail struct {
	From *mail.Address   // nil: the MTA says it
	To   []*mail.Address // none: the sender says it
	Host string          // where the report is made, and lies
}

//go:embed mail.html
var mailHTML string

// weekFile is the picture that the mail shows.
const weekFile = weekPicture + ".png"

// mostPicture is how large a picture may be that is mailed: with it the message stays
// below 300 kB, which a phone loads and every mailbox takes.
const mostPicture = 190 << 10

// mostNews is how many findings the mail names. The page has all.
const mostNews = 12

// fullNews is how many of them come with all commands to type next.
const fullNews = 3

// news is one thing that somebody should know, as the mail says it.
type news struct {
	Text  string
	Title string   // of its LUN, with which the text begins; may be ""
	Next  []string // what to type
	Short string   // for the subject; "": not told there
}

// Says is the text after the title.
func (n news) Says() string { return strings.TrimPrefix(n.Text, n.Title) }

// mailData is what the mail's two parts show.
type mailData struct {
	Title, When            string
	Quiet                  string // said where nothing is wrong
	Simulated              bool
	News                   []news
	More                   int // that are not named
	Complete, BusyHour     string
	Sizing                 []string
	Full                   bool // nothing is missing
	Page, Version, Picture string
	Image                  template.URL
}

// mail is the message of a report. Its picture is a PNG, whatever the report's are.
func (d *data) mail(fonts *draw.Fonts) ([]byte, error) {
	o := d.opt.Mail
	var strip bytes.Buffer
	if _, err := drawWeek(d, medium{fonts: fonts, format: "png"}).WriteTo(&strip); err != nil {
		return nil, fmt.Errorf("%s: %w", weekFile, err)
	}
	picture := strip.Bytes()
	all := d.news()
	data := d.mailData(all, picture)
	text := data.plain()
	page, err := template.New("mail").Funcs(template.FuncMap{"unparted": unparted}).Parse(mailHTML)
	if err != nil {
		return nil, err
	}
	var html bytes.Buffer
	if err := page.Execute(&html, data); err != nil {
		return nil, err
	}
	m := message{
		to: o.To, subject: d.subject(data.Title, all), date: d.opt.Now.In(d.opt.Zone), host: o.Host,
		text: text, html: html.String(),
	}
	if o.From != nil {
		m.from = []*mail.Address{o.From}
	}
	if data.Image != "" {
		m.picture = picture
	}
	sum := sha256.Sum256([]byte(m.subject + text + fmt.Sprint(o.To)))
	m.id = "lunstat." + d.opt.Now.UTC().Format("20060102T150405Z") + "." + hex.EncodeToString(sum[:8])
	return m.bytes()
}

func (d *data) mailData(all []news, picture []byte) mailData {
	p := d.pageData(nil)
	m := mailData{
		Title: d.topic(), When: p.When, Simulated: p.Simulated, Complete: p.Complete, Full: p.Full, BusyHour: p.BusyHour,
		Quiet: p.Quiet, Version: p.Version, Sizing: p.Sizing,
	}
	m.News, m.More = atMost(all, mostNews)
	m.News = slices.Clone(m.News)
	for i := range m.News {
		if i >= fullNews {
			m.News[i].Next, _ = atMost(m.News[i].Next, 1)
		}
	}
	if len(picture) > 0 && len(picture) <= mostPicture {
		m.Image, m.Picture = template.URL("cid:"+pictureID), d.stripSays()
	}
	if path, err := filepath.Abs(d.opt.Out); err == nil {
		m.Page = visible(filepath.Join(path, pageFile))
		if h := d.opt.Mail.Host; h != "" {
			m.Page += " on " + visible(h)
		}
	}
	return m
}

// plain is the mail's text part.
func (m *mailData) plain() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if m.Simulated {
		line("SIMULATED: figures of an invented mailstore, not of a real host\n")
	}
	line("%s\n%s\n", m.Title, m.When)
	if m.Quiet != "" {
		line("%s\n", m.Quiet)
	}
	for i, n := range m.News {
		line("%d. %s", i+1, n.Text)
		for _, next := range n.Next {
			line("      %s", next)
		}
	}
	if m.More > 0 {
		line("and %d more; the page has all", m.More)
	}
	line("\nBusy hour: %s", m.BusyHour)
	for _, s := range m.Sizing {
		line("Sizing: %s", s)
	}
	line("Data: %s.", m.Complete)
	if m.Page != "" {
		line("Page: %s", m.Page)
	}
	return b.String()
}

// How many characters of a subject are for what it is about, and for a LUN's name: a long
// one leaves room for what is wrong with it.
const (
	mostTopic = 70
	mostTitle = 50
)

// subject is "Storage week 48 on mailstore1: MySQL data slow 10 h".
func (d *data) subject(topic string, all []news) string {
	said, briefs := "", 0
	for _, n := range all {
		if n.Short == "" {
			continue
		}
		if briefs++; said == "" {
			said = n.Short
		}
	}
	switch {
	case said == "" && d.complete.whole:
		said = "nothing to do"
	case said == "":
		said = "nothing to do, but data for only " + d.complete.share() + " % of it"
	case briefs > 1:
		said += fmt.Sprintf(", and %d more", briefs-1)
	}
	text := briefly(topic, mostTopic) + ": " + said
	if d.opt.Simulated {
		text = "SIMULATED: " + text
	}
	return text
}

// topic is what the mail is about: "Storage week 48 on mailstore1".
func (d *data) topic() string {
	text := "Storage " + rangeWords(d.From, d.To)
	hosts := strings.Join(d.hosts, ", ")
	if len(d.hosts) > mostNamed {
		hosts = fmt.Sprintf("%d hosts", len(d.hosts))
	}
	switch {
	case d.opt.Title != "":
		return text + ", " + visible(d.opt.Title)
	case d.opt.Group != "":
		text += " of " + visible(d.opt.Group)
	}
	if hosts != "" {
		text += " on " + visible(hosts)
	}
	return text
}

// news are the findings, the worst first.
func (d *data) news() []news {
	var out []news
	told := facts.Leading(d.findings)
	for i := range told {
		f := &told[i]
		n := news{Text: visible(f.Text), Short: visible(brief(f))}
		if f.Kind == facts.KindGap && f.Of < 0 && len(d.hosts) > 1 {
			n.Short = visible(fmt.Sprintf("no data of %s for %s", f.Host, facts.Long(f.Duration)))
		}
		if strings.HasPrefix(f.Text, f.Title+": ") {
			n.Title = visible(f.Title)
		}
		for _, next := range f.Next {
			n.Next = append(n.Next, visible(next))
		}
		out = append(out, n)
	}
	return out
}

// brief is a finding in the words of a subject, "MySQL data slow 10 h". A finding that
// isn't trouble has none: after a week with a new LUN there is nothing to do.
func brief(f *facts.Finding) string {
	if !f.Troubling() && f.Kind != facts.KindGap {
		return ""
	}
	title := briefly(f.Title, mostTitle)
	switch long := facts.Long(f.Duration); f.Kind {
	case facts.KindSlow:
		return title + " slow " + long
	case facts.KindStalled:
		return title + " stalled " + long
	case facts.KindFull:
		return title + " " + f.Short
	case facts.KindGone:
		return title + " gone"
	case facts.KindPaths:
		return title + " lost paths"
	case facts.KindGap:
		if f.Of >= 0 {
			return title + " not there for " + long
		}
		return "no data for " + long
	case facts.KindChanged:
		return title + " not as usual"
	case facts.KindHSM:
		return "HSM not as usual"
	case facts.KindTail:
		return fmt.Sprintf("%s 1 I/O in %d over %s", title, f.OneIn, latencyWords(time.Duration(f.Worst*float64(time.Millisecond))))
	case facts.KindReadOnly:
		return title + " read-only"
	}
	return ""
}
