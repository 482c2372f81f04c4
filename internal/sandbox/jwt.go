package sandbox

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"strings"
	"time"
)

// issuer signs what the sandbox's identity providers say: tokens with its key,
// assertions with its secret.
type issuer struct {
	key    *ecdsa.PrivateKey // P-256
	secret []byte
}

func newIssuer() issuer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic("sandbox: " + err.Error()) // the system's randomness does not run out
	}
	secret := make([]byte, sha256.Size)
	rand.Read(secret)
	return issuer{key, secret}
}

// claims are a token's. Times are seconds since 1970.
type claims struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	Subject  string `json:"sub,omitempty"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	ID       string `json:"jti"`
}

const jwtHeader = `{"alg":"ES256","kid":"sandbox","typ":"JWT"}`

func (i issuer) mint(w WebIdentity, now time.Time) string {
	issued := now
	if w.Lifetime < 0 {
		issued = now.Add(2 * w.Lifetime)
	}
	body, err := json.Marshal(claims{
		Issuer: cmp.Or(w.Issuer, Issuer), Audience: cmp.Or(w.Audience, Audience), Subject: w.Subject,
		IssuedAt: issued.Unix(), Expires: now.Add(cmp.Or(w.Lifetime, time.Hour)).Unix(), ID: requestID(),
	})
	if err != nil {
		panic("sandbox: " + err.Error()) // all of it is text and numbers
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(jwtHeader)) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, i.key, sum[:])
	if err != nil {
		panic("sandbox: " + err.Error())
	}
	signature := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// readToken checks a token's shape, issuer, signature, claims and end, as STS
// does. Its error is a *refusal.
func (i issuer) readToken(token string, now time.Time) (claims, error) {
	var c claims
	noJWT := notAToken("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	parts := strings.Split(token, ".")
	if len(parts) != 3 || strings.ContainsAny(token, "\r\n") { // which the decoder would pass over
		return c, noJWT
	}
	var raw [3][]byte
	for n, part := range parts {
		var err error
		if raw[n], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return c, noJWT
		}
	}
	var header struct{ Alg string }
	if json.Unmarshal(raw[0], &header) != nil || json.Unmarshal(raw[1], &c) != nil {
		return c, noJWT
	}
	switch {
	case c.Issuer != Issuer:
		return c, notAToken("No OpenIDConnect provider found in your account for %s", c.Issuer)
	case header.Alg != "ES256" || len(raw[2]) != 64 || !i.signed(parts[0]+"."+parts[1], raw[2]):
		return c, notAToken("Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements")
	case c.Subject == "":
		return c, notAToken("Missing a required claim: sub")
	case c.Audience != Audience:
		return c, notAToken("Incorrect token audience")
	case now.Unix() >= c.Expires:
		return c, refuse(http.StatusBadRequest, "ExpiredTokenException",
			"Token expired: current date/time %d must be before the expiration date/time %d", now.Unix(), c.Expires)
	}
	return c, nil
}

func (i issuer) signed(text string, signature []byte) bool {
	sum := sha256.Sum256([]byte(text))
	return ecdsa.Verify(&i.key.PublicKey, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
}
