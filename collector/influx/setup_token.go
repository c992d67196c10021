package influx

import (
	"encoding/json"
	"fmt"
	"strings"
)

// grant is a token that a site needs: what it is for, and the one thing it may do.
type grant struct{ who, right string }

// grants are the tokens with the least rights. Nobody writes where a Telegraf does.
func (o *Options) grants() []grant {
	all := []grant{{"collector", "write"}, {"report", "read"}}
	if o.ReadOnly {
		return all[1:]
	}
	return all
}

// curl is a request as a command for a POSIX shell. All of it is in curl's config
// on standard input, since everybody on the host may read a command's arguments.
func (o *Options) curl(path string, more ...string) string {
	lines := []string{"url = " + curlWord(strings.TrimRight(o.URL, "/")+path)}
	for _, f := range [][2]string{{"cacert", o.CAFile}, {"cert", o.CertFile}, {"key", o.KeyFile}} {
		if f[1] != "" {
			lines = append(lines, f[0]+" = "+curlWord(f[1]))
		}
	}
	word := o.TokenWord
	if word == "" {
		word = "$LUNSTAT_INFLUX_TOKEN"
	}
	lines = append(lines, `header = "Authorization: Token `+word+`"`)
	return "curl -sSf -K - <<END\n" + strings.Join(append(lines, more...), "\n") + "\nEND\n"
}

// curlWord quotes for curl's config, and that for the shell's here-document.
func curlWord(s string) string {
	s = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
	return `"` + strings.NewReplacer(`\`, `\\`, "$", `\$`, "`", "\\`").Replace(s) + `"`
}

const tokensEnd = "# Set influx.token_file to such a file. Only its owner may read it.\n"

// tokens2 are commands that make 2.x's tokens, each into a file of its own. The
// buckets have to be there: a right is on their ids.
func tokens2(o *Options, org string, buckets []string) string {
	var b strings.Builder
	for _, g := range o.grants() {
		type resource struct {
			Type  string `json:"type"`
			ID    string `json:"id"`
			OrgID string `json:"orgID"`
		}
		type permission struct {
			Action   string   `json:"action"`
			Resource resource `json:"resource"`
		}
		var may []permission
		for _, id := range buckets {
			may = append(may, permission{g.right, resource{"buckets", id, org}})
		}
		body, err := json.Marshal(map[string]any{"orgID": org, "description": "lunstat " + g.who, "permissions": may})
		if err != nil {
			return "" // strings alone: never
		}
		fmt.Fprintf(&b, "answer=$(%s) &&\n", o.curl("/api/v2/authorizations", `header = "Content-Type: application/json"`, "data = "+curlWord(string(body))))
		fmt.Fprintf(&b, "(umask 077; printf '%%s\\n' \"$answer\" | sed -n 's/.*\"token\": *\"\\([^\"]*\\)\".*/\\1/p' >lunstat-%s.token) &&\n", g.who)
		fmt.Fprintf(&b, "echo lunstat-%s.token\n\n", g.who)
	}
	return b.String() + tokensEnd
}

// tokens1 are commands that make 1.8's users, whose name and password are a token.
// 1.8 says 200 of a statement that failed.
func tokens1(o *Options) string {
	var b strings.Builder
	for _, g := range o.grants() {
		user := "lunstat_" + g.who
		var rights strings.Builder
		seen := map[string]bool{}
		for _, bucket := range o.buckets() {
			if db, _ := split(bucket.name); !seen[db] {
				seen[db] = true
				fmt.Fprintf(&rights, "; GRANT %s ON %s TO %s", strings.ToUpper(g.right), identifier(db), user)
			}
		}
		const hole = "PASSWORD-OF-IT"
		q := curlWord("q=CREATE USER " + user + " WITH PASSWORD '" + hole + "'" + rights.String())
		b.WriteString("password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')\n")
		fmt.Fprintf(&b, "answer=$(%s) &&\n", o.curl("/query", "data-urlencode = "+strings.Replace(q, hole, "$password", 1)))
		fmt.Fprintf(&b, "case $answer in\n*error*) echo \"$answer\" >&2 ;;\n*) (umask 077; echo \"%s:$password\" >lunstat-%s.token) && echo lunstat-%s.token ;;\nesac\n\n", user, g.who, g.who)
	}
	return b.String() + tokensEnd
}
