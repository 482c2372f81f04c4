package source

import (
	"context"
	"hash"

	"understudy/internal/aws"
	"understudy/internal/credential"
)

// staticKeys are the keys of a profile in a file.
type staticKeys struct {
	profile string
	pair    aws.Keys
}

func (k staticKeys) identity(h hash.Hash, to aws.Endpoint) {
	part(h, "keys", k.pair.AccessKeyID)
	endpointPart(h, to)
}

func (staticKeys) describe(*credential.Plan) {}

func (k staticKeys) keys(context.Context) (aws.Keys, error) { return k.pair, nil }

func (k staticKeys) fetch(ctx context.Context, a *attempt, _ credential.Session) (credential.Session, error) {
	return a.try(ctx, aws.Signed{Keys: k.pair})
}

func (k staticKeys) owner() string { return quoteProfile(k.profile) }

func (k staticKeys) explain(r *aws.Refusal) {
	switch {
	case r.Kind != aws.InvalidKey:
	case k.pair.Temporary():
		r.Hint = endedKeys(k.owner())
	case r.Code != unknownKeyCode:
		r.Hint = "write a valid access key into " + k.owner() + ": aws configure --profile " + k.profile
	}
}

// unknownKeyCode is how AWS answers an access key that is deleted, inactive or of
// another partition.
const unknownKeyCode = "InvalidClientTokenId"

func endedKeys(owner string) string {
	return "the temporary keys of " + owner + " have ended; write new ones"
}
