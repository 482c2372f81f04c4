package totp

import (
	"errors"
	"net/url"
	"strings"

	"understudy/internal/credential"
)

const (
	minSeed = 10  // bytes of a secret: 16 characters, the shortest in use
	maxSeed = 128 // bytes; AWS's has 40
)

// Why a seed is rejected. No message quotes it.
var (
	errNoSeed    = errors.New("the seed is not complete base32: want letters and the digits 2 to 7")
	errSeedShort = errors.New("the seed is too short: want at least 16 characters")
	errSeedLong  = errors.New("the seed is too long")
	errOtherKind = errors.New("the otpauth address is for another kind of code: want TOTP with SHA-1, 6 digits, 30 s")

	errKept = errors.New("the seed in the keychain is damaged")
)

// ParseSeed reads what AWS shows as the secret key of a virtual device, in any
// case and with blanks, or the otpauth address that its QR code holds.
func ParseSeed(text credential.Secret) (credential.Secret, error) {
	s := strings.TrimSpace(text.Reveal())
	if len(s) > 4<<10 {
		return credential.Secret{}, errSeedLong
	}
	if scheme, _, ok := strings.Cut(s, "://"); ok && strings.EqualFold(scheme, "otpauth") {
		var err error
		if s, err = fromAddress(s); err != nil {
			return credential.Secret{}, err
		}
	}
	s = strings.TrimRight(strings.Map(letter, s), "=")
	secret, err := alphabet.DecodeString(s)
	odd := len(s) % 8 // the decoder lets a character too many pass
	switch {
	case err != nil, odd == 1, odd == 3, odd == 6:
		return credential.Secret{}, errNoSeed
	case len(secret) < minSeed:
		return credential.Secret{}, errSeedShort
	case len(secret) > maxSeed:
		return credential.Secret{}, errSeedLong
	}
	return credential.NewSecret(s), nil
}

// letter is r in upper case; blanks and hyphens only make a seed easier to read.
func letter(r rune) rune {
	switch {
	case r == ' ', r == '\t', r == '\r', r == '\n', r == '-':
		return -1
	case r >= 'a' && r <= 'z':
		return r - 'a' + 'A'
	}
	return r
}

// fromAddress is the secret of an otpauth address, when its codes are those we
// make.
func fromAddress(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || !strings.EqualFold(u.Host, "totp") {
		return "", errOtherKind
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", errOtherKind
	}
	for name, ours := range map[string]string{"algorithm": "SHA1", "digits": "6", "period": "30"} {
		if v := query.Get(name); v != "" && !strings.EqualFold(v, ours) {
			return "", errOtherKind
		}
	}
	return query.Get("secret"), nil
}
