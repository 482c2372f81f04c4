package sandbox_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"understudy/internal/sandbox"
)

func TestALongLivedKeyGetsASessionOfTwelveHoursAndASessionGetsNone(t *testing.T) {
	s := sandbox.New()
	url := serve(t, s)
	out, err := client(url, exampleKeys()).GetSessionToken(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(*out.Credentials.Expiration).Round(time.Minute); left != 12*time.Hour {
		t.Errorf("a session of %v", left)
	}
	session := client(url, sessionKeys(out.Credentials))
	who, err := session.GetCallerIdentity(t.Context(), nil)
	if err != nil || *who.Arn != sandbox.Example().ARN() || *who.Account != "111111111111" {
		t.Errorf("the session is %+v, %v; want alice", who, err)
	}
	_, err = session.GetSessionToken(t.Context(), nil)
	wantError(t, err, "AccessDenied", "Cannot call GetSessionToken with session credentials")
	_, err = client(url, exampleKeys()).GetSessionToken(t.Context(), &sts.GetSessionTokenInput{DurationSeconds: aws.Int32(129601)})
	wantError(t, err, "ValidationError", "")
}

func TestAnMFACodeWorksOnce(t *testing.T) {
	s := sandbox.New()
	s.AddRole(sandbox.Role{ARN: admin, RequireMFA: true})
	url := serve(t, s)
	alice := client(url, exampleKeys())
	ask := func(serial, code string) (*sts.GetSessionTokenOutput, error) {
		return alice.GetSessionToken(t.Context(), &sts.GetSessionTokenInput{SerialNumber: aws.String(serial), TokenCode: aws.String(code)})
	}
	serial := sandbox.Example().MFASerial
	const wrong = "MultiFactorAuthentication failed with invalid MFA one time pass code. "

	_, err := alice.AssumeRole(t.Context(), assumeInput())
	wantError(t, err, "AccessDenied", "User: arn:aws:iam::111111111111:user/alice is not authorized to perform: sts:AssumeRole on resource: "+admin)
	out, err := ask(serial, "123456")
	if err != nil {
		t.Fatal(err)
	}
	assume(t, client(url, sessionKeys(out.Credentials)), assumeInput()) // needs no second code
	_, err = ask(serial, "123456")
	wantError(t, err, "AccessDenied", wrong)
	_, err = ask(serial, sandbox.WrongCode)
	wantError(t, err, "AccessDenied", wrong)
	_, err = ask("arn:aws:iam::111111111111:mfa/another", "654321")
	wantError(t, err, "AccessDenied", "")
	_, err = ask(serial, "12345")
	wantError(t, err, "ValidationError", "")
	_, err = alice.GetSessionToken(t.Context(), &sts.GetSessionTokenInput{SerialNumber: aws.String(serial)})
	wantError(t, err, "AccessDenied", "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. ")

	in := assumeInput()
	in.SerialNumber, in.TokenCode = aws.String(serial), aws.String("222222")
	assume(t, alice, in)
}

func TestTheAccountOfAKeyIsTold(t *testing.T) {
	s := sandbox.New()
	url := serve(t, s)
	alice := client(url, exampleKeys())
	session := assume(t, alice, assumeInput())
	for key, account := range map[string]string{exampleKeys().AccessKeyID: "111111111111", session.AccessKeyID: "123456789012"} {
		out, err := alice.GetAccessKeyInfo(t.Context(), &sts.GetAccessKeyInfoInput{AccessKeyId: aws.String(key)})
		if err != nil || *out.Account != account {
			t.Errorf("%s: %v, %v; want %s", key, out, err, account)
		}
	}
	_, err := alice.GetAccessKeyInfo(t.Context(), &sts.GetAccessKeyInfoInput{AccessKeyId: aws.String("AKIAUNKNOWNKEY000000")})
	wantError(t, err, "AccessDenied", "")
}
