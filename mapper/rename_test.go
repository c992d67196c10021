package mapper

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func renamed() []LUN {
	return []LUN{
		{Kernel: "dm-13", Dev: DevNo{253, 13}, DMName: "zimbra1_sqldb-data", Label: "MySQL data", Group: "zimbra1"},
		{Kernel: "dm-8", Dev: DevNo{253, 8}, DMName: "a", Label: "Primary store", Group: "zimbra1"},
		{Kernel: "dm-9", Dev: DevNo{253, 9}, DMName: "b", Label: "Primary store", Group: "zimbra2"},
		{Kernel: "dm-7", Dev: DevNo{253, 7}, DMName: "my disk\x1b[2J\nö\\x2f"},
		{Kernel: "dm-14", Dev: DevNo{253, 14}, DMName: "mpatha", Paths: []Path{{Kernel: "sdb", Dev: DevNo{8, 16}}, {Kernel: "sdq", Dev: DevNo{65, 0}}}},
		{Kernel: "sda", Dev: DevNo{8, 0}},
	}
}

func rename(t testing.TB, r Renamer, text io.Reader) string {
	t.Helper()
	if r.Names == nil {
		names := NewNames(renamed(), nil)
		r.Names = func(time.Time) *Names { return names }
	}
	var out bytes.Buffer
	if err := r.Copy(&out, text); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestRename(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"dm-13", "zimbra1_sqldb-data"}, // no last newline
		{"EXT4-fs (dm-13): mounted\r\n", "EXT4-fs (zimbra1_sqldb-data): mounted\r\n"},
		{"error on dm-13. dev=dm-13,dm-8 \"dm-8\"\n", "error on zimbra1_sqldb-data. dev=zimbra1_sqldb-data,a \"a\"\n"},
		{"swap on /dev/dm-13.\n", "swap on /dev/mapper/zimbra1_sqldb-data.\n"},
		{"253:13 (253:13) [253:13] 253:13, 253:13: 253,13\n", "zimbra1_sqldb-data (zimbra1_sqldb-data) [zimbra1_sqldb-data] zimbra1_sqldb-data, zimbra1_sqldb-data: zimbra1_sqldb-data\n"},
		{"brw-rw---- 1 root disk 253, 13 Nov 5\n", "brw-rw---- 1 root disk zimbra1_sqldb-data Nov 5\n"},
		{"dev253-13 dev8-0 dev65-0\n", "zimbra1_sqldb-data sda mpatha(sdq)\n"},
		{"sd 1:0:0:8: [sdq] Sense; sdq1 sdqq sda\n", "sd 1:0:0:8: [mpatha(sdq)] Sense; mpatha(sdq1) sdqq sda\n"},
		{"dm-7\n", `my\x20disk\x1b\x5b2J\x0a\xc3\xb6\x2f` + "\n"}, // nothing unescaped gets out
		{"\x1b[1mdm-8\x1b[0m \x1b]0;dm-8\a\n", "\x1b[1ma\x1b[0m \x1b]0;a\a\n"},
		{"dm-13      x\n  dm-8      x\n", "zimbra1_sqldb-data x\n  a         x\n"},
		{"12      dm-8 1\n12 dm-8   \n", "12         a 1\n12 a   \n"},
		{"\xff\xfedm-8\x00dm-8\x00\n", "\xff\xfedm-8\x00a\x00\n"}, // a byte above 127 may be part of a name
		// What kernels and multipathd write.
		{"Buffer I/O error on device dm-13, logical block 0\n", "Buffer I/O error on device zimbra1_sqldb-data, logical block 0\n"},
		{"blk_update_request: I/O error, dev dm-13, sector 2048 op 0x0:(READ)\n", "blk_update_request: I/O error, dev zimbra1_sqldb-data, sector 2048 op 0x0:(READ)\n"},
		{"EXT3-fs error (device dm-13) in start_transaction: Journal has aborted\n", "EXT3-fs error (device zimbra1_sqldb-data) in start_transaction: Journal has aborted\n"},
		{"Aborting journal on device dm-13-8.\n", "Aborting journal on device zimbra1_sqldb-data-8.\n"},
		{"INFO: task jbd2/dm-13-8:1234 blocked for more than 120 seconds.\n", "INFO: task jbd2/zimbra1_sqldb-data-8:1234 blocked for more than 120 seconds.\n"},
		{"XFS (dm-13): Ending clean mount\n", "XFS (zimbra1_sqldb-data): Ending clean mount\n"},
		{"device-mapper: table: 253:13: multipath: error getting device\n", "device-mapper: table: zimbra1_sqldb-data: multipath: error getting device\n"},
		{"dm-13: rw=0, want=8, limit=4\n", "zimbra1_sqldb-data: rw=0, want=8, limit=4\n"},
		{"multipathd: sdq: tur checker reports path is down\n", "multipathd: mpatha(sdq): tur checker reports path is down\n"},
		{"multipathd[4554]: mpatha: sdq - path offline\n", "multipathd[4554]: mpatha: mpatha(sdq) - path offline\n"},
		{"device-mapper: multipath: Failing path 65:0.\n", "device-mapper: multipath: Failing path mpatha(sdq).\n"},
		{"device-mapper: multipath: 253:14: Reinstating path 8:16.\n", "device-mapper: multipath: mpatha: Reinstating path mpatha(sdb).\n"},
		{"multipathd: 65:0: mark as failed\n", "multipathd: mpatha(sdq): mark as failed\n"},
		{"Nov 5 08:16 multipathd[4554]: 8:16: reinstated\n", "Nov 5 08:16 multipathd[4554]: mpatha(sdb): reinstated\n"},
		{"the path 8:17 xpath 8:16 path 8,16 at 8:16.\n", "the path 8:17 xpath 8:16 path 8,16 at 8:16.\n"}, // may be times
		{"| `- 1:0:0:8 sdq 65:0 active ready running\n", "| `- 1:0:0:8 mpatha(sdq) 65:0 active ready running\n"},
		{"0,25 253,13\n", "0,25 253,13\n"}, // decimal numbers of a locale
		{"253,8 8,16\n", "a 8,16\n"},
	}
	for _, text := range []string{
		"8:16 8:0 (8:16) 253:99 dm-99 dev253-99 dev253 253: 253:13:05 12:253:13 253:130 1253:13\n",
		"docker-253:1-1051828-pool docker-253:13-1-pool 253:13-x pool:dm-8 xdm-8 dm-8x dm-8-x dm-8.x\n",
		"/sys/block/dm-8/stat /dev/sdq /dev/dm-99 /dev/mapper/dm-8\n",
		"253:4294967309 dm-4294967309 dev253-18446744073709551629\n",
		strings.Repeat("x", 1<<20) + "dm-8\n",
	} {
		tests = append(tests, struct{ text, want string }{text, text})
	}
	for _, tt := range tests {
		if got := rename(t, Renamer{}, strings.NewReader(tt.text)); got != tt.want {
			t.Errorf("%.100q:\n got %.200q\nwant %.200q", tt.text, got, tt.want)
		}
		if got := rename(t, Renamer{}, iotest.OneByteReader(strings.NewReader(tt.text))); got != tt.want {
			t.Errorf("byte by byte, %.100q: %.200q", tt.text, got)
		}
	}
	if got, want := rename(t, Renamer{Mark: true}, strings.NewReader("dm-13 x (253:8)\n")), "dm-13{zimbra1_sqldb-data} x (253:8{a})\n"; got != want {
		t.Errorf("marked: %q", got)
	}
}

