package rotation

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"understudy/internal/aws/iam"
	"understudy/internal/credential"
	"understudy/internal/keychain"
	"understudy/internal/longkeys"
	"understudy/internal/wire"
)

// play runs f in a bubble, in a place where alice's first key is kept.
func play(t *testing.T, f func(t *testing.T, p *place, marks *longkeys.Marks)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		p, marks := newPlace(t), longkeys.OpenMarks(dir)
		first := longkeys.Entry{
			Key:     longkeys.Key{ID: "AKIAFIRST", Secret: credential.NewSecret("secret-AKIAFIRST")},
			Account: "111111111111", User: aliceARN, Kept: time.Now().UTC(),
		}
		if err := (longkeys.Keys{Store: p, Marks: marks}).Put(t.Context(), "alice", first); err != nil {
			t.Fatal(err)
		}
		f(t, p, marks)
	})
}

// settled demands that there is one key, active and kept, and another than the
// first.
func (p *place) settled(t *testing.T, marks *longkeys.Marks) {
	t.Helper()
	e, ok, err := (longkeys.Keys{Store: p.Drawer, Marks: marks}).Get(t.Context(), "alice")
	switch {
	case !ok || err != nil:
		t.Fatalf("nothing is kept: %v", err)
	case len(p.keys) != 1 || !p.keys[0].Active:
		t.Errorf("%d keys are left", len(p.keys))
	case e.ID != p.keys[0].ID || e.Secret.Reveal() != p.keys[0].secret || e.ID == "AKIAFIRST":
		t.Errorf("%s is kept, %s is left", e.ID, p.keys[0].ID)
	case e.Rotation != nil:
		t.Errorf("the rotation has no end: %+v", e.Rotation)
	case !e.Created.Equal(p.keys[0].Created) || e.User != aliceARN:
		t.Errorf("made %v, of %s", e.Created, e.User)
	}
}

func TestARotationEndsWithTheNewKeyKeptAndTheOldOneGone(t *testing.T) {
	play(t, func(t *testing.T, p *place, marks *longkeys.Marks) {
		before := marks.Of("alice")
		if err := p.rotation(marks).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.settled(t, marks)
		if marks.Of("alice") == before {
			t.Error("the mark is that of the old key")
		}
		want := "made a new key, and keep both|the new key is in use|deactivated the old key|deleted the old key"
		if got := strings.Join(p.said, "|"); got != want {
			t.Errorf("said %q", got)
		}
	})
}

// Whoever is killed, at whatever step, before it takes effect or after, runs it
// again, and is killed again: it always ends well, and at every moment a key is
// kept that works.
func TestARotationThatIsKilledAtAnyStepEndsWellWhenRunAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute; make unit runs it")
	}
	kills, longest := 0, 0
	for _, after := range []bool{false, true} {
		for first := 1; ; first++ {
			done := false
			for second := range 12 {
				play(t, func(t *testing.T, p *place, marks *longkeys.Marks) {
					p.after, p.unknown = after, 2
					for _, steps := range []int{first, second} {
						if p.steps, p.dead = steps, false; steps == 0 {
							break
						}
						if err := p.rotation(marks).Run(t.Context()); err == nil {
							done = steps == first
							break
						}
						kills++
						p.dead, p.steps = false, 0
						p.usable(t, marks, first, second)
					}
					p.steps, p.dead = 0, false
					if !done {
						if err := p.rotation(marks).Run(t.Context()); err != nil {
							t.Fatalf("killed at %d and %d, after %v: %v", first, second, after, err)
						}
					}
					p.settled(t, marks)
				})
				if done || t.Failed() {
					break
				}
			}
			if done || t.Failed() {
				longest = max(longest, first)
				break
			}
		}
	}
	t.Logf("%d kills over %d steps", kills, longest)
	if longest < 20 || kills < 400 {
		t.Errorf("%d kills over %d steps: the test sees too little", kills, longest)
	}
}

// usable demands that what is kept for now signs.
func (p *place) usable(t *testing.T, marks *longkeys.Marks, first, second int) {
	t.Helper()
	e, ok, err := (longkeys.Keys{Store: p.Drawer, Marks: marks}).Get(t.Context(), "alice")
	if !ok || err != nil {
		t.Fatalf("killed at %d and %d: nothing is kept, %v", first, second, err)
	}
	for _, one := range p.keys {
		if one.ID == e.ID && one.Active && one.secret == e.Secret.Reveal() {
			return
		}
	}
	t.Errorf("killed at %d and %d: what is kept signs nothing", first, second)
}

