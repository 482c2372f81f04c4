package aws

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/smithy-go"

	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// InstanceRole gets the credentials of the EC2 instance's role from the metadata
// service at this URL. v2Only forbids version 1 of its protocol.
//
// Each request uses a new client of the SDK: a client that once got no answer from
// version 2 of the protocol would never try it again.
func (c *Clients) InstanceRole(ctx context.Context, endpoint string, v2Only bool) (credential.Session, error) {
	ctx, cancel := WithLimit(ctx)
	defer cancel()
	fallback := sdk.UnknownTernary
	if v2Only {
		fallback = sdk.FalseTernary
	}
	seen := &response{host: hostOf(endpoint), now: c.Now}
	got, err := retrieve(withResponse(ctx, seen), ec2rolecreds.New(func(o *ec2rolecreds.Options) {
		o.Client = imds.New(imds.Options{
			Endpoint: endpoint, HTTPClient: c.local.client(), Retryer: sdk.NopRetryer{},
			ClientEnableState: imds.ClientEnabled, EnableFallback: fallback,
		})
	}))
	if err != nil {
		return credential.Session{}, explainInstance(err, seen)
	}
	return toSession(got, c.Now(), "the instance's metadata")
}

// explainInstance classifies an error. The SDK's text is not passed on: it holds
// whole responses.
func explainInstance(err error, seen *response) error {
	f := &credential.Failure{Code: wire.Temporary, Hint: "the metadata service could not answer; understudy asks again", RetryAfter: seen.retryAfter()}
	api, refused := errors.AsType[*smithy.GenericAPIError](err)
	switch {
	case refused:
		f.Reason = text.Clean("the instance's metadata: " + api.Code + ": " + api.Message)
	case seen.status == http.StatusNotFound:
		f.Code, f.Reason = wire.Denied, "the instance's metadata: this instance has no role"
		f.Hint = "attach a role to the instance: an instance profile"
	case seen.status != 0:
		f.Reason = text.Clean(fmt.Sprintf("the instance's metadata: %s answered %s", seen.host, seen.kind()))
	default:
		f.Reason = text.Clean("the instance's metadata: " + localCause(err, seen.host))
		f.Hint = "credential_source = Ec2InstanceMetadata works on an EC2 instance whose metadata service is switched on"
	}
	return f
}
