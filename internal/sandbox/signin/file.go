package signin

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"time"

	"understudy/internal/sandbox"
)

// CacheFile is the login as `aws login` leaves it below ~/.aws/login/cache: the
// file's name, and what is in it. session is the profile's login_session, the
// user's ARN.
func (l Login) CacheFile(session string) (name string, content []byte) {
	der, err := x509.MarshalECPrivateKey(l.key)
	if err != nil {
		panic("signin: " + err.Error()) // its own key
	}
	type access struct {
		AccessKeyID string `json:"accessKeyId"`
		Secret      string `json:"secretAccessKey"`
		Token       string `json:"sessionToken"`
		AccountID   string `json:"accountId"`
		ExpiresAt   string `json:"expiresAt"`
	}
	content, err = json.Marshal(struct {
		AccessToken  access `json:"accessToken"`
		TokenType    string `json:"tokenType"`
		RefreshToken string `json:"refreshToken"`
		IDToken      string `json:"idToken"`
		ClientID     string `json:"clientId"`
		Key          string `json:"dpopKey"`
	}{
		access{
			l.Session.AccessKeyID, l.Session.Secret.Reveal(), l.Session.Token.Reveal(),
			sandbox.Example().AccountID, l.Session.Expires.UTC().Format(time.RFC3339),
		},
		"aws_sigv4", l.Refresh.Reveal(), "", ClientID,
		string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		panic("signin: " + err.Error()) // all of it is text
	}
	sum := sha256.Sum256([]byte(session))
	return hex.EncodeToString(sum[:]) + ".json", content
}
