package sandbox

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"understudy/internal/credential"
)

// step is how long an MFA device shows one code.
const step = 30 * time.Second

// Code is what a device with the seed, which is base32 with or without spaces
// and padding, shows at a time (RFC 6238, six digits, SHA-1). A seed that is
// none has no code.
func Code(seed credential.Secret, at time.Time) (string, error) {
	text := strings.TrimRight(strings.ToUpper(strings.ReplaceAll(seed.Reveal(), " ", "")), "=")
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil {
		return "", fmt.Errorf("the seed is not base32") // the inner text would show some of it
	}
	h := hmac.New(sha1.New, key)
	binary.Write(h, binary.BigEndian, at.Unix()/int64(step/time.Second))
	sum := h.Sum(nil)
	from := sum[len(sum)-1] & 0x0f
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[from:])&0x7fffffff%1_000_000), nil
}

// rightCode allows the device's clock to be a step off.
func rightCode(seed credential.Secret, code string, now time.Time) bool {
	for _, off := range []time.Duration{-step, 0, step} {
		if want, err := Code(seed, now.Add(off)); err == nil && want == code {
			return true
		}
	}
	return false
}
