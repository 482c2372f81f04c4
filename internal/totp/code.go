package totp

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"time"

	"understudy/internal/credential"
)

const (
	period = 30        // seconds that a code is good for
	modulo = 1_000_000 // six digits
)

var alphabet = base32.StdEncoding.WithPadding(base32.NoPadding)

// code is RFC 6238 as AWS uses it: SHA-1, six digits, thirty seconds. seed is
// base32 without padding.
func code(seed credential.Secret, now time.Time) (Code, error) {
	secret, err := alphabet.DecodeString(seed.Reveal())
	if err != nil || len(secret) == 0 {
		return Code{}, errKept
	}
	step := now.Unix() / period
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf // RFC 4226, 5.3: the last digits say where to read
	number := binary.BigEndian.Uint32(sum[at:at+4]) & 0x7fffffff
	return Code{
		Value: credential.NewSecret(fmt.Sprintf("%06d", number%modulo)),
		Until: time.Unix((step+1)*period, 0),
	}, nil
}
