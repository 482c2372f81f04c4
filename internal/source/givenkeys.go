package source

import (
	"context"
	"hash"

	"understudy/internal/aws"
	"understudy/internal/credential"
)

// givenKeys are keys that are not in a profile: those of the caller's environment, or
// those that a program printed.
type givenKeys struct {
	from string // for messages: the caller's environment
	pair aws.Keys
}

func (k givenKeys) identity(h hash.Hash, to aws.Endpoint) { staticKeys{pair: k.pair}.identity(h, to) }

func (givenKeys) describe(*credential.Plan) {}

func (k givenKeys) keys(context.Context) (aws.Keys, error) { return k.pair, nil }

func (k givenKeys) fetch(ctx context.Context, a *attempt, _ credential.Session) (credential.Session, error) {
	return a.try(ctx, aws.Signed{Keys: k.pair})
}

func (k givenKeys) owner() string { return k.from }

func (k givenKeys) explain(r *aws.Refusal) {
	if r.Kind == aws.InvalidKey && k.pair.Temporary() {
		r.Hint = endedKeys(k.from)
	}
}
