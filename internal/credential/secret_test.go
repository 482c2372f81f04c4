package credential

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const canary = "canaryEXAMPLE"

// holders are the places from which a secret could show itself.
func holders() map[string]any {
	secret := NewSecret(canary)
	session, _ := issued()
	session.SecretAccessKey, session.SessionToken = secret, secret
	type open struct{ S Secret }
	type shut struct{ s Secret }
	type deep struct{ p *shut }
	type owner struct{ session Session }
	plan := Plan{ID: "id", Profile: "prod", Fetch: func(context.Context, Session) (Session, error) { return session, nil }}
	return map[string]any{
		"secret":              secret,
		"pointer":             &secret,
		"exported field":      open{secret},
		"pointer to a field":  &open{secret},
		"unexported field":    shut{secret},
		"unexported, deep":    deep{&shut{secret}},
		"slice":               []Secret{secret},
		"slice of any":        []any{secret, &secret},
		"map":                 map[string]Secret{"k": secret},
		"session":             session,
		"session pointer":     &session,
		"unexported session":  owner{session},
		"plan":                plan,
		"plan that has bases": &Plan{Base: &plan},
	}
}

func TestNoVerbPrintsASecret(t *testing.T) {
	encoded := []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprintf("% x", canary), fmt.Sprintf("%v", []byte(canary))}
	for name, v := range holders() {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%p", "%T", "%t", "%10.3s", "%-40v", "%w"} {
			got := fmt.Errorf(verb, v).Error()
			for _, shown := range encoded {
				if strings.Contains(got, shown) {
					t.Errorf("%s with %s prints %s", name, verb, got)
				}
			}
		}
	}
}

func TestASecretReadsAsOne(t *testing.T) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(verb, NewSecret(canary)); got != "[secret]" {
			t.Errorf("%s prints %s", verb, got)
		}
	}
	if got := NewSecret(canary).String() + NewSecret(canary).GoString(); got != "[secret][secret]" {
		t.Errorf("String and GoString print %s", got)
	}
}

func TestASessionPrintsItsEndAndNoMore(t *testing.T) {
	s, _ := issued()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, s); got != "session until 2026-03-01T13:00:00Z" {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}

func TestNoLogShowsASecret(t *testing.T) {
	for name, v := range holders() {
		var out bytes.Buffer
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			log := slog.New(h)
			log.Info("value", "v", v, slog.Group("g", slog.Any("v", v)))
			log.With("v", v).Info("with")
			log.WithGroup("g").Info("in a group", slog.Any("v", &v))
		}
		if strings.Contains(out.String(), canary) {
			t.Errorf("%s is logged as %s", name, out.String())
		}
		if n := strings.Count(out.String(), "\n"); n != 6 {
			t.Errorf("%s: %d lines logged, want 6", name, n)
		}
	}
}

func TestASecretIsNeverMarshalled(t *testing.T) {
	s, _ := issued()
	for name, v := range map[string]any{"secret": NewSecret(canary), "field": struct{ S Secret }{NewSecret(canary)}, "session": s, "session pointer": &s, "map": map[string]Secret{"k": NewSecret(canary)}} {
		if b, err := json.Marshal(v); !errors.Is(err, errSecret) {
			t.Errorf("%s: JSON %s, %v", name, b, err)
		}
	}
	if b, err := json.Marshal(map[string]any{"k": []any{NewSecret(canary)}}); err == nil {
		t.Errorf("JSON %s", b)
	}
	type element struct{ S Secret }
	if b, err := xml.Marshal(element{NewSecret(canary)}); !errors.Is(err, errSecret) {
		t.Errorf("XML %s, %v", b, err)
	}
	var out bytes.Buffer
	if err := gob.NewEncoder(&out).Encode(element{NewSecret(canary)}); err == nil || bytes.Contains(out.Bytes(), []byte(canary)) {
		t.Errorf("gob %q, %v", out.Bytes(), err)
	}
}

func TestASecretIsRevealedAsItWas(t *testing.T) {
	a := NewSecret(canary)
	for name, ok := range map[string]bool{
		"reveal":                a.Reveal() == canary,
		"equal":                 a.Equal(NewSecret(canary)),
		"not equal":             !a.Equal(NewSecret("canary")),
		"not empty":             !a.Empty(),
		"zero is empty":         Secret{}.Empty() && Secret{}.Reveal() == "",
		"zero equals an empty":  Secret{}.Equal(NewSecret("")),
		"an empty one is empty": NewSecret("").Empty(),
	} {
		if !ok {
			t.Error(name)
		}
	}
}
