package sandbox

import (
	"net/url"
	"regexp"
)

var (
	serialShape = regexp.MustCompile(`^[\w+=/:,.@-]*$`)
	digits      = regexp.MustCompile(`^[\d]*$`)
)

// WrongCode is the one MFA code that is never right. Where a user's device has
// no seed, any other six digits are, once.
const WrongCode = "000000"

// checkMFA reports whether the call carries a good code; none at all is no
// error.
func (s *Server) checkMFA(v url.Values, p *principal, b Behaviour) (bool, error) {
	serial, code := v.Get("SerialNumber"), v.Get("TokenCode")
	switch {
	case serial == "" && code == "":
		return false, nil
	case serial == "" || code == "":
		return false, denied("MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. ")
	}
	for _, f := range []field{
		{"SerialNumber", "serialNumber", 9, 256, serialShape, true},
		{"TokenCode", "tokenCode", 6, 6, digits, true},
	} {
		if err := f.check(v); err != nil {
			return false, err
		}
	}
	switch {
	case p.temporary() || serial != p.mfaSerial:
		return false, denied("MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
	case !s.spendCode(p, code, b):
		return false, denied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	}
	return true, nil
}

// spendCode reports whether the code is right, not given before, and not one
// that the Behaviour has for wrong. Right or wrong, it is used up.
func (s *Server) spendCode(p *principal, code string, b Behaviour) bool {
	right := code != WrongCode
	if !p.totpSeed.Empty() {
		right = rightCode(p.totpSeed, code, b.now())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := p.mfaSerial + " " + code
	used := s.usedCodes[k]
	s.usedCodes[k] = true
	if s.wrongLeft > 0 {
		s.wrongLeft--
		return false
	}
	return right && !used
}
