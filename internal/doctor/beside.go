package doctor

import (
	"strings"

	"understudy/internal/awsconfig"
)

// What stands beside credential_process, and which SDK acts on it rather than
// on the helper. e2e/doctor_test.go runs every line of this file.

// prefix is how a plain key is handed to understudy: by adopt, or by hand where
// the key with the prefix is there already.
func (p profile) prefix(v awsconfig.Value) mend {
	if said, ok := p.prefixed(strings.ToLower(v.Key)); ok {
		return write("take the line out: " + said.Key + " says what understudy goes by")
	}
	return run("understudy", "adopt", p.Name)
}

func roleBeside(_ *Facts, p profile, r *report) {
	v, ok := p.plain("role_arn")
	if !ok || !p.adopted() {
		return
	}
	what := v.Key + " stands beside credential_process"
	if _, ok := p.plain("web_identity_token_file"); ok {
		r.at(v, Error, what, "the AWS CLI, boto3 and the JavaScript SDK use the token file and do not ask understudy; the Go SDK, and Terraform with it, refuses the profile", p.prefix(v))
		return
	}
	if _, ok := p.plain("source_profile"); ok {
		r.at(v, Error, what, "the AWS CLI, boto3 and the JavaScript SDK assume the role themselves and do not ask understudy; the Go SDK, and Terraform with it, refuses the profile; "+
			"by their sources Java, Rust and Ruby assume it too, and .NET refuses", p.prefix(v))
		return
	}
	if _, ok := p.plain("credential_source"); ok {
		r.at(v, Error, what, "the AWS CLI and boto3 look for credentials at credential_source and do not ask understudy; the Go SDK, and Terraform with it, refuses the profile", p.prefix(v))
		return
	}
	r.at(v, Error, what, "the AWS CLI and boto3 refuse the profile, since nothing plain signs for the role; the Go SDK, and Terraform with it, runs the helper and assumes the role once more with what it got; "+
		"by their sources Rust, Ruby and .NET refuse", p.prefix(v))
}

// signerBeside is about what says who signs for a role, without a role.
func signerBeside(_ *Facts, p profile, r *report) {
	if _, ok := p.plain("role_arn"); ok || !p.adopted() {
		return
	}
	for _, key := range []string{"source_profile", "credential_source"} {
		if v, ok := p.plain(key); ok {
			r.at(v, Error, v.Key+" stands beside credential_process, without role_arn",
				"the Go SDK, and Terraform with it, refuses the profile", p.prefix(v))
			return
		}
	}
}

func tokenBeside(_ *Facts, p profile, r *report) {
	if _, ok := p.plain("role_arn"); ok || !p.adopted() {
		return
	}
	if v, ok := p.plain("web_identity_token_file"); ok {
		r.at(v, Error, v.Key+" stands beside credential_process, without role_arn",
			"the AWS CLI, boto3 and the Go SDK refuse the profile", p.prefix(v))
	}
}

func ssoBeside(_ *Facts, p profile, r *report) {
	if !p.adopted() {
		return
	}
	session, inSession := p.plain("sso_session")
	for _, key := range []string{"sso_account_id", "sso_role_name", "sso_start_url"} {
		if v, ok := p.plain(key); ok {
			r.at(v, Error, v.Key+" stands beside credential_process",
				"the AWS CLI, boto3 and the Go SDK go to Identity Center themselves, or refuse the profile where a key of it is missing; they do not ask understudy; "+
					"by their sources Java, .NET, Rust and Ruby do the same", p.prefix(v))
			return
		}
	}
	if inSession {
		r.at(session, Error, session.Key+" stands beside credential_process",
			"the Go SDK, and Terraform with it, goes to Identity Center itself and does not ask understudy", p.prefix(session))
	}
}

func loginBeside(_ *Facts, p profile, r *report) {
	if v, ok := p.plain("login_session"); ok && p.adopted() {
		r.at(v, Error, v.Key+" stands beside credential_process",
			"the AWS CLI, boto3 and the Go SDK use what aws login has left and do not ask understudy", p.prefix(v))
	}
}

func keysBeside(f *Facts, p profile, r *report) {
	v, ok := p.plain("aws_access_key_id")
	if !ok || !p.adopted() {
		return
	}
	what := "static keys stand beside credential_process"
	clear := run("understudy", "keys", "import", p.Name)
	secret, whole := p.plain("aws_secret_access_key")
	switch {
	case !whole || secret.File != v.File:
		r.at(v, Error, v.Key+" stands beside credential_process, without its secret",
			"the AWS CLI, boto3 and the Go SDK refuse the profile", write("take the line out"))
	case v.File == f.Files.Credentials:
		r.at(v, Error, what, "the AWS CLI, boto3, the Go and the JavaScript SDK sign with these keys and do not ask understudy; "+
			"by their sources Rust and Ruby do the same, and .NET refuses the profile", clear)
	default:
		r.at(v, Error, what, "the Go SDK, with it Terraform, and the JavaScript SDK sign with these keys and do not ask understudy; the AWS CLI and boto3 do ask it", clear)
	}
}

func processBeside(_ *Facts, p profile, r *report) {
	v, ok := p.plain("credential_process")
	if ok && p.adopted() && v != p.helper {
		r.at(v, Error, v.Key+" stands in the credentials file too", "the credentials file goes first: every SDK runs that program and does not ask understudy",
			write("take the line out, or run understudy-credentials there"))
	}
}

// netRefuses is about keys that every other SDK passes over.
func netRefuses(_ *Facts, p profile, r *report) {
	if _, ok := p.plain("role_arn"); ok || !p.adopted() {
		return
	}
	for _, key := range []string{"mfa_serial", "external_id"} {
		if v, ok := p.plain(key); ok {
			r.at(v, Warning, v.Key+" stands beside credential_process, without role_arn", "by its sources the .NET SDK refuses the profile", p.prefix(v))
			return
		}
	}
}
