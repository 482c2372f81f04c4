package awsconfig

import (
	"strconv"
	"strings"
)

// Problem is a line that was passed over, or that another reader of the same
// file trips on. Its text never quotes the line: it may hold a secret.
type Problem struct {
	File    string
	Line    int    // from 1
	Profile string // in whose section it stands; empty when it is in none that can be read
	Text    string
}

// At is where it stands, "file:line".
func (p Problem) At() string { return at(p.File, p.Line) }

// Refused reports whether some SDK refuses the whole file for it, and not only
// reads it in another way.
func (p Problem) Refused() bool { return strings.Contains(p.Text, refusesFile) }

// Parts are what is there, what comes of it, and what to write in its place;
// the latter two may be empty.
func (p Problem) Parts() (what, why, mend string) {
	what = p.Text
	if i := strings.LastIndex(what, "; "); i >= 0 {
		what, mend = what[:i], what[i+2:]
	}
	what, why, _ = strings.Cut(what, ": ")
	return what, why, mend
}

func at(file string, line int) string { return file + ":" + strconv.Itoa(line) }

// refusesFile is in every note of a line that costs some SDK the whole file.
const refusesFile = "the whole file"

// What can be said of one line. Each says what is there, behind a colon who
// trips on it, and behind the last semicolon what to write instead.
const (
	noteBrokenHeader     = "broken section header: its lines up to the next header are passed over; write [profile NAME] and nothing behind it"
	noteUnclosed         = "a section header without its ]: its lines up to the next header are passed over, while botocore refuses the whole file; write [profile NAME]"
	noteNoName           = "the section header has no name: its lines are passed over; write [profile NAME]"
	noteNoPrefix         = "no profile in the config file: its lines are passed over by every SDK; write [profile NAME]"
	noteLowerCase        = "\"profile\" is written in small letters: its lines are passed over by every SDK; write [profile NAME]"
	notePrefixed         = "the credentials file names profiles without a prefix: the section is passed over; write [NAME]"
	noteDEFAULT          = "botocore adds the keys of [DEFAULT] to every section; write [default]"
	noteQuotedName       = "the credentials file keeps the quotes as part of the name; write the name without them"
	noteHashInName       = "the Go SDK takes # and ; in a header for a comment and gives the keys to the section above; rename the profile"
	notePadded           = "botocore does not find a profile with blanks inside the brackets; take them out"
	noteShellName        = "botocore reads quotes and backslashes in a name as a shell does, the other SDKs keep them; rename the profile"
	noteSpaceInName      = "botocore passes over a name with blanks unless it is in quotes, which the Go SDK keeps; rename the profile"
	noteQuotesAroundName = "the Go SDK keeps the quotes as part of the name; rename the profile to one word"
	noteBracketBehind    = "botocore takes everything up to the last ] for the name; give the comment a line of its own"
	noteIndentedHeader   = "an indented header: botocore takes it and its keys for more of the value above; start it in the first column"
	noteColon            = "a key with a colon: not every SDK reads it; write key = value"
	noteTwoDefaults      = "[default] beside [profile default]: the latter is read, while botocore reads the last of the two; keep one"
	noteTwoSections      = "the section stands twice: read as one, the last value of a key wins, while botocore refuses the whole file; merge the two"
	noteTwoKeys          = "the key stands twice in its section: the last wins, while botocore refuses the whole file; keep one"
	noteHomeless         = "stands above the first section: passed over, while botocore refuses the whole file"
	noteNoKey            = "no key and value: passed over, while botocore refuses the whole file; write key = value, or # in front"
	noteOddKey           = "no key that an SDK knows: passed over; write it as a plain word"
	noteNoNestedKey      = "no key and value inside a nested block: passed over, while botocore refuses the whole file"
	noteLost             = "inside the block of a line that was passed over, and passed over with it"
	noteNestedColon      = "a nested key with a colon: botocore refuses the whole file; write key = value"
	noteIndented         = "an indented key: the Java and Rust SDKs refuse the whole file; start it in the first column"
	notePromoted         = "an indented key: read as a key of the section, while botocore adds the line to the value above; start it in the first column"
	noteContinued        = "a value over several lines: not every SDK reads it; write it in one line"
	noteInlineComment    = "botocore reads a comment behind a value as part of the value; give it a line of its own"
	noteQuoted           = "the Go SDK takes the quotes off, the others keep them as part of the value; take them out"
	noteUTF8             = "not UTF-8: passed over, while botocore refuses the whole file; save it as UTF-8"
	noteControl          = "a control character: the line is passed over; write it anew"
	noteBOM              = "the file starts with a byte order mark: botocore refuses the whole file; save it as UTF-8 without one"
	noteMore             = "more lines like these follow"
)
