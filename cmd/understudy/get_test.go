package main

import (
	"strings"
	"testing"

	"understudy/internal/wire"
)

// What the decoder says about broken JSON quotes it, so it is not passed on.
func TestCredentialsThatMakeNoSenseAreRefusedWithoutShowingThem(t *testing.T) {
	for _, format := range []string{"env", "json"} {
		_, err := credentialsAs(format, []byte(`{"SecretAccessKey":"wJalrEXAMPLEKEY" CANARY`))
		if err == nil || strings.Contains(err.Error(), "CANARY") || strings.Contains(err.Error(), "wJalr") {
			t.Errorf("%s: %v", format, err)
		}
		if e, ok := err.(*wire.Error); !ok || e.Hint == "" {
			t.Errorf("%s: no hint in %v", format, err)
		}
	}
	if _, err := credentialsAs("env", []byte(`{"AccessKeyId":"ASIAEXAMPLE"}`)); err == nil {
		t.Error("half of the credentials were exported")
	}
}
