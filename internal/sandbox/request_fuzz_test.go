package sandbox

import (
	"errors"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzRequest gives the server calls of every shape: each is answered, with a
// refusal where it is not understood, and nothing unsigned gets through.
func FuzzRequest(f *testing.F) {
	const (
		form = "application/x-www-form-urlencoded"
		auth = sigAlgorithm + " Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=00"
	)
	f.Add("POST", form, auth, "20260101T000000Z", "Action=AssumeRole&Version=2011-06-15&RoleArn=x")
	f.Add("GET", "", auth, "20260101T000000Z", "Action=GetCallerIdentity&Version=2011-06-15")
	f.Add("POST", form, "", "", "Version=2011-06-15")
	f.Add("POST", form, auth, "20260101T000000Z", "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/a/B&RoleSessionName=ab&DurationSeconds=900"+
		"&Tags.member.1.Key=k&Tags.member.1.Value=v&TransitiveTagKeys.member.1=k&PolicyArns.member.1.arn=arn:aws:iam::aws:policy/X&Policy={\"Statement\":[]}&SourceIdentity=ab&ExternalId=ab")
	f.Add("POST", form, auth, "20260101T000000Z", "Action=GetSessionToken&Version=2011-06-15&SerialNumber=arn:aws:iam::111111111111:mfa/alice&TokenCode=123456&DurationSeconds=-1")
	f.Add("POST", form, auth, "20260101T000000Z", "Action=GetAccessKeyInfo&Version=2011-06-15&AccessKeyId=AKIAIOSFODNN7EXAMPLE")
	maker := New()
	f.Add("POST", form, "", "", url.Values{
		"Action": {"AssumeRoleWithWebIdentity"}, "Version": {apiVersion}, "RoleArn": {"arn:aws:iam::123456789012:role/B"}, "RoleSessionName": {"ab"},
		"WebIdentityToken": {maker.WebToken(WebIdentity{Subject: "a"})},
	}.Encode())
	f.Add("POST", form, "", "", url.Values{
		"Action": {"AssumeRoleWithSAML"}, "Version": {apiVersion}, "RoleArn": {"arn:aws:iam::123456789012:role/B"},
		"PrincipalArn": {SAMLProvider("123456789012")}, "SAMLAssertion": {maker.SAMLAssertion(Assertion{RoleARN: "arn:aws:iam::123456789012:role/B"})},
	}.Encode())
	f.Add("POST", form+"; charset=utf-8", sigAlgorithm+" Credential=/////, SignedHeaders=;, Signature==", "", "Version=2011-06-15&a=%zz")
	f.Add("POST", form, sigAlgorithm+" Credential=a/b/c/d/aws4_request,SignedHeaders=content-length;\x00,Signature=x", "20260230T000000Z", "Version=2011-06-15&Version=1")
	f.Fuzz(func(t *testing.T, method, kind, auth, date, params string) {
		r := httptest.NewRequest("GET", "http://127.0.0.1/", strings.NewReader(params))
		r.Method, r.URL.RawQuery = method, params
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Authorization", auth)
		r.Header.Set("X-Amz-Date", date)
		req, err := parseRequest(r)
		if _, ok := errors.AsType[*refusal](err); err != nil && !ok {
			t.Fatalf("an error that is no answer: %v", err)
		}
		if err != nil {
			return
		}
		s := New()
		if req.unsigned() { // another's token or assertion at best
			if a := s.answer(t.Context(), req, nil, Behaviour{}, "id"); a.status < 400 || len(a.body) == 0 {
				t.Fatalf("what this server never said was believed: %+v", a)
			}
			return
		}
		if _, err := s.authenticate(t.Context(), req, Behaviour{}); err == nil {
			t.Fatal("a call that nobody signed was believed")
		}
		// Signed, it may ask anything.
		p, _ := s.principal(Example().AccessKeyID)
		if a := s.answerAs(req, p); a.status < 200 || len(a.body) == 0 {
			t.Fatalf("no answer: %+v", a)
		}
	})
}

// answerAs answers req as if p had signed it.
func (s *Server) answerAs(req *request, p *principal) answer {
	result, err := s.act(req, p, Behaviour{})
	if err != nil {
		return asRefusal(err).answer("id")
	}
	return success(req, "id", result)
}
