package signin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"strings"
	"time"
)

// proofWindow is how far a proof's time may be off the server's clock.
const proofWindow = 5 * time.Minute

type proofHeader struct {
	Type string `json:"typ"`
	Alg  string `json:"alg"`
	Key  struct {
		Type  string `json:"kty"`
		Curve string `json:"crv"`
		X     string `json:"x"`
		Y     string `json:"y"`
	} `json:"jwk"`
}

type proofClaims struct {
	ID     string `json:"jti"`
	Method string `json:"htm"`
	URL    string `json:"htu"`
	At     int64  `json:"iat"` // seconds since 1970
}

// proven checks that the call comes from whoever holds the key (RFC 9449), and
// returns the proof's own name.
func proven(r *http.Request, key *ecdsa.PrivateKey, now time.Time) (id string, ok bool) {
	parts := strings.Split(r.Header.Get("DPoP"), ".")
	if len(parts) != 3 {
		return "", false
	}
	var h proofHeader
	var c proofClaims
	if !decode(parts[0], &h) || !decode(parts[1], &c) || h.Type != "dpop+jwt" || h.Alg != "ES256" || h.Key.Type != "EC" || h.Key.Curve != "P-256" {
		return "", false
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(signature) != 64 {
		return "", false
	}
	public, ok := point(h.Key.X, h.Key.Y)
	if !ok || !public.Equal(&key.PublicKey) {
		return "", false
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return "", false
	}
	path, _, _ := strings.Cut(r.RequestURI, "?")
	off := now.Sub(time.Unix(c.At, 0)).Abs()
	here := c.Method == r.Method && (c.URL == "http://"+r.Host+path || c.URL == "https://"+r.Host+path)
	return c.ID, here && c.ID != "" && off <= proofWindow
}

func decode(part string, v any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(raw, v) == nil
}

// point makes a key of its two numbers, which some write without leading zeros.
func point(x, y string) (*ecdsa.PublicKey, bool) {
	raw := []byte{4} // uncompressed
	for _, text := range []string{x, y} {
		n, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || len(n) > 32 {
			return nil, false
		}
		raw = append(raw, make([]byte, 32-len(n))...)
		raw = append(raw, n...)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw)
	return key, err == nil
}
