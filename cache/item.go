package cache

import (
	"encoding/json"
	"errors"
	"time"

	"understudy/internal/credential"
)

// storeKey is the name under which the store keeps a session.
func storeKey(id string) string { return "session/" + id }

// item is the stored form of a session, with its secrets. It is used in encode and
// decode only.
type item struct {
	AccessKeyID     string        `json:"access_key_id"`
	SecretAccessKey string        `json:"secret_access_key"`
	SessionToken    string        `json:"session_token"`
	Expiration      time.Time     `json:"expiration"`
	AccountID       string        `json:"account_id,omitempty"`
	Lifetime        time.Duration `json:"lifetime_ns"`
	IssuedWall      time.Time     `json:"issued_wall"`
	IssuedBoot      time.Duration `json:"issued_boot_ns"`
	BootID          string        `json:"boot_id,omitempty"`
}

func encode(id string, s credential.Session) (credential.Secret, error) {
	body, err := json.Marshal(item{
		AccessKeyID:     s.AccessKeyID,
		SecretAccessKey: s.SecretAccessKey.Reveal(),
		SessionToken:    s.SessionToken.Reveal(),
		Expiration:      s.Expiration.UTC(),
		AccountID:       s.AccountID,
		Lifetime:        s.Lifetime,
		IssuedWall:      s.Issued.Wall.UTC(),
		IssuedBoot:      s.Issued.Boot,
		BootID:          s.Issued.ID,
	})
	if err != nil {
		return credential.Secret{}, errors.New("a session does not fit into JSON")
	}
	sealed, err := seal("session "+id, body)
	return credential.NewSecret(string(sealed)), err
}

// decode is the reverse of encode. Its errors repeat no value.
func decode(id string, v credential.Secret) (credential.Session, error) {
	body, err := unseal("session "+id, []byte(v.Reveal()))
	if err != nil {
		return credential.Session{}, err
	}
	var i item
	if err := json.Unmarshal(body, &i); err != nil {
		return credential.Session{}, errDamaged
	}
	s := credential.Session{
		AccessKeyID:     i.AccessKeyID,
		SecretAccessKey: credential.NewSecret(i.SecretAccessKey),
		SessionToken:    credential.NewSecret(i.SessionToken),
		Expiration:      i.Expiration.UTC(),
		AccountID:       i.AccountID,
		Lifetime:        i.Lifetime,
		Issued:          credential.Moment{Wall: i.IssuedWall, Boot: i.IssuedBoot, ID: i.BootID},
	}
	if s.AccessKeyID == "" || s.SecretAccessKey.Empty() || s.SessionToken.Empty() || s.Expiration.IsZero() {
		return credential.Session{}, errDamaged
	}
	return s, nil
}
