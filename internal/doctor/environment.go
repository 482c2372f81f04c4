package doctor

import (
	"fmt"
	"slices"
)

// shadowable reports whether any profile at hand leads to understudy: only then
// does it matter what goes before it.
func (f *Facts) shadowable() bool {
	return slices.ContainsFunc(f.Profiles, func(name string) bool {
		p, ok := f.profile(name)
		return ok && p.adopted()
	})
}

func environmentKeys(f *Facts, r *report) {
	id, secret := f.Getenv("AWS_ACCESS_KEY_ID") != "", f.Getenv("AWS_SECRET_ACCESS_KEY") != ""
	if !id || !f.shadowable() {
		return
	}
	clear := mend{"unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN", true}
	if !secret {
		r.in("", 0, Error, "AWS_ACCESS_KEY_ID is set, without AWS_SECRET_ACCESS_KEY",
			"the AWS CLI and boto3 refuse to go on, unless --profile is given", clear)
		return
	}
	r.in("", 0, Error, "AWS_ACCESS_KEY_ID is set",
		"the AWS CLI, boto3 and the Go SDK sign with the environment's keys, where AWS_PROFILE is set too, and the JavaScript SDK where it is not; an explicit --profile goes before them", clear)
}

func environmentToken(f *Facts, r *report) {
	if f.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE") == "" || !f.shadowable() {
		return
	}
	r.in("", 0, Error, "AWS_WEB_IDENTITY_TOKEN_FILE is set",
		"the AWS CLI, boto3 and the Go SDK use the token and do not ask understudy, where AWS_PROFILE is set too; an explicit --profile goes before it",
		mend{"unset AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN", true})
}

func environmentProfile(f *Facts, r *report) {
	profile, other := f.Getenv("AWS_PROFILE"), f.Getenv("AWS_DEFAULT_PROFILE")
	if profile != "" && other != "" && profile != other {
		r.in("", 0, Error, fmt.Sprintf("AWS_DEFAULT_PROFILE is %q and AWS_PROFILE is %q", other, profile),
			"the AWS CLI and boto3 go by AWS_DEFAULT_PROFILE, the Go and the JavaScript SDK by AWS_PROFILE", mend{"unset AWS_DEFAULT_PROFILE", true})
	}
	if profile == "" {
		return
	}
	if _, ok := f.Config.Profile(profile); !ok && f.Broken == nil {
		r.in("", 0, Error, fmt.Sprintf("AWS_PROFILE is %q, which there is not", profile),
			"programs that are given no profile take it and refuse to go on", write("set it to one that understudy list shows, or unset it"))
	}
}
