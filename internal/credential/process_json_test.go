package credential

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// processOutput is what SDKs read, its fields in the order that is promised.
type processOutput struct {
	Version         int
	AccessKeyId     string
	SecretAccessKey string
	SessionToken    string
	Expiration      string
	AccountId       string `json:",omitempty"`
}

func TestProcessJSONIsExactlyWhatEverySDKReads(t *testing.T) {
	s, _ := issued()
	s.Expiration = time.Date(2026, 3, 1, 14, 0, 0, 0, time.FixedZone("CET", 3600))
	const want = `{"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE",` +
		`"SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY","SessionToken":"made-up/token+==",` +
		`"Expiration":"2026-03-01T13:00:00Z","AccountId":"123456789012"}`
	if got := string(s.AppendProcessJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestProcessJSONOfARawKeyHasNoTokenAndAnEnd(t *testing.T) {
	s, _ := issued()
	s.Raw, s.SessionToken = true, Secret{}
	const want = `{"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE",` +
		`"SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY","Expiration":"2026-03-01T13:00:00Z","AccountId":"123456789012"}`
	if got := string(s.AppendProcessJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestProcessJSONLeavesOutAnAccountNobodySaid(t *testing.T) {
	s, _ := issued()
	s.AccountID = ""
	if got := s.AppendProcessJSON(nil); bytes.Contains(got, []byte("Account")) || !json.Valid(got) {
		t.Errorf("got %s", got)
	}
}

func TestProcessJSONDropsFractionsOfASecond(t *testing.T) {
	s, _ := issued()
	s.Expiration = s.Expiration.Add(999 * time.Millisecond)
	if got := string(s.AppendProcessJSON(nil)); !strings.Contains(got, `"Expiration":"2026-03-01T13:00:00Z"`) {
		t.Errorf("got %s", got)
	}
}

func TestProcessJSONStaysUnder8KiBWithATokenOf6KiB(t *testing.T) {
	s, _ := issued()
	s.SessionToken = NewSecret(strings.Repeat("IQoJb3JpZ2luX2Vj", 6<<10/16))
	got := s.AppendProcessJSON(nil)
	if !json.Valid(got) || len(got)+1 > 8<<10 {
		t.Errorf("%d bytes, valid %v", len(got), json.Valid(got))
	}
}

func FuzzProcessJSON(f *testing.F) {
	f.Add("ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG", "made-up", "123456789012", int64(1772370000))
	f.Add(`a"b\c`, `\\""`, `{"Version":2}`, "", int64(0))
	f.Add("<script>&", "%s%n", `\u0041`, "1", int64(253402300799))
	f.Fuzz(func(t *testing.T, id, secret, token, account string, expires int64) {
		s, noon := issued()
		s.AccessKeyID, s.SecretAccessKey, s.SessionToken, s.AccountID = id, NewSecret(secret), NewSecret(token), account
		if s.Check(noon) != nil || expires < 0 || expires > 253402300799 { // the year 9999
			return
		}
		s.Expiration = time.Unix(expires, 0)
		got := s.AppendProcessJSON(nil)
		want := processOutput{1, id, secret, token, s.Expiration.UTC().Format(time.RFC3339), account}
		var read processOutput
		d := json.NewDecoder(bytes.NewReader(got))
		d.DisallowUnknownFields()
		if err := d.Decode(&read); err != nil || read != want {
			t.Fatalf("%s reads as %+v, %v; want %+v", got, read, err, want)
		}
		var minified, again bytes.Buffer
		if err := json.Compact(&minified, got); err != nil || minified.String() != string(got) {
			t.Errorf("%s is not minified: %v", got, err)
		}
		e := json.NewEncoder(&again)
		e.SetEscapeHTML(false)
		if err := e.Encode(want); err != nil || strings.TrimSuffix(again.String(), "\n") != string(got) {
			t.Errorf("%s, encoding/json says %s, %v", got, again.String(), err)
		}
	})
}
