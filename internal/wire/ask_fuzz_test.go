package wire

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"understudy/internal/text"
)

// checkAsk holds what was read of a question to what a terminal may be shown,
// and to what is read of it when it is written once more.
func checkAsk(t *testing.T, a Ask) {
	t.Helper()
	for _, s := range []string{a.ID, string(a.Kind), a.Text, a.Notice, a.URL, a.UserCode} {
		if text.Line(s) != s {
			t.Errorf("%q is not fit for a terminal", s)
		}
	}
	again := ParseReply(bytes.TrimSpace(AppendAsk(nil, a))).Ask
	if a.Kind == "" || a.Wait != AskWait || again == nil || *again != a {
		t.Errorf("%+v is read again as %+v", a, again)
	}
}

func FuzzAsk(f *testing.F) {
	f.Add("7", "code", "MFA code of arn:aws:iam::111111111111:mfa/alice", "that code was not accepted", "", "")
	f.Add("8", "visit", "sign in", "", "https://example.com/?a=b&c=<d>", "ABCD-EFGH")
	f.Add("", "environment", "", "", "", "")
	f.Add("\x00", "x", "\u009b31m\n", "\xff", `"}}`, `\`)
	f.Fuzz(func(t *testing.T, id, kind, question, notice, url, userCode string) {
		if kind == "" {
			return
		}
		sent := Ask{ID: id, Kind: AskKind(kind), Text: question, Notice: notice, URL: url, UserCode: userCode}
		line := AppendAsk(nil, sent)
		if !json.Valid(line) || bytes.IndexByte(line, '\n') != len(line)-1 {
			t.Fatalf("%q is no line of JSON", line)
		}
		got := ParseReply(line[:len(line)-1])
		if got.Ask == nil {
			t.Fatalf("%s is not read as a question", line)
		}
		checkAsk(t, *got.Ask)
		if got.Ask.Text != text.Line(question) || got.Ask.URL != text.Line(url) {
			t.Errorf("%s: %+v", line, *got.Ask)
		}
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add("7", "123456", "", "", "", false, false)
	f.Add("7", "", "", "", "", true, false)
	f.Add("", "", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "tok+en==", false, false)
	f.Add("\n", "\x1b[A123\u2028", `"`, `\`, "{}", false, true)
	f.Fuzz(func(t *testing.T, id, text, key, secret, token string, pass, refuse bool) {
		for _, s := range []string{id, text, key, secret, token} {
			if !utf8.ValidString(s) {
				return
			}
		}
		sent := Answer{ID: id, Text: text, AccessKeyID: key, SecretAccessKey: secret, SessionToken: token, Pass: pass, Refuse: refuse}
		line := sent.Append(nil)
		if n := bytes.IndexByte(line, '\n'); n != len(line)-1 {
			t.Fatal("it is not one line")
		}
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		var read Answer
		sent.V = Version
		if err := d.Decode(&read); err != nil || read != sent {
			t.Errorf("it is read as another answer, %v", err)
		}
	})
}
