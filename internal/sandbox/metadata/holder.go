package metadata

import (
	"cmp"
	"strings"
	"sync"
	"time"

	"understudy/internal/sandbox"
)

// holder has a role's session and gets the next one in time.
type holder struct {
	sts  *sandbox.Server
	role string // until set says another
	name string // of its sessions

	mu     sync.Mutex
	other  string
	life   time.Duration
	now    sandbox.Session
	issued time.Time
}

func (h *holder) set(role string, life time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.other, h.life, h.now = role, life, sandbox.Session{}
}

func (h *holder) arn() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return cmp.Or(h.other, h.role)
}

func (h *holder) roleName() string {
	arn := h.arn()
	return arn[strings.LastIndexByte(arn, '/')+1:]
}

// session returns the session and when it was issued. The real services have
// the next one five minutes before the end; one that is shorter than ten is
// changed halfway.
func (h *holder) session() (sandbox.Session, time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	left, whole := time.Until(h.now.Expires), h.now.Expires.Sub(h.issued)
	if left < min(5*time.Minute, whole/2) || h.now.AccessKeyID == "" {
		h.issued = time.Now()
		h.now = h.sts.Issue(cmp.Or(h.other, h.role), h.name, cmp.Or(h.life, 6*time.Hour))
	}
	return h.now, h.issued
}
