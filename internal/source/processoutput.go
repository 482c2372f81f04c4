package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"understudy/internal/aws"
	"understudy/internal/credential"
)

// parseOutput parses the output of a credential_process by AWS's rules: one JSON
// object, in which unknown keys are ignored. Its errors repeat nothing of the output.
func parseOutput(text []byte) (aws.Credentials, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil || object == nil {
		return aws.Credentials{}, errors.New("it is not one JSON object")
	}
	if string(object["Version"]) != "1" {
		return aws.Credentials{}, errors.New(`its Version is not the number 1`)
	}
	var id, secret, token, expires, account string
	for _, f := range []struct {
		name   string
		into   *string
		needed bool
	}{
		{"AccessKeyId", &id, true},
		{"SecretAccessKey", &secret, true},
		{"SessionToken", &token, false},
		{"Expiration", &expires, false},
		{"AccountId", &account, false},
	} {
		if raw, ok := object[f.name]; ok {
			if err := json.Unmarshal(raw, f.into); err != nil {
				return aws.Credentials{}, fmt.Errorf("its %s is not text", f.name)
			}
		}
		if f.needed && *f.into == "" {
			return aws.Credentials{}, fmt.Errorf("it has no %s", f.name)
		}
	}
	got := aws.Credentials{Keys: aws.Keys{
		AccessKeyID: id, SecretAccessKey: credential.NewSecret(secret), SessionToken: credential.NewSecret(token),
	}}
	if problem := got.Keys.Invalid(); problem != "" {
		return aws.Credentials{}, errors.New(problem)
	}
	if expires != "" {
		at, err := time.Parse(time.RFC3339, expires)
		if err != nil {
			return aws.Credentials{}, errors.New("its Expiration is not a time as in 2006-01-02T15:04:05Z")
		}
		got.Expires = at
	}
	if aws.IsAccountID(account) {
		got.Account = account
	}
	return got, nil
}
