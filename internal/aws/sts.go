package aws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithyendpoints "github.com/aws/smithy-go/endpoints"

	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// STS is a client of the Security Token Service at one endpoint. Its methods
// make one request each, within Limit. It is safe for concurrent use.
type STS struct {
	clients *Clients
	to      Endpoint
	http    *http.Client
	client  *sts.Client
}

// newSTS makes a client from explicit options alone.
func newSTS(c *Clients, to Endpoint, through *http.Client) *STS {
	o := sts.Options{
		Region: to.Region, EndpointResolverV2: fixedResolver{to}, HTTPClient: through, Retryer: retryForClock{},
	}
	o.APIOptions = append(o.APIOptions, awsmiddleware.AddUserAgentKeyValue("understudy", c.Version))
	return &STS{clients: c, to: to, http: through, client: sts.New(o)}
}

// fixedResolver resolves every call to the endpoint itself.
type fixedResolver struct{ to Endpoint }

func (f fixedResolver) ResolveEndpoint(ctx context.Context, _ sts.EndpointParameters) (smithyendpoints.Endpoint, error) {
	return sts.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, f.to.stsParameters())
}

// Session gets one session. Its Lifetime is by the clock of STS. A *Refusal has
// the error code of STS.
func (s *STS) Session(ctx context.Context, r Request) (credential.Session, error) {
	ctx, cancel := WithLimit(ctx)
	defer cancel()
	seen := s.newResponse()
	out, err := r.Auth.call(withResponse(ctx, seen), s.client, r)
	if err == nil && out.credentials == nil && !seen.hasType(stsService.format()) {
		err = ErrUnexpected
	}
	s.reportSkew(seen, err)
	if err != nil {
		return credential.Session{}, s.explain(ctx, r.Purpose, err, seen, r.Auth.secrets())
	}
	got, err := seen.session(out)
	if err != nil {
		return credential.Session{}, failure(seen, r.What, fmt.Sprintf("%v, so it is refused whole", err),
			"check this machine's clock, and endpoint_url if the profile names one")
	}
	return got, nil
}

// Identity is the owner of a key.
type Identity struct{ Account, ARN string }

// Identity asks STS for the owner of keys, which every key may. A key that is not
// known to STS, or not yet, is a *Refusal with BaseRefused.
func (s *STS) Identity(ctx context.Context, op Purpose, keys Keys) (Identity, error) {
	ctx, cancel := WithLimit(ctx)
	defer cancel()
	seen := s.newResponse()
	out, err := s.client.GetCallerIdentity(withResponse(ctx, seen), &sts.GetCallerIdentityInput{}, signWith(keys))
	if err == nil && accountOf(sdk.ToString(out.Arn)) == "" {
		err = ErrUnexpected
	}
	s.reportSkew(seen, err)
	if err != nil {
		return Identity{}, s.explain(ctx, op, err, seen, keys.secrets())
	}
	return Identity{Account: accountOf(*out.Arn), ARN: *out.Arn}, nil
}

// Skew asks STS for its time, and returns how far its clock is ahead of this
// machine's, to the second. The request is not signed and has no parameters.
func (s *STS) Skew(ctx context.Context) (time.Duration, error) {
	const what = "ask STS for the time"
	ctx, cancel := WithLimit(ctx)
	defer cancel()
	seen := s.newResponse()
	req, err := http.NewRequestWithContext(withResponse(ctx, seen), http.MethodGet, s.to.Resolved, nil)
	if err != nil {
		return 0, failure(seen, what, "no request can be made for "+s.to.Host, hintPortal)
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return 0, stsService.unanswered(ctx, what, err, seen)
	}
	io.Copy(io.Discard, resp.Body) // so that the connection can be reused
	resp.Body.Close()
	skew, ok := seen.skew()
	if !ok {
		return 0, &credential.Failure{
			Code: wire.Temporary, Reason: text.Clean(what + ": " + s.to.Host + " does not say what time it is"), Hint: hintPortal,
		}
	}
	return skew, nil
}

func (s *STS) newResponse() *response { return &response{host: s.to.Host, now: s.clients.Now} }

// reportSkew passes on the time of a response that came from STS.
func (s *STS) reportSkew(seen *response, err error) {
	if skew, ok := seen.skew(); ok && seen.fromService(err) {
		s.clients.OnSkew(skew)
	}
}

// explain makes a *Refusal of STS's own error, and a Failure of any other.
func (s *STS) explain(ctx context.Context, op Purpose, err error, seen *response, secrets []string) error {
	if !seen.fromService(err) {
		return stsService.unanswered(ctx, op.What, err, seen)
	}
	r := newRefusal(op.What, err, seen, secrets)
	r.explain(op, s.to.Region)
	return r
}

// signWith returns the option that signs a call with keys.
func signWith(keys Keys) func(*sts.Options) {
	return func(o *sts.Options) { o.Credentials = provider(keys) }
}

func provider(keys Keys) sdk.CredentialsProvider {
	return sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) { return keys.sdk(), nil })
}

// session makes the session of a response, or says which part of it is missing
// or invalid.
func (r *response) session(out output) (credential.Session, error) {
	now := r.now()
	c := out.credentials
	if c == nil {
		return credential.Session{}, errors.New("the answer has no Credentials")
	}
	s := credential.Session{
		AccessKeyID:     sdk.ToString(c.AccessKeyId),
		SecretAccessKey: credential.NewSecret(sdk.ToString(c.SecretAccessKey)),
		SessionToken:    credential.NewSecret(sdk.ToString(c.SessionToken)),
		AccountID:       out.account,
		Issued:          now,
	}
	if c.Expiration != nil {
		s.Expiration = c.Expiration.UTC().Truncate(time.Second)
		issued, ok := r.date()
		if !ok {
			issued = now.Wall
		}
		s.Lifetime = s.Expiration.Sub(issued)
	}
	if err := s.Check(now); err != nil {
		return credential.Session{}, err
	}
	return s, nil
}
