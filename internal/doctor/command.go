package doctor

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// snares are what some SDK makes something else of in a command line: the AWS
// CLI and boto3 split it themselves and run it without a shell, the others hand
// it to one. The first that is found is told.
var snares = []struct {
	in       func(string) bool
	severity Severity
	what     string
	why      string
}{
	{startsWord("~"), Error, "has a word that starts with ~", "the AWS CLI and boto3 run it without a shell and take ~ as it stands"},
	{has("$`"), Error, "has a $ or a backtick", "the AWS CLI and boto3 run it without a shell and take a variable as it stands"},
	{has(";&|<>"), Error, "has one of ; & | < >", "the AWS CLI and boto3 run it without a shell and hand it to the helper as an argument"},
	{startsWord("#"), Error, "has a comment behind it", "the AWS CLI and boto3 hand it to the helper as arguments"},
	{wholeInQuotes, Error, "is in quotes as a whole", "the AWS CLI, boto3 and the JavaScript SDK take it for the name of one program; the Go SDK takes the quotes off"},
	{has(`"'`), Warning, "has quotes", "not every SDK splits it as a shell does"},
	{has("()*?!"), Warning, "has one of ( ) * ? !", "a shell makes something else of it, and the AWS CLI and boto3 use none"},
	{has("[]"), Warning, "has a [ or a ]", "not every SDK reads a line with them as a key and its value"},
	{func(s string) bool { return runtime.GOOS != "windows" && strings.Contains(s, `\`) }, Warning, `has a \`, "a shell takes it away, and not every SDK uses one"},
}

const plainLine = "write the absolute path of understudy-credentials, without blanks, and the profile's name behind it, and nothing else; comments stand on lines of their own"

func has(chars string) func(string) bool {
	return func(s string) bool { return strings.ContainsAny(s, chars) }
}

func startsWord(with string) func(string) bool {
	return func(s string) bool {
		for w := range strings.FieldsSeq(s) {
			if strings.HasPrefix(w, with) {
				return true
			}
		}
		return false
	}
}

func wholeInQuotes(s string) bool {
	return len(s) > 1 && (s[0] == '"' || s[0] == '\'') && strings.IndexByte(s[1:], s[0]) == len(s)-2
}

func commandLine(_ *Facts, p profile, r *report) {
	if !p.adopted() {
		return
	}
	for _, s := range snares {
		if s.in(p.helper.Text) {
			r.at(p.helper, s.severity, p.helper.Key+" "+s.what, s.why, write(plainLine))
			return
		}
	}
	switch path := p.program; {
	case filepath.IsAbs(path):
	case strings.ContainsRune(path, '/') || runtime.GOOS == "windows" && strings.ContainsRune(path, '\\'):
		r.at(p.helper, Error, p.helper.Key+" names the helper relative to a folder", "each program looks for it below the folder that it runs in", write(plainLine))
	default:
		r.at(p.helper, Warning, p.helper.Key+" names the helper without its folder", "each program looks for it on its own PATH, and those started by a desktop or cron have another", write(plainLine))
	}
}

func helperProfile(f *Facts, p profile, r *report) {
	if !p.adopted() {
		return
	}
	line := write(fmt.Sprintf("write the profile's name as the last word: %s %s", p.program, p.Name))
	name, ok := p.asks()
	switch words := strings.Fields(bare(p.helper.Text)); {
	case !ok && len(words) < 2:
		r.at(p.helper, Error, p.helper.Key+" names no profile", "no SDK tells a helper which one it is run for: it serves $AWS_PROFILE, else default, whatever --profile says", line)
	case !ok:
		r.at(p.helper, Error, p.helper.Key+" has more than a profile's name behind the helper", "the helper takes one name and refuses the rest", line)
	default:
		if _, known := f.Config.Profile(name); !known {
			r.at(p.helper, Error, fmt.Sprintf("%s asks for the profile %q, which there is not", p.helper.Key, name), "the helper refuses every program that runs it", line)
		} else if name != p.Name && p.instructs() { // one that says nothing itself is another name, as meant
			r.at(p.helper, Error, fmt.Sprintf("%s asks for the profile %q", p.helper.Key, name), "every program is served that one's session, and what this profile says of its own is not used", line)
		}
	}
}
