package canary

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"understudy/internal/credential"
)

func TestAMarkIsFoundInEveryForm(t *testing.T) {
	for name, text := range map[string]string{
		"raw":                 "x" + Mark + "y",
		"hex":                 hex.EncodeToString([]byte("x" + Mark + "y")),
		"spaced hex":          fmt.Sprintf("% x", "x"+Mark),
		"bytes":               fmt.Sprintf("%v", []byte("x"+Mark+"y")),
		"base64":              base64.StdEncoding.EncodeToString([]byte(Mark)),
		"base64, one before":  base64.StdEncoding.EncodeToString([]byte("x" + Mark + "behind")),
		"base64, two before":  base64.URLEncoding.EncodeToString([]byte("xy" + Mark + "b")),
		"base64, long before": base64.StdEncoding.EncodeToString([]byte(strings.Repeat("z", 100) + Mark + "be")),
		"a query":             url.Values{"k": {Mark}}.Encode(),
		"words of a crash":    fmt.Sprintf("main.f(0x%x, 0x1)", uint64('C')|'a'<<8|'n'<<16|'a'<<24|'r'<<32|'y'<<40|'I'<<48|'n'<<56),
	} {
		if len(Secrets{"mark": Mark}.In(text)) != 1 {
			t.Errorf("%s: not found in %q", name, text)
		}
	}
	if found := (Secrets{"mark": Mark}).In("nothing of it, CanaryInTheMin"); found != nil {
		t.Errorf("found %v where there is none", found)
	}
}

type careless struct{ Name, Password string }

type hidden struct{ secret *string }

func (h hidden) reveal() string { return *h.secret }

type careful struct {
	Name   string
	Secret credential.Secret
}

func TestWhatShowsItselfIsSeen(t *testing.T) {
	if shown := Shown[careless](); len(shown) == 0 {
		t.Error("a plain password is not seen")
	}
	if shown := Shown[careless]("Password"); len(shown) != 0 {
		t.Errorf("what is harmless is seen: %q", shown)
	}
	if shown := Shown[careful](); len(shown) != 0 {
		t.Errorf("a Secret shows itself: %q", shown)
	}
	if word := "word"; (hidden{&word}).reveal() != word {
		t.Error("it hides nothing")
	}
	if shown := Shown[hidden](); len(shown) != 0 {
		t.Errorf("what lies behind a pointer is shown: %q", shown)
	}
}
