package credential

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"understudy/internal/wire"
)

func TestAFailureIsFoundHoweverDeep(t *testing.T) {
	f := &Failure{Code: wire.Denied, Reason: "access denied", Hint: "ask for it"}
	for name, err := range map[string]error{
		"itself":  f,
		"wrapped": fmt.Errorf("profile %q: %w", "prod", f),
		"joined":  errors.Join(context.Canceled, f),
	} {
		if got := AsFailure(err); got != f {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWhatNobodyClassifiedIsTemporary(t *testing.T) {
	got := AsFailure(errors.New("odd"))
	if got.Code != wire.Temporary || got.Reason != "odd" || got.Hint == "" || got.Final() {
		t.Errorf("%+v", got)
	}
}

func TestOnlyTemporaryFailuresAreWorthARetry(t *testing.T) {
	for code, final := range map[wire.Code]bool{
		wire.Temporary: false, wire.NoDaemon: false,
		wire.Denied: true, wire.BadConfig: true, wire.UnknownProfile: true, wire.LoginNeeded: true, wire.Usage: true,
	} {
		if got := (&Failure{Code: code}).Final(); got != final {
			t.Errorf("%s: final %v, want %v", code, got, final)
		}
	}
}
