package adopt

import "understudy/internal/awsconfig"

// fromSAML2AWS recognizes the session that saml2aws writes into the credentials
// file. Nothing in the files says how it was had, so there is nothing to
// translate; a credential_process that runs saml2aws stays what is run.
func fromSAML2AWS(_ [2]*awsconfig.Draft, s *subject) (t translation) {
	if p, ok := s.find("x_principal_arn"); ok && s.has("aws_session_token") {
		t.notes = append(t.notes, p.At()+": saml2aws wrote the session here; to have it renewed, take its lines out and write understudy_credential_process = saml2aws login --credential-process --profile "+s.name)
	}
	if program(s.value(process)) == "saml2aws" {
		t.notes = append(t.notes, "saml2aws is run as before, behind the cache")
	}
	return t
}
