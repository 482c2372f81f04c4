// Package cloud is the whole sandbox behind one handler: STS, Identity Center,
// the sign-in service, an instance's metadata and a container's credentials. It
// is never linked into the product.
package cloud

import (
	"net/http"

	"understudy/internal/credential"
	"understudy/internal/sandbox"
	"understudy/internal/sandbox/identitycenter"
	"understudy/internal/sandbox/metadata"
	"understudy/internal/sandbox/signin"
)

// Where the services are. Identity Center is at either path of its own, and at
// the root, where its paths and those of STS do not meet: one endpoint_url does
// for a whole profile. The sign-in service is at the root.
const (
	OIDCPath      = "/oidc"
	PortalPath    = "/sso"
	ContainerPath = "/ecs" // for AWS_CONTAINER_CREDENTIALS_FULL_URI
)

// What a machine in this cloud has.
const (
	MachineRole    = "arn:aws:iam::123456789012:role/Machine"
	ContainerToken = "example-container-token" // for AWS_CONTAINER_AUTHORIZATION_TOKEN
)

// Cloud is an http.Handler, safe for concurrent use. Its parts are told how to
// behave, and asked what they saw, one by one.
type Cloud struct {
	STS            *sandbox.Server
	IdentityCenter *identitycenter.Server
	SignIn         *signin.Server
	Instance       *metadata.Instance
	Container      *metadata.Container
	mux            *http.ServeMux
}

// New returns healthy services that know each other's sessions.
func New() *Cloud {
	sts := sandbox.New()
	c := &Cloud{
		STS:            sts,
		IdentityCenter: identitycenter.New(sts),
		SignIn:         signin.New(sts),
		Instance:       metadata.NewInstance(sts, MachineRole),
		Container:      metadata.NewContainer(sts, MachineRole, credential.NewSecret(ContainerToken)),
		mux:            http.NewServeMux(),
	}
	c.mux.Handle(OIDCPath+"/", http.StripPrefix(OIDCPath, c.IdentityCenter))
	c.mux.Handle(PortalPath+"/", http.StripPrefix(PortalPath, c.IdentityCenter))
	c.mux.Handle("/latest/", c.Instance)
	c.mux.Handle(ContainerPath, c.Container)
	c.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case c.IdentityCenter.Knows(r):
			c.IdentityCenter.ServeHTTP(w, r)
		case c.SignIn.Knows(r):
			c.SignIn.ServeHTTP(w, r)
		default:
			sts.ServeHTTP(w, r)
		}
	})
	return c
}

// ServeHTTP answers one call.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.mux.ServeHTTP(w, r) }

// Heal makes every service healthy again, and lets go of the callers that a
// silent one holds: a test server cannot be closed before.
func (c *Cloud) Heal() {
	c.STS.Set(sandbox.Behaviour{})
	c.IdentityCenter.Set(identitycenter.Behaviour{})
	c.SignIn.Set(signin.Behaviour{})
	c.Instance.Set(metadata.InstanceBehaviour{})
	c.Container.Set(metadata.ContainerBehaviour{})
}

var _ http.Handler = (*Cloud)(nil)
