package rotation

import (
	"strings"
	"testing"

	"understudy/internal/credential"
	"understudy/internal/longkeys"
	"understudy/internal/wire"
)

// The other profile would be left with a key that is deleted.
func TestAKeyThatIsKeptForTwoProfilesIsNotRotatedForOne(t *testing.T) {
	play(t, func(t *testing.T, p *place, marks *longkeys.Marks) {
		k := longkeys.Keys{Store: p, Marks: marks}
		e, _, _ := k.Get(t.Context(), "alice")
		if err := k.Put(t.Context(), "second", e); err != nil {
			t.Fatal(err)
		}
		err := p.rotation(marks).Run(t.Context())
		if err == nil {
			t.Fatal("it is rotated")
		}
		f := credential.AsFailure(err)
		if f.Code != wire.BadConfig || !strings.Contains(f.Reason, `is kept for "second" too`) || !strings.Contains(f.Hint, "understudy keys remove second") {
			t.Errorf("%+v", f)
		}
		if now, _, _ := k.Get(t.Context(), "alice"); len(p.keys) != 1 || now.Rotation != nil {
			t.Errorf("%d keys, %+v", len(p.keys), now.Rotation)
		}
	})
}
