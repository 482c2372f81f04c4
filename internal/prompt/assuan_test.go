package prompt

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAPinentryThatAnswersIsUnderstood(t *testing.T) {
	const shown = "OK Pleased to meet you, process 4711\nOK\nOK\nOK\nOK\n" // to the greeting, OPTION and three SETs
	for name, c := range map[string]struct {
		says string
		want string
		err  error
	}{
		"a code":                {shown + "D 123456\nOK\n", "123456", nil},
		"in pieces, escaped":    {shown + "S BUTTON_INFO close\n# a comment\nD 12%33\nD  4%35%0A\nOK done\n", "123 45", nil},
		"with carriage returns": {strings.ReplaceAll(shown+"D 1\nOK\n", "\n", "\r\n"), "1", nil},
		"knows no options":      {"OK\nERR 83886360 Unknown option <Pinentry>\nOK\nERR 83886355 Unknown command\nOK\nD 1\nOK\n", "1", nil},
		"nothing typed":         {shown + "OK\n", "", ErrClosed},
		"blanks typed":          {shown + "D   \nOK\n", "", ErrClosed},
		"cancelled":             {shown + "ERR 83886179 Operation cancelled <Pinentry>\n", "", ErrClosed},
		"cancelled wholly":      {shown + "ERR 83886278 Fully cancelled\n", "", ErrClosed},
		"its own time is over":  {shown + "ERR 83886142 Timeout <Pinentry>\n", "", ErrExpired},
		"it has no terminal":    {shown + "S ERROR gtk2.isatty 83918950 \nERR 83918950 Inappropriate ioctl for device <Pinentry>\n", "", errNoDialog},
		"it says nothing":       {"", "", errNoDialog},
		"it is no pinentry":     {"Usage: something else\n", "", errNoDialog},
		"it dies before":        {"OK\nOK\n", "", errNoDialog},
		"it dies while open":    {shown, "", errEnded},
		"it dies in the answer": {shown + "D 31337", "", errEnded},
		"it asks something":     {shown + "INQUIRE QUALITY\n", "", errNonsense},
		"a line without end":    {shown + "D " + strings.Repeat("1", 5000) + "\nOK\n", "", errEnded},
		"data without end":      {shown + strings.Repeat("D 1\n", 5000) + "OK\n", "", errNonsense},
		"a torn escape":         {shown + "D 31337%4\nOK\n", "", errNonsense},
		"an ERR of none":        {shown + "ERR no\n", "", errNonsense},
	} {
		a, err := talk(&bytes.Buffer{}, strings.NewReader(c.says), question)
		if !errors.Is(err, c.err) || a.Reveal() != c.want {
			t.Errorf("%s: %q, err %v, want %q, %v", name, a.Reveal(), err, c.want, c.err)
		}
		if err != nil && strings.Contains(err.Error(), "31337") {
			t.Errorf("%s: the error quotes what was typed: %v", name, err)
		}
	}
}

func TestAPinentryIsToldTheQuestionInLinesThatItTakes(t *testing.T) {
	var told bytes.Buffer
	q := question
	q.Text = "100% of\nalice\x00 " + strings.Repeat("é", 900)
	q.Notice = "wrong\r\nGETPIN"
	if _, err := talk(&told, strings.NewReader(strings.Repeat("OK\n", 6)+"D 1\nOK\n"), q); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(told.String(), "\n"), "\n")
	want := []string{"OPTION no-grab", "SETTITLE understudy", "SETDESC 100%25 of%0Aalice%00 é", "SETPROMPT Code:", "SETERROR wrong%0D%0AGETPIN", "GETPIN"}
	if len(lines) != len(want) {
		t.Fatalf("%d lines:\n%s", len(lines), told.String())
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, want[i]) || len(line) > maxAssuan || !utf8.ValidString(line) {
			t.Errorf("line %d, %d bytes: %.80q, want %q", i, len(line), line, want[i])
		}
	}
}

func FuzzAReplyIsReadOrRefused(f *testing.F) {
	for _, line := range []string{"OK", "OK Pleased to meet you", "D 123456", "D %25%0a%zz", "D %", "ERR 83886179 Operation cancelled", "ERR", "S X y", "#", "# c", "INQUIRE Q", "D", "\r", ""} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		r, err := parseReply(line)
		if err != nil {
			if r != (reply{}) || err != errNonsense {
				t.Fatalf("%q: %+v with %v", line, r, err)
			}
			return
		}
		if len(r.data) > len(line) || (r.kind == replyErr) != (r.code != 0) || r.kind != replyData && r.data != "" {
			t.Fatalf("%q: %+v", line, r)
		}
	})
}

func FuzzAParameterComesThroughAsItWas(f *testing.F) {
	for _, text := range []string{"MFA code of arn:aws:iam::111111111111:mfa/alice", "100%\r\n\x00", "é", "\xff", strings.Repeat("%", 400)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		line := assuanLine("SETDESC", text)
		if len(line) > maxAssuan+1 || strings.ContainsAny(line[:len(line)-1], "\r\n\x00") {
			t.Fatalf("%q makes %q", text, line)
		}
		sent := strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "SETDESC")
		got, ok := unescape(strings.TrimPrefix(sent, " "))
		want := strings.Map(func(r rune) rune { return r }, text) // bytes that are no UTF-8 become U+FFFD
		if !ok || !strings.HasPrefix(want, got) || len(text) < 300 && got != want {
			t.Fatalf("%q comes through as %q", text, got)
		}
	})
}
