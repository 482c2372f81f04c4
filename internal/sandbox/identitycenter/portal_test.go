package identitycenter_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sso"

	"understudy/internal/sandbox/identitycenter"
	"understudy/internal/sandbox/steer"
)

func TestThePortalNamesWhyItDoesNotOpenARole(t *testing.T) {
	s := newStand(t)
	token := s.SignIn().AccessToken.Reveal()
	_, err := s.roleCredentials(t, "none", "123456789012", "Admin")
	wantError(t, err, "UnauthorizedException", "Session token not found or invalid")
	_, err = s.roleCredentials(t, token, "210987654321", "Reader")
	wantError(t, err, "ForbiddenException", "No access")
	_, err = s.roleCredentials(t, token, "999999999999", "Admin")
	wantError(t, err, "ResourceNotFoundException", "")
	s.Set(identitycenter.Behaviour{Skew: time.Hour})
	_, err = s.roleCredentials(t, token, "123456789012", "Admin")
	wantError(t, err, "UnauthorizedException", "")
	s.Set(identitycenter.Behaviour{})
	s.SetAccounts(nil)
	_, err = s.roleCredentials(t, token, "123456789012", "Admin")
	wantError(t, err, "ResourceNotFoundException", "")
	s.EndSessions()
	_, err = s.portal.ListAccounts(t.Context(), &sso.ListAccountsInput{AccessToken: &token})
	wantError(t, err, "UnauthorizedException", "")
}

func TestThePortalListsWhatIsAssignedPageByPage(t *testing.T) {
	s := newStand(t)
	token := s.SignIn().AccessToken.Reveal()
	accounts := sso.NewListAccountsPaginator(s.portal, &sso.ListAccountsInput{AccessToken: &token, MaxResults: aws.Int32(1)})
	var got []string
	for accounts.HasMorePages() {
		page, err := accounts.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page.AccountList {
			out, err := s.portal.ListAccountRoles(t.Context(), &sso.ListAccountRolesInput{AccessToken: &token, AccountId: a.AccountId})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range out.RoleList {
				got = append(got, *a.AccountName+"/"+*r.RoleName)
			}
		}
	}
	if want := "production/Admin production/Reader staging/Admin"; strings.Join(got, " ") != want || s.Count("ListAccounts") != 2 {
		t.Errorf("%v in %d pages, want %s in 2", got, s.Count("ListAccounts"), want)
	}
}

func TestAfterALogoutNothingOfTheSignInWorks(t *testing.T) {
	s := newStand(t)
	login, other := s.SignIn(), s.SignIn()
	if _, err := s.portal.Logout(t.Context(), &sso.LogoutInput{AccessToken: aws.String(login.AccessToken.Reveal())}); err != nil {
		t.Fatal(err)
	}
	_, err := s.roleCredentials(t, login.AccessToken.Reveal(), "123456789012", "Admin")
	wantError(t, err, "UnauthorizedException", "")
	_, err = s.refreshed(t, login, login.RefreshToken.Reveal())
	wantGrant(t, err, "Invalid refresh token provided")
	_, err = s.portal.Logout(t.Context(), &sso.LogoutInput{AccessToken: aws.String(login.AccessToken.Reveal())})
	wantError(t, err, "UnauthorizedException", "")
	if _, err := s.roleCredentials(t, other.AccessToken.Reveal(), "123456789012", "Admin"); err != nil {
		t.Errorf("another sign-in: %v", err)
	}
}

func TestAFaultIsOfTheOperationAndAsOftenAsAsked(t *testing.T) {
	s := newStand(t)
	login := s.SignIn()
	token := login.AccessToken.Reveal()
	open := func() error {
		_, err := s.roleCredentials(t, token, "123456789012", "Admin")
		return err
	}
	s.Set(identitycenter.Behaviour{Fault: steer.Fault{Only: "GetRoleCredentials", Status: http.StatusTooManyRequests, Next: 1}})
	if _, err := s.portal.ListAccounts(t.Context(), &sso.ListAccountsInput{AccessToken: &token}); err != nil {
		t.Error(err)
	}
	wantError(t, open(), "TooManyRequestsException", "")
	if err := open(); err != nil {
		t.Error(err)
	}
	s.Set(identitycenter.Behaviour{Fault: steer.Fault{Code: "server_error", Status: 500, Only: "CreateToken"}})
	_, err := s.refreshed(t, login, login.RefreshToken.Reveal())
	wantError(t, err, "InternalServerException", "")
	s.Set(identitycenter.Behaviour{Fault: steer.Fault{Body: &steer.Body{Text: "<html>captive portal</html>"}}})
	if err := open(); err == nil {
		t.Error("the SDK took HTML")
	}
	if last := s.Calls()[len(s.Calls())-1]; last.Status != http.StatusOK {
		t.Errorf("a raw answer is recorded as %+v", last)
	}
	s.Set(identitycenter.Behaviour{})
	if _, err := s.refreshed(t, login, login.RefreshToken.Reveal()); err != nil {
		t.Errorf("a fault used up the token: %v", err)
	}
}

func TestASilentServiceHoldsTheCallUntilItIsToldOtherwise(t *testing.T) {
	s := newStand(t)
	token := s.SignIn().AccessToken.Reveal()
	s.Set(identitycenter.Behaviour{Fault: steer.Fault{Silent: true}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := s.portal.ListAccounts(ctx, &sso.ListAccountsInput{AccessToken: &token})
	if !errors.Is(err, context.DeadlineExceeded) || s.Calls()[0].Status != 0 {
		t.Errorf("the caller got %v, the record is %+v", err, s.Calls()[0])
	}
	done := make(chan error)
	go func() {
		_, err := s.portal.ListAccounts(t.Context(), &sso.ListAccountsInput{AccessToken: &token})
		done <- err
	}()
	for s.Count("ListAccounts") < 2 {
		time.Sleep(time.Millisecond)
	}
	s.Set(identitycenter.Behaviour{Fault: steer.Fault{Delay: 30 * time.Millisecond}})
	if err := <-done; err == nil {
		t.Error("a call taken while silent was answered later")
	}
	start := time.Now()
	if _, err := s.portal.ListAccounts(t.Context(), &sso.ListAccountsInput{AccessToken: &token}); err != nil || time.Since(start) < 30*time.Millisecond {
		t.Errorf("%v after %v", err, fmt.Sprint(time.Since(start)))
	}
}
