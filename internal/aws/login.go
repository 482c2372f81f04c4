package aws

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials/logincreds"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/aws-sdk-go-v2/service/signin/types"
	"github.com/aws/smithy-go"

	"understudy/internal/credential"
	"understudy/internal/stamp"
	"understudy/internal/text"
	"understudy/internal/wire"
)

const (
	maxLoginFile = 64 << 10
	// nearEnd is the time before expiry in which a login's credentials are not handed
	// out any more. The SDK replaces them only after they have expired, so
	// LoginSession waits until then.
	nearEnd = 3 * time.Second
)

// Login is a login that `aws login` made, with its tokens in a file.
type Login struct {
	Endpoint Endpoint // of the sign-in service; need not be resolved
	File     string   // from LoginFile
	Profile  string   // to log in with again, for messages
}

// LoginFile returns the file below the home folder in which `aws login` stores
// the tokens of a login_session.
func LoginFile(session, home string) (string, error) {
	return logincreds.StandardCachedTokenFilepath(session, filepath.Join(home, ".aws", "login", "cache"))
}

// LoginSession returns the credentials of a login. If they have expired, it gets
// new ones with the refresh token of the login, and writes both into the file.
func (c *Clients) LoginSession(ctx context.Context, l Login) (credential.Session, error) {
	expires, err := l.expires()
	if err != nil {
		return credential.Session{}, err
	}
	if left := expires.Sub(c.Now().Wall); left > 0 && left < nearEnd {
		select {
		case <-time.After(left + 10*time.Millisecond): // two clocks
		case <-ctx.Done():
			return credential.Session{}, l.failure(wire.Temporary, "given up before new credentials were due", "try again")
		}
	}
	t, err := c.transport(l.Endpoint.CABundle)
	if err != nil {
		return credential.Session{}, err
	}
	ctx, cancel := WithLimit(ctx)
	defer cancel()
	client := &recordError{client: l.client(t)}
	seen := &response{now: c.Now}
	got, err := retrieve(withResponse(ctx, seen), logincreds.New(client, l.File, func(o *logincreds.Options) { o.RestrictPermissions = true }))
	if err != nil {
		return credential.Session{}, l.explain(client.err, seen)
	}
	return toSession(got, c.Now(), "aws login")
}

func (l Login) client(t *transport) *signin.Client {
	o := signin.Options{
		Region: l.Endpoint.Region, BaseEndpoint: optional(l.Endpoint.URL), HTTPClient: t.client(), Retryer: retryForClock{},
	}
	o.EndpointOptions.UseFIPSEndpoint = l.Endpoint.FIPSState()
	o.EndpointOptions.UseDualStackEndpoint = l.Endpoint.DualStackState()
	return signin.New(o)
}

// recordError keeps the error of the service, since the SDK's provider returns only
// its text.
type recordError struct {
	client *signin.Client
	err    error
}

func (r *recordError) CreateOAuth2Token(ctx context.Context, in *signin.CreateOAuth2TokenInput, with ...func(*signin.Options)) (*signin.CreateOAuth2TokenOutput, error) {
	out, err := r.client.CreateOAuth2Token(ctx, in, with...)
	r.err = err
	return out, err
}

// expires reads when the login's credentials expire, and rejects files on which
// the SDK's provider would panic.
func (l Login) expires() (time.Time, error) {
	content, _, err := stamp.Read(l.File, maxLoginFile)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, l.again("there is no login")
	}
	if err != nil {
		return time.Time{}, l.again(err.Error())
	}
	var cache *struct {
		AccessToken *struct {
			ExpiresAt time.Time `json:"expiresAt"`
		} `json:"accessToken"`
		DPOPKey string `json:"dpopKey"`
	}
	if err := json.Unmarshal(content, &cache); err != nil || cache == nil || cache.AccessToken == nil {
		return time.Time{}, l.again(l.File + " is not what aws login writes")
	}
	if block, _ := pem.Decode([]byte(cache.DPOPKey)); block == nil {
		return time.Time{}, l.again(l.File + " has no key in it")
	}
	return cache.AccessToken.ExpiresAt, nil
}

// explain classifies an error. err is the error of the call of the sign-in service; nil
// if that succeeded, or was not made.
func (l Login) explain(err error, seen *response) error {
	seen.host = "the sign-in service"
	api, answered := errors.AsType[smithy.APIError](err)
	switch {
	case err == nil && seen.status == 0:
		return l.again(l.File + " is not what aws login writes")
	case err == nil:
		return l.failure(wire.Temporary, "the answer of the sign-in service cannot be used, or cannot be kept in "+l.File,
			"see that the file is yours to write; then: aws login --profile "+l.Profile)
	case answered && isLoginEnded(api.ErrorCode()):
		denied, _ := errors.AsType[*types.AccessDeniedException](err)
		if denied != nil && denied.Error_ == types.OAuth2ErrorCodeInsufficientPermissions {
			return l.failure(wire.Denied, "the sign-in service: "+api.ErrorCode()+": "+api.ErrorMessage(),
				"whoever logged in needs the permission signin:CreateOAuth2Token")
		}
		return l.again("the login has ended or was revoked: " + api.ErrorCode() + ": " + api.ErrorMessage())
	case answered:
		return l.failure(wire.Temporary, "the sign-in service: "+api.ErrorCode(), "it could not answer; understudy asks again")
	case seen.status != 0:
		return l.failure(wire.Temporary, fmt.Sprintf("%s answered %s", seen.host, seen.kind()), hintPortal)
	}
	return l.failure(wire.Temporary, localCause(err, seen.host), hintNetwork)
}

func isLoginEnded(code string) bool {
	return code == "AccessDeniedException" || code == "InvalidGrantException" || code == "ValidationException"
}

// again is the Failure of a login that the user must make again.
func (l Login) again(reason string) *credential.Failure {
	return l.failure(wire.LoginNeeded, reason, "run: aws login --profile "+l.Profile)
}

func (l Login) failure(code wire.Code, reason, hint string) *credential.Failure {
	return &credential.Failure{Code: code, Reason: text.Clean(fmt.Sprintf("login session of profile %q: %s", l.Profile, reason)), Hint: hint}
}
