package aws

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"

	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// Agent is the agent of a container, which serves the credentials of its role.
type Agent struct {
	URL      string
	Token    credential.Secret // for the Authorization header; empty for none
	CABundle string            // for an https URL
	Hint     string            // how to give the daemon another address
}

// ContainerRole gets the credentials of a container's role.
func (c *Clients) ContainerRole(ctx context.Context, a Agent) (credential.Session, error) {
	ctx, cancel := WithLimit(ctx)
	defer cancel()
	client := c.local.client()
	if strings.HasPrefix(a.URL, "https:") {
		t, err := c.transport(a.CABundle)
		if err != nil {
			return credential.Session{}, err
		}
		client = t.client()
	}
	seen := &response{host: hostOf(a.URL), now: c.Now}
	got, err := retrieve(withResponse(ctx, seen), endpointcreds.New(a.URL, func(o *endpointcreds.Options) {
		o.HTTPClient, o.Retryer, o.AuthorizationToken = client, sdk.NopRetryer{}, a.Token.Reveal()
	}))
	if err != nil {
		return credential.Session{}, a.explain(err, seen)
	}
	return toSession(got, c.Now(), "the container's agent")
}

// explain classifies an error. The SDK's text is not passed on: it holds whole
// responses.
func (a Agent) explain(err error, seen *response) error {
	f := &credential.Failure{Code: wire.Temporary, Hint: "the agent could not answer; understudy asks again", RetryAfter: seen.retryAfter()}
	switch {
	case seen.status == 0:
		f.Reason = text.Clean("the container's agent: " + localCause(err, seen.host))
		f.Hint = "credential_source = EcsContainer works in a container that has a role of its own"
	case slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, seen.status):
		f.Code = wire.Denied
		f.Reason = text.Clean(fmt.Sprintf("the container's agent: %s answered %s", seen.host, seen.kind()))
		f.Hint = "the container has no role any more, or the daemon was started with the address of another: " + a.Hint
	case seen.status == http.StatusOK:
		f.Reason = text.Clean("the container's agent: the answer of " + seen.host + " is malformed, so it is refused whole")
	default:
		f.Reason = text.Clean(fmt.Sprintf("the container's agent: %s answered %s", seen.host, seen.kind()))
	}
	return f
}
