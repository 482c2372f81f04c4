package totp

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/keychain"
	"understudy/internal/keychain/keyringtest/drawer"
)

// The secret of RFC 6238's test vectors, "12345678901234567890".
const rfcSeed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

const alice = "arn:aws:iam::111111111111:mfa/alice"

func add(t *testing.T, s Seeds, serial string) {
	t.Helper()
	if err := s.Add(t.Context(), serial, credential.NewSecret(rfcSeed)); err != nil {
		t.Fatal(err)
	}
}

func TestCodesAreThoseOfRFC6238(t *testing.T) {
	s := Seeds{drawer.New()}
	if _, ok, err := s.Code(t.Context(), alice, time.Unix(59, 0)); ok || err != nil {
		t.Errorf("without a seed: ok %v, err %v", ok, err)
	}
	add(t, s, alice)
	for at, want := range map[int64]string{ // the last six of its eight digits
		59: "287082", 1111111109: "081804", 1111111111: "050471",
		1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		c, ok, err := s.Code(t.Context(), alice, time.Unix(at, 999))
		if !ok || err != nil || c.Value.Reveal() != want {
			t.Errorf("at %d: %s, ok %v, err %v, want %s", at, c.Value.Reveal(), ok, err, want)
		}
		if left := c.Until.Unix() - at; left < 1 || left > 30 || c.Until.Unix()%30 != 0 {
			t.Errorf("at %d: good until %d", at, c.Until.Unix())
		}
		next, _, err := s.Code(t.Context(), alice, c.Until)
		if err != nil || next.Value.Equal(c.Value) {
			t.Errorf("at %d: the same code at its end, err %v", at, err)
		}
	}
}

func TestASeedIsTakenAsPeopleHaveIt(t *testing.T) {
	for text, want := range map[string]string{
		rfcSeed:                    rfcSeed,
		strings.ToLower(rfcSeed):   rfcSeed,
		" GEZD GNBV-GY3T\tQOJQ \n": "GEZDGNBVGY3TQOJQ",
		"GEZDGNBVGY3TQOJQGE======": "GEZDGNBVGY3TQOJQGE",
		"otpauth://totp/Amazon%20Web%20Services:alice@111111111111?secret=" + rfcSeed + "&issuer=Amazon%20Web%20Services": rfcSeed,
		"OTPAUTH://TOTP/x?secret=gezdgnbvgy3tqojq&digits=6&period=30&algorithm=sha1":                                      "GEZDGNBVGY3TQOJQ",
	} {
		seed, err := ParseSeed(credential.NewSecret(text))
		if err != nil || seed.Reveal() != want {
			t.Errorf("%q: %q, err %v", text, seed.Reveal(), err)
		}
	}
}

func TestWhatIsNoSeedIsRefusedWithoutBeingQuoted(t *testing.T) {
	for text, want := range map[string]error{
		"":                                       errSeedShort,
		"123456":                                 errNoSeed,
		"GEZDGNBVGY3TQOJ1":                       errNoSeed,
		"GEZDGNBV":                               errSeedShort,
		"GEZDGNBVGY3TQOJQé":                      errNoSeed,
		"GEZDGNBVGY3TQOJQG":                      errNoSeed, // no whole number of bytes
		strings.Repeat("GEZDGNBV", 40):           errSeedLong,
		strings.Repeat(" ", 5000) + "GEZDGNBVG2": errSeedShort,
		strings.Repeat("A", 5000):                errSeedLong,
		"otpauth://hotp/x?secret=" + rfcSeed:     errOtherKind,
		"otpauth://totp/x":                       errSeedShort,
		"otpauth://totp/x?secret=" + rfcSeed + "&digits=8":         errOtherKind,
		"otpauth://totp/x?secret=" + rfcSeed + "&period=60":        errOtherKind,
		"otpauth://totp/x?secret=" + rfcSeed + "&algorithm=SHA256": errOtherKind,
		"otpauth://totp/x?secret=" + rfcSeed + ";a":                errOtherKind,
		"https://totp/x?secret=" + rfcSeed:                         errNoSeed,
	} {
		seed, err := ParseSeed(credential.NewSecret(text))
		if !errors.Is(err, want) || !seed.Empty() {
			t.Errorf("%.60q: err %v, want %v", text, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "GEZD") || strings.Contains(err.Error(), "123456")) {
			t.Errorf("%.60q is quoted: %v", text, err)
		}
	}
}

