package identitycenter

import (
	"encoding/json"
	"errors"
	"time"

	"understudy/internal/credential"
)

// kept is what is known of a sign-in, and what an item of the store holds. Its
// parts are replaced, never changed.
type kept struct {
	clients map[grant]client
	token   *token // nil when nobody is signed in
}

// grant is how a token is come by.
type grant string

// As OAuth names them.
const (
	byCode    grant = "authorization_code"
	byDevice  grant = "urn:ietf:params:oauth:grant-type:device_code"
	byRefresh grant = "refresh_token"
)

// client is understudy as the service has registered it.
type client struct {
	id      string
	secret  credential.Secret
	expires time.Time
}

// token is a sign-in.
type token struct {
	access  credential.Secret
	refresh credential.Secret // empty where the service gave none
	issued  time.Time
	expires time.Time // of access; zero when it is known to be worth nothing
	client  grant     // the client that it was issued to
}

// The item's JSON. Times are seconds of Unix.
type itemJSON struct {
	V       int                  `json:"v"`
	Clients map[grant]clientJSON `json:"clients,omitempty"`
	Token   *tokenJSON           `json:"token,omitempty"`
}

type clientJSON struct {
	ID      string `json:"id"`
	Secret  string `json:"secret"`
	Expires int64  `json:"expires"`
}

type tokenJSON struct {
	Access  string `json:"access"`
	Refresh string `json:"refresh,omitempty"`
	Issued  int64  `json:"issued"`
	Expires int64  `json:"expires"`
	Client  grant  `json:"client"`
}

const itemVersion = 1

func (k kept) encode() (credential.Secret, error) {
	j := itemJSON{V: itemVersion, Clients: make(map[grant]clientJSON)}
	for g, c := range k.clients {
		j.Clients[g] = clientJSON{c.id, c.secret.Reveal(), c.expires.Unix()}
	}
	if t := k.token; t != nil {
		j.Token = &tokenJSON{t.access.Reveal(), t.refresh.Reveal(), unix(t.issued), unix(t.expires), t.client}
	}
	b, err := json.Marshal(j)
	if err != nil {
		return credential.Secret{}, errItem
	}
	return credential.NewSecret(string(b)), nil
}

var errItem = errors.New("the kept sign-in is not one this version understands")

// decode reads an item; one of another version is refused whole.
func decode(item credential.Secret) (kept, error) {
	var j itemJSON
	if json.Unmarshal([]byte(item.Reveal()), &j) != nil || j.V != itemVersion {
		return kept{}, errItem
	}
	k := kept{clients: make(map[grant]client)}
	for g, c := range j.Clients {
		if c.ID == "" || c.Secret == "" {
			return kept{}, errItem
		}
		k.clients[g] = client{c.ID, credential.NewSecret(c.Secret), time.Unix(c.Expires, 0)}
	}
	if t := j.Token; t != nil {
		if !isToken(t.Access) {
			return kept{}, errItem
		}
		k.token = &token{
			access: credential.NewSecret(t.Access), refresh: credential.NewSecret(t.Refresh),
			issued: fromUnix(t.Issued), expires: fromUnix(t.Expires), client: t.Client,
		}
	}
	return k, nil
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func fromUnix(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(n, 0)
}

// with is k with another client of a grant.
func (k kept) with(g grant, c client) kept {
	clients := map[grant]client{g: c}
	for other, c := range k.clients {
		if other != g {
			clients[other] = c
		}
	}
	return kept{clients, k.token}
}

// without is k without the client of a grant.
func (k kept) without(g grant) kept {
	clients := make(map[grant]client)
	for other, c := range k.clients {
		if other != g {
			clients[other] = c
		}
	}
	return kept{clients, k.token}
}

// usable reports whether the token is good for a call at now, and with early
// also whether it need not be renewed yet.
func (t *token) usable(now time.Time, early bool) bool {
	if t == nil {
		return false
	}
	margin := lastUse
	if early && !t.refresh.Empty() {
		margin = renewBefore
	}
	// A service may issue shorter ones than the margins were made for.
	return t.expires.Sub(now) > min(margin, t.expires.Sub(t.issued)/10)
}

// The margins before a token's end.
const (
	renewBefore = 5 * time.Minute // with a refresh token
	lastUse     = time.Minute     // after which nothing is begun with it
)
