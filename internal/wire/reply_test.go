package wire

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"understudy/internal/text"
)

func appendCredentials(b, body []byte) []byte { return appendReply(b, OpenCredentials, body) }

// line is what the daemon appends, without its newline.
func line(t *testing.T, b []byte) []byte {
	t.Helper()
	got, ok := bytes.CutSuffix(b, []byte("\n"))
	if !ok || bytes.IndexByte(got, '\n') >= 0 {
		t.Fatalf("%q is not one line", b)
	}
	return got
}

func TestBodiesComeThroughByteForByte(t *testing.T) {
	for _, body := range []string{
		`{}`, `{"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE"}`, `{"a":{"b":[{}]},"c":"}"}`, `{"a":"\\\"}{"}`,
	} {
		for name, b := range map[string][]byte{"credentials": appendCredentials(nil, []byte(body)), "result": AppendResult(nil, []byte(body))} {
			l := line(t, b)
			got := ParseReply(l)
			if string(got.Body) != body || got.Err != nil || got.Wait != 0 || !json.Valid(l) {
				t.Errorf("%s %s: %+v", name, l, got)
			}
		}
	}
}

func TestErrorsComeThrough(t *testing.T) {
	for _, e := range []Error{
		{Denied, "access denied", "ask for it"},
		{UnknownProfile, `profile "prod": é`, `see \n`},
		{Temporary, "", ""},
	} {
		l := line(t, AppendError(nil, e.Code, e.Message, e.Hint))
		got := ParseReply(l)
		if got.Err == nil || *got.Err != e || got.Body != nil || got.Wait != 0 || got.Err.Error() != e.Message {
			t.Errorf("%s: %+v", l, got.Err)
		}
	}
}

func TestAnErrorOfALaterVersionIsStillRead(t *testing.T) {
	const l = `{"v":27,"error":{"hint":"h","since":"2030","message":"m\u000ao\u009bre","code":"paused"}}`
	got := ParseReply([]byte(l))
	if got.Err == nil || *got.Err != (Error{"paused", "m o re", "h"}) {
		t.Fatalf("%+v", got.Err)
	}
	if got.Err.Code.ExitStatus() != NoDaemon.ExitStatus() {
		t.Errorf("a code of a later version ends with status %d", got.Err.Code.ExitStatus())
	}
}

func TestWaitsComeThroughInWholeSeconds(t *testing.T) {
	for d, want := range map[time.Duration]time.Duration{
		time.Millisecond:        time.Second,
		time.Second:             time.Second,
		1500 * time.Millisecond: 2 * time.Second,
		FetchWait:               FetchWait,
		time.Hour:               AskWait,
	} {
		if got := ParseReply(line(t, AppendWait(nil, d))); got.Wait != want || got.Body != nil || got.Err != nil {
			t.Errorf("a wait of %v is read as %+v", d, got)
		}
	}
}

func TestWhatIsNotUnderstoodIsNoDaemonWithAHint(t *testing.T) {
	for _, l := range []string{
		``, `{`, `}`, `{}`, `null`, `hello`, `HTTP/1.1 400 Bad Request`, strings.Repeat("[", 1<<16),
		`{"v":2,"credentials":{}}`, `{"v":1,"secret":{}}`, `{"v":1}`, ` {"v":1,"credentials":{}}`,
		`{"v":1,"credentials":}`, `{"v":1,"credentials":null}`, `{"v":1,"credentials":[]}`, `{"v":1,"credentials":{}`,
		`{"v":1,"credentials":{},"more":{}}`, `{"v":1,"credentials":{}}}`, `{"v":1,"credentials":{"}}`, `{"v":1,"result":"{}"}`,
		`{"v":1,"wait":0}`, `{"v":1,"wait":-1}`, `{"v":1,"wait":x}`, `{"v":1,"wait":}`, `{"v":1,"wait":1.5}`, `{"v":1,"wait":99999999999999999999}`,
		`{"v":1,"error":{}}`, `{"v":1,"error":{"message":"m"}}`, `{"v":1,"error":{"code":7}}`, `{"v":1,"error":{"code":"denied"}}}`,
		`{"v":,"error":{"code":"denied"}}`, `{"v":x,"error":{"code":"denied"}}`, `{"v":1,"error":{"code":"denied",}}`, `{"v":1,"error":{"code"`,
	} {
		got := ParseReply([]byte(l))
		if got.Err == nil || got.Err.Code != NoDaemon || got.Body != nil || got.Wait != 0 || !strings.Contains(got.Err.Hint, "understudy daemon restart") {
			t.Errorf("%.60s: %+v %+v", l, got, got.Err)
		}
	}
}