func TestSeedsAreListedAndRemovedByName(t *testing.T) {
	d := drawer.New()
	s := Seeds{d}
	bob := "arn:aws:iam::111111111111:mfa/bob"
	for _, serial := range []string{bob, alice, bob} {
		add(t, s, serial)
	}
	wants(t, s, alice, bob)
	for _, want := range []bool{true, false} {
		if was, err := s.Remove(t.Context(), bob); was != want || err != nil {
			t.Errorf("remove: was %v, err %v", was, err)
		}
	}
	wants(t, s, alice)
	if was, err := s.Remove(t.Context(), alice); !was || err != nil {
		t.Errorf("remove: was %v, err %v", was, err)
	}
	if len(d.Items) != 0 {
		t.Errorf("left behind: %v", d.Items)
	}
}

func wants(t *testing.T, s Seeds, want ...string) {
	t.Helper()
	if got, err := s.List(t.Context()); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, err %v, want %v", got, err, want)
	}
}

// Whoever is killed in the middle leaves no seed that nobody can find.
func TestNoSeedIsKeptThatIsNotListed(t *testing.T) {
	for name, step := range map[string]func(Seeds) error{
		"add":    func(s Seeds) error { return s.Add(t.Context(), alice, credential.NewSecret(rfcSeed)) },
		"remove": func(s Seeds) error { _, err := s.Remove(t.Context(), alice); return err },
	} {
		for ops := 1; ; ops++ {
			d := drawer.New()
			s := Seeds{d}
			add(t, s, "other")
			if name == "remove" {
				add(t, s, alice)
			}
			d.Left = ops
			err := step(s)
			if d.Left = 0; err == nil {
				if ops < 4 {
					t.Errorf("%s: nothing went wrong with %d calls", name, ops)
				}
				break
			}
			_, kept := d.Items[s.items().Key(alice)]
			listed, err := s.List(t.Context())
			if err != nil || slices.Contains(listed, alice) != kept || !slices.Contains(listed, "other") {
				t.Errorf("%s, dead at call %d: kept %v, listed %v, err %v", name, ops, kept, listed, err)
			}
		}
	}
}

func TestADamagedItemIsInNobodysWayAndASickKeychainIsSaid(t *testing.T) {
	d := drawer.New()
	s := Seeds{d}
	add(t, s, alice)
	d.Sick[s.items().Kind] = fmt.Errorf("%w: cut", keychain.ErrTorn)
	wants(t, s)
	if _, ok, err := s.Code(t.Context(), alice, time.Unix(59, 0)); !ok || err != nil {
		t.Errorf("the seed itself: ok %v, err %v", ok, err)
	}
	add(t, s, alice)
	wants(t, s, alice)
	d.Sick[s.items().Key(alice)] = keychain.ErrTorn
	if _, ok, err := s.Code(t.Context(), alice, time.Unix(59, 0)); ok || !errors.Is(err, keychain.ErrTorn) {
		t.Errorf("a torn seed: ok %v, err %v", ok, err)
	}
	if was, err := s.Remove(t.Context(), alice); !was || err != nil {
		t.Errorf("a torn seed: was %v, err %v", was, err)
	}
	d.Items[s.items().Kind], d.Items[s.items().Key(alice)] = "{", "not base32"
	wants(t, s)
	if _, ok, err := s.Code(t.Context(), alice, time.Now()); ok || !errors.Is(err, errKept) {
		t.Errorf("no base32: ok %v, err %v", ok, err)
	}
	d.Sick[s.items().Kind], d.Sick[s.items().Key(alice)] = keychain.ErrLocked, keychain.ErrLocked
	if err := s.Add(t.Context(), alice, credential.NewSecret(rfcSeed)); !errors.Is(err, keychain.ErrLocked) {
		t.Errorf("add: %v", err)
	}
	if _, err := s.Remove(t.Context(), alice); !errors.Is(err, keychain.ErrLocked) {
		t.Errorf("remove: %v", err)
	}
	if _, err := s.List(t.Context()); !errors.Is(err, keychain.ErrLocked) {
		t.Errorf("list: %v", err)
	}
}

func FuzzASeedIsReadOrRefused(f *testing.F) {
	for _, text := range []string{rfcSeed, "gezd gnbv gy3t qojq", "otpauth://totp/a:b?secret=" + rfcSeed + "&issuer=a&digits=6", "otpauth://", "OTPAUTH://totp/%zz?secret=%", "====", "\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		seed, err := ParseSeed(credential.NewSecret(text))
		if err != nil {
			if !seed.Empty() {
				t.Fatalf("%q: a seed with %v", text, err)
			}
			return
		}
		again, err := ParseSeed(seed)
		if err != nil || !again.Equal(seed) {
			t.Fatalf("%q: what is kept reads otherwise, err %v", text, err)
		}
		c, err := code(seed, time.Unix(59, 0))
		if err != nil || len(c.Value.Reveal()) != 6 {
			t.Fatalf("%q: no code of it: %v", text, err)
		}
	})
}
