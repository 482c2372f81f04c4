package socket

import (
	"bytes"
	"testing"

	"understudy/internal/text"
	"understudy/internal/wire"
)

func TestAnAnswerThatIsNotUnderstoodIsRefusedWithoutBeingQuoted(t *testing.T) {
	for _, line := range []string{
		``, `{`, `null`, `[]`, `"123456"`, `{"id":"1","text":"123456"}`, `{"v":2,"text":"123456"}`,
		`{"v":1,"text":"123456","sudo":true}`, `{"v":1,"text":123456}`, `{"v":1} {"v":1}`, `{"v":1}}`, `{"v":1}x`,
		`{"v":1,"id":"a\u0007b"}`, `{"v":1,"access_key_id":"AKIA\u000d\u000aX"}`, `{"v":1,"secret_access_key":"\u009b"}`,
		`{"v":1,"session_token":"a\ufffdb"}`,
	} {
		a, err := parseAnswer([]byte(line))
		if err != errNoAnswer || a != (wire.Answer{}) {
			t.Errorf("%s: %v, %v", line, a, err)
		}
	}
	// What a key of the keyboard leaves is for whoever asked to judge.
	if a, err := parseAnswer([]byte(`{"v":1,"id":"1","text":"\u001b[A123456"}`)); err != nil || a.Text != "\x1b[A123456" {
		t.Errorf("%v", err)
	}
}

func FuzzAnswer(f *testing.F) {
	for _, a := range []wire.Answer{
		{ID: "7", Text: "123456"}, {ID: "7", Pass: true}, {Refuse: true},
		{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "made-up", SessionToken: "made-up+/="},
	} {
		f.Add(bytes.TrimSpace(a.Append(nil)))
	}
	for _, line := range []string{`{"v":1,"text":"\ud800"}`, `{"V":1,"TEXT":"x"}`, `{"v":1,"v":2}`, `{"v":1e0}`, `{"v":1} x`, "[[[["} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		a, err := parseAnswer(line)
		if err != nil {
			return
		}
		for _, s := range []string{a.ID, a.AccessKeyID, a.SecretAccessKey, a.SessionToken} {
			if text.Line(s) != s {
				t.Error("a control character came through")
			}
		}
		if again, err := parseAnswer(a.Append(nil)); err != nil || again != a {
			t.Errorf("written once more it is another answer, %v", err)
		}
	})
}
