package aws

import (
	"cmp"
	"context"
	"net/http"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"understudy/internal/credential"
)

// NoAnswer is a request that the service did not answer. Besides its Failure it
// has the parts of the cause, for packages with messages of their own.
type NoAnswer struct {
	*credential.Failure
	Untrusted     string // why the server's certificate was rejected; empty if it was not
	UntrustedHint string // for Untrusted
	Response      string // of another server, such as: 502 Bad Gateway (text/html); empty if none
	TimedOut      bool
	Network       string // why there is no connection; used if none of the above is set
}

func (n *NoAnswer) Unwrap() error { return n.Failure }

// Call makes one request to a service that this package has no client for. do
// makes it with a client of the SDK from the options in the sdk.Config, which has
// no endpoint besides to.URL; it returns ErrUnexpected for a response without the
// data that it needs. An error of Call is a *Refusal, a *NoAnswer, or the Failure of a CA bundle that cannot be used.
func (c *Clients) Call(ctx context.Context, to Endpoint, name, what string, keys Keys, do func(context.Context, sdk.Config) error) error {
	t, err := c.transport(to.CABundle)
	if err != nil {
		return err
	}
	ctx, cancel := WithLimit(ctx)
	defer cancel()
	seen := &response{host: name, now: c.Now}
	err = do(withResponse(ctx, seen), sdk.Config{
		Region: to.Region, BaseEndpoint: optional(to.URL), HTTPClient: t.client(), Credentials: provider(keys),
		Retryer:    func() sdk.Retryer { return retryForClock{} },
		APIOptions: []func(*middleware.Stack) error{awsmiddleware.AddUserAgentKeyValue("understudy", c.Version)},
	})
	switch {
	case err == nil:
		return nil
	case seen.fromService(err):
		return newRefusal(what, err, seen, keys.secrets())
	}
	n := &NoAnswer{
		Failure: service(name).unanswered(ctx, what, err, seen), TimedOut: isTimeout(err), Network: networkCause(err, name),
	}
	n.Untrusted, n.UntrustedHint = tlsCause(err)
	if seen.status != 0 {
		n.Response = seen.kind()
	}
	return n
}

// Response has the metadata of a response.
type Response struct {
	At         time.Time     // by the server's clock; zero if it has none
	RetryAfter time.Duration // that the server asked to wait
}

// IdentityCenter returns a function that makes one request to Identity Center
// over an HTTP client that trusts the CA bundle. An error response of the service is
// returned as the SDK's error; any other error becomes a *credential.Failure whose
// Reason begins with what.
func (c *Clients) IdentityCenter(bundle string) func(ctx context.Context, what string, do func(context.Context, *http.Client) error) (Response, error) {
	return func(ctx context.Context, what string, do func(context.Context, *http.Client) error) (Response, error) {
		t, err := c.transport(bundle)
		if err != nil {
			return Response{}, err
		}
		ctx, cancel := WithLimit(ctx)
		defer cancel()
		seen := &response{now: c.Now}
		err = do(withResponse(ctx, seen), t.client())
		got := Response{RetryAfter: seen.retryAfter()}
		if at, ok := seen.date(); ok {
			got.At = at
		}
		if err == nil || seen.fromService(err) {
			return got, err
		}
		seen.host = cmp.Or(seen.host, string(identityCenterService))
		return got, identityCenterService.unanswered(ctx, what, err, seen)
	}
}
