package identitycenter

import (
	"strings"
	"testing"
	"time"

	"understudy/internal/credential"
	fake "understudy/internal/sandbox/identitycenter"
	"understudy/internal/sandbox/steer"
	"understudy/internal/wire"
)

func TestEachRefusalOfThePortalSaysWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		fault steer.Fault
		code  wire.Code
		hint  string
	}{
		"forbidden":    {steer.Fault{Status: 403, Code: "ForbiddenException"}, wire.Denied, "permission set Admin in account 123456789012"},
		"not found":    {steer.Fault{Status: 404, Code: "ResourceNotFoundException"}, wire.Denied, "sso_role_name"},
		"malformed":    {steer.Fault{Status: 400, Code: "InvalidRequestException"}, wire.BadConfig, "sso_account_id"},
		"too often":    {steer.Fault{Status: 429}, wire.Temporary, "too often"},
		"out of order": {steer.Fault{Status: 500}, wire.Temporary, "could not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *stage) {
				s.signedIn()
				c.fault.Only = "GetRoleCredentials"
				s.fake.Set(fake.Behaviour{Fault: c.fault})
				f := s.refused(t.Context(), "Admin", c.code)
				if !strings.Contains(f.Hint, c.hint) || !strings.Contains(f.Reason, "get role credentials of Admin in account 123456789012: ") {
					t.Errorf("%q (%q)", f.Reason, f.Hint)
				}
			})
		})
	}
}

func TestAPermissionSetThatIsNotAssignedIsDenied(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.signedIn()
		s.refused(t.Context(), "Nobody", wire.Denied)
		s.count("StartDeviceAuthorization", 1)
	})
}

func TestAPortalThatTakesNoTokenEndsInAFailure(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.signedIn()
		s.fake.Set(fake.Behaviour{Fault: steer.Fault{Only: "GetRoleCredentials", Status: 401}})
		got := s.fetching("Admin")
		s.fake.Answer(s.sits(), true)
		if f := credential.AsFailure(<-got); f.Code != wire.Temporary || !strings.Contains(f.Reason, "just issued") {
			t.Errorf("%+v", f)
		}
		s.count("StartDeviceAuthorization", 2)
		s.count("GetRoleCredentials", 4)
	})
}

func TestAWrongStartURLIsAMistakeInTheConfiguration(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.place.StartURL = "https://wrong.awsapps.com/start"
		f := s.refused(t.Context(), "Admin", wire.BadConfig)
		if !strings.Contains(f.Reason, "Start URL is not known") || !strings.Contains(f.Hint, "sso_start_url") {
			t.Errorf("%q (%q)", f.Reason, f.Hint)
		}
	})
}

func TestAServiceThatCannotAnswerIsSaidToBeSo(t *testing.T) {
	for _, op := range []string{"RegisterClient", "StartDeviceAuthorization"} {
		t.Run(op, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *stage) {
				s.fake.Set(fake.Behaviour{Fault: steer.Fault{Only: op, Status: 500}})
				s.refused(t.Context(), "Admin", wire.Temporary)
			})
		})
	}
}

func TestNoSecretIsInAFailure(t *testing.T) {
	bubble(t, func(t *testing.T, s *stage) {
		s.fake.Set(fake.Behaviour{SecretMark: "MARKED"})
		s.signedIn()
		for _, f := range []steer.Fault{{Status: 403, Message: "MARKED"}, {Status: 500, Message: "MARKED"}, {Status: 400, Code: "InvalidGrantException", Message: "MARKED"}} {
			s.fake.Set(fake.Behaviour{SecretMark: "MARKED", Fault: f})
			_, err := s.Fetch(credential.Unattended(t.Context()), s.place, role("Admin"))
			if err == nil || strings.Contains(err.Error(), "MARKED") || strings.Contains(credential.AsFailure(err).Hint, "MARKED") {
				t.Errorf("the failure is %v", err)
			}
			time.Sleep(time.Hour)
		}
	})
}

func TestAnAnswerThatLacksSomethingIsRefusedWhole(t *testing.T) {
	for op, raw := range map[string]string{
		"RegisterClient":           `{}`,
		"StartDeviceAuthorization": `{"deviceCode":"x","userCode":"AAAA","verificationUriComplete":"http://example.com/","expiresIn":600}`,
		"GetRoleCredentials":       `{"roleCredentials":{"accessKeyId":"ASIAIOSFODNN7EXAMPLE"}}`,
	} {
		t.Run(op, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *stage) {
				if op == "GetRoleCredentials" {
					s.signedIn()
				}
				s.fake.Set(fake.Behaviour{Fault: steer.Fault{Only: op, Body: &steer.Body{Text: raw}, Status: 200}})
				f := s.refused(t.Context(), "Admin", wire.Temporary)
				if !strings.Contains(f.Reason, "refused whole") {
					t.Errorf("reason = %q", f.Reason)
				}
			})
		})
	}
}