func TestANewKeyThatAWSDoesNotKnowYetIsWaitedFor(t *testing.T) {
	play(t, func(t *testing.T, p *place, marks *longkeys.Marks) {
		p.unknown = 9
		began := time.Now()
		if err := p.rotation(marks).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.settled(t, marks)
		if took := time.Since(began); took < 10*time.Second || took > time.Minute {
			t.Errorf("took %v", took)
		}
	})
}

func TestAKeyThatNeverProvesItselfLeavesTheOldOneInUseAndBothKept(t *testing.T) {
	play(t, func(t *testing.T, p *place, marks *longkeys.Marks) {
		p.unknown = 1 << 20
		err := p.rotation(marks).Run(t.Context())
		f := credential.AsFailure(err)
		if f.Code != wire.Temporary || !strings.Contains(f.Hint, "run it again in some minutes") {
			t.Fatalf("%v", err)
		}
		e, _, err := (longkeys.Keys{Store: p, Marks: marks}).Get(t.Context(), "alice")
		if err != nil || e.ID != "AKIAFIRST" || e.Rotation == nil || e.Rotation.New == nil || len(p.keys) != 2 {
			t.Fatalf("%+v, %v", e, err)
		}
		p.keys[1].unknown = 0
		if err := p.rotation(marks).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.settled(t, marks)
		if p.made != 1 {
			t.Errorf("%d keys were made", p.made)
		}
	})
}

func TestANewKeyThatSomebodyDeletedIsLetGo(t *testing.T) {
	play(t, func(t *testing.T, p *place, marks *longkeys.Marks) {
		p.unknown = 1 << 20
		if p.rotation(marks).Run(t.Context()) == nil {
			t.Fatal("no error")
		}
		p.keys, p.unknown = p.keys[:1], 0
		if err := p.rotation(marks).Run(t.Context()); credential.AsFailure(err).Code != wire.Temporary {
			t.Fatalf("%v", err)
		}
		if err := p.rotation(marks).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.settled(t, marks)
	})
}

// A key that is not of an interrupted rotation is somebody's.
func TestAnotherKeyOfTheUserIsNeverTouched(t *testing.T) {
	other := func(created time.Time, used time.Time) *issued {
		return &issued{Key: iam.Key{ID: "AKIAOTHER", Created: created}, secret: "x", used: used}
	}
	for name, set := range map[string]func(*place, longkeys.Keys, longkeys.Entry){
		"there from the first": func(p *place, _ longkeys.Keys, _ longkeys.Entry) {
			p.keys = append(p.keys, other(time.Now(), time.Time{}))
		},
		"older than the rotation": func(p *place, k longkeys.Keys, e longkeys.Entry) {
			e.Rotation = &longkeys.Rotation{Since: time.Now()}
			k.Put(context.Background(), "alice", e)
			p.keys = append(p.keys, other(time.Now().Add(-time.Minute), time.Time{}))
		},
		"long after the rotation": func(p *place, k longkeys.Keys, e longkeys.Entry) {
			e.Rotation = &longkeys.Rotation{Since: time.Now().Add(-time.Hour)}
			k.Put(context.Background(), "alice", e)
			p.keys = append(p.keys, other(time.Now(), time.Time{}))
		},
		"made then, and used": func(p *place, k longkeys.Keys, e longkeys.Entry) {
			e.Rotation = &longkeys.Rotation{Since: time.Now()}
			k.Put(context.Background(), "alice", e)
			p.keys = append(p.keys, other(time.Now(), time.Now()))
		},
		// What IAM says of a key's use may be hours old.
		"made then, and kept for another profile": func(p *place, k longkeys.Keys, e longkeys.Entry) {
			e.Rotation = &longkeys.Rotation{Since: time.Now()}
			k.Put(context.Background(), "alice", e)
			e.Rotation, e.Key = nil, longkeys.Key{ID: "AKIAOTHER", Secret: credential.NewSecret("x")}
			k.Put(context.Background(), "second", e)
			p.keys = append(p.keys, other(time.Now(), time.Time{}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(t *testing.T, p *place, marks *longkeys.Marks) {
				k := longkeys.Keys{Store: p, Marks: marks}
				e, _, _ := k.Get(t.Context(), "alice")
				set(p, k, e)
				f := credential.AsFailure(p.rotation(marks).Run(t.Context()))
				if f.Code != wire.Denied || !strings.Contains(f.Reason, "another key, AKIAOTHER") ||
					f.Hint != "if nobody uses it: aws iam delete-access-key --user-name alice --access-key-id AKIAOTHER" {
					t.Errorf("%+v", f)
				}
				if len(p.keys) != 2 || p.made != 0 {
					t.Errorf("%d keys, %d made", len(p.keys), p.made)
				}
			})
		})
	}
}

