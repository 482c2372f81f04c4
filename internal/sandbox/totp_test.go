package sandbox_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"understudy/internal/credential"
	"understudy/internal/sandbox"
)

// rfcSeed is that of RFC 6238's appendix B, "12345678901234567890".
const rfcSeed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

func TestCodesAreThoseOfTheRFC(t *testing.T) {
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got, err := sandbox.Code(credential.NewSecret(rfcSeed), time.Unix(at, 0)); got != want || err != nil {
			t.Errorf("at %d %s, %v; want %s", at, got, err, want)
		}
	}
	if got, err := sandbox.Code(credential.NewSecret("gezd gnbv gy3t qojq gezd gnbv gy3t qojq"), time.Unix(59, 0)); got != "287082" || err != nil {
		t.Errorf("a seed as people write it: %s, %v", got, err)
	}
	if _, err := sandbox.Code(credential.NewSecret("0189 is no seed"), time.Now()); err == nil {
		t.Error("a seed that is none has a code")
	}
}

// guarded is a role that wants MFA, and a way to ask for it with a code.
func guarded(t *testing.T, s *sandbox.Server) func(code string) error {
	t.Helper()
	s.AddRole(sandbox.Role{ARN: admin, RequireMFA: true})
	c := client(serve(t, s), exampleKeys())
	return func(code string) error {
		in := assumeInput()
		in.SerialNumber, in.TokenCode = aws.String(sandbox.Example().MFASerial), &code
		_, err := c.AssumeRole(t.Context(), in)
		return err
	}
}

const wrongCode = "MultiFactorAuthentication failed with invalid MFA one time pass code. "

func TestADeviceWithASeedTakesItsOwnCodesAStepOffAtMost(t *testing.T) {
	s := sandbox.New()
	alice := sandbox.Example()
	alice.TOTPSeed = credential.NewSecret(rfcSeed)
	s.AddUser(alice)
	ask := guarded(t, s)
	now := time.Now()
	at := func(off time.Duration) string {
		code, err := sandbox.Code(alice.TOTPSeed, now.Add(off))
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	wantError(t, ask(at(-3*time.Minute)), "AccessDenied", wrongCode)
	if err := ask(at(0)); err != nil {
		t.Error(err)
	}
	wantError(t, ask(at(0)), "AccessDenied", wrongCode)
	s.Set(sandbox.Behaviour{Skew: 30 * time.Second})
	if err := ask(at(30 * time.Second)); err != nil {
		t.Errorf("the next code: %v", err)
	}
}

func TestTheNextCodesAreWrongAndACodeSentTwiceIsSeen(t *testing.T) {
	s := sandbox.New()
	ask := guarded(t, s)
	s.Set(sandbox.Behaviour{WrongCodes: 2})
	wantError(t, ask("111111"), "AccessDenied", wrongCode)
	wantError(t, ask("222222"), "AccessDenied", wrongCode)
	if err := ask("333333"); err != nil {
		t.Error(err)
	}
	wantError(t, ask("111111"), "AccessDenied", wrongCode) // used up, though it was told to be wrong
	calls := s.Calls()
	if calls[2].Repeats != 0 || calls[3].Repeats != 1 || calls[3].Proof != calls[0].Proof || calls[0].Proof == calls[1].Proof || calls[0].Params["TokenCode"] != "" {
		t.Errorf("recorded as %+v", calls)
	}
	// The same digits of another device are another code.
	c := client(serve(t, s), exampleKeys())
	_, err := c.GetSessionToken(t.Context(), &sts.GetSessionTokenInput{SerialNumber: aws.String("arn:aws:iam::111111111111:mfa/other"), TokenCode: aws.String("111111")})
	wantError(t, err, "AccessDenied", "")
	if last := s.Calls()[4]; last.Repeats != 0 {
		t.Errorf("recorded as %+v", last)
	}
}
