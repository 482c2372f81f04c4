package signin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"net/http/httptest"
	"testing"
	"time"
)

// FuzzProof reads proofs of every shape: none proves a key that nobody gave.
func FuzzProof(f *testing.F) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	point, err := key.PublicKey.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	head := b64([]byte(`{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":"` + b64(point[1:33]) + `","y":"` + b64(point[33:]) + `"}}`))
	claims := b64([]byte(`{"jti":"1","htm":"POST","htu":"http://127.0.0.1/v1/token","iat":0}`))
	f.Add(head + "." + claims + "." + b64(make([]byte, 64)))
	f.Add(head + "." + claims + ".")
	f.Add(b64([]byte(`{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}}`)) + "." + claims + "." + b64(make([]byte, 64)))
	f.Add("..")
	f.Fuzz(func(t *testing.T, proof string) {
		r := httptest.NewRequest("POST", "http://127.0.0.1/v1/token", nil)
		r.Header.Set("DPoP", proof)
		if _, ok := proven(r, key, time.Unix(0, 0)); ok {
			t.Fatalf("believed %q", proof)
		}
	})
}
