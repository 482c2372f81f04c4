package wire

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"understudy/internal/text"
)

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "prod", `a"b\c/`, "é€𝄞", "\x00\t\n\x1f\x7f", "\u009b\u2028\u2029", "<&>", "\xff\xc3", "\\u0041"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := appendString([]byte("x"), s)[1:]
		var read string
		if err := json.Unmarshal(got, &read); err != nil {
			t.Fatalf("%q becomes %s: %v", s, got, err)
		}
		if utf8.ValidString(s) && read != s {
			t.Errorf("%q becomes %s, which reads as %q", s, got, read)
		}
		if strings.ContainsFunc(string(got), func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("%q becomes %q with a raw control character", s, got)
		}
		own, rest, ok := scanString(got)
		if !ok || len(rest) != 0 || own != text.Line(read) {
			t.Errorf("%s: the helper reads %q, %q, %v; encoding/json %q", got, own, rest, ok, read)
		}
	})
}

func TestAppendStringReplacesWhatIsNoUTF8AsEncodingJSONDoes(t *testing.T) {
	var want string
	encoded, _ := json.Marshal("a\xff\xc3b")
	if err := json.Unmarshal(encoded, &want); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := json.Unmarshal(appendString(nil, "a\xff\xc3b"), &got); err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestScanStringRefusesWhatIsNoString(t *testing.T) {
	for _, in := range []string{``, `a`, `"`, `"a`, `"a\`, `"a\"`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\u 123"`, "\"a\nb\"", "\"\x00\"", `'a'`} {
		if s, rest, ok := scanString([]byte(in)); ok {
			t.Errorf("%q reads as %q, then %q", in, s, rest)
		}
	}
}
