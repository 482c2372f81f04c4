package aws

import (
	"context"
	"errors"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
)

// retryForClock is the retry policy of the SDK's clients here. The daemon
// decides when to ask again, so nothing is retried, with one exception: a
// response that shows that the clock is off. The SDK signs the second request
// with the corrected time.
type retryForClock struct{}

func (retryForClock) IsErrorRetryable(err error) bool {
	clock, ok := errors.AsType[interface {
		error
		RetryableError() bool
	}](err)
	return ok && clock.RetryableError()
}

func (retryForClock) MaxAttempts() int { return 2 }

func (retryForClock) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

func (retryForClock) GetRetryToken(context.Context, error) (func(error) error, error) {
	return func(error) error { return nil }, nil
}

func (retryForClock) GetInitialToken() func(error) error {
	return func(error) error { return nil }
}

var _ sdk.Retryer = retryForClock{}