// A line without an end is written in parts, and a name at a seam is whole.
func TestRenameEndlessLine(t *testing.T) {
	text := strings.Repeat("dm-8 ", 1<<16) + strings.Repeat("y", 1<<18) + " dm-13"
	want := strings.Repeat("a ", 1<<16) + strings.Repeat("y", 1<<18) + " zimbra1_sqldb-data"
	for name, in := range map[string]io.Reader{"whole": strings.NewReader(text), "bytes": iotest.OneByteReader(strings.NewReader(text))} {
		if got := rename(t, Renamer{}, in); got != want {
			t.Errorf("%s: %d bytes, want %d", name, len(got), len(want))
		}
	}
}

// The figures of a table stay one below the other, also where a name is longer than its
// column.
func TestRenameTables(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"iostat", `
avg-cpu:  %user   %nice
           0.10    0.00

Device            r/s     rkB/s
dm-13            1.13     19.94
dm-8             1.13     19.94
sda         123456.13     19.94

end dm-8 x
`, `
avg-cpu:  %user   %nice
           0.10    0.00

Device                 r/s     rkB/s
zimbra1_sqldb-data    1.13     19.94
a                     1.13     19.94
sda              123456.13     19.94

end a x
`},
		{"sar", `
12:00:01 AM       DEV       tps     %util
12:10:01 AM dev253-13      0.25      0.01
12:10:01 AM    dev8-0      0.25      0.01
Average:    dev253-13      0.25      0.01
`, `
12:00:01 AM                DEV       tps     %util
12:10:01 AM zimbra1_sqldb-data      0.25      0.01
12:10:01 AM                sda      0.25      0.01
Average:    zimbra1_sqldb-data      0.25      0.01
`},
		{"sar, names last", "12:00:01       tps DEV\n12:10:01      0.25 dev253-13\n", "12:00:01       tps DEV\n12:10:01      0.25 zimbra1_sqldb-data\n"},
	}
	for _, tt := range tests {
		devices := slicesWithout(renamed(), "dm-7")
		names := NewNames(devices, nil)
		r := Renamer{Names: func(time.Time) *Names { return names }}
		if got := rename(t, r, strings.NewReader(tt.text)); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

func slicesWithout(devices []LUN, kernel string) (kept []LUN) {
	for _, l := range devices {
		if l.Kernel != kernel {
			kept = append(kept, l)
		}
	}
	return kept
}

func TestByRole(t *testing.T) {
	devices := append(renamed(), LUN{Kernel: "dm-20", DMName: "c", Label: "Primary store", Group: "zimbra2"})
	names := NewNames(devices, ByRole(devices))
	r := Renamer{Names: func(time.Time) *Names { return names }}
	want := "MySQL data|Primary store of zimbra1|Primary store of zimbra2 (b)|mpatha(sdq)|/dev/mapper/a"
	if got := rename(t, r, strings.NewReader("dm-13|dm-8|dm-9|sdq|/dev/dm-8")); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// The times of a text, in which dm-1 is called by the minute of each.
func TestRenameByTime(t *testing.T) {
	const linux = "Linux 6.1.0 (mailstore) \t11/05/2026 \t_x86_64_\t(2 CPU)\n"
	tests := []struct{ name, text, want string }{
		{"no heading", "12:00:01 dm-1\n", "now"},
		{"a heading alone", linux + "dm-1\n", "5 12:00"},
		{"a heading of today", "Linux 6.1.0 (mailstore) \t11/16/2026 \t_x86_64_\t(2 CPU)\ndm-1\n", "now"},
		{"sar", linux + "\n00:00:01 DEV tps\n00:10:01 dm-1 1\n", "5 00:10"},
		{"sar, twelve hours", linux + "12:10:01 AM dm-1\n01:10:01 PM dm-1\n12:10:01 PM dm-1\n", "5 00:10,5 13:10,5 12:10"},
		{"midnight", linux + "23:50:01 dm-1\n00:00:01 dm-1\n00:10:01 dm-1\n", "5 23:50,6 00:00,6 00:10"},
		{"the next section", linux + "23:50:01 dm-1\n00:00:01 dm-1\nAverage: dm-1\n\n00:10:01 dm-1\n", "5 23:50,6 00:00,6 00:00,5 00:10"},
		{"a step back is no midnight", linux + "12:10:01 dm-1\n11:50:01 dm-1\n", "5 12:10,5 11:50"},
		{"two files", linux + "12:10:01 dm-1\n" + strings.Replace(linux, "11/05", "11/07", 1) + "12:20:01 dm-1\n", "5 12:10,7 12:20"},
		{"restart", linux + "08:51:10          LINUX RESTART\n09:00:01 dm-1\n", "5 09:00"},
		{"ISO", strings.Replace(linux, "11/05/2026", "2026-11-05", 1) + "09:00:01 dm-1\n", "5 09:00"},
		{"two digits", strings.Replace(linux, "11/05/2026", "11/05/26", 1) + "09:00:01 dm-1\n", "5 09:00"},
		{"day first, as it must be", strings.Replace(linux, "11/05/2026", "25/11/2026", 1) + "09:00:01 dm-1\n", "25 09:00"},
		{"German", strings.Replace(linux, "11/05/2026", "05.11.2026", 1) + "09:00:01 dm-1\n", "5 09:00"},
		{"RHEL 5, the day ends the line", "Linux 2.6.18-371.el5 (mailstore.example.com) \t11/05/2026\n\n12:10:01 AM       DEV       tps\n12:20:01 AM dm-1 1\n", "5 00:20"},
		{"Chinese", "Linux 3.10.0 (mailstore) \t2026年11月05日 \t_x86_64_\t(2 CPU)\n\n23时40分02秒       DEV       tps\n23时50分01秒  dm-1 1\n00时00分01秒  dm-1 1\n", "5 23:50,6 00:00"},
		{"the kernel's version in dmesg", "Linux version 6.1.0-56-amd64 (debian-kernel@lists.debian.org) (gcc-12) #1 SMP\n12:00:01 dm-1\n", "now"},
		{"dmesg of RHEL 5", "Linux version 2.6.18-371.el5 (mockbuild@x86-001) (gcc version 4.1.2 20080704)\ndm-1\n", "now"},
		{"no such day", strings.Replace(linux, "11/05/2026", "31/31/2026", 1) + "09:00:01 dm-1\n", "now"},
		{"iostat -t", linux + "\n11/05/2026 03:04:05 PM\nDevice r/s w/s\ndm-1 1 1\n", "5 15:04"},
		{"sadf", "# hostname;interval;timestamp;DEV;tps\nmailstore;600;2026-11-05 09:10:01 UTC;dm-1;1\nmailstore;600;1793873400;dm-1;1\n", "5 09:10,5 10:10"},
	}
	for _, tt := range tests {
		r := Renamer{Zone: time.UTC, Now: time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC), Names: func(at time.Time) *Names {
			name := "now"
			if !at.IsZero() {
				name = at.UTC().Format("2_15:04")
			}
			return NewNames([]LUN{{Kernel: "dm-1"}}, func(*LUN) string { return "<" + name + ">" })
		}}
		var got []string
		for _, part := range strings.Split(rename(t, r, strings.NewReader(tt.text)), "<")[1:] {
			name, _, _ := strings.Cut(part, ">")
			got = append(got, strings.TrimSpace(strings.ReplaceAll(name, "_", " ")))
		}
		if strings.Join(got, ",") != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// The text of another host is not given this host's names.
func TestRenameOtherHost(t *testing.T) {
	text := "Linux 6.1.0 (other) \t11/05/2026 \t_x86_64_\t(2 CPU)\ndm-8\nLinux 6.1.0 (mailstore) \t11/05/2026 \t_x86_64_\t(2 CPU)\ndm-8\n"
	got := rename(t, Renamer{Knows: func(host string) bool { return host == "mailstore" }}, strings.NewReader(text))
	if want := text[:len(text)-5] + "a\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestHeldAt(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 11, 5, 3, minute, 0, 0, time.UTC) }
	entries := []Entry{
		{Host: "a", Source: "host", From: at(0), To: at(10), LUN: LUN{Kernel: "dm-1", DMName: "old"}},
		{Host: "a", Source: "host", From: at(10), LUN: LUN{Kernel: "dm-1", DMName: "new"}},
		{Host: "a", Source: "array", From: at(0), LUN: LUN{Kernel: "dm-1", DMName: "array"}},
		{Host: "b", Source: "host", From: at(0), LUN: LUN{Kernel: "dm-1", DMName: "other"}},
	}
	for minute, want := range map[int]string{-1: "", 0: "old", 9: "old", 10: "new", 99: "new"} {
		var got string
		for _, l := range HeldAt(entries, "a", at(minute)) {
			got += l.DMName
		}
		if got != want {
			t.Errorf("minute %d: %q, want %q", minute, got, want)
		}
	}
}

// oneBlank makes one blank of several.
func oneBlank(s string) string {
	for strings.Contains(s, "  ") {
		s = strings.ReplaceAll(s, "  ", " ")
	}
	return s
}

// checkExact compares what a Renamer makes of a text with what it finds in each line.
// Blanks next to a name and in a table may grow or give way, and nothing else may change.
func checkExact(t *testing.T, text string) {
	t.Helper()
	names := NewNames(renamed(), nil)
	got := rename(t, Renamer{}, strings.NewReader(text))
	r, table := Renamer{names: names}, column{}
	rest := got
	for line := range strings.Lines(text) {
		r.hits = r.hits[:0]
		r.find([]byte(line))
		in := strings.HasSuffix(line, "\n") && table.take([]byte(line), names.Widest)
		var want strings.Builder
		at := 0
		for _, h := range r.hits {
			want.WriteString(line[at:h.from] + h.name)
			at = h.to
		}
		want.WriteString(line[at:])
		n := len(rest)
		if i := strings.IndexByte(rest, '\n'); strings.HasSuffix(line, "\n") {
			n = i + 1 // no name has a newline
		}
		is := rest[:n]
		rest = rest[n:]
		if (!in || table.grow == 0) && len(r.hits) == 0 && is != line {
			t.Errorf("%q without a name became %q", line, is)
		}
		if oneBlank(is) != oneBlank(want.String()) {
			t.Errorf("%q became %q, want %q but for how many blanks", line, is, want.String())
		}
	}
	if rest != "" {
		t.Errorf("%q became %q: %q is too much", text, got, rest)
	}
}

// Everything but the names passes byte for byte: any mixture of words, separators,
// colours and bytes that are not text.
func TestRenameExact(t *testing.T) {
	parts := []string{
		"dm-13", "dm-8", "dm-7", "dm-99", "/dev/dm-8", "253:13", "253,8", "253, 8", "dev253-13", "dev8-0", "sdq", "sdq1", "sdb", "8:16", "253:13:05",
		" ", "  ", "         ", "\t", "\n", "\n\n", "\r\n", "(", ")", ":", ",", ";", ".", "-", "{", "}", "=", "\"", "\x00", "\xff", "\xc3", "ö", "дм", "\u2028",
		"\x1b[1m", "\x1b[0m", "\x1b", "\x1b]0;x\a", "<b>", "0.25", "12:00:01", "12:10:01 AM", "Average:", "Device r/s w/s\n", "12:00:01       DEV       tps\n", "\nDevice:            r/s     w/s\n",
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		var text strings.Builder
		for range 1 + rnd.IntN(30) {
			text.WriteString(parts[rnd.IntN(len(parts))])
		}
		checkExact(t, text.String())
	}
}

func FuzzRename(f *testing.F) {
	for _, text := range []string{"Device r/s w/s\ndm-13 1 2\n", "(253:13) 253,13 dev253-13\n", "12:00:01 DEV tps\n\x1b[1mdm-8\x1b[0m", "Linux 1 (h) 11/05/2026 (2 CPU)\n12:00:01 AM sdq"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < longestPart {
			checkExact(t, text)
		}
		none := Renamer{Names: func(time.Time) *Names { return nil }, Zone: time.UTC}
		if got := rename(t, none, strings.NewReader(text)); got != text {
			t.Errorf("without names %q became %q", text, got)
		}
		if len(text) < longestPart { // a longer line is cut where it is read
			whole := rename(t, Renamer{Zone: time.UTC}, strings.NewReader(text))
			if got := rename(t, Renamer{Zone: time.UTC}, iotest.OneByteReader(strings.NewReader(text))); got != whole {
				t.Errorf("byte by byte %q became %q, as a whole %q", text, got, whole)
			}
		}
		marked := rename(t, Renamer{Mark: true}, strings.NewReader(text))
		for _, name := range []string{"zimbra1_sqldb-data", "a", "b", `my\x20disk\x1b\x5b2J\x0a\xc3\xb6\x2f`, "mpatha"} {
			marked = strings.ReplaceAll(strings.ReplaceAll(marked, "{"+name+"}", ""), "{/dev/mapper/"+name+"}", "")
		}
		if !strings.Contains(text, "{") && !strings.Contains(marked, "{mpatha(") && !strings.Contains(marked, "{sda}") && marked != text {
			t.Errorf("without its marks %q is %q", text, marked)
		}
	})
}

// iostatText is 1 MB of iostat's, of the devices that have names.
func iostatText() []byte {
	const figures = "            1.13     19.94     0.00   0.00    1.03    17.60    0.53   1199.05     0.00   0.00   10.62  2262.48    0.00      0.00     0.00   0.00    0.00     0.00    0.00    0.00    0.01   0.48\n"
	heading := "Device            r/s     rkB/s   rrqm/s  %rrqm r_await rareq-sz     w/s     wkB/s\n"
	return []byte(heading + strings.Repeat("dm-13"+figures+"sda  "+figures, 2500))
}

func BenchmarkRename(b *testing.B) {
	text := iostatText()
	names := NewNames(renamed(), nil)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r := Renamer{Names: func(time.Time) *Names { return names }}
		if err := r.Copy(io.Discard, bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSed is the same text through sed, with one rule for each device: what people
// write if they have no filter. It keeps no column.
func BenchmarkSed(b *testing.B) {
	sed, err := exec.LookPath("sed")
	if err != nil {
		b.Skip(err)
	}
	var rules []string
	for _, l := range renamed() {
		rules = append(rules, "-e", "s/^"+l.Kernel+" /name /")
	}
	text := bytes.Repeat(iostatText(), 20) // so that the start doesn't count
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		cmd := exec.Command(sed, rules...)
		cmd.Stdin = bytes.NewReader(text)
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
	}
}