// A limit that was reached in between is a plain no: the key that came there is
// somebody else's, and is so for the next run too.
func TestARefusedKeyIsNotLookedForLater(t *testing.T) {
	play(t, func(t *testing.T, p *place, marks *longkeys.Marks) {
		p.deny = "CreateAccessKey"
		err := p.rotation(marks).Run(t.Context())
		if !strings.Contains(credential.AsFailure(err).Hint, "iam:CreateAccessKey") || !strings.Contains(credential.AsFailure(err).Hint, "understudy_mfa_serial") {
			t.Fatalf("%v", err)
		}
		e, _, err := (longkeys.Keys{Store: p, Marks: marks}).Get(t.Context(), "alice")
		if err != nil || e.Rotation != nil {
			t.Errorf("%+v, %v", e.Rotation, err)
		}
	})
}

func TestAnIAMThatAsksForMFAIsAskedWithASession(t *testing.T) {
	play(t, func(t *testing.T, p *place, marks *longkeys.Marks) {
		p.mfa = true
		r := p.rotation(marks)
		r.Session = p.session
		if err := r.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.settled(t, marks)
		if p.asked != 1 {
			t.Errorf("a person was asked %d times", p.asked)
		}
	})
}

func TestAUserWhoMayNotIsToldWhatItTakes(t *testing.T) {
	play(t, func(t *testing.T, p *place, marks *longkeys.Marks) {
		p.deny = "DeleteAccessKey"
		r := p.rotation(marks)
		r.Session = p.session
		f := credential.AsFailure(r.Run(t.Context()))
		if f.Code != wire.Denied || !strings.Contains(f.Hint, "iam:DeleteAccessKey") || strings.Contains(f.Hint, "mfa") {
			t.Errorf("%+v", f)
		}
		p.deny = ""
		if err := p.rotation(marks).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.settled(t, marks)
	})
}

func TestAKeyThatCannotBeKeptIsDeletedAgain(t *testing.T) {
	play(t, func(t *testing.T, p *place, marks *longkeys.Marks) {
		r := p.rotation(marks)
		k := &shuts{place: p}
		r.Keys.Store = k
		if err := r.Run(t.Context()); !errors.Is(err, keychain.ErrLocked) {
			t.Fatalf("%v", err)
		}
		if len(p.keys) != 1 || p.keys[0].ID != "AKIAFIRST" || p.made != 1 {
			t.Errorf("%d keys, %d made", len(p.keys), p.made)
		}
	})
}

// shuts is a keychain that is locked once a key was made.
type shuts struct{ *place }

func (s *shuts) Set(ctx context.Context, key string, v credential.Secret) error {
	if s.made > 0 {
		return keychain.ErrLocked
	}
	return s.place.Set(ctx, key, v)
}

// Ctrl-C comes between the steps and not into them.
func TestACallThatMakesAKeyIsNotGivenUp(t *testing.T) {
	play(t, func(t *testing.T, p *place, marks *longkeys.Marks) {
		ctx, cancel := context.WithCancel(t.Context())
		r := p.rotation(marks)
		r.Say = func(string, ...any) { cancel() } // once the key is made
		if err := r.Run(ctx); err == nil {
			t.Fatal("no error")
		}
		e, _, err := (longkeys.Keys{Store: p, Marks: marks}).Get(t.Context(), "alice")
		if err != nil || e.Rotation == nil || e.Rotation.New == nil || e.Rotation.New.ID != p.keys[1].ID {
			t.Fatalf("%+v, %v", e.Rotation, err)
		}
		if err := p.rotation(marks).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.settled(t, marks)
	})
}

func TestWhatIsNoUsersKeyIsNotRotated(t *testing.T) {
	for _, arn := range []string{"arn:aws:iam::111111111111:root", "arn:aws:sts::111111111111:assumed-role/x/y", "nonsense"} {
		play(t, func(t *testing.T, p *place, marks *longkeys.Marks) {
			k := longkeys.Keys{Store: p, Marks: marks}
			e, _, _ := k.Get(t.Context(), "alice")
			e.User = arn
			if err := k.Put(t.Context(), "alice", e); err != nil {
				t.Fatal(err)
			}
			if err := p.rotation(marks).Run(t.Context()); credential.AsFailure(err).Code != wire.Denied || p.made != 0 {
				t.Errorf("%s: %v", arn, err)
			}
		})
	}
}
