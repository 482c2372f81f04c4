package identitycenter

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"understudy/internal/credential"
)

// cliToken is a token that `aws sso login` left. Its refresh token is not read.
type cliToken struct {
	startURL, region string // empty where the file does not say
	access           credential.Secret
	expires          time.Time
}

// cliFileName is how the AWS CLI and the SDKs name the file of an sso-session,
// or of a start URL where the profile names no session.
func cliFileName(session string) string {
	sum := sha1.Sum([]byte(session))
	return hex.EncodeToString(sum[:]) + ".json"
}

var errCLIFile = errors.New("not a token of the AWS CLI") // the decoder's words may hold the token

// parseCLIFile reads such a file. Old releases wrote UTC in place of Z.
func parseCLIFile(content []byte) (cliToken, error) {
	var f struct {
		StartURL    string `json:"startUrl"`
		Region      string `json:"region"`
		AccessToken string `json:"accessToken"`
		ExpiresAt   string `json:"expiresAt"`
	}
	if json.Unmarshal(content, &f) != nil || !isToken(f.AccessToken) {
		return cliToken{}, errCLIFile
	}
	text := f.ExpiresAt
	if t, ok := strings.CutSuffix(text, "UTC"); ok {
		text = t + "Z"
	}
	expires, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return cliToken{}, errCLIFile
	}
	return cliToken{f.StartURL, f.Region, credential.NewSecret(f.AccessToken), expires.UTC()}, nil
}

// isToken reports whether s may stand in a header.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}
