package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/logincreds"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/aws-sdk-go-v2/service/signin/types"
	"github.com/aws/smithy-go"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

const (
	maxLoginFile = 64 << 10
	// nearEnd of a login's credentials are waited out: the SDK makes new ones
	// only when they have ended, and what is handed out has to see a call through.
	nearEnd = 3 * time.Second
)

// loginSession is a login that `aws login` made, with the tokens that it left in a
// file.
type loginSession struct {
	r       *Resolver
	to      site
	file    string
	profile string
}

// login makes the plan of a profile with a login_session.
func login(b *builder, p profile, by awsconfig.Value) (*credential.Plan, error) {
	to, err := b.place(p, awsconfig.Value{}, "aws")
	if err != nil {
		return nil, err
	}
	if to.endpoint, err = b.endpointOf(p, "signin"); err != nil {
		return nil, err
	}
	home, err := home()
	if err != nil {
		return nil, wrong(by, "has its tokens in the home folder, which is not known", "set HOME where the daemon is started")
	}
	file, err := logincreds.StandardCachedTokenFilepath(by.Text, filepath.Join(home, ".aws", "login", "cache"))
	if err != nil {
		return nil, wrong(by, "cannot be used", "run: aws login --profile "+p.name)
	}
	s := &loginSession{r: b.r, to: to, file: file, profile: p.name}
	h := sha256.New()
	part(h, "understudy plan 1")
	part(h, "login", file)
	to.part(h)
	part(h, "signin", to.endpoint)
	now := stampOf(file)
	b.read = append(b.read, now)
	return &credential.Plan{
		ID: hex.EncodeToString(h.Sum(nil)), Profile: p.name, Source: "aws login", Stamp: now.String(), Fetch: s.fetch,
	}, nil
}

// fetch takes the login's credentials, which the SDK's provider makes anew with
// the login's refresh token when they have ended.
func (s *loginSession) fetch(ctx context.Context, _ credential.Session) (credential.Session, error) {
	ends, err := s.look()
	if err != nil {
		return credential.Session{}, err
	}
	if left := ends.Sub(s.r.Now().Wall); left > 0 && left < nearEnd {
		select {
		case <-time.After(left + 10*time.Millisecond): // two clocks
		case <-ctx.Done():
			return credential.Session{}, s.failure(wire.Temporary, "given up before new credentials were due", "try again")
		}
	}
	w, err := s.r.clients.way(s.r, s.to.bundle)
	if err != nil {
		return credential.Session{}, badBundle(err)
	}
	within, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	client := &overheard{client: s.client(w)}
	seen := &answer{now: s.r.Now}
	got, err := retrieve(withAnswer(within, seen), logincreds.New(client, s.file, func(o *logincreds.Options) { o.RestrictPermissions = true }))
	if err != nil {
		return credential.Session{}, s.explain(client.err, seen)
	}
	return sessionOf(fromSDK(got), s.r.Now(), "aws login")
}

func (s *loginSession) client(w *way) *signin.Client {
	o := signin.Options{Region: s.to.region, HTTPClient: httpClient(w.transport), Retryer: onceMoreForTheClock{}}
	if s.to.fips {
		o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
	}
	if s.to.dual {
		o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled
	}
	if s.to.endpoint != "" {
		o.BaseEndpoint = &s.to.endpoint
	}
	return signin.New(o)
}

// overheard keeps the service's own error, of which the provider passes on the
// text alone.
type overheard struct {
	client *signin.Client
	err    error
}

func (o *overheard) CreateOAuth2Token(ctx context.Context, in *signin.CreateOAuth2TokenInput, with ...func(*signin.Options)) (*signin.CreateOAuth2TokenOutput, error) {
	out, err := o.client.CreateOAuth2Token(ctx, in, with...)
	o.err = err
	return out, err
}

// look reads when the login's credentials end, and refuses a file that the
// provider would not survive.
func (s *loginSession) look() (time.Time, error) {
	text, _, err := readFile(s.file, maxLoginFile)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, s.again("there is no login")
	}
	if err != nil {
		return time.Time{}, s.again(err.Error())
	}
	var kept *struct {
		AccessToken *struct {
			ExpiresAt time.Time `json:"expiresAt"`
		} `json:"accessToken"`
		DPOPKey string `json:"dpopKey"`
	}
	if err := json.Unmarshal(text, &kept); err != nil || kept == nil || kept.AccessToken == nil {
		return time.Time{}, s.again(s.file + " is not what aws login writes")
	}
	if block, _ := pem.Decode([]byte(kept.DPOPKey)); block == nil {
		return time.Time{}, s.again(s.file + " has no key in it")
	}
	return kept.AccessToken.ExpiresAt, nil
}

// explain classifies what went wrong; err is what the service answered, if it
// was asked.
func (s *loginSession) explain(err error, seen *answer) error {
	seen.host = "the sign-in service"
	api, answered := errors.AsType[smithy.APIError](err)
	switch {
	case err == nil && seen.status == 0:
		return s.again(s.file + " is not what aws login writes")
	case err == nil:
		return s.failure(wire.Temporary, "the answer of the sign-in service cannot be used, or cannot be kept in "+s.file,
			"see that the file is yours to write; then: aws login --profile "+s.profile)
	case answered && isOneOf(api.ErrorCode(), "AccessDeniedException", "InvalidGrantException", "ValidationException"):
		denied, _ := errors.AsType[*types.AccessDeniedException](err)
		if denied != nil && denied.Error_ == types.OAuth2ErrorCodeInsufficientPermissions {
			return s.failure(wire.Denied, "the sign-in service: "+api.ErrorCode()+": "+api.ErrorMessage(),
				"whoever logged in needs the permission signin:CreateOAuth2Token")
		}
		return s.again("the login has ended or was revoked: " + api.ErrorCode() + ": " + api.ErrorMessage())
	case answered:
		return s.failure(wire.Temporary, "the sign-in service: "+api.ErrorCode(), "it could not answer; understudy asks again")
	case seen.status != 0:
		return s.failure(wire.Temporary, fmt.Sprintf("%s answered %s", seen.host, seen.kind()), hintPortal)
	}
	return s.failure(wire.Temporary, nearCause(err, seen.host), hintNetwork)
}

func (s *loginSession) again(reason string) *credential.Failure {
	return s.failure(wire.LoginNeeded, reason, "run: aws login --profile "+s.profile)
}

func (s *loginSession) failure(code wire.Code, reason, hint string) *credential.Failure {
	return &credential.Failure{Code: code, Reason: text.Clean(fmt.Sprintf("login session of profile %q: %s", s.profile, reason)), Hint: hint}
}