// 2^55 s in nanoseconds is 0 modulo 2^64.
func TestAWaitBeyondAllTimeIsCutAndNotTakenForNone(t *testing.T) {
	for _, s := range []string{"36028797018963968", "9223372036854775807", "9223372037"} {
		if got := ParseReply([]byte(`{"v":1,"wait":` + s + `}`)); got.Wait != AskWait {
			t.Errorf("%s s: %+v", s, got)
		}
	}
}

func FuzzParseReply(f *testing.F) {
	for _, b := range [][]byte{
		appendCredentials(nil, []byte(`{"Version":1,"SessionToken":"x"}`)), AppendResult(nil, []byte(`{"a":[1,{"b":"}"}]}`)),
		AppendError(nil, Denied, "m\n", "h\x7f"), AppendWait(nil, FetchWait), []byte(`{"v":12,"error":{"code":"x","a":"\ud834\udd1e\ud834"}} `),
		[]byte(`{"v":1,"wait":36028797018963968} `), AppendAsk(nil, Ask{ID: "1", Kind: AskVisit, Text: "t", URL: "https://x", UserCode: "AB-CD"}),
		[]byte(`{"v":1,"ask":{"text":"MFA\u009b","kind":"code","since":"2030"}} `), []byte(`{"v":1,"ask":{"kind":""}} `),
	} {
		f.Add(b[:len(b)-1])
	}
	f.Fuzz(func(t *testing.T, l []byte) {
		kept := bytes.Clone(l)
		got := ParseReply(l)
		if !bytes.Equal(kept, l) {
			t.Fatal("the line was changed")
		}
		switch {
		case got.Body != nil && got.Err == nil && got.Wait == 0 && got.Ask == nil:
			if !bytes.Equal(l, line(t, appendCredentials(nil, got.Body))) && !bytes.Equal(l, line(t, AppendResult(nil, got.Body))) {
				t.Errorf("%s: body %s", l, got.Body)
			}
			var object map[string]json.RawMessage
			if json.Valid(l) && json.Unmarshal(got.Body, &object) != nil {
				t.Errorf("%s: body %s is no object", l, got.Body)
			}
		case got.Body == nil && got.Err == nil && got.Wait > 0:
			if got.Wait > AskWait || got.Wait%time.Second != 0 {
				t.Errorf("%s: wait %v", l, got.Wait)
			}
		case got.Body == nil && got.Err != nil && got.Wait == 0:
			checkError(t, l, got.Err)
		case got.Ask != nil && got.Body == nil && got.Err == nil && got.Wait == 0:
			checkAsk(t, *got.Ask)
		default:
			t.Errorf("%s: not one of the four: %+v", l, got)
		}
	})
}

// checkError holds e against what encoding/json reads in l.
func checkError(t *testing.T, l []byte, e *Error) {
	if e.Code == "" || string(e.Code) != text.Line(string(e.Code)) || e.Message != text.Line(e.Message) || e.Hint != text.Line(e.Hint) {
		t.Errorf("%s: %+v", l, e)
	}
	var reference struct {
		V     json.Number       `json:"v"`
		Error map[string]string `json:"error"`
	}
	if json.Unmarshal(l, &reference) != nil || reference.Error["code"] == "" || strings.HasPrefix(e.Message, "the daemon's answer is not one") {
		return
	}
	want := Error{Code(text.Line(reference.Error["code"])), text.Line(reference.Error["message"]), text.Line(reference.Error["hint"])}
	if *e != want {
		t.Errorf("%s: %+v, encoding/json reads %+v", l, *e, want)
	}
}
